"""What a group of units needs from the database: one query for each table, however many units there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from beianhub.events.v1.record_pb2 import Record
from beianhub.resources.v1.task_pb2 import Task
from beianhub_core import names
from beianhub_core.store.engine import Database
from beianhub_core.store.planning import CERTIFICATE, DOMAIN, Claim, Held, Key, RequestId, Snapshot
from beianhub_core.store.port import Unit
from beianhub_core.store.tables import domains, records, request_keys, tasks


def snapshot(database: Database, connection: Connection, units: Sequence[Unit]) -> Snapshot:
    """The units' subjects, locked in the order of their ids, and then what is read under that lock."""
    subjects = _records(database, connection, [(unit.tenant, unit.subject) for unit in units])
    _add_tasks(database, connection, subjects)
    keys = [(key.tenant, key.method, key.request_id) for unit in units if (key := unit.request)]
    return Snapshot(subjects, _requests(database, connection, keys) if keys else {})


def owners(database: Database, connection: Connection, claims: Iterable[Claim]) -> dict[Claim, str | None]:
    """Which subject has what is claimed; ``None`` for what is free."""
    found: dict[Claim, str | None] = dict.fromkeys(claims)
    for kind, table, column in ((CERTIFICATE, records, records.c.certificate), (DOMAIN, domains, domains.c.domain)):
        wanted = [(tenant, value) for tenant, claimed, value in found if claimed == kind]
        if wanted:
            query = database.among(select(table.c.tenant, column, table.c.subject), table.c.tenant, column)
            rows = connection.execute(query, database.keys(wanted))
            found.update({(tenant, kind, value): subject for tenant, value, subject in rows})
    return found


def _records(database: Database, connection: Connection, keys: Iterable[Key]) -> dict[Key, Held]:
    columns = records.c.tenant, records.c.subject
    query = database.among(select(*columns, records.c.certificate, records.c.body), *columns)
    locked = query.order_by(*columns).with_for_update(of=records)
    rows = connection.execute(locked, database.keys(keys))
    return {(tenant, subject): Held(Record.FromString(body), cert) for tenant, subject, cert, body in rows}


def _add_tasks(database: Database, connection: Connection, subjects: dict[Key, Held]) -> None:
    wanted = [
        (tenant, names.last(task.name))
        for (tenant, _), held in subjects.items()
        if held.record
        for task in held.record.tasks
    ]
    if wanted:
        query = database.among(select(tasks.c.tenant, tasks.c.subject, tasks.c.body), tasks.c.tenant, tasks.c.task_id)
        for tenant, subject, body in connection.execute(query, database.keys(wanted)):
            task = Task.FromString(body)
            subjects[tenant, subject].tasks[task.name] = task


def _requests(
    database: Database, connection: Connection, keys: Iterable[RequestId]
) -> dict[RequestId, tuple[bytes, bytes]]:
    columns = request_keys.c.tenant, request_keys.c.method, request_keys.c.request_id
    query = database.among(select(*columns, request_keys.c.digest, request_keys.c.response), *columns)
    rows = connection.execute(query, database.keys(keys))
    return {(tenant, method, id_): (digest, response) for tenant, method, id_, digest, response in rows}
