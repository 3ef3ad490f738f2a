"""Reads of tasks and timers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, literal, not_, or_, select

from beianhub.resources.v1.task_pb2 import (
    TASK_KIND_START_VERIFICATION,
    TASK_KIND_SUBMIT,
    TASK_KIND_WITHDRAW,
    Task,
    TaskKind,
)
from beianhub_core import names
from beianhub_core.store.part import Part, page
from beianhub_core.store.port import DueTask, DueTimer
from beianhub_core.store.tables import patrols, plugins, tasks, timers

# At most one of these is claimed at a time for a subject.
EFFECTFUL: Final = (TASK_KIND_SUBMIT, TASK_KIND_WITHDRAW, TASK_KIND_START_VERIFICATION)

# In the statement's text, so that both databases see that their partial index fits.
_CLAIMED: Final = literal(Task.STATE_CLAIMED, literal_execute=True)


class SqlTasks(Part):
    """:class:`~beianhub_core.store.port.TaskReads` in SQL."""

    async def due_tasks(self, *, tenant: str, plugins: Sequence[str], now: datetime, limit: int) -> list[DueTask]:
        """Tasks to be claimed, oldest first; of a subject's effectful ones the oldest only, and none while another of
        them is claimed.
        """
        query = _ready(now).where(tasks.c.ready_time <= now, tasks.c.plugin.in_(plugins))
        if tenant:
            query = query.where(tasks.c.tenant == tenant)
        return await self._read(lambda connection: _one_effect_each(connection, query, limit))

    async def task(self, tenant: str, task: str) -> Task | None:
        """The task's row."""
        query = select(tasks.c.body).where(tasks.c.tenant == tenant, tasks.c.task_id == task)
        body = await self._read(lambda connection: connection.scalar(query))
        return None if body is None else Task.FromString(body)

    async def list_tasks(
        self,
        tenant: str,
        *,
        kinds: Sequence[TaskKind.ValueType],
        states: Sequence[Task.State.ValueType],
        order: str,
        after: str,
        limit: int,
    ) -> list[Task]:
        """Tasks in order of creation."""
        query = select(tasks.c.body).where(tasks.c.tenant == tenant)
        if kinds:
            query = query.where(tasks.c.kind.in_(kinds))
        if states:
            query = query.where(tasks.c.state.in_(states))
        if order:
            query = query.where(tasks.c.order_id == order)
        bodies = await self._read(
            lambda connection: page(connection, query, tasks, tasks.c.task_id, tenant=tenant, after=after, limit=limit)
        )
        return [Task.FromString(body) for body in bodies]

    async def due_patrols(self, *, now: datetime, limit: int) -> list[tuple[str, str]]:
        """Records to look at, longest due first."""
        columns = patrols.c.tenant, patrols.c.subject
        query = select(*columns).where(patrols.c.time <= now).order_by(patrols.c.time).limit(limit)
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [(tenant, subject) for tenant, subject in rows]

    async def due_timers(self, *, now: datetime, limit: int) -> list[DueTimer]:
        """Timers whose time has come, oldest first."""
        columns = timers.c.tenant, timers.c.subject, timers.c.key, timers.c.time
        query = select(*columns).where(timers.c.time <= now).order_by(timers.c.time).limit(limit)
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [DueTimer(*row) for row in rows]

    async def next_due(self) -> datetime | None:
        """When the next task that a host may claim, or the next timer, is due."""
        now = self._database.clock.now()
        ready = _ready(now).with_only_columns(tasks.c.ready_time).order_by(tasks.c.ready_time).limit(1)
        timer = select(func.min(timers.c.time))
        times = await self._read(lambda connection: [connection.scalar(ready), connection.scalar(timer)])
        return min((time for time in times if time is not None), default=None)


def _ready(now: datetime) -> Select[Any]:
    """Tasks with a time at which a host may claim them, whose plugin is not disabled, and which no claimed effect of
    the same subject holds up.
    """
    busy = tasks.alias("busy")
    held_up = (
        select(busy.c.seq)
        .where(busy.c.tenant == tasks.c.tenant, busy.c.subject == tasks.c.subject, busy.c.seq != tasks.c.seq)
        .where(busy.c.state == _CLAIMED, busy.c.kind.in_(EFFECTFUL), busy.c.ready_time > now)
        .exists()
    )
    disabled = select(plugins.c.plugin_id).where(plugins.c.disabled)
    return (
        select(tasks.c.tenant, tasks.c.subject, tasks.c.task_id, tasks.c.kind, tasks.c.ready_time, tasks.c.seq)
        .where(tasks.c.ready_time.is_not(None), tasks.c.plugin.not_in(disabled))
        .where(or_(tasks.c.kind.not_in(EFFECTFUL), not_(held_up)))
    )


def _one_effect_each(connection: Connection, query: Select[Any], limit: int) -> list[DueTask]:
    """The first ``limit`` rows, in batches, without those whose subject already has an effect among them."""
    found: list[DueTask] = []
    taken: set[tuple[str, str]] = set()
    ordered = query.order_by(tasks.c.ready_time, tasks.c.seq).limit(limit)
    rows = connection.execute(ordered).all()
    while rows:
        for row in rows:
            subject = row.tenant, row.subject
            if row.kind not in EFFECTFUL or subject not in taken:
                found.append(DueTask(*subject, names.task_name(row.tenant, row.task_id)))
            if row.kind in EFFECTFUL:
                taken.add(subject)
        if len(found) >= limit or len(rows) < limit:
            break
        rows = connection.execute(ordered.where(_behind(rows[-1]))).all()
    return found[:limit]


def _behind(row: Row[Any]) -> ColumnElement[bool]:
    later = tasks.c.ready_time > row.ready_time
    return or_(later, and_(tasks.c.ready_time == row.ready_time, tasks.c.seq > row.seq))
