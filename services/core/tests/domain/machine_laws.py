"""The domain's laws: what no command, report or timer may break. Each raises AssertionError where it is broken."""

from __future__ import annotations

from collections.abc import Sequence

from beianhub.events.v1.events_pb2 import Event
from beianhub.events.v1.record_pb2 import Record
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.task_pb2 import Task
from beianhub_core import names
from beianhub_core.domain import changing, projection
from beianhub_core.domain import tasks as rows
from beianhub_core.domain.lookup import (
    EFFECTFUL,
    SERVICE_FILED,
    SUBJECT_FILED,
    TERMINAL,
    find_order,
    find_service,
    has_access,
    is_in_flight,
    is_sending,
    tasks_of,
)
from beianhub_core.vault.personal import contains_personal_data

from .machine_inputs import ID_NUMBER, MOBILE

GIVES_NUMBERS = {res.ORDER_TYPE_FIRST_FILING, res.ORDER_TYPE_ADD_SERVICE}


# --- across a command ------------------------------------------------------------------------------------------------


def hold_across(before: Record, after: Record, events: Sequence[Event]) -> None:
    """Every law about what a command may do to the record."""
    for law in (versions_are_gapless, ends_stay, numbers_stay, accesses_end_rightly, data_changes_by_name):
        law(before, after, events)
    for event in events:
        nothing_personal_is_told(event)


def versions_are_gapless(before: Record, after: Record, events: Sequence[Event]) -> None:
    """Each event is the next version, and the record has the last one."""
    assert [event.version for event in events] == list(range(before.version + 1, after.version + 1))


def ends_stay(before: Record, after: Record, _events: Sequence[Event]) -> None:
    """An order that has ended stays exactly as it ended."""
    for order in before.orders:
        assert order.state not in TERMINAL or order == find_order(after, order.name)


def numbers_stay(before: Record, after: Record, events: Sequence[Event]) -> None:
    """A number that is there changes when what lost it is filed anew, and never by an access (HW-KB doc_0165)."""
    filed = [order for order in _filed(after, events) if order.type in GIVES_NUMBERS]
    if before.subject.licence_number not in ("", after.subject.licence_number):
        assert filed
        assert before.subject.state not in SUBJECT_FILED
    for old, new in _kept(before, after, events):
        if old.licence_number not in ("", new.licence_number):
            assert [order.service for order in filed] == [old.name]
            assert old.state not in SERVICE_FILED


def accesses_end_rightly(before: Record, after: Record, events: Sequence[Event]) -> None:
    """An access ends by its own provider's cancellation, or with its service or subject, and by nothing else."""
    filed = _filed(after, events)
    for old, new in _kept(before, after, events):
        ended = {access.provider for access in old.accesses if has_access(old, access.provider)}
        ended -= {access.provider for access in new.accesses if has_access(new, access.provider)}
        assert all(any(_ends(order, old, provider) for order in filed) for provider in ended), (old, filed)


def _kept(before: Record, after: Record, events: Sequence[Event]) -> list[tuple[res.Service, res.Service]]:
    """The services as they were and are; one that is gone has moved."""
    gone = {event.service_migrated_out.service for event in events if event.HasField("service_migrated_out")}
    pairs = [(old, find_service(after, old.name)) for old in before.subject.services]
    dropped = any(event.HasField("subject_updated") for event in events)
    assert dropped or {old.name for old, new in pairs if new is None} == gone
    return [(old, new) for old, new in pairs if new is not None]


def _ends(order: res.Order, service: res.Service, provider: str) -> bool:
    return (
        order.type == res.ORDER_TYPE_CANCEL_SUBJECT
        or (order.type == res.ORDER_TYPE_CANCEL_SERVICE and order.service == service.name)
        or (order.type, order.service, order.provider) == (res.ORDER_TYPE_CANCEL_ACCESS, service.name, provider)
    )


def data_changes_by_name(before: Record, after: Record, events: Sequence[Event]) -> None:
    """What the subject is called, and its vault's entry, change by an update, by a change that was filed, or with a
    service that moves.
    """
    if not before.version or any(event.HasField("subject_updated") for event in events):
        return
    expected = res.Subject()
    expected.CopyFrom(before.subject)
    for order in _filed(after, events):
        if order.type in changing.CHANGES:
            changing.take_over(expected, order)
    for event in events:
        if event.HasField("service_migrated_out"):
            kept = [one for one in expected.services if one.name != event.service_migrated_out.service]
            expected.ClearField("services")
            expected.services.extend(kept)
            expected.vault_ref = event.service_migrated_out.vault_ref
        if event.HasField("service_migrated_in"):
            expected.services.append(event.service_migrated_in.service)
            expected.vault_ref = event.service_migrated_in.vault_ref
    assert _data(expected) == _data(after.subject)


def _data(subject: res.Subject) -> list[object]:
    services = [(service.name, service.title, list(service.domains)) for service in subject.services]
    return [subject.profile, subject.vault_ref, services]


def _filed(after: Record, events: Sequence[Event]) -> list[res.Order]:
    names = [event.order_filed.order for event in events if event.HasField("order_filed")]
    return [order for order in after.orders if order.name in names]


def nothing_personal_is_told(event: Event) -> None:
    """What anybody said of a person is masked before it becomes an event."""
    assert contains_personal_data(event) == []
    text = event.SerializeToString()
    assert ID_NUMBER.encode() not in text
    assert MOBILE.encode() not in text


# --- at rest ---------------------------------------------------------------------------------------------------------


