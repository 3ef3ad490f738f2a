"""``evolve(record, event) -> record``: the fold. It never refuses; what may happen is decided in :mod:`.decide`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from beianhub.events.v1 import events_pb2 as ev
from beianhub.events.v1.record_pb2 import Record
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.task_pb2 import TASK_KIND_HANDOFF, TASK_KIND_SUBMIT
from beianhub_core.domain.filed import apply_filed, drop_pending_access, give, put_pending_access, take
from beianhub_core.domain.lookup import find_incoming, find_order, find_verification
from beianhub_core.domain.periods import REVIEWS, waits_for

if TYPE_CHECKING:
    from google.protobuf.timestamp_pb2 import Timestamp

IDLE_LIMIT: Final = timedelta(days=45)  # TC-DOC: an order that nobody moves for 45 days is invalid
REMINDERS: Final = (timedelta(days=7), timedelta(days=15), timedelta(days=30))  # TC-DOC


def evolve(record: Record | None, event: ev.Event) -> Record:
    """The record after the event; the one given stays as it is."""
    after = Record(tenant=event.tenant)
    if record is not None:
        after.CopyFrom(record)
    apply(after, event)
    return after


def fold(events: Iterable[ev.Event]) -> Record:
    """The record that a subject's events make, from the first."""
    record = Record()
    for event in events:
        record.tenant = event.tenant
        apply(record, event)
    return record


def apply(record: Record, event: ev.Event) -> None:
    """Folds the event into the record, in place."""
    kind = event.WhichOneof("payload")
    if kind is not None:
        payload = getattr(event, kind)
        _APPLY[kind](record, payload, event)
        order = find_order(record, payload.order) if "order" in payload.DESCRIPTOR.fields_by_name else None
        if order is not None:
            order.update_time.CopyFrom(event.time)
            _drop_deadlines(order, *(REVIEWS - {waits_for(order)}))
    record.version = event.version
    record.subject.update_time.CopyFrom(event.time)
    record.subject.etag = str(event.version)


def _subject_created(record: Record, payload: ev.SubjectCreated, event: ev.Event) -> None:
    record.subject.CopyFrom(payload.subject)
    record.subject.create_time.CopyFrom(event.time)


def _subject_updated(record: Record, payload: ev.SubjectUpdated, _event: ev.Event) -> None:
    kept = res.Subject(create_time=record.subject.create_time, deadlines=record.subject.deadlines)
    record.subject.CopyFrom(payload.subject)
    record.subject.create_time.CopyFrom(kept.create_time)
    record.subject.ClearField("deadlines")
    record.subject.deadlines.extend(kept.deadlines)


def _drift_applied(record: Record, payload: ev.DriftApplied, event: ev.Event) -> None:
    _subject_updated(record, ev.SubjectUpdated(subject=payload.subject), event)


def _order_created(record: Record, payload: ev.OrderCreated, event: ev.Event) -> None:
    order = record.orders.add()
    order.CopyFrom(payload.order)
    order.create_time.CopyFrom(event.time)
    order.update_time.CopyFrom(event.time)
    if not order.waits_for:  # one that waits is not idle: it cannot be moved
        _idle_from(order, event.time)


def _order_released(record: Record, payload: ev.OrderReleased, event: ev.Event) -> None:
    order = _order(record, payload.order)
    order.release_time.CopyFrom(event.time)
    order.ClearField("findings")
    _idle_from(order, event.time)
    if payload.submits:
        order.deadlines.add(kind="SUBMIT", time=event.time)


def _order_held(record: Record, payload: ev.OrderHeld, event: ev.Event) -> None:
    order = _order(record, payload.order)
    order.ClearField("findings")
    order.findings.extend(payload.findings)
    _drop_deadlines(order, "SUBMIT")
    if not any(deadline.kind == "IDLE" for deadline in order.deadlines):
        _idle_from(order, event.time)


