"""What the store derives from a record: rows to find and to list by, and timers. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub.resources.v1.resources_pb2 import ACCESS_STATE_ACTIVE, DEADLINE_STATE_DONE, Order, Risk, Service
from beianhub_core import names
from beianhub_core.domain.deadlines import next_time
from beianhub_core.domain.lookup import SERVICE_FILED, SUBJECT_FILED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.resources_pb2 import Deadline

_ONLY_TIMERS: Final = frozenset({"IDLE_REMINDER", "SUBMIT"})


def orders(record: Record) -> dict[str, Order]:
    """The record's orders by id."""
    return {names.last(order.name): order for order in record.orders}


def domains(record: Record) -> dict[str, Service]:
    """The record's services by each of their domains, without their people."""
    rows: dict[str, Service] = {}
    for service in record.subject.services:
        row = Service()
        row.CopyFrom(service)
        row.ClearField("principal")
        rows.update(dict.fromkeys(service.domains, row))
    return rows


def timers(record: Record) -> dict[str, datetime]:
    """When something is to be done about each of the record's deadlines, by :func:`deadline_key`, UTC."""
    times = {key: next_time(deadline) for key, deadline in _deadlines(record)}
    return {key: time for key, time in times.items() if time is not None}


def deadlines(record: Record) -> dict[str, Deadline]:
    """The record's deadlines by :func:`deadline_key`; what only reminds of one, or sends an order, is none,
    and what is done is not due.
    """
    return {key: deadline for key, deadline in _deadlines(record) if _is_due(deadline)}


def _is_due(deadline: Deadline) -> bool:
    return deadline.kind not in _ONLY_TIMERS and deadline.state != DEADLINE_STATE_DONE


def deadline_key(order_id: str, kind: str, path: str = "") -> str:
    """``{order id}/{deadline kind}``, of the subject's own ``/{deadline kind}``; and ``/{path}`` where it has one."""
    return "/".join([order_id, kind, *([path] if path else [])])


def _deadlines(record: Record) -> Iterator[tuple[str, Deadline]]:
    for order in record.orders:
        order_id = names.last(order.name)
        yield from ((deadline_key(order_id, d.kind, d.path), d) for d in order.deadlines)
    yield from ((deadline_key("", d.kind, d.path), d) for d in record.subject.deadlines)


def risks(record: Record) -> dict[str, Risk]:
    """The record's risks by their names below the tenant's, such as ``s1/subject-shell-1f2e``."""
    subject = names.last(record.subject.name)
    return {f"{subject}/{names.last(risk.name)}": risk for risk in record.subject.risks}


def watched(record: Record) -> dict[str, tuple[str, ...]]:
    """What a patrol of the record depends on: once it differs, the scheduler looks at the record at once."""
    rows: dict[str, tuple[str, ...]] = {notice.name: (notice.due_date,) for notice in record.subject.notices}
    profile = record.subject.profile
    for service in record.subject.services:
        if service.state in SERVICE_FILED:
            active = sorted(f"{a.provider} {a.account}" for a in service.accesses if a.state == ACCESS_STATE_ACTIVE)
            days = [registration.expires_on for registration in service.registrations]
            rows[service.name] = (*service.domains, *active, service.principal.certificate.valid_until, *days)
    if record.subject.state in SUBJECT_FILED:
        rows[record.subject.name] = (
            profile.certificate.valid_until,
            profile.principal.certificate.valid_until,
        )
    return rows


def open_tasks(record: Record) -> set[str]:
    """Names of the tasks that the record holds open; a row of any other is closed."""
    return {task.name for task in record.tasks}
