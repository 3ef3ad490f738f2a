"""Reads a document, as YAML or JSON gave it, into a request; everything wrong in it comes back as findings at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from beianhub_core.planner.answer import Answer, Finding, Severity
from beianhub_core.planner.contradictions import contradictions
from beianhub_core.planner.mistakes import explained, mistake
from beianhub_core.planner.situation import Document, Situation
from beianhub_core.planner.vocabulary import Field, Wish

_ABOUT: Final = frozenset(
    {"title", "source", "expect", "end_to_end", "id", "note"}
)  # what a scenario file says of itself
_DEEPEST: Final = 12


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be planned."""

    situation: Situation
    wish: Wish
    change: tuple[Field, ...] = ()


def read(document: Any) -> Request | Answer:
    """The request in ``{situation, wish, change}``; an answer that holds only findings where it cannot be read."""
    if not isinstance(document, Mapping):
        return _bad(
            [
                mistake(
                    "NOT_A_MAPPING",
                    "",
                    "应为映射",
                    "must be a mapping",
                    "写 situation、wish 和 change。 / Write situation, wish and change.",
                )
            ]
        )
    try:
        parsed = Document.model_validate(_without_unknowns(_enveloped(document)))
    except ValidationError as error:
        return _bad([explained(each) for each in error.errors(include_url=False)])
    except RecursionError:
        return _bad(
            [
                mistake(
                    "TOO_DEEP",
                    "",
                    "嵌套过深",
                    "is nested too deeply",
                    "按规定的字段填写。 / Write the fields of the schema.",
                )
            ]
        )
    request = Request(parsed.situation, parsed.wish, tuple(dict.fromkeys(parsed.change or ())))
    found = contradictions(request.situation)
    return _bad(found) if any(f.severity is Severity.BLOCKER for f in found) else request


def _bad(findings: list[Finding]) -> Answer:
    return Answer(findings=tuple(findings))


def _enveloped(document: Mapping[Any, Any]) -> dict[Any, Any]:
    """The document with its three keys; a wish may be a mapping, and the situation's keys may stand beside it."""
    known = {key: value for key, value in document.items() if key not in _ABOUT}
    wish, change = known.pop("wish", None), known.pop("change", None)
    situation = known.pop("situation", None)
    parts: dict[Any, Any] = dict(known)
    if situation is None:
        parts = {"situation": known}
    else:
        parts["situation"] = situation
    if isinstance(wish, Mapping):
        change = wish.get("change", change)
        extra = {f"wish.{key}": value for key, value in wish.items() if key not in ("kind", "type", "name", "change")}
        parts.update(extra)
        wish = wish.get("kind", wish.get("type", wish.get("name")))
    return {**parts, "wish": wish, "change": change}


def _without_unknowns(value: Any, depth: int = 0) -> Any:
    """The value without nulls: what is null is unknown, as if it were left out."""
    if depth > _DEEPEST:
        raise RecursionError
    if isinstance(value, Mapping):
        return {str(k): _without_unknowns(v, depth + 1) for k, v in value.items() if v is not None}
    if isinstance(value, list | tuple):
        return [_without_unknowns(item, depth + 1) for item in value]
    return value