def _submission_requested(record: Record, payload: ev.OrderSubmissionRequested, event: ev.Event) -> None:
    order = _order(record, payload.order)
    order.submission.state = res.Submission.STATE_CHECKING
    order.submission.channel = payload.channel
    order.submission.generation = payload.generation
    order.submission.request_time.CopyFrom(event.time)
    order.returned_by = res.RETURNED_BY_UNSPECIFIED
    for field in ("findings", "verifications", "deadlines", "reminders"):
        order.ClearField(field)
    put_pending_access(record, order)


def _blockers_overridden(record: Record, payload: ev.OrderBlockersOverridden, event: ev.Event) -> None:
    order = _order(record, payload.order)
    order.overrides.add(
        actor=event.actor,
        reason=payload.reason,
        codes=dict.fromkeys(found.code for found in payload.findings),
        time=event.time,
        rules=dict.fromkeys(found.rule for found in payload.findings),
        generation=order.submission.generation,
    )


def _in_doubt(record: Record, payload: ev.OrderSubmissionInDoubt, _event: ev.Event) -> None:
    _order(record, payload.order).submission.state = res.Submission.STATE_IN_DOUBT


def _accepted(record: Record, payload: ev.OrderAccepted, _event: ev.Event) -> None:
    order = _order(record, payload.order)
    order.state = res.ORDER_STATE_PROVIDER_REVIEW
    order.submission.state = res.Submission.STATE_ACCEPTED
    order.provider_order_id = payload.provider_order_id
    order.provider_status = payload.provider_status
    _drop_deadlines(order, "IDLE", "IDLE_REMINDER")


def _status_changed(record: Record, payload: ev.OrderStatusChanged, _event: ev.Event) -> None:
    order = _order(record, payload.order)
    order.state = payload.state
    order.provider_status = payload.provider_status


def _returned(record: Record, payload: ev.OrderReturned, event: ev.Event) -> None:
    order = _order(record, payload.order)
    order.state = payload.state
    order.submission.state = res.Submission.STATE_RETURNED
    order.returned_by = payload.returned_by
    order.provider_status = payload.provider_status or order.provider_status
    order.ClearField("findings")
    order.findings.extend(payload.findings)
    order.withdrawing = False
    _idle_from(order, event.time)
    if order.state == res.ORDER_STATE_DRAFT:
        drop_pending_access(record, order)


def _filed(record: Record, payload: ev.OrderFiled, event: ev.Event) -> None:
    order = _order(record, payload.order)
    order.state = res.ORDER_STATE_FILED
    order.provider_status = payload.provider_status
    _end(order)
    apply_filed(record, order, payload, event.time)


def _withdrawal_requested(record: Record, payload: ev.OrderWithdrawalRequested, _event: ev.Event) -> None:
    _order(record, payload.order).withdrawing = True


def _withdrawal_refused(record: Record, payload: ev.OrderWithdrawalRefused, _event: ev.Event) -> None:
    order = _order(record, payload.order)
    order.withdrawing = False
    order.ClearField("findings")
    order.findings.extend(payload.findings)


def _ended(record: Record, payload: ev.OrderEnded, _event: ev.Event) -> None:
    order = _order(record, payload.order)
    order.state = payload.state
    _end(order)
    drop_pending_access(record, order)


def _verification_changed(record: Record, payload: ev.VerificationChanged, event: ev.Event) -> None:
    order = _order(record, payload.order)
    facet = find_verification(order, payload.verification.kind) or order.verifications.add()
    facet.CopyFrom(payload.verification)
    kind = res.VerificationKind.Name(facet.kind).removeprefix("VERIFICATION_KIND_")
    known = res.Order(deadlines=[d for d in order.deadlines if d.kind == kind and d.time == facet.deadline])
    _drop_deadlines(order, kind)
    waits = facet.state in (res.VERIFICATION_STATE_REQUESTED, res.VERIFICATION_STATE_WAITING)
    if waits and facet.HasField("deadline"):
        order.deadlines.extend(known.deadlines or [_facet_deadline(kind, facet, event.time)])


