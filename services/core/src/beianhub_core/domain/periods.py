"""How long what an order waits for takes, by the rulebook (domain.md 3.2), and the deadline that follows. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.domain.lookup import find_verification
from beianhub_core.rulebook import Scope

if TYPE_CHECKING:
    from beianhub.resources.v1.resources_pb2 import Deadline, Order, SubjectProfile
    from beianhub_core.rulebook import Rule, Rulebook
    from beianhub_core.rulebook.workdays import Calendar

BEIJING: Final = timezone(timedelta(hours=8))
FIRST_REVIEW: Final = "FIRST_REVIEW"
PROVIDER_TO_REGULATOR: Final = "PROVIDER_TO_REGULATOR"
REGULATOR_REVIEW: Final = "REGULATOR_REVIEW"
REVIEWS: Final = frozenset({FIRST_REVIEW, PROVIDER_TO_REGULATOR, REGULATOR_REVIEW})

_CANCELLATIONS: Final = frozenset(
    {res.ORDER_TYPE_CANCEL_SUBJECT, res.ORDER_TYPE_CANCEL_SERVICE, res.ORDER_TYPE_CANCEL_ACCESS}
)
# What the vendor does by itself, for which no source says how long it takes (HW-KB doc_0198, doc_0199).
_UNREVIEWED: Final = frozenset({res.ORDER_TYPE_TRANSFER_ACCOUNT, res.ORDER_TYPE_CLAIM})
_UNDER_WAY: Final = frozenset({res.VERIFICATION_STATE_REQUESTED, res.VERIFICATION_STATE_WAITING})
MORNING: Final = time(9, tzinfo=BEIJING)  # when people begin to work, and are warned
_RULES: Final = {FIRST_REVIEW: "duration.first_review", PROVIDER_TO_REGULATOR: "duration.forwarding"}
# How many days before its last one a period is warned of, so that there is time to act; ours, and no source's.
_LEAD: Final = {
    REGULATOR_REVIEW: timedelta(days=2),
    "CHANGE_WITHIN": timedelta(days=3),
    "POLICE_FILING": timedelta(days=7),
}


@dataclass(frozen=True, slots=True)
class Period:
    """At most ``most`` ``unit`` (WORKING_DAYS, DAYS or HOURS); ``usual`` working days are what it mostly takes, 0 where
    nobody says.
    """

    most: int
    unit: str
    source: tuple[str, ...]
    usual: int = 0


def waits_for(order: Order) -> str:
    """The review that the order is in, by its deadline's kind; "" for none. From the SMS on MIIT has the order."""
    sms = find_verification(order, res.VERIFICATION_KIND_MIIT_SMS)
    if order.state == res.ORDER_STATE_PROVIDER_REVIEW and (sms is None or sms.state not in _UNDER_WAY):
        return FIRST_REVIEW
    if order.state == res.ORDER_STATE_READY_TO_SUBMIT and sms is None:
        return PROVIDER_TO_REGULATOR
    return REGULATOR_REVIEW if order.state == res.ORDER_STATE_REGULATOR_REVIEW else ""


def review(book: Rulebook, order: Order, kind: str, profile: SubjectProfile, today: date) -> Period | None:
    """How long the review of this kind takes; ``None`` where no source says anything.

    Each provider speaks for itself; of what is said of the bureau the longest counts.
    """
    if order.type in _UNREVIEWED:
        return None
    if kind == REGULATOR_REVIEW:
        return _bureau(book, order, facts(profile, order.provider), today)
    return period(book, _RULES[kind], facts(profile, order.provider), today)


def period(book: Rulebook, rule: str, facts: Scope, today: date) -> Period | None:
    """The period of the rule that holds, to the end of its range."""
    found = find(book, rule, facts, today)
    return Period(found.value["max"], found.value["unit"], found.source) if found is not None else None


def _bureau(book: Rulebook, order: Order, facts: Scope, today: date) -> Period | None:
    """The longest that a source states, and what a source of the province calls usual."""
    cancels = order.type in _CANCELLATIONS
    rule = "regulator.cancel_days" if cancels else "regulator.review_days"
    found = find(book, rule, facts, today)
    if found is None:
        return None
    unit = found.value["unit"]
    said = [value for value in (found.value, *(each.value for each in found.conflicts)) if value["unit"] == unit]
    most = max(value["max"] for value in said)
    source = (*found.source, *found.conflicts_with)
    typical = find(book, "regulator.typical_days", facts, today)
    usual = 0
    if not cancels and typical is not None and typical.scope.province and typical.value["unit"] == unit:
        usual = typical.value["max"]
        source += typical.source
    return Period(most, unit, tuple(dict.fromkeys(source)), usual if usual < most else 0)


def facts(profile: SubjectProfile, provider: str = "") -> Scope:
    """What a rule's scope is compared with."""
    nature = res.Nature.Name(profile.nature).removeprefix("NATURE_") if profile.nature else ""
    return Scope(province=profile.province, nature=nature, provider=provider)


@lru_cache(maxsize=4096)
def find(book: Rulebook, rule: str, facts: Scope, today: date) -> Rule | None:
    """The rule that holds, if a source says anything."""
    found = book.find(rule, province=facts.province, nature=facts.nature, provider=facts.provider, today=today)
    return found if found is not None and found.value is not None else None


def deadline(kind: str, period: Period, start: datetime, calendar: Calendar, path: str = "") -> Deadline:
    """The deadline of a period that begins with ``start``: the end of its last day in China, warned of in the morning
    of that day, or of the day that its kind asks for; where a province says what is usual, once that has passed.
    """
    made = res.Deadline(kind=kind, source=period.source, path=path)
    made.start_time.FromDatetime(start)
    if period.unit == "HOURS":
        made.time.FromDatetime(start + timedelta(hours=period.most))
        return made
    first = day_of(start)
    last = first + timedelta(days=period.most)
    if period.unit == "WORKING_DAYS":
        counted = calendar.add(first, period.most)
        last, made.provisional, made.calendar = counted.date, counted.provisional, calendar.version
    warned = calendar.add(first, period.usual + 1).date if period.usual else last - _LEAD.get(kind, timedelta())
    made.time.FromDatetime(end_of(last))
    made.warn_time.FromDatetime(datetime.combine(warned, MORNING))
    return made


def of_months(months: int) -> timedelta:
    """Months as the sources count them: three are 90 days (HW-KB, ALI-2019), twelve a year."""
    years, rest = divmod(months, 12)
    return timedelta(days=365 * years + 30 * rest)


def day_of(moment: datetime) -> date:
    """The day in China."""
    return moment.astimezone(BEIJING).date()


def end_of(day: date) -> datetime:
    """The moment in which ``day`` ends in China."""
    return datetime.combine(day + timedelta(days=1), time(tzinfo=BEIJING))
