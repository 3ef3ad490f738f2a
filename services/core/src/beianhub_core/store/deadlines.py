"""Reads of deadlines, by time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, tuple_

from beianhub.resources.v1.resources_pb2 import Deadline
from beianhub_core.store.part import Part
from beianhub_core.store.port import DeadlineRow
from beianhub_core.store.tables import deadlines, records

_PLACE = (deadlines.c.time, deadlines.c.subject, deadlines.c.key)


class SqlDeadlines(Part):
    """:class:`~beianhub_core.store.port.DeadlineReads` in SQL."""

    async def list_deadlines(
        self,
        tenant: str,
        *,
        customer: str,
        subject: str,
        before: datetime | None,
        after: tuple[datetime, str, str] | None,
        limit: int,
    ) -> list[DeadlineRow]:
        """Deadlines by time, subject and key, from behind ``after``."""
        query = select(*_PLACE, deadlines.c.body).where(deadlines.c.tenant == tenant)
        if customer:
            same = (deadlines.c.tenant == records.c.tenant) & (deadlines.c.subject == records.c.subject)
            query = query.join(records, same).where(records.c.customer == customer)
        if subject:
            query = query.where(deadlines.c.subject == subject)
        if before is not None:
            query = query.where(deadlines.c.time < before)
        if after is not None:
            query = query.where(tuple_(*_PLACE) > tuple_(*after, types=[column.type for column in _PLACE]))
        query = query.order_by(*_PLACE).limit(limit)
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [DeadlineRow(row.time, row.subject, row.key, Deadline.FromString(row.body)) for row in rows]

    async def outdated_deadlines(self, calendar: str, limit: int) -> list[tuple[str, str]]:
        """Subjects with deadlines that are provisional by another version of the calendar."""
        query = (
            select(deadlines.c.tenant, deadlines.c.subject)
            .where(deadlines.c.calendar != "", deadlines.c.calendar != calendar)
            .distinct()
            .limit(limit)
        )
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [(row.tenant, row.subject) for row in rows]
