"""What a group of units needs from the database: one query for each table, however many units there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Select, select

from beianhub.events.v1.record_pb2 import Record
from beianhub.resources.v1.task_pb2 import Task
from beianhub_core import names
from beianhub_core.store.dialect import Sql
from beianhub_core.store.planning import CERTIFICATE, DOMAIN, ORDER, Claim, Held, Key, RequestId, Snapshot, keys_of
from beianhub_core.store.port import Unit
from beianhub_core.store.tables import domains, orders, records, request_keys, tasks

_PLACES: Final = {
    CERTIFICATE: (records, records.c.certificate),
    DOMAIN: (domains, domains.c.domain),
    ORDER: (orders, orders.c.order_id),
}


def snapshot(sql: Sql, connection: Connection, units: Sequence[Unit]) -> Snapshot:
    """The units' subjects, locked in the order of their ids, and then what is read under that lock.

    One order for all of them, whichever a unit names first, so that no two writers wait for each other.
    """
    subjects = _records(sql, connection, [key for unit in units for key in keys_of(unit)])
    _add_tasks(sql, connection, subjects)
    keys = [(key.tenant, key.method, key.request_id) for unit in units if (key := unit.request)]
    return Snapshot(subjects, _requests(sql, connection, keys) if keys else {})


def owners(sql: Sql, connection: Connection, claims: Iterable[Claim]) -> dict[Claim, str | None]:
    """Which subject has what is claimed; ``None`` for what is free."""
    found: dict[Claim, str | None] = dict.fromkeys(claims)
    for kind in (CERTIFICATE, DOMAIN, ORDER):
        wanted = [(tenant, value) for tenant, claimed, value in found if claimed == kind]
        if wanted:
            rows = connection.execute(_owners_query(sql, kind), sql.keys(wanted))
            found.update({(tenant, kind, value): subject for tenant, value, subject in rows})
    return found


@cache
def _owners_query(sql: Sql, kind: str) -> Select[Any]:
    table, column = _PLACES[kind]
    return sql.among(select(table.c.tenant, column, table.c.subject), table.c.tenant, column)


def _records(sql: Sql, connection: Connection, keys: Iterable[Key]) -> dict[Key, Held]:
    rows = connection.execute(_records_query(sql), sql.keys(keys))
    return {(tenant, subject): Held(Record.FromString(body), cert) for tenant, subject, cert, body in rows}


@cache
def _records_query(sql: Sql) -> Select[Any]:
    columns = records.c.tenant, records.c.subject
    query = sql.among(select(*columns, records.c.certificate, records.c.body), *columns)
    return query.order_by(*columns).with_for_update(of=records)


def _add_tasks(sql: Sql, connection: Connection, subjects: dict[Key, Held]) -> None:
    opened = {key: held.record.tasks for key, held in subjects.items() if held.record}
    wanted = [(tenant, names.last(task.name)) for (tenant, _), tasks in opened.items() for task in tasks]
    if wanted:
        for tenant, subject, body in connection.execute(_tasks_query(sql), sql.keys(wanted)):
            task = Task.FromString(body)
            subjects[tenant, subject].tasks[task.name] = task


@cache
def _tasks_query(sql: Sql) -> Select[Any]:
    return sql.among(select(tasks.c.tenant, tasks.c.subject, tasks.c.body), tasks.c.tenant, tasks.c.task_id)


def _requests(sql: Sql, connection: Connection, keys: Iterable[RequestId]) -> dict[RequestId, tuple[bytes, bytes]]:
    rows = connection.execute(_requests_query(sql), sql.keys(keys))
    return {(tenant, method, id_): (digest, response) for tenant, method, id_, digest, response in rows}


@cache
def _requests_query(sql: Sql) -> Select[Any]:
    columns = request_keys.c.tenant, request_keys.c.method, request_keys.c.request_id
    return sql.among(select(*columns, request_keys.c.digest, request_keys.c.response), *columns)