def _facet_deadline(kind: str, facet: res.Verification, now: Timestamp) -> res.Deadline:
    """Warned of when a quarter of the time is left: of MIIT's 24 hours the last 6."""
    deadline = res.Deadline(kind=kind, time=facet.deadline, source=facet.source, start_time=now)
    end = facet.deadline.ToDatetime()
    deadline.warn_time.FromDatetime(max(now.ToDatetime(), end - (end - now.ToDatetime()) / 4))
    return deadline


def _reminded(record: Record, payload: ev.OrderReminded, event: ev.Event) -> None:
    order = _order(record, payload.order)
    order.reminders = payload.reminder
    _drop_deadlines(order, "IDLE_REMINDER")
    idle = next((d for d in order.deadlines if d.kind == "IDLE"), None)
    if idle is not None and payload.reminder < len(REMINDERS):
        since = idle.time.ToDatetime() - IDLE_LIMIT
        _add_deadline(order, "IDLE_REMINDER", event.time, since + REMINDERS[payload.reminder])


def _task_opened(record: Record, payload: ev.TaskOpened, _event: ev.Event) -> None:
    record.tasks.add().CopyFrom(payload.task)
    if payload.task.kind in (TASK_KIND_SUBMIT, TASK_KIND_HANDOFF):
        _order(record, payload.task.order).submission.state = res.Submission.STATE_QUEUED


def _task_closed(record: Record, payload: ev.TaskClosed, _event: ev.Event) -> None:
    kept = [t for t in record.tasks if t.name != payload.task]
    del record.tasks[:]
    record.tasks.extend(kept)


def _handoff_claimed(_record: Record, _payload: ev.HandoffClaimed, _event: ev.Event) -> None:
    """Who was shown what and why is history alone; who holds a task is in its row."""


def _deadlines_set(record: Record, payload: ev.DeadlinesSet, _event: ev.Event) -> None:
    holder = _holder(record, payload.order)
    named = {(d.kind, d.path) for d in (*payload.deadlines, *payload.dropped)}
    kept = [d for d in holder.deadlines if (d.kind, d.path) not in named]
    holder.ClearField("deadlines")
    holder.deadlines.extend([*kept, *payload.deadlines])


def _deadline_near(record: Record, payload: ev.DeadlineNear, _event: ev.Event) -> None:
    _set_state(_holder(record, payload.order), payload.deadline, res.DEADLINE_STATE_NEAR)


def _deadline_passed(record: Record, payload: ev.DeadlinePassed, _event: ev.Event) -> None:
    _set_state(_holder(record, payload.order), payload.deadline, res.DEADLINE_STATE_PASSED)


def _deadline_completed(record: Record, payload: ev.DeadlineCompleted, _event: ev.Event) -> None:
    _set_state(record.subject, payload.deadline, res.DEADLINE_STATE_DONE)


def _set_state(holder: res.Order | res.Subject, named: res.Deadline, state: res.DeadlineState.ValueType) -> None:
    for deadline in holder.deadlines:
        if (deadline.kind, deadline.path) == (named.kind, named.path):
            deadline.state = state


def _holder(record: Record, order: str) -> res.Order | res.Subject:
    return _order(record, order) if order else record.subject


def _observation_changed(record: Record, payload: ev.ObservationChanged, _event: ev.Event) -> None:
    seen, known = payload.observation, record.subject.observations
    others = [o for o in known if (o.service, o.verification) != (seen.service, seen.verification)]
    _replace(known, [*others, *([seen] if seen.findings else [])])


def _risk_raised(record: Record, payload: ev.RiskRaised, _event: ev.Event) -> None:
    known = next((risk for risk in record.subject.risks if risk.name == payload.risk.name), None)
    (known if known is not None else record.subject.risks.add()).CopyFrom(payload.risk)


def _risk_cleared(record: Record, payload: ev.RiskCleared, _event: ev.Event) -> None:
    _replace(record.subject.risks, [risk for risk in record.subject.risks if risk.name != payload.name])


def _notice_reported(record: Record, payload: ev.NoticeReported, _event: ev.Event) -> None:
    known = next((notice for notice in record.subject.notices if notice.name == payload.notice.name), None)
    (known if known is not None else record.subject.notices.add()).CopyFrom(payload.notice)


