"""The two databases, and the little in which their SQL differs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from typing import cast as cast_type

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    create_engine,
    event,
    func,
    literal,
    type_coerce,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.dml import Insert
from sqlalchemy.engine import URL, make_url

from beianhub_core.ports import Clock
from beianhub_core.store.tables import Instant

READERS: Final = 4
_BUSY_TIMEOUT_MS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Database:
    """A database: ``writer`` has one connection, on which a transaction takes the write lock at once; ``reader`` has
    several, each statement on its own.
    """

    writer: Engine
    reader: Engine
    clock: Clock

    @property
    def postgresql(self) -> bool:
        """Whether it is PostgreSQL; SQLite otherwise."""
        return self.writer.dialect.name == "postgresql"

    def now(self) -> ColumnElement[Any]:
        """The store's own time, of type :class:`Instant`: PostgreSQL's, which all processes share, or on SQLite the
        clock's.
        """
        if self.postgresql:
            epoch = func.extract("epoch", func.clock_timestamp())
            return type_coerce(cast(epoch * 1_000_000, BigInteger), Instant)
        return literal(self.clock.now(), Instant)

    def among(self, statement: Select[Any], *columns: Column[Any]) -> Select[Any]:
        """Only the rows in which the text ``columns`` equal one of the keys given by :meth:`keys`.

        Any number of keys goes as one parameter (two or three arrays on PostgreSQL), so that the statement stays the
        same and is prepared once.
        """
        if self.postgresql:
            arrays = [bindparam(f"keys_{n}", type_=postgresql.ARRAY(Text)) for n in range(len(columns))]
            names = [f"k{n}" for n in range(len(columns))]
            wanted = func.unnest(*arrays).table_valued(*names, name="wanted").render_derived()
            matches = [column == wanted.c[name] for column, name in zip(columns, names, strict=True)]
        else:
            wanted = func.json_each(bindparam("keys", type_=Text)).table_valued("value", name="wanted")
            matches = [column == func.json_extract(wanted.c.value, f"$[{n}]") for n, column in enumerate(columns)]
        return statement.join(wanted, and_(*matches))

    def keys(self, keys: Iterable[tuple[str, ...]]) -> dict[str, Any]:
        """The parameters of a statement made by :meth:`among`; at least one key."""
        wanted = list(dict.fromkeys(keys))
        if self.postgresql:
            return {f"keys_{n}": list(part) for n, part in enumerate(zip(*wanted, strict=True))}
        return {"keys": json.dumps(wanted)}

    def upsert(
        self, connection: Connection, table: Table, rows: Sequence[dict[str, Any]], *keys: str, keep: Sequence[str] = ()
    ) -> None:
        """Inserts rows, or replaces those with the same ``keys`` in all but the columns to ``keep``."""
        if not rows:
            return
        insert = self.insert(table)
        changed = {name: insert.excluded[name] for name in rows[0] if name not in (*keys, *keep)}
        connection.execute(insert.on_conflict_do_update(index_elements=list(keys), set_=changed), rows)

    def insert(self, table: Table) -> Insert:
        """An insert that knows ON CONFLICT."""
        # Both dialects have the methods, spelled alike; one type serves for them.
        return postgresql.insert(table) if self.postgresql else cast_type("Insert", sqlite.insert(table))

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
    options: dict[str, Any] = {"hide_parameters": True}
    writer = create_engine(url, pool_size=1, max_overflow=0, isolation_level="READ COMMITTED", **options)
    reader = create_engine(url, pool_size=READERS, max_overflow=0, isolation_level="AUTOCOMMIT", **options)
    return Database(writer, reader, clock)


def _sqlite(url: URL, clock: Clock) -> Database:
    options: dict[str, Any] = {"hide_parameters": True, "max_overflow": 0}
    # The one writing connection is used by the writer's thread and, at the start, by the migration's.
    options["connect_args"] = {"check_same_thread": False, "timeout": _BUSY_TIMEOUT_MS / 1000}
    writer = create_engine(url, pool_size=1, **options)
    reader = create_engine(url, pool_size=READERS, **options)
    event.listen(writer, "connect", _open_writer)
    event.listen(writer, "begin", _begin_immediate)
    event.listen(reader, "connect", _open_reader)
    return Database(writer, reader, clock)


def _open_writer(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: see _begin_immediate
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _open_reader(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only = ON")


def _begin_immediate(connection: Connection) -> None:
    # A transaction that reads first and writes later would fail at once when another process wrote in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
