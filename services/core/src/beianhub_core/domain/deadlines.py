"""Deadlines of orders and subjects: put into the record, warned of, passed once, counted again. Pure.

What depends on the calendar is computed in a decision and put into an event; the fold takes it over as it is. Whoever
knows of a date makes a :class:`Deadline` of it and calls :func:`put`; the rest follows by itself.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from beianhub.events.v1 import events_pb2 as ev
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core import names
from beianhub_core.domain.acting import what_to_do

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.protobuf.internal.containers import RepeatedCompositeFieldContainer

    from beianhub.resources.v1.resources_pb2 import Deadline, Finding, Order
    from beianhub_core.domain.draft import Context, Draft
    from beianhub_core.rulebook.workdays import Calendar


_OVER: Final = (res.DEADLINE_STATE_PASSED, res.DEADLINE_STATE_DONE)


def name_of(subject: str, deadline: Deadline) -> str:
    """The name of a deadline that is the subject's own: by its kind and path alone."""
    word = deadline.kind.lower().replace("_", "-")
    digest = hashlib.sha256(deadline.path.encode()).hexdigest()[:12]
    return names.child(subject, "deadlines", f"{word}-{digest}" if deadline.path else word)


def find(deadlines: Iterable[Deadline], kind: str, path: str = "") -> Deadline | None:
    """The deadline of this kind and path."""
    return next((d for d in deadlines if (d.kind, d.path) == (kind, path)), None)


def next_time(deadline: Deadline) -> datetime | None:
    """When something is to be done about it: warn of it, or act on its passing; ``None`` when both are done, or what it
    asks for is.
    """
    if deadline.state in _OVER:
        return None
    end = deadline.time.ToDatetime(UTC)
    warned = deadline.state == res.DEADLINE_STATE_NEAR or not deadline.HasField("warn_time")
    return end if warned else min(end, deadline.warn_time.ToDatetime(UTC))


def of(draft: Draft, order: str) -> RepeatedCompositeFieldContainer[Deadline]:
    """The deadlines of the order of this name, or with "" the subject's own."""
    return draft.order(order).deadlines if order else draft.record.subject.deadlines


def put(draft: Draft, order: str, fresh: Iterable[Deadline | None], gone: Iterable[Deadline] = ()) -> None:
    """Sets what is there of ``fresh``, each in place of the one of its kind and path, and drops what is ``gone``."""
    made = ev.DeadlinesSet(
        order=order,
        deadlines=[deadline for deadline in fresh if deadline is not None],
        dropped=[res.Deadline(kind=deadline.kind, path=deadline.path) for deadline in gone],
    )
    if made.deadlines or made.dropped:
        draft.append(made)


def counted_with(deadline: Deadline) -> str:
    """The version of the calendar by which it is provisional and still ahead; "" where no calendar moves it."""
    ahead = deadline.provisional and deadline.state not in _OVER
    return deadline.calendar if ahead else ""


def counted_again(old: Deadline, new: Deadline | None, calendar: Calendar) -> Deadline:
    """The deadline by the calendar as it now is; one that stays on its day is not warned of twice. ``new`` is ``None``
    where the rule is gone: what was said then stays.
    """
    made = res.Deadline()
    made.CopyFrom(new if new is not None else old)
    made.calendar = calendar.version
    if made.time == old.time:
        made.state = old.state
    return made


def has_passed(deadline: Deadline, now: datetime) -> bool:
    """Whether its time has come; before that there is only to warn of it."""
    return deadline.time.ToDatetime(UTC) <= now


def warn(draft: Draft, order: Order | None, deadline: Deadline) -> None:
    """It comes near: an event says what is to be done."""
    draft.append(
        ev.DeadlineNear(
            order=order.name if order is not None else "",
            deadline=deadline,
            finding=what_to_do(deadline, passed=False),
        )
    )


def overdue(draft: Draft, order: Order | None, deadline: Deadline) -> None:
    """It passed, and nobody but people can do anything about that: an event says who, and what."""
    draft.append(
        ev.DeadlinePassed(
            order=order.name if order is not None else "",
            deadline=deadline,
            finding=what_to_do(deadline, passed=True),
        )
    )


def provisional(order: Order, context: Context) -> list[Finding]:
    """An INFO finding of each deadline of the order that was counted without a calendar."""
    return [
        context.calendar.provisional(f"order.deadlines[{index}]")
        for index, deadline in enumerate(order.deadlines)
        if deadline.provisional
    ]
