"""The two databases, and how each is opened."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    cast,
    create_engine,
    event,
    func,
    literal,
    type_coerce,
)
from sqlalchemy.engine import URL, make_url

from beianhub_core.ports import Clock
from beianhub_core.private_files import keep_private
from beianhub_core.store.dialect import Sql
from beianhub_core.store.tables import Instant

READERS: Final = 4
_BUSY_TIMEOUT_MS: Final = 10_000
_WAL_RETRY_S: Final = 0.02
_CONNECT_TIMEOUT_S: Final = 5

# A process that hangs in a transaction holds the others up for so long and no longer; and what is acknowledged is on
# disk, also where the server's default says otherwise.
_SESSION: Final = (
    "SET lock_timeout = '10s'",
    "SET idle_in_transaction_session_timeout = '60s'",
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
)


@dataclass(frozen=True, slots=True)
class Database:
    """A database: ``writer`` has one connection, on which a transaction takes the write lock at once; ``reader`` has
    several, each statement on its own.
    """

    writer: Engine
    reader: Engine
    clock: Clock
    sql: Sql

    def now(self) -> ColumnElement[Any]:
        """The store's own time, of type :class:`Instant`: PostgreSQL's, which all processes share, or on SQLite the
        clock's.
        """
        if self.sql.postgresql:
            epoch = func.extract("epoch", func.clock_timestamp())
            return type_coerce(cast(epoch * 1_000_000, BigInteger), Instant)
        return literal(self.clock.now(), Instant)

    def dispose(self) -> None:
        """Closes all connections."""
        self.reader.dispose()
        self.writer.dispose()


def connect(url: str, clock: Clock) -> Database:
    """The database at ``url``; nothing is opened yet.

    Raises:
        ValueError: neither a SQLite file nor PostgreSQL.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return _postgresql(parsed.set(drivername="postgresql+psycopg"), clock)
    if backend == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return _sqlite(parsed, clock)
    raise ValueError("the store's URL must be sqlite:///<file> or postgresql://<server>/<database>")


def _postgresql(url: URL, clock: Clock) -> Database:
    options: dict[str, Any] = {"hide_parameters": True, "connect_args": {"connect_timeout": _CONNECT_TIMEOUT_S}}
    writer = create_engine(url, pool_size=1, max_overflow=0, isolation_level="READ COMMITTED", **options)
    reader = create_engine(url, pool_size=READERS, max_overflow=0, isolation_level="AUTOCOMMIT", **options)
    event.listen(writer, "connect", _open_session)
    return Database(writer, reader, clock, Sql(postgresql=True))


def _sqlite(url: URL, clock: Clock) -> Database:
    options: dict[str, Any] = {"hide_parameters": True, "max_overflow": 0}
    # The one writing connection is used by the writer's thread and, at the start, by the migration's.
    options["connect_args"] = {"check_same_thread": False, "timeout": _BUSY_TIMEOUT_MS / 1000}
    writer = create_engine(url, pool_size=1, **options)
    reader = create_engine(url, pool_size=READERS, **options)
    for engine in (writer, reader):
        keep_private(engine)
    event.listen(writer, "connect", _open_writer)
    event.listen(writer, "begin", _begin_immediate)
    event.listen(reader, "connect", _open_reader)
    return Database(writer, reader, clock, Sql(postgresql=False))


def _open_session(connection: Any, _record: object) -> None:
    for statement in _SESSION:
        connection.execute(statement)
    connection.commit()


def _open_writer(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: see _begin_immediate
    _use_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _use_wal(connection: Any) -> None:
    """SQLite waits for no lock in this statement: of two processes that make the file, one is refused at once."""
    deadline = time.monotonic() + _BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_WAL_RETRY_S)
        else:
            return


def _open_reader(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only = ON")


def _begin_immediate(connection: Connection) -> None:
    # A transaction that reads first and writes later would fail at once when another process wrote in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
