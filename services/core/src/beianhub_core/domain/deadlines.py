"""Deadlines of orders and subjects: set when the record asks for them, warned of, passed once, counted again. Pure.

What depends on the calendar is computed in a decision and put into an event; the fold takes it over as it is.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from beianhub.events.v1 import events_pb2 as ev
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.domain import periods
from beianhub_core.domain.acting import what_to_do

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beianhub.resources.v1.resources_pb2 import Deadline, Finding, Order
    from beianhub_core.domain.draft import Context, Draft
    from beianhub_core.rulebook.workdays import Calendar


def find(deadlines: Iterable[Deadline], kind: str, path: str = "") -> Deadline | None:
    """The deadline of this kind and path."""
    return next((d for d in deadlines if (d.kind, d.path) == (kind, path)), None)


def next_time(deadline: Deadline) -> datetime | None:
    """When something is to be done about it: warn of it, or act on its passing; ``None`` when both are done."""
    if deadline.state == res.DEADLINE_STATE_PASSED:
        return None
    end = deadline.time.ToDatetime(UTC)
    warned = deadline.state == res.DEADLINE_STATE_NEAR or not deadline.HasField("warn_time")
    return end if warned else min(end, deadline.warn_time.ToDatetime(UTC))


def settle(draft: Draft) -> None:
    """Sets the deadlines that the record now asks for and has not; called after every decision."""
    if not draft.events:
        return
    for name, kind in [(order.name, periods.waits_for(order)) for order in draft.record.orders]:
        order = draft.order(name)
        if not kind or find(order.deadlines, kind) is not None:
            continue
        made = _review(draft, order, kind, draft.context.now)
        if made is not None:
            draft.append(ev.DeadlinesSet(order=name, deadlines=[made]))


def _review(draft: Draft, order: Order, kind: str, start: datetime) -> Deadline | None:
    context = draft.context
    province = draft.record.subject.profile.province
    period = periods.review(context.rules, order, kind, province, start.astimezone(periods.BEIJING).date())
    return periods.deadline(kind, period, start, context.calendar) if period is not None else None


def recount(draft: Draft, _command: object) -> None:
    """Counts again what was provisional by another version of the calendar. What has passed stays passed."""
    for name in [order.name for order in draft.record.orders]:
        order = draft.order(name)
        again = [_counted_again(draft, order, d) for d in order.deadlines if is_outdated(d, draft.context.calendar)]
        if again:
            draft.append(ev.DeadlinesSet(order=name, deadlines=again))


def is_outdated(deadline: Deadline, calendar: Calendar) -> bool:
    """Whether it is provisional by another version of the calendar, and still ahead."""
    ahead = deadline.state != res.DEADLINE_STATE_PASSED
    return deadline.provisional and ahead and deadline.calendar != calendar.version


def _counted_again(draft: Draft, order: Order, old: Deadline) -> Deadline:
    """The deadline by the calendar as it now is; one that stays on its day is not warned of twice."""
    made = _review(draft, order, old.kind, old.start_time.ToDatetime(UTC))
    if made is None:  # the rule is gone: what was said stays, as the calendar's version of today
        made = res.Deadline()
        made.CopyFrom(old)
        made.calendar = draft.context.calendar.version
    elif made.time == old.time:
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
