"""The key store: subjects' wrapped data keys, in a database of their own, outside the data's backups.

An erased key leaves a tombstone, so that no process makes a new one for the subject by accident. On SQLite the erased
bytes are overwritten (``secure_delete``) and no write-ahead log keeps them; on PostgreSQL old row versions and the
write-ahead log live on until they are recycled, so the configured retention must cover them like a backup.
Every method blocks: the vault calls it on its executor.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from sqlalchemy import (
    Column,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    make_url,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateIndex, CreateTable

from beianhub_core.private_files import keep_private
from beianhub_core.vault.errors import keystore_unavailable

T = TypeVar("T")

Owner = tuple[str, str]  # tenant and subject

_PRAGMAS: Final = ("busy_timeout=10000", "journal_mode=DELETE", "synchronous=FULL", "secure_delete=ON")
_SCHEMA_LOCK: Final = 0x62656961  # "beia": one process at a time creates the schema

_metadata = MetaData()
_keys = Table(
    "subject_keys",
    _metadata,
    Column("tenant", String(63), primary_key=True),
    Column("subject", String(63), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("master_key", String(16), nullable=False, index=True),
    Column("wrapped", LargeBinary),  # NULL: erased
    Column("erased", String(32)),  # ISO 8601, UTC
)


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A subject's data key under a master key; ``wrapped`` is ``None`` and ``erased`` set once it was erased."""

    tenant: str
    subject: str
    version: int
    master_key: str
    wrapped: bytes | None
    erased: datetime | None = None

    @property
    def owner(self) -> Owner:
        """Whose it is."""
        return self.tenant, self.subject


class KeyStore:
    """Wrapped keys in SQLite or PostgreSQL, by SQLAlchemy ``url``.

    Every method raises BeianhubError UNAVAILABLE with reason KEY_STORE_UNAVAILABLE when the database does not answer.
    """

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        self._insert = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert

    def start(self) -> None:
        """Creates the schema where it is not there; safe in several processes at once."""
        self._run(self._create)

    def close(self) -> None:
        """Closes its connections."""
        self._engine.dispose()

    def find(self, owners: Iterable[Owner]) -> dict[Owner, WrappedKey]:
        """The keys of those owners that have or had one."""
        wanted = list(owners)
        return self._run(lambda connection: _find(connection, wanted))

    def add(self, keys: Sequence[WrappedKey]) -> dict[Owner, WrappedKey]:
        """Adds each key whose owner has none; returns what now stands, whoever wrote it."""
        return self._run(lambda connection: self._add(connection, keys))

    def erase(self, tenant: str, subject: str, now: datetime) -> datetime:
        """Deletes the key and leaves a tombstone; returns when it was erased, which is earlier the second time."""
        return self._run(lambda connection: self._erase(connection, tenant, subject, now.astimezone(UTC)))

    def under_other_master(self, master_key: str, limit: int) -> list[WrappedKey]:
        """Living keys that another master key than ``master_key`` wrapped."""
        query = select(_keys).where(_keys.c.master_key != master_key, _keys.c.wrapped.is_not(None)).limit(limit)
        return self._run(lambda connection: [_key(row) for row in connection.execute(query).mappings()])

    def under_none_of(self, master_keys: Collection[str]) -> WrappedKey | None:
        """A living key that none of ``master_keys`` wrapped, if there is one."""
        query = select(_keys).where(_keys.c.master_key.not_in(master_keys), _keys.c.wrapped.is_not(None)).limit(1)
        rows = self._run(lambda connection: connection.execute(query).mappings().all())
        return _key(rows[0]) if rows else None

    def replace(self, old: WrappedKey, new: WrappedKey) -> bool:
        """Puts ``new`` in place of ``old``; ``False`` when the row has changed meanwhile."""
        query = (
            update(_keys)
            .where(_keys.c.tenant == old.tenant, _keys.c.subject == old.subject, _keys.c.wrapped == old.wrapped)
            .values(master_key=new.master_key, wrapped=new.wrapped)
        )
        return self._run(lambda connection: connection.execute(query).rowcount == 1)

    def _create(self, connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(select(text(f"pg_advisory_xact_lock({_SCHEMA_LOCK})")))
        connection.execute(CreateTable(_keys, if_not_exists=True))
        for index in _keys.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))

    def _add(self, connection: Connection, keys: Sequence[WrappedKey]) -> dict[Owner, WrappedKey]:
        # In one order everywhere, so that two processes never wait for each other's rows.
        ordered = sorted(keys, key=lambda key: key.owner)
        connection.execute(self._insert(_keys).on_conflict_do_nothing(), [_row(key) for key in ordered])
        return _find(connection, [key.owner for key in ordered])

    def _erase(self, connection: Connection, tenant: str, subject: str, now: datetime) -> datetime:
        tombstone = _row(WrappedKey(tenant, subject, 0, "", None, now))
        statement = self._insert(_keys).values(tombstone)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=[_keys.c.tenant, _keys.c.subject],
                set_={name: tombstone[name] for name in ("master_key", "wrapped", "erased")},
                where=_keys.c.wrapped.is_not(None),
            )
        )
        return _find(connection, [(tenant, subject)])[tenant, subject].erased or now

    def _run(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._engine.begin() as connection:
                return work(connection)
        except SQLAlchemyError:
            raise keystore_unavailable() from None  # the cause may quote parameters


def _find(connection: Connection, owners: Sequence[Owner]) -> dict[Owner, WrappedKey]:
    if not owners:
        return {}
    query = select(_keys).where(tuple_(_keys.c.tenant, _keys.c.subject).in_(owners))
    found = (_key(row) for row in connection.execute(query).mappings())
    return {key.owner: key for key in found}


def _row(key: WrappedKey) -> dict[str, Any]:
    """The row of a key."""
    erased = key.erased.isoformat() if key.erased else None
    return {
        "tenant": key.tenant,
        "subject": key.subject,
        "version": key.version,
        "master_key": key.master_key,
        "wrapped": key.wrapped,
        "erased": erased,
    }


def _key(row: Mapping[Any, Any]) -> WrappedKey:
    """The key of a row."""
    erased = datetime.fromisoformat(row["erased"]) if row["erased"] else None
    return WrappedKey(row["tenant"], row["subject"], row["version"], row["master_key"], row["wrapped"], erased)


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, hide_parameters=True, pool_pre_ping=True)
    memory = parsed.database in (None, "", ":memory:")
    options: dict[str, Any] = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}} if memory else {}
    engine = create_engine(parsed, hide_parameters=True, **options)
    keep_private(engine)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
