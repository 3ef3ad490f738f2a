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
    for old in before.subject.services:
        new = find_service(after, old.name)
        assert new is not None
        if old.licence_number not in ("", new.licence_number):
            assert [order.service for order in filed] == [old.name]
            assert old.state not in SERVICE_FILED


def accesses_end_rightly(before: Record, after: Record, events: Sequence[Event]) -> None:
    """An access ends by its own provider's cancellation, or with its service or subject, and by nothing else."""
    filed = _filed(after, events)
    for old in before.subject.services:
        new = find_service(after, old.name)
        assert new is not None
        ended = {access.provider for access in old.accesses if has_access(old, access.provider)}
        ended -= {access.provider for access in new.accesses if has_access(new, access.provider)}
        assert all(any(_ends(order, old, provider) for order in filed) for provider in ended), (old, filed)


def _ends(order: res.Order, service: res.Service, provider: str) -> bool:
    return (
        order.type == res.ORDER_TYPE_CANCEL_SUBJECT
        or (order.type == res.ORDER_TYPE_CANCEL_SERVICE and order.service == service.name)
        or (order.type, order.service, order.provider) == (res.ORDER_TYPE_CANCEL_ACCESS, service.name, provider)
    )


def data_changes_by_name(before: Record, after: Record, events: Sequence[Event]) -> None:
    """What the subject is called, and its vault's entry, change by an update, or by a change that was filed."""
    if not before.version or any(event.HasField("subject_updated") for event in events):
        return
    expected = res.Subject()
    expected.CopyFrom(before.subject)
    for order in _filed(after, events):
        if order.type in changing.CHANGES:
            changing.take_over(expected, order)
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
    assert sum(is_in_flight(order) for order in record.orders) <= 1, "one order in flight per subject (MIIT-V3 1003)"
    timed = {key.partition("/")[0] for key in projection.timers(record)}
    for order in record.orders:
        _waits_rightly(record, order)
        _is_not_forgotten(record, order, timed=names.last(order.name) in timed)
    for service in record.subject.services:
        _is_served_only_where_filed(record, service)


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


def rows_hold(held: Sequence[Task], now: object) -> None:
    """Every row is offered again by a time; effects are claimed one at a time; no row names a person."""
    for row in held:
        assert row.HasField("lease_expire_time" if row.state == Task.STATE_CLAIMED else "due_time")
        assert MOBILE not in str(row)
    claimed = [row for row in held if row.kind in EFFECTFUL and row.state == Task.STATE_CLAIMED]
    assert sum(not rows.has_lapsed(row, now) for row in claimed) <= 1