def hold(record: Record) -> None:
    """Every law about a record as it is."""
    held = sum(is_in_flight(order) for order in record.orders) + len(record.incoming)
    assert held <= 1, "one order in flight per subject (MIIT-V3 1003), and none on either side of another (doc_0200)"
    timed = {key.partition("/")[0] for key in projection.timers(record)}
    for order in record.orders:
        _waits_rightly(record, order)
        _is_not_forgotten(record, order, timed=names.last(order.name) in timed)
    for service in record.subject.services:
        _is_served_only_where_filed(record, service)
        _has_its_number(record, service)


def _waits_rightly(record: Record, order: res.Order) -> None:
    """An order of a plan is a draft until all those before it are filed; then it is released, and not before."""
    before = [find_order(record, name) for name in order.waits_for]
    states = [each.state for each in before if each is not None]
    assert len(states) == len(order.waits_for)
    if any(state != res.ORDER_STATE_FILED for state in states):
        assert not order.HasField("release_time")
        assert order.state in {res.ORDER_STATE_DRAFT, *TERMINAL} - {res.ORDER_STATE_FILED}
        assert not is_sending(order)
    elif before and order.state not in TERMINAL:
        assert order.HasField("release_time")
    ended = any(state in TERMINAL - {res.ORDER_STATE_FILED} for state in states)
    assert not ended or order.state in TERMINAL or "ORDER_BEFORE_ENDED" in [found.code for found in order.findings]


def waits_for_a_report(order: res.Order) -> bool:
    """Whether an operator reports what the console shows of it."""
    by_hand = order.submission.channel == res.CHANNEL_CONSOLE
    return by_hand and order.submission.state == res.Submission.STATE_ACCEPTED and order.state not in TERMINAL


def _is_not_forgotten(record: Record, order: res.Order, *, timed: bool) -> None:
    """What has not ended has a timer, or waits on a named party: a plugin, the operator of its account, or an order
    before it that has not ended either.
    """
    parties = [task.plugin for task in tasks_of(record, order.name)]
    assert all(parties)
    if order.state in TERMINAL:
        assert not parties
        assert not timed
        return
    operator = [order.account] if waits_for_a_report(order) else []
    orders = [find_order(record, name) for name in order.waits_for]
    before = [each.name for each in orders if each is not None and each.state not in TERMINAL]
    assert timed or parties or operator or before, order
    assert not is_sending(order) or parties, order


def _is_served_only_where_filed(record: Record, service: res.Service) -> None:
    """An access counts for a filed service of a filed subject alone (S1.22, S0.10)."""
    if any(access.state == res.ACCESS_STATE_ACTIVE for access in service.accesses):
        assert service.state == res.SERVICE_STATE_FILED
        assert record.subject.state == res.SUBJECT_STATE_FILED


def _has_its_number(record: Record, service: res.Service) -> None:
    """A filed service has a number, or the record says that it is missing."""
    missing = [risk.resource for risk in record.subject.risks if risk.kind == res.RISK_KIND_LICENCE_NUMBER_MISSING]
    assert (service.name in missing) == (service.state in SERVICE_FILED and not service.licence_number)


def rows_hold(held: Sequence[Task], now: object) -> None:
    """Every row is offered again by a time; effects are claimed one at a time; no row names a person."""
    for row in held:
        assert row.HasField("lease_expire_time" if row.state == Task.STATE_CLAIMED else "due_time")
        assert MOBILE not in str(row)
    claimed = [row for row in held if row.kind in EFFECTFUL and row.state == Task.STATE_CLAIMED]
    at_work = [row.subject for row in claimed if not rows.has_lapsed(row, now)]
    assert len(at_work) == len(set(at_work))


# --- between two subjects --------------------------------------------------------------------------------------------


def hold_between(first: Record, second: Record) -> None:
    """A migration in flight holds its target, as long and as firmly as its source, and nothing else does (ADR 0009)."""
    for source, target in ((first, second), (second, first)):
        flying = [order for order in source.orders if order.target_subject == target.subject.name]
        expected = {(order.name, is_sending(order)) for order in flying if is_in_flight(order)}
        assert {(each.order, each.sending) for each in target.incoming} == expected


def nothing_is_lost(before: Sequence[Record], after: Sequence[Record], events: Sequence[Event]) -> None:
    """Every domain stays somebody's, and one's, however services move; a subject's own update may add and drop some."""
    if not any(event.HasField("subject_created") or event.HasField("subject_updated") for event in events):
        assert _domains(before) == _domains(after)


def _domains(records: Sequence[Record]) -> list[str]:
    return sorted(domain for record in records for service in record.subject.services for domain in service.domains)


def moves_whole(source: tuple[Record, Record], target: tuple[Record, Record], events: Sequence[Event]) -> None:
    """A service moves as it is: its name, domains, people and accesses; each record is given as before and after. What
    the target had keeps its number, and so does what the source keeps.
    """
    (moved,) = [event.service_migrated_in for event in events if event.HasField("service_migrated_in")]
    old, new = find_service(source[0], moved.source_service), find_service(target[1], moved.service.name)
    assert old is not None
    assert new is not None
    assert find_service(source[1], old.name) is None
    assert (new.title, list(new.domains), new.kind, new.state) == (old.title, list(old.domains), old.kind, old.state)
    assert [(a.provider, a.state, list(a.ips)) for a in new.accesses] == [
        (a.provider, a.state, list(a.ips)) for a in old.accesses
    ]
    assert [one.licence_number for one in target[0].subject.services] == [
        one.licence_number for one in target[1].subject.services if one.name != new.name
    ]
    assert target[0].subject.licence_number == target[1].subject.licence_number
    assert source[0].subject.licence_number == source[1].subject.licence_number
