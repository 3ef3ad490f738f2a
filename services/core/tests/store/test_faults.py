"""Processes that die, databases that are away, and schemas."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url

from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.store import open_store
from beianhub_core.store.port import Changes, Loaded, Store, Unit
from beianhub_core.store.tables import metadata

WRITER = Path(__file__).with_name("writing_process.py")


async def test_what_is_acknowledged_survives_a_kill(store_url: str, clock: Any, samples: Any) -> None:
    """A process killed while it writes has lost nothing that it acknowledged, and left nothing half written."""
    process = await asyncio.create_subprocess_exec(sys.executable, WRITER, store_url, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    acknowledged: dict[str, int] = {}
    for n in range(3000):
        line = (await process.stdout.readline()).decode()
        if n == 400:
            process.kill()
        if not line.endswith("\n"):
            break
        subject, version = line.split()
        acknowledged[subject] = int(version)
    await process.wait()
    assert len(acknowledged) == 8
    store = open_store(store_url, clock)
    await store.start()
    for subject, version in acknowledged.items():
        events = await store.list_events("t", subject, after_version=0, limit=10_000)
        assert [event.version for event in events] == list(range(1, len(events) + 1))
        assert len(events) >= version
        assert len(events) % 3 == 0
        record = await store.record("t", subject)
        assert record is not None
        assert record.version == len(events)
    assert not (await store.execute(samples.unit("s0"))).replayed
    await store.close()


@pytest.mark.servers
async def test_a_store_outlives_its_connections(postgresql_url: str, clock: Any, samples: Any) -> None:
    """When the server drops the store's connections between two units, the next write and read take new ones."""
    store = open_store(postgresql_url, clock)
    await store.start()
    await store.execute(samples.unit("a"))
    await store.record("t", "a")
    _drop_connections(postgresql_url)
    assert await store.record("t", "a") is not None
    results = await asyncio.gather(*(store.execute(samples.unit(f"s{n}")) for n in range(5)))
    assert not any(result.replayed for result in results)
    await store.close()


@pytest.mark.servers
async def test_a_commit_in_doubt_is_not_repeated(postgresql_url: str, clock: Any, samples: Any) -> None:
    """When the connection is lost in the commit, nobody knows whether it took place: UNAVAILABLE, and the plan does
    not run again by itself; the caller repeats it with its request id.
    """
    store: Any = open_store(postgresql_url, clock)
    await store.start()
    plans: list[Loaded] = []

    def plan(loaded: Loaded) -> Changes:
        plans.append(loaded)
        changes: Changes = samples.changes(("t", "a"), loaded)
        return changes

    drop = partial(_drop_connections, postgresql_url)
    event.listen(store._database.writer, "commit", drop)
    with pytest.raises(BeianhubError) as refused:
        await store.execute(Unit("t", "a", plan, samples.request("r1")))
    assert refused.value.reason == "STORE_UNAVAILABLE"
    assert len(plans) == 1
    event.remove(store._database.writer, "commit", drop)
    assert not (await store.execute(Unit("t", "a", plan, samples.request("r1")))).replayed
    await store.close()


def _drop_connections(url: str, _: object = None) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def test_a_store_that_is_away_is_unavailable(clock: Any) -> None:
    """A server that does not answer is UNAVAILABLE with a delay, and nothing of the driver's words."""
    store = open_store("postgresql://nobody:secret-word@127.0.0.1:1/none", clock)
    with pytest.raises(BeianhubError) as refused:
        await store.start()
    error = refused.value
    assert (error.kind, error.reason) == (ErrorKind.UNAVAILABLE, "STORE_UNAVAILABLE")
    assert error.retry_after
    assert "secret-word" not in str(error)
    assert error.__suppress_context__
    await store.close()


