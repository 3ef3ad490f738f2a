"""Writes what a group has planned: each table's rows in one batch, and of the derived ones only those that changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Delete, Insert, Table, bindparam, delete, insert, update

from beianhub.events.v1.events_pb2 import Event
from beianhub.events.v1.record_pb2 import Record
from beianhub.resources.v1.resources_pb2 import Deadline, Order, Risk
from beianhub.resources.v1.task_pb2 import TASK_PHASE_PERSON, Task
from beianhub_core import names
from beianhub_core.domain import projection
from beianhub_core.domain.deadlines import counted_with
from beianhub_core.store import tables
from beianhub_core.store.dialect import Sql
from beianhub_core.store.planning import Held, Key, Planning, Snapshot

Row = dict[str, Any]
T = TypeVar("T")

_UPDATE_RECORD: Final = (
    update(tables.records)
    .where(tables.records.c.tenant == bindparam("t"), tables.records.c.subject == bindparam("s"))
    .values({name: bindparam(name) for name in ("customer", "version", "certificate", "body")})
)
_UPDATE_DOMAIN: Final = (
    update(tables.domains)
    .where(tables.domains.c.tenant == bindparam("t"), tables.domains.c.domain == bindparam("d"))
    .values(body=bindparam("b"))
)


def flush(sql: Sql, connection: Connection, now: datetime, snapshot: Snapshot, planning: Planning) -> None:
    """Writes all of it, new rows in the order in which their units came."""
    writes = planning.writes
    changed = _changed(snapshot, planning)
    _insert(connection, tables.request_keys, [_request_row(*item, now) for item in writes.requests.items()])
    _write_records(connection, changed)
    _insert(connection, tables.events, [_event_row(event) for event in writes.events])
    _write_domains(connection, changed)
    _write_orders(sql, connection, changed)
    _write_risks(sql, connection, changed)
    _write_timers(sql, connection, changed)
    _write_deadlines(sql, connection, changed)
    patrols = writes.patrols | dict.fromkeys(_to_look_at(changed), now)
    _replace(sql, connection, tables.patrols, patrols, ("tenant", "subject"), lambda time: {"time": time})
    _replace(sql, connection, tables.tasks, writes.tasks, ("tenant", "task_id"), task_row)
    _replace(sql, connection, tables.vault, writes.vault, ("tenant", "ref"), _vault_row)
    _replace(sql, connection, tables.documents, writes.documents, ("tenant", "subject", "document_id"), _document_row)
    _replace(
        sql,
        connection,
        tables.observations,
        writes.observed,
        ("tenant", "order_id"),
        lambda word: {"word": word, "time": now},
    )


Changed = Mapping[Key, tuple[Held, Held]]


def _changed(snapshot: Snapshot, planning: Planning) -> Changed:
    """The subjects whose row changes, before and after."""
    pairs = {key: (snapshot.subjects.get(key, Held()), planning.subjects[key]) for key in planning.subjects}
    return {
        key: (before, after)
        for key, (before, after) in pairs.items()
        if before.record is not after.record or before.certificate != after.certificate
    }


def _write_records(connection: Connection, changed: Changed) -> None:
    fresh: list[Row] = []
    known: list[Row] = []
    for (tenant, subject), (before, after) in changed.items():
        if after.record is None:
            continue
        row = {
            "customer": after.record.subject.customer,
            "version": after.record.version,
            "certificate": after.certificate,
            "body": after.record.SerializeToString(deterministic=True),
        }
        if before.record is None:
            fresh.append({"tenant": tenant, "subject": subject, **row})
        else:
            known.append({"t": tenant, "s": subject, **row})
    if known:
        connection.execute(_UPDATE_RECORD, known)
    _insert(connection, tables.records, fresh)


def _write_domains(connection: Connection, changed: Changed) -> None:
    """Deletes first, so that a domain can move within a group. Never replaces a row: the key keeps a domain unique."""
    gone: list[Row] = []
    fresh: list[Row] = []
    known: list[Row] = []
    for (tenant, subject), (before, after) in changed.items():
        old, new = _derived(projection.domains, before), _derived(projection.domains, after)
        gone += [{"k0": tenant, "k1": domain} for domain in old.keys() - new.keys()]
        for domain, service in _differing(old, new).items():
            body = service.SerializeToString(deterministic=True)
            if domain in old:
                known.append({"t": tenant, "d": domain, "b": body})
            else:
                fresh.append({"tenant": tenant, "domain": domain, "subject": subject, "body": body})
    _delete(connection, tables.domains, ("tenant", "domain"), gone)
    if known:
        connection.execute(_UPDATE_DOMAIN, known)
    _insert(connection, tables.domains, fresh)


def _write_orders(sql: Sql, connection: Connection, changed: Changed) -> None:
    known: list[Row] = []
    fresh: list[Row] = []
    for (tenant, subject), (before, after) in changed.items():
        old, new = _derived(projection.orders, before), _derived(projection.orders, after)
        for order_id, order in _differing(old, new).items():
            row = {"tenant": tenant, "order_id": order_id, "subject": subject, **_order_row(order)}
            (known if order_id in old else fresh).append(row)
    _upsert(sql, connection, tables.orders, known, "tenant", "order_id")
    # A plain insert: where two writers take one id at once, the constraint refuses the second.
    _insert(connection, tables.orders, fresh)


def _write_risks(sql: Sql, connection: Connection, changed: Changed) -> None:
    gone: list[Row] = []
    rows: list[Row] = []
    for (tenant, subject), (before, after) in changed.items():
        old, new = _derived(projection.risks, before), _derived(projection.risks, after)
        gone += [{"k0": tenant, "k1": risk_id} for risk_id in old.keys() - new.keys()]
        rows += [
            {"tenant": tenant, "risk_id": risk_id, "subject": subject, **_risk_row(risk)}
            for risk_id, risk in _differing(old, new).items()
        ]
    _delete(connection, tables.risks, ("tenant", "risk_id"), gone)
    _upsert(sql, connection, tables.risks, rows, "tenant", "risk_id")


def _to_look_at(changed: Changed) -> list[Key]:
    """Records in which something changed that patrols or the days of risks depend on."""
    return [
        key
        for key, (before, after) in changed.items()
        if _derived(projection.watched, before) != _derived(projection.watched, after)
    ]


def _write_timers(sql: Sql, connection: Connection, changed: Changed) -> None:
    _write_keyed(sql, connection, tables.timers, changed, projection.timers, lambda time: {"time": time})


def _write_deadlines(sql: Sql, connection: Connection, changed: Changed) -> None:
    _write_keyed(sql, connection, tables.deadlines, changed, projection.deadlines, _deadline_row)


def _write_keyed(
    sql: Sql,
    connection: Connection,
    table: Table,
    changed: Changed,
    project: Callable[[Record], dict[str, T]],
    row: Callable[[T], Row],
) -> None:
    """Rows of a subject by a key within it."""
    gone: list[Row] = []
    rows: list[Row] = []
    for (tenant, subject), (before, after) in changed.items():
        old, new = _derived(project, before), _derived(project, after)
        gone += [{"k0": tenant, "k1": subject, "k2": key} for key in old.keys() - new.keys()]
        rows += [
            {"tenant": tenant, "subject": subject, "key": key, **row(value)}
            for key, value in _differing(old, new).items()
        ]
    _delete(connection, table, ("tenant", "subject", "key"), gone)
    _upsert(sql, connection, table, rows, "tenant", "subject", "key")


def _derived(project: Callable[[Record], dict[str, T]], held: Held) -> dict[str, T]:
    return project(held.record) if held.record else {}


def _differing(old: Mapping[str, T], new: Mapping[str, T]) -> dict[str, T]:
    return {key: value for key, value in new.items() if old.get(key) != value}


def _replace(
    sql: Sql,
    connection: Connection,
    table: Table,
    values: Mapping[Any, Any],
    keys: tuple[str, ...],
    row: Callable[[Any], Row],
) -> None:
    """Rows by key: a ``None`` deletes, any other value is inserted or replaces."""
    gone = [{f"k{n}": part for n, part in enumerate(key)} for key, value in values.items() if value is None]
    rows = [dict(zip(keys, key, strict=True)) | row(value) for key, value in values.items() if value is not None]
    _delete(connection, table, keys, gone)
    _upsert(sql, connection, table, rows, *keys)


def _insert(connection: Connection, table: Table, rows: list[Row]) -> None:
    if rows:
        connection.execute(_insert_into(table), rows)


@cache
def _insert_into(table: Table) -> Insert:
    return insert(table)


def _upsert(sql: Sql, connection: Connection, table: Table, rows: list[Row], *keys: str) -> None:
    if rows:
        connection.execute(sql.upsert(table, rows[0], *keys), rows)


def _delete(connection: Connection, table: Table, keys: tuple[str, ...], rows: list[Row]) -> None:
    if rows:
        connection.execute(_delete_from(table, keys), rows)


@cache
def _delete_from(table: Table, keys: tuple[str, ...]) -> Delete:
    return delete(table).where(*(table.c[name] == bindparam(f"k{n}") for n, name in enumerate(keys)))


def _event_row(event: Event) -> Row:
    return {
        "tenant": event.tenant,
        "subject": event.subject,
        "version": event.version,
        "event_id": event.id,
        "body": event.SerializeToString(deterministic=True),
    }


def _order_row(order: Order) -> Row:
    return {
        "provider": order.provider,
        "account": names.last(order.account),
        "provider_order_id": order.provider_order_id,
        "state": order.state,
        "body": order.SerializeToString(deterministic=True),
    }


def _deadline_row(deadline: Deadline) -> Row:
    return {
        "time": deadline.time.ToDatetime(tzinfo=UTC),
        "calendar": counted_with(deadline),
        "body": deadline.SerializeToString(deterministic=True),
    }


def _risk_row(risk: Risk) -> Row:
    return {
        "kind": risk.kind,
        "severity": risk.finding.severity,
        "body": risk.SerializeToString(deterministic=True),
    }


def task_row(item: tuple[str, Task]) -> Row:
    """A task's columns beside its key, with the id of its subject; "" of an account's."""
    subject, task = item
    return {
        "subject": subject,
        "order_id": names.last(task.order),
        "plugin": task.plugin,
        "kind": task.kind,
        "state": task.state,
        "ready_time": _ready_time(task),
        "body": task.SerializeToString(deterministic=True),
    }


def _ready_time(task: Task) -> datetime | None:
    """When a host may claim it; what waits for a person is no host's. A hand-off is a host's until it is prepared."""
    if task.phase == TASK_PHASE_PERSON:
        return None
    times = {Task.STATE_OPEN: task.due_time, Task.STATE_CLAIMED: task.lease_expire_time}
    time = times.get(task.state)
    return time.ToDatetime(tzinfo=UTC) if time is not None else None


def _vault_row(item: tuple[str, bytes]) -> Row:
    subject, ciphertext = item
    return {"subject": subject, "ciphertext": ciphertext}


def _document_row(item: tuple[Any, str]) -> Row:
    document, ref = item
    return {"vault_ref": ref, "body": document.SerializeToString(deterministic=True)}


def _request_row(key: tuple[str, str, str], kept: tuple[bytes, bytes], now: datetime) -> Row:
    (tenant, method, request_id), (digest, response) = key, kept
    return {
        "tenant": tenant,
        "method": method,
        "request_id": request_id,
        "digest": digest,
        "response": response,
        "time": now,
    }