def _notice_resolved(record: Record, payload: ev.NoticeResolved, _event: ev.Event) -> None:
    _replace(record.subject.notices, [notice for notice in record.subject.notices if notice.name != payload.name])


def _replace(field: Any, kept: list[Any]) -> None:
    """Makes a repeated field hold these messages, some of which it may hold already."""
    copies = [type(message).FromString(message.SerializeToString()) for message in kept]
    del field[:]
    field.extend(copies)


def _order(record: Record, name: str) -> res.Order:
    order = find_order(record, name)
    if order is None:
        raise LookupError(f"an event names an order that no event created: {name}")
    return order


def _idle_from(order: res.Order, time: Timestamp) -> None:
    _drop_deadlines(order, "IDLE", "IDLE_REMINDER")
    order.reminders = 0
    since = time.ToDatetime()
    _add_deadline(order, "IDLE", time, since + IDLE_LIMIT)
    _add_deadline(order, "IDLE_REMINDER", time, since + REMINDERS[0])


def _migration_held(record: Record, payload: ev.MigrationHeld, _event: ev.Event) -> None:
    incoming = find_incoming(record, payload.order) or record.incoming.add()
    incoming.order = payload.order
    incoming.source = payload.source
    incoming.sending = payload.sending


def _migration_released(record: Record, payload: ev.MigrationReleased, _event: ev.Event) -> None:
    kept = [incoming for incoming in record.incoming if incoming.order != payload.order]
    record.ClearField("incoming")
    record.incoming.extend(kept)


def _migrated_out(record: Record, payload: ev.ServiceMigratedOut, _event: ev.Event) -> None:
    _order(record, payload.order).target_service = payload.target_service
    give(record.subject, payload)


def _migrated_in(record: Record, payload: ev.ServiceMigratedIn, event: ev.Event) -> None:
    take(record.subject, payload, event.time)


def _add_deadline(order: res.Order, kind: str, now: Timestamp, time: Any) -> None:
    deadline = order.deadlines.add(kind=kind, source=["TC-DOC"])
    deadline.time.FromDatetime(max(time, now.ToDatetime()))


def _drop_deadlines(order: res.Order, *kinds: str) -> None:
    kept = [d for d in order.deadlines if d.kind not in kinds]
    order.ClearField("deadlines")
    order.deadlines.extend(kept)


def _end(order: res.Order) -> None:
    order.withdrawing = False
    for field in ("deadlines", "findings"):
        order.ClearField(field)


_APPLY: Final[dict[str, Callable[[Record, Any, ev.Event], None]]] = {
    "subject_created": _subject_created,
    "subject_updated": _subject_updated,
    "order_created": _order_created,
    "order_submission_requested": _submission_requested,
    "order_blockers_overridden": _blockers_overridden,
    "order_submission_in_doubt": _in_doubt,
    "order_accepted": _accepted,
    "order_status_changed": _status_changed,
    "order_returned": _returned,
    "order_filed": _filed,
    "order_withdrawal_requested": _withdrawal_requested,
    "order_withdrawal_refused": _withdrawal_refused,
    "order_ended": _ended,
    "verification_changed": _verification_changed,
    "order_reminded": _reminded,
    "order_released": _order_released,
    "order_held": _order_held,
    "task_opened": _task_opened,
    "task_closed": _task_closed,
    "handoff_claimed": _handoff_claimed,
    "drift_applied": _drift_applied,
    "deadlines_set": _deadlines_set,
    "deadline_near": _deadline_near,
    "deadline_passed": _deadline_passed,
    "deadline_completed": _deadline_completed,
    "migration_held": _migration_held,
    "migration_released": _migration_released,
    "service_migrated_out": _migrated_out,
    "service_migrated_in": _migrated_in,
    "observation_changed": _observation_changed,
    "risk_raised": _risk_raised,
    "risk_cleared": _risk_cleared,
    "notice_reported": _notice_reported,
    "notice_resolved": _notice_resolved,
}
