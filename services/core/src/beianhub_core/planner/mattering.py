"""Which of a plan's questions matter to its orders: an answer to them would change the orders, or block them. Pure."""

from __future__ import annotations

import types
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Union, get_args, get_origin

from beianhub_core.planner.answer import Answer, Question, StepKind
from beianhub_core.planner.planning import plan
from beianhub_core.planner.reading import Request, read
from beianhub_core.planner.situation import Situation
from beianhub_core.rules.provinces import BY_NAME

if TYPE_CHECKING:
    from beianhub_core.rulebook.book import Rulebook

_PROVINCES: Final = frozenset({"subject.province", "subject.id_province"})


def open_questions(request: Request, answer: Answer, book: Rulebook) -> tuple[Question, ...]:
    """The questions of ``answer``, which is the request's plan, that have to be answered before it is applied.

    Every possible answer is tried; a question that takes any text, number, date or list always matters.
    """
    return tuple(q for q in answer.questions if _matters(q.path, request, _orders(answer), book))


def _matters(path: str, request: Request, orders: object, book: Rulebook) -> bool:
    possible = _answers(path)
    if not possible:
        return True
    answered = (_with(request, path, value) for value in possible)
    return any(_orders(plan(r.situation, r.wish, r.change, book)) != orders for r in answered if r is not None)


def _orders(answer: Answer) -> object:
    """What is to be filed, and whether it can be."""
    orders = [
        (s.order_type, s.provider, s.changes, s.carries, s.channel) for s in answer.steps if s.kind is StepKind.ORDER
    ]
    return orders, answer.blocked


def _with(request: Request, path: str, value: Any) -> Request | None:
    """The request with the question answered; ``None`` where what is known excludes the answer."""
    document: dict[str, Any] = request.situation.model_dump(exclude_none=True)
    part = document
    *parents, name = path.split(".")
    for parent in parents:
        part = part.setdefault(parent, {})
    part[name] = value
    answered = read({"situation": document, "wish": str(request.wish), "change": [str(f) for f in request.change]})
    return answered if isinstance(answered, Request) else None


def _answers(path: str) -> Sequence[Any]:
    """Every value that the field can have; none where they cannot be listed."""
    if path in _PROVINCES:
        return tuple(BY_NAME)
    kind: Any = Situation
    for name in path.split("."):
        fields = kind.model_fields if isinstance(kind, type) and hasattr(kind, "model_fields") else {}
        if name not in fields:
            return ()
        kind = _bare(fields[name].annotation)
    if kind is bool:
        return (True, False)
    return tuple(str(member) for member in kind) if isinstance(kind, type) and issubclass(kind, StrEnum) else ()


def _bare(annotation: Any) -> Any:
    """The type without its limits and without ``None``."""
    if get_origin(annotation) in (Union, types.UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
        return _bare(kinds[0]) if len(kinds) == 1 else None
    return _bare(get_args(annotation)[0]) if hasattr(annotation, "__metadata__") else annotation
