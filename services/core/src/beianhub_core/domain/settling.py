"""Which deadlines a record asks for: the review that an order is in, and what a subject's data and filings oblige to.

Called after every decision; what it counts with the calendar and the rulebook goes into an event. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.domain import ahead, deadlines, periods
from beianhub_core.domain.lookup import TERMINAL, find_order
from beianhub_core.rules.certificates import last_day

if TYPE_CHECKING:
    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.resources_pb2 import Certificate, Deadline, Order, Subject
    from beianhub_core.domain.draft import Draft
    from beianhub_core.rulebook import Rule

CERTIFICATE: Final = "CERTIFICATE"
DOMAIN: Final = "DOMAIN_EXPIRY"
CHANGE_WITHIN: Final = "CHANGE_WITHIN"
POLICE_FILING: Final = "POLICE_FILING"

_LICENCE: Final = "profile.certificate.valid_until"
_OPENS: Final = frozenset({res.ORDER_TYPE_FIRST_FILING, res.ORDER_TYPE_ADD_SERVICE})
# Events after which a subject's own deadlines may be others.
_CAUSES: Final = (
    "subject_created",
    "subject_updated",
    "drift_applied",
    "order_filed",
    "order_ended",
    "service_migrated_in",
)


def settle(draft: Draft) -> None:
    """Sets the deadlines that the record now asks for and has not, and drops those that it asks for no more."""
    if not draft.events:
        return
    for name, kind in [(order.name, periods.waits_for(order)) for order in draft.record.orders]:
        if kind and deadlines.find(draft.order(name).deadlines, kind) is None:
            deadlines.put(draft, name, [_review(draft, name, kind, draft.context.now)])
    for name in [order.name for order in draft.record.orders if order.planned_date]:
        _settle_planned(draft, name)
    events = list(draft.events)
    if any(event.HasField(cause) for event in events for cause in _CAUSES):
        _settle_last_days(draft, CERTIFICATE, _certificate_days(draft.record.subject), _certificate_rule)
        _settle_last_days(draft, DOMAIN, _domain_days(draft.record.subject), _domain_rule)
        _settle_changes(draft)
        for event in events:
            _oblige(draft, find_order(draft.record, event.order_filed.order))


def recount(draft: Draft, _command: object) -> None:
    """Counts again what was provisional by another version of the calendar. What has passed stays passed."""
    for name in [order.name for order in draft.record.orders]:
        _count_again(draft, name)
    _count_again(draft, "")


def _count_again(draft: Draft, order: str) -> None:
    calendar = draft.context.calendar
    outdated = [d for d in deadlines.of(draft, order) if deadlines.counted_with(d) not in ("", calendar.version)]
    again = [deadlines.counted_again(old, _counted_like(draft, order, old), calendar) for old in outdated]
    deadlines.put(draft, order, again)


def _counted_like(draft: Draft, order: str, old: Deadline) -> Deadline | None:
    start = old.start_time.ToDatetime(UTC)
    if old.kind == ahead.CHANGE_IN_TIME:
        return ahead.in_time(draft, start)
    return _review(draft, order, old.kind, start) if order else _change_within(draft, start, old.path)


def _settle_planned(draft: Draft, name: str) -> None:
    """What a change with its day asks for while it is to be submitted; a submission clears an order's deadlines."""
    known = draft.order(name).deadlines
    deadlines.put(draft, name, [d for kind, d in ahead.wanted(draft, name).items() if not deadlines.find(known, kind)])


def _review(draft: Draft, name: str, kind: str, start: datetime) -> Deadline | None:
    order, context = draft.order(name), draft.context
    period = periods.review(context.rules, order, kind, draft.record.subject.profile, periods.day_of(start))
    return periods.deadline(kind, period, start, context.calendar) if period is not None else None


def _settle_last_days(
    draft: Draft, kind: str, days: Iterable[tuple[str, date]], rule_of: Callable[[Draft, str], Rule | None]
) -> None:
    """A certificate or a domain ends at some time, and is to be renewed while it has as long left as orders ask for."""
    wanted = {path: _last_day(kind, path, last, rule_of(draft, path)) for path, last in days}
    known = {d.path: d for d in draft.record.subject.deadlines if d.kind == kind}
    gone = [known[path] for path in known.keys() - wanted.keys()]
    fresh = [d for path, d in wanted.items() if path not in known or known[path].time != d.time]
    deadlines.put(draft, "", fresh, gone)


def _certificate_days(subject: Subject) -> Iterator[tuple[str, date]]:
    if subject.state == res.SUBJECT_STATE_CANCELLED:
        return
    for path, certificate in _certificates(subject):
        last = last_day(certificate.valid_until)
        if last is not None:
            yield f"{path}.valid_until", last