async def test_a_database_error_names_no_values(store: Store, samples: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """What the database refuses is UNAVAILABLE, without its message; neighbours in the group are committed."""
    lost = samples.unit("a", request=samples.request("half of a character: \ud800"))
    results = await asyncio.gather(store.execute(lost), store.execute(samples.unit("b")), return_exceptions=True)
    assert isinstance(results[0], BeianhubError)
    assert results[0].reason == "STORE_UNAVAILABLE"
    assert "half of a character" not in "".join(capsys.readouterr())
    assert results[0].__suppress_context__
    assert not isinstance(results[1], BaseException)
    assert await store.record("t", "b") is not None


async def test_another_process_may_hold_the_file_for_a_while(tmp_path: Path, clock: Any, samples: Any) -> None:
    """While another process writes to the SQLite file, a unit waits for its turn."""
    path = tmp_path / "beianhub.db"
    store = open_store(f"sqlite:///{path}", clock)
    await store.start()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.ensure_future(store.execute(samples.unit("a")))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    assert await store.record("t", "a") is None  # reads go on
    other.execute("COMMIT")
    other.close()
    assert not (await waiting).replayed
    await store.close()


async def test_another_process_that_comes_and_goes_takes_nothing_away(tmp_path: Path, clock: Any, samples: Any) -> None:
    """Another process that opens and closes the SQLite file does not take itself for its last user: what is written
    afterwards is in the file.
    """
    path = tmp_path / "beianhub.db"
    store = open_store(f"sqlite:///{path}", clock)
    await store.start()
    await store.execute(samples.unit("a"))
    assert await store.record("t", "a") is not None  # over a second connection of this process
    assert await _seen_by_another_process(path) == 1
    await store.execute(samples.unit("b"))
    assert await _seen_by_another_process(path) == 2
    await store.close()


async def _seen_by_another_process(path: Path) -> int:
    """How many records it finds, on a connection that it opens and closes."""
    query = (
        "c = sqlite3.connect(sys.argv[1]); print(c.execute('SELECT count(*) FROM records').fetchone()[0]); c.close()"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", f"import sqlite3, sys; {query}", path, stdout=asyncio.subprocess.PIPE
    )
    found, _ = await process.communicate()
    return int(found)


async def test_the_sqlite_file_is_durable(tmp_path: Path, clock: Any) -> None:
    """The file is in WAL mode, and its writing connection waits for the disk."""
    path = tmp_path / "beianhub.db"
    store: Any = open_store(f"sqlite:///{path}", clock)
    await store.start()
    with store._database.writer.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    with store._database.reader.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA query_only").scalar() == 1
    await store.close()


@pytest.mark.servers
async def test_the_postgresql_session_is_durable_and_bounded(postgresql_url: str, clock: Any) -> None:
    """Even where the database's default is not to wait for the disk, the writing session does; no lock is waited for
    without end.
    """
    plain = make_url(postgresql_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as other:
        other.execute(f'ALTER DATABASE "{make_url(postgresql_url).database}" SET synchronous_commit = off')
    store: Any = open_store(postgresql_url, clock)
    await store.start()
    with store._database.writer.connect() as connection:
        settings = ("synchronous_commit", "lock_timeout", "idle_in_transaction_session_timeout")
        shown = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in settings]
    assert shown == ["on", "10s", "1min"]
    await store.close()


async def test_the_migrations_make_the_tables(store: Store, store_url: str) -> None:
    """The schema that the migrations make is the one that the code uses."""
    assert await store.next_due() is None
    engine = create_engine(store_url)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
    engine.dispose()
    assert [
        found for found in differences if found[1] is None or getattr(found[1], "name", "") != "alembic_version"
    ] == []


async def test_starting_again_keeps_everything(store_url: str, clock: Any, samples: Any) -> None:
    """A store that starts on an existing database finds what was written."""
    for n in range(2):
        store = open_store(store_url, clock)
        await store.start()
        committed = await store.execute(samples.unit("a"))
        assert committed.record is not None
        assert committed.record.version == n + 1
        await store.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://h/d"])
def test_other_databases_are_refused(url: str, clock: Any) -> None:
    """Only a SQLite file and PostgreSQL keep what they acknowledge."""
    with pytest.raises(ValueError, match="must be sqlite"):
        open_store(url, clock)
