"""Deadlines by time, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, delete

from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.store import tables
from beianhub_core.store.migrations.versions import __name__ as versions
from beianhub_core.store.port import DeadlineRow, Store


def deadline(kind: str, day: int, **fields: Any) -> res.Deadline:
    made = res.Deadline(kind=kind, **fields)
    made.time.FromDatetime(datetime(2026, 4, day, tzinfo=UTC))
    return made


async def put(store: Store, samples: Any, subject: str, *deadlines: res.Deadline, customer: str = "") -> None:
    """An order of the subject with these deadlines."""
    order = samples.order(f"o-{subject}", subject)
    order.deadlines.extend(deadlines)
    await store.execute(samples.unit(subject, orders=[order], customer=customer))


async def listed(store: Store, **filters: Any) -> list[DeadlineRow]:
    full = {"customer": "", "subject": "", "before": None, "after": None, "limit": 10} | filters
    return await store.list_deadlines("t", **full)


def keys(rows: list[DeadlineRow]) -> list[str]:
    return [row.key for row in rows]


async def test_deadlines_are_listed_by_time(store: Store, samples: Any) -> None:
    """By time and then by subject, narrowed by each filter, and a page goes on behind the one before."""
    await put(store, samples, "b", deadline("IDLE", 9), deadline("IDLE_REMINDER", 1), customer="x")
    await put(store, samples, "a", deadline("IDLE", 9), deadline("FIRST_REVIEW", 3), customer="y")
    rows = await listed(store)
    assert keys(rows) == ["o-a/FIRST_REVIEW", "o-a/IDLE", "o-b/IDLE"]
    assert rows[0].deadline == deadline("FIRST_REVIEW", 3)
    assert keys(await listed(store, customer="x")) == ["o-b/IDLE"]
    assert keys(await listed(store, subject="b")) == ["o-b/IDLE"]
    assert keys(await listed(store, before=datetime(2026, 4, 9, tzinfo=UTC))) == ["o-a/FIRST_REVIEW"]
    assert keys(await listed(store, limit=1)) == ["o-a/FIRST_REVIEW"]
    for count, row in enumerate(rows, 1):
        assert await listed(store, after=(row.time, row.subject, row.key)) == rows[count:]
    assert await store.list_deadlines("u", customer="", subject="", before=None, after=None, limit=10) == []


async def test_deadlines_follow_the_record(store: Store, samples: Any) -> None:
    """They move and go with it; a subject's own have no order in their key."""
    await put(store, samples, "a", deadline("IDLE", 9), deadline("FIRST_REVIEW", 3))
    moved = deadline("IDLE", 5, state=res.DEADLINE_STATE_NEAR)
    await put(store, samples, "a", moved)
    (row,) = await listed(store)
    assert row.deadline == moved

    def own(loaded: Any) -> Any:
        loaded.record.subject.deadlines.append(deadline("CERTIFICATE", 1, path="profile.certificate.valid_until"))
        return samples.changes(("t", "a"), loaded, orders=[])

    await store.execute(samples.plan("a", own))
    assert keys(await listed(store)) == ["/CERTIFICATE/profile.certificate.valid_until"]


async def test_provisional_deadlines_are_found_by_their_calendar(store: Store, samples: Any) -> None:
    """Each subject once; not those of the calendar that is in use, nor what has passed, nor what no calendar moves."""
    provisional = {"provisional": True, "calendar": "old"}
    passed = res.DEADLINE_STATE_PASSED
    await put(store, samples, "a", deadline("FIRST_REVIEW", 1, **provisional), deadline("OTHER", 1, **provisional))
    await put(store, samples, "b", deadline("FIRST_REVIEW", 1, **provisional, state=passed), deadline("IDLE", 1))
    await put(store, samples, "c", deadline("FIRST_REVIEW", 1, calendar="old"))
    assert await store.outdated_deadlines("new", 10) == [("t", "a")]
    assert await store.outdated_deadlines("old", 10) == []


async def test_the_migration_takes_along_what_there_is(store: Store, store_url: str, samples: Any) -> None:
    """A database from before has its deadlines in the listing, too."""
    await put(store, samples, "a", deadline("IDLE", 9), deadline("IDLE_REMINDER", 1), deadline("MIIT_SMS", 2))
    before = await listed(store)
    engine = create_engine(store_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(delete(tables.deadlines))
        migration = __import__(f"{versions}.0002_deadlines", fromlist=["upgrade"])
        with Operations.context(MigrationContext.configure(connection)):
            migration.downgrade()
            migration.upgrade()
    engine.dispose()
    assert await listed(store) == before
    assert len(before) == 2