def _certificates(subject: Subject) -> Iterator[tuple[str, Certificate]]:
    yield "profile.certificate", subject.profile.certificate
    yield "profile.principal.certificate", subject.profile.principal.certificate
    for index, service in enumerate(subject.services):
        if service.state != res.SERVICE_STATE_CANCELLED:
            yield f"services[{index}].principal.certificate", service.principal.certificate


def _domain_days(subject: Subject) -> Iterator[tuple[str, date]]:
    if subject.state == res.SUBJECT_STATE_CANCELLED:
        return
    for index, service in enumerate(subject.services):
        for number, registration in enumerate(service.registrations):
            last = last_day(registration.expires_on)
            if last is not None and service.state != res.SERVICE_STATE_CANCELLED:
                yield f"services[{index}].registrations[{number}].expires_on", last


def _certificate_rule(draft: Draft, path: str) -> Rule | None:
    """Three months are to be left of a certificate; in 上海 a year of a unit's own."""
    own = _rule(draft, "licence.min_months") if path == _LICENCE else None
    return own or _rule(draft, "certificate.min_months")


def _domain_rule(draft: Draft, _path: str) -> Rule | None:
    return _rule(draft, "domain.min_months")


def _rule(draft: Draft, rule: str) -> Rule | None:
    facts, today = periods.facts(draft.record.subject.profile), periods.day_of(draft.context.now)
    return periods.find(draft.context.rules, rule, facts, today)


def _last_day(kind: str, path: str, last: date, rule: Rule | None) -> Deadline:
    """The end of the last day; warned of when less is left than orders ask for. A domain that lapses loses its access
    (S4.34), and others may register it (S4.1).
    """
    source = (*(rule.source if rule else ()), *(("S4.34", "S4.1") if kind == DOMAIN else ()))
    made = res.Deadline(kind=kind, path=path, source=source)
    made.time.FromDatetime(periods.end_of(last))
    left = periods.of_months(rule.value) if rule else timedelta()
    made.warn_time.FromDatetime(datetime.combine(last - left, time(tzinfo=periods.BEIJING)))
    return made


def _oblige(draft: Draft, filed: Order | None) -> None:
    """What the filing of an order obliges the subject to."""
    if filed is None:
        return
    if filed.type in _OPENS:
        deadlines.put(draft, "", [_police_filing(draft, filed)])
    if filed.type == res.ORDER_TYPE_ADD_ACCESS:
        within = [_change_within(draft, draft.context.now, path) for path in _open_changes(draft.record)]
        deadlines.put(draft, "", within)


def _police_filing(draft: Draft, order: Order) -> Deadline | None:
    """公安联网备案: within 30 days after the service opened (HW-KB doc_0033)."""
    context, today = draft.context, periods.day_of(draft.context.now)
    period = periods.period(context.rules, "police.filing", periods.facts(draft.record.subject.profile), today)
    path = _service_path(draft.record, order)
    return periods.deadline(POLICE_FILING, period, context.now, context.calendar, path) if period else None


def _change_within(draft: Draft, start: datetime, path: str) -> Deadline | None:
    """The access was filed while a change waited, so that the regulator's data differ: within 10 working days they are
    to be changed (HW-KB doc_0173; 北京, 江苏: TC-DOC).
    """
    context, facts = draft.context, periods.facts(draft.record.subject.profile)
    for rule in ("access.change_after_days", "change.within"):
        period = periods.period(context.rules, rule, facts, periods.day_of(start))
        if period is not None:
            return periods.deadline(CHANGE_WITHIN, period, start, context.calendar, path)
    return None


def _settle_changes(draft: Draft) -> None:
    """What was filed, or is not wanted any more, need not be changed."""
    wanted = set(_open_changes(draft.record))
    gone = [d for d in draft.record.subject.deadlines if d.kind == CHANGE_WITHIN and d.path not in wanted]
    deadlines.put(draft, "", [], gone)


def _open_changes(record: Record) -> list[str]:
    """Paths in the subject of what drafted or returned orders are to change, and running ones are changing."""
    changing = [order for order in record.orders if order.HasField("change") and order.state not in TERMINAL]
    paths = [_in_subject(record, order, path) for order in changing for path in order.change.paths]
    return list(dict.fromkeys(paths))


def _in_subject(record: Record, order: Order, path: str) -> str:
    part, _, below = path.partition(".")
    return f"{_service_path(record, order)}.{below}" if part == "service" else path


def _service_path(record: Record, order: Order) -> str:
    names = [service.name for service in record.subject.services]
    return f"services[{names.index(order.service)}]" if order.service in names else "services"
