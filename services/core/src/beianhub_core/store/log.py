"""The event log by position, and what its one leader and its consumers keep.

Positions are given after the commit, by whoever holds the lease: sequence numbers are taken before the commit, so on
PostgreSQL a reader of "above the last" would skip a slower transaction's events for ever. Within a subject ``seq``
goes with the version, since a version is appended under the lock of the row that the one before was appended under.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, case, func, select, update

from beianhub.events.v1.events_pb2 import Event
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.findings import blocker
from beianhub_core.store.part import Part
from beianhub_core.store.port import Lease, Positioned
from beianhub_core.store.tables import cursors, events, leases, marks

Row = dict[str, Any]

_HEAD: Final = "head"


class SqlLog(Part):
    """:class:`~beianhub_core.store.port.Log` in SQL."""

    async def assign_positions(self, lease: Lease, limit: int) -> int:
        """Gives unpositioned events their positions, under the lease; returns how many."""
        return await self._write(lambda connection: self._assign(connection, lease, limit))

    def _assign(self, connection: Connection, lease: Lease, limit: int) -> int:
        self._check(connection, lease)
        head = connection.scalar(select(cursors.c.position).where(cursors.c.name == _HEAD)) or 0
        waiting = select(events.c.seq).where(events.c.position.is_(None)).order_by(events.c.seq).limit(limit).subquery()
        place = func.row_number().over(order_by=waiting.c.seq)
        placed = select(waiting.c.seq, (place + head).label("position")).subquery()
        assigned = update(events).where(events.c.seq == placed.c.seq).values(position=placed.c.position)
        count = connection.execute(assigned).rowcount
        if count:
            self._move(connection, _HEAD, head + count)
        return count

    async def events_after(self, position: int, limit: int) -> list[Positioned]:
        """Events behind the position, in order."""
        found = select(events.c.position, events.c.body).where(events.c.position > position)
        query = found.order_by(events.c.position).limit(limit)
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [Positioned(row.position, Event.FromString(row.body)) for row in rows]

    async def head(self) -> int:
        """The last position given; 0 before the first."""
        return await self._cursor(_HEAD)

    async def waiting_since(self) -> datetime | None:
        """The time of the oldest event without a position; ``None``: none."""
        query = select(events.c.body).where(events.c.position.is_(None)).order_by(events.c.seq).limit(1)
        body = await self._read(lambda connection: connection.scalar(query))
        return Event.FromString(body).time.ToDatetime(UTC) if body is not None else None

    async def published(self, topic: str) -> int:
        """The position up to which the broker has acknowledged."""
        return await self._cursor(_topic(topic))

    async def _cursor(self, name: str) -> int:
        query = select(cursors.c.position).where(cursors.c.name == name)
        return await self._read(lambda connection: connection.scalar(query)) or 0

    async def set_published(self, lease: Lease, topic: str, position: int) -> None:
        """Moves it, under the lease."""

        def move(connection: Connection) -> None:
            self._check(connection, lease)
            self._move(connection, _topic(topic), position)

        await self._write(move)

    def _move(self, connection: Connection, name: str, position: int) -> None:
        row = {"name": name, "position": position}
        connection.execute(self._sql.upsert(cursors, row, "name"), row)

    async def marks(self, consumer: str, subjects: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """The high-water marks of (tenant, subject); absent ones are 0."""
        found = dict.fromkeys(subjects, 0)
        if not found:
            return found
        columns = marks.c.tenant, marks.c.subject
        query = self._sql.among(select(*columns, marks.c.version), *columns).where(marks.c.consumer == consumer)
        rows = await self._read(lambda connection: connection.execute(query, self._sql.keys(found)).all())
        return found | {(tenant, subject): version for tenant, subject, version in rows}

    async def advance_marks(self, consumer: str, marks: Mapping[tuple[str, str], int]) -> None:
        """Raises marks; never lowers one."""
        rows: list[Row] = [
            {"consumer": consumer, "tenant": tenant, "subject": subject, "version": version}
            for (tenant, subject), version in sorted(marks.items())
        ]
        if rows:
            await self._write(lambda connection: self._advance(connection, rows))

    def _advance(self, connection: Connection, rows: list[Row]) -> None:
        insert = self._sql.insert(marks)
        higher = insert.excluded.version > marks.c.version
        keys = ["tenant", "subject", "consumer"]
        version = {"version": insert.excluded.version}
        connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=version, where=higher), rows)

    async def acquire_lease(self, name: str, holder: str, seconds: float) -> Lease | None:
        """Takes or renews leadership by the store's own clock; ``None`` while another holds it."""
        return await self._write(lambda connection: self._acquire(connection, name, holder, seconds))

    def _acquire(self, connection: Connection, name: str, holder: str, seconds: float) -> Lease | None:
        now = self._time(connection)
        insert = self._sql.insert(leases).values(
            name=name, holder=holder, epoch=1, expires=now + timedelta(seconds=seconds)
        )
        held = leases.c.expires > now
        mine = leases.c.holder == insert.excluded.holder
        taken = insert.on_conflict_do_update(
            index_elements=["name"],
            set_={
                "holder": insert.excluded.holder,
                "epoch": case((mine & held, leases.c.epoch), else_=leases.c.epoch + 1),
                "expires": insert.excluded.expires,
            },
            where=mine | ~held,
        ).returning(leases.c.epoch, leases.c.expires)
        row = connection.execute(taken).first()
        return None if row is None else Lease(name, holder, row.epoch, row.expires)

    async def release_lease(self, lease: Lease) -> None:
        """Ends leadership at once, where it has not passed to another."""

        def release(connection: Connection) -> None:
            connection.execute(update(leases).where(_is(lease)).values(expires=self._time(connection)))

        await self._write(release)

    def _check(self, connection: Connection, lease: Lease) -> None:
        """Locks the lease's row, so that nobody can take it over before the commit."""
        held = connection.scalar(select(leases.c.expires).where(_is(lease)).with_for_update())
        if held is None or held <= self._time(connection):
            raise _lease_lost(lease)

    def _time(self, connection: Connection) -> datetime:
        time: datetime = connection.execute(select(self._database.now())).scalar_one()
        return time


def _topic(topic: str) -> str:
    return f"published/{topic}"


def _is(lease: Lease) -> ColumnElement[bool]:
    return and_(leases.c.name == lease.name, leases.c.holder == lease.holder, leases.c.epoch == lease.epoch)


def _lease_lost(lease: Lease) -> BeianhubError:
    finding = blocker(
        "LEASE_LOST",
        "",
        "租约已失效",
        f"the lease {lease.name} with epoch {lease.epoch} is no longer current",
        "写入前请重新取得租约。 / Acquire the lease again before writing.",
    )
    return BeianhubError(ErrorKind.ABORTED, "LEASE_LOST", [finding], metadata={"lease": lease.name})
