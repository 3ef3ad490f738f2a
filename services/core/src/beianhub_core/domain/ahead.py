"""A change that has its day (变动日期): filed 30 days ahead where it is planned (HW-KB doc_0195), and within 10 working
days where it has happened (HW-KB doc_0173). Pure.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.domain import periods
from beianhub_core.domain.changing import CHANGES
from beianhub_core.domain.lookup import RETURNED, is_sending
from beianhub_core.findings import blocker
from beianhub_core.rules.certificates import last_day

if TYPE_CHECKING:
    from beianhub.resources.v1.resources_pb2 import Deadline, Finding, Order
    from beianhub_core.domain.draft import Draft

CHANGE_NOTICE: Final = "CHANGE_NOTICE"
CHANGE_IN_TIME: Final = "CHANGE_IN_TIME"
DATED: Final = CHANGES | {res.ORDER_TYPE_CHANGE_ACCESS}
"""The orders that may say when what they change takes effect."""

_LEAD: Final = timedelta(days=7)  # how long before the notice's last day it is warned of; ours, and no source's


def check(order: Order) -> list[Finding]:
    """What is wrong with the order's day."""
    if not order.planned_date:
        return []
    if order.type not in DATED:
        return [_no_change()]
    day = last_day(order.planned_date)
    return [] if day is not None and day.isoformat() == order.planned_date else [_no_day()]


def wanted(draft: Draft, name: str) -> dict[str, Deadline]:
    """By kind, the deadlines of a change that is still to be submitted: after that the provider has it."""
    order = draft.order(name)
    day = last_day(order.planned_date)
    waits = order.state == res.ORDER_STATE_DRAFT or order.state in RETURNED
    if day is None or not waits or is_sending(order):
        return {}
    found = [in_time(draft, _begin(day))]
    if day > periods.day_of(draft.context.now):
        found.append(_notice(draft, day))
    return {deadline.kind: deadline for deadline in found if deadline is not None}


def in_time(draft: Draft, start: datetime) -> Deadline | None:
    """Within 10 working days after the day that begins with ``start`` (HW-KB doc_0173)."""
    context, facts = draft.context, periods.facts(draft.record.subject.profile)
    period = periods.period(context.rules, "change.within", facts, periods.day_of(start))
    return periods.deadline(CHANGE_IN_TIME, period, start, context.calendar) if period is not None else None


def _notice(draft: Draft, day: date) -> Deadline | None:
    """30 days before ``day`` at the latest (HW-KB doc_0195); it may have passed, and then it is late."""
    context, facts = draft.context, periods.facts(draft.record.subject.profile)
    period = periods.period(context.rules, "change.notice", facts, periods.day_of(context.now))
    if period is None:
        return None
    last = day - timedelta(days=period.most)
    made = res.Deadline(kind=CHANGE_NOTICE, source=period.source)
    made.start_time.FromDatetime(context.now)
    made.time.FromDatetime(periods.end_of(last))
    made.warn_time.FromDatetime(datetime.combine(last - _LEAD, periods.MORNING))
    return made


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(tzinfo=periods.BEIJING)).astimezone(UTC)


def _no_change() -> Finding:
    return blocker(
        "PLANNED_DATE_NOT_ALLOWED",
        "order.planned_date",
        "只有变更订单可以填写变动日期",
        "only an order that changes something has a day on which it takes effect",
        "留空，或改为变更主体、变更网站、变更接入。 / "
        "Leave it empty, or change the subject, the service or the access.",
        source=("HW-KB doc_0195",),
    )


def _no_day() -> Finding:
    return blocker(
        "PLANNED_DATE_FORMAT",
        "order.planned_date",
        "变动日期应为 YYYY-MM-DD",
        "a day is written YYYY-MM-DD",
        "按 YYYY-MM-DD 填写，未定则留空。 / Write it so, or leave it empty where it is not settled.",
        source=("HW-KB doc_0195",),
    )
