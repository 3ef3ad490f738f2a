"""Tasks of accounts, which are of no subject, and the drifts that they find."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, update

from beianhub.resources.v1.drift_pb2 import Drift
from beianhub.resources.v1.task_pb2 import Task
from beianhub_core import names
from beianhub_core.store.flushing import task_row
from beianhub_core.store.part import Part, page
from beianhub_core.store.port import Changes, Committed, Loaded, Plan
from beianhub_core.store.tables import drifts, records, tasks

_OPEN: Final = frozenset({Task.STATE_OPEN, Task.STATE_CLAIMED})


class SqlDrifts(Part):
    """:class:`~beianhub_core.store.port.Drifts` in SQL."""

    async def execute_account(self, tenant: str, task: str, plan: Plan) -> Committed:
        """Runs a plan over one task of an account, in a transaction of its own."""
        return await self._write(lambda connection: self._execute_account(connection, tenant, task, plan))

    def _execute_account(self, connection: Connection, tenant: str, task: str, plan: Plan) -> Committed:
        """The row is locked on PostgreSQL, and on SQLite there is one writer."""
        found = tasks.c.tenant == tenant, tasks.c.task_id == names.last(task), tasks.c.subject == ""
        body = connection.scalar(select(tasks.c.body).where(*found).with_for_update())
        row = Task.FromString(body) if body is not None else None
        changes = plan(Loaded(None, {row.name: row} if row is not None and row.state in _OPEN else {}))
        for changed in changes.tasks:
            key = {"tenant": tenant, "task_id": names.last(changed.name)}
            values = key | task_row(("", changed))
            connection.execute(self._sql.upsert(tasks, values, *key), [values])
        _replace_drifts(connection, tenant, changes)
        return Committed(changes.response, None, replayed=False)

    async def drift(self, tenant: str, drift: str) -> Drift | None:
        """The drift, applied or not."""
        query = select(drifts.c.body).where(drifts.c.tenant == tenant, drifts.c.drift_id == drift)
        body = await self._read(lambda connection: connection.scalar(query))
        return None if body is None else Drift.FromString(body)

    async def list_drifts(
        self, tenant: str, *, customer: str, subject: str, provider: str, after: str, limit: int
    ) -> list[Drift]:
        """Drifts that nobody has applied, in the order in which they were found."""
        query = select(drifts.c.body).where(drifts.c.tenant == tenant, drifts.c.applied.is_(None))
        if customer:
            same = (drifts.c.tenant == records.c.tenant) & (drifts.c.subject == records.c.subject)
            query = query.join(records, same).where(records.c.customer == customer)
        if subject:
            query = query.where(drifts.c.subject == subject)
        if provider:
            query = query.where(drifts.c.provider == provider)
        key = drifts.c.drift_id
        bodies = await self._read(
            lambda connection: page(connection, query, drifts, key, tenant=tenant, after=after, limit=limit)
        )
        return [Drift.FromString(body) for body in bodies]

    async def put_drift(self, drift: Drift) -> None:
        """Replaces one that is there; does nothing where a later reading has replaced it."""
        row = _row(drift)
        found = drifts.c.tenant == row["tenant"], drifts.c.drift_id == row["drift_id"]
        await self._write(lambda connection: connection.execute(update(drifts).where(*found).values(row)).rowcount)


def _replace_drifts(connection: Connection, tenant: str, changes: Changes) -> None:
    if changes.drifts is None:
        return
    accounts = {names.last(task.account) for task in changes.tasks}
    connection.execute(delete(drifts).where(drifts.c.tenant == tenant, drifts.c.account.in_(accounts)))
    rows: Sequence[dict[str, Any]] = [_row(drift) for drift in changes.drifts]
    if rows:
        connection.execute(insert(drifts), rows)


def _row(drift: Drift) -> dict[str, Any]:
    _, tenant, _, drift_id = drift.name.split("/")
    return {
        "tenant": tenant,
        "drift_id": drift_id,
        "subject": names.last(drift.subject),
        "provider": drift.provider,
        "account": names.last(drift.account),
        "applied": drift.apply_time.ToDatetime(UTC) if drift.HasField("apply_time") else None,
        "body": drift.SerializeToString(deterministic=True),
    }
