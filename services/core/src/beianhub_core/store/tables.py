"""The tables. Messages are kept serialized in ``body``, beside the columns to find and to list them by.

``seq`` is the order of creation, by which listings go: ids may be chosen by users, so they tell nothing.
No table holds personal data, but for the ciphertexts in ``vault`` and ``callbacks``.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from beianhub.resources.v1.task_pb2 import Task

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """A time in UTC as whole microseconds since 1970: the same, and sorting the same, in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To microseconds."""
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """From microseconds."""
        return None if value is None else _EPOCH + value * _MICROSECOND


metadata: Final = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s"}
)


def _text(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=False)


def _seq() -> Column[int]:
    return Column("seq", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)


def _body(name: str = "body") -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False)


# The record, folded. Locking its row serialises a subject's writers on PostgreSQL.
records: Final = Table(
    "records",
    metadata,
    _seq(),
    _text("tenant"),
    _text("subject"),
    _text("customer"),
    Column("version", BigInteger, nullable=False),
    Column("certificate", Text),  # blind index, hex
    _body(),
    UniqueConstraint("tenant", "subject"),
    UniqueConstraint("tenant", "certificate"),
)
Index(None, records.c.tenant, records.c.seq)
Index(None, records.c.tenant, records.c.customer, records.c.seq)

# The log. ``position`` is given after the commit by the relay's leader (see log.py).
events: Final = Table(
    "events",
    metadata,
    _seq(),
    _text("tenant"),
    _text("subject"),
    Column("version", BigInteger, nullable=False),
    _text("event_id"),
    _body(),
    Column("position", BigInteger, unique=True),
    UniqueConstraint("tenant", "subject", "version"),
)
_unpositioned = events.c.position.is_(None)
Index("ix_events_unpositioned", events.c.seq, sqlite_where=_unpositioned, postgresql_where=_unpositioned)

orders: Final = Table(
    "orders",
    metadata,
    _seq(),
    _text("tenant"),
    _text("order_id"),
    _text("subject"),
    _text("provider"),
    _text("account"),
    _text("provider_order_id"),
    Column("state", SmallInteger, nullable=False),
    _body(),
    UniqueConstraint("tenant", "order_id"),
)
Index(None, orders.c.tenant, orders.c.seq)
Index(None, orders.c.tenant, orders.c.subject, orders.c.seq)
Index(None, orders.c.tenant, orders.c.state, orders.c.seq)
_numbered = orders.c.provider_order_id != ""
Index(
    "ix_orders_provider_order_id",
    orders.c.tenant,
    orders.c.account,
    orders.c.provider_order_id,
    sqlite_where=_numbered,
    postgresql_where=_numbered,
)

# Services by domain; the key is what makes a domain unique per tenant.
domains: Final = Table(
    "domains", metadata, _text("tenant", key=True), _text("domain", key=True), _text("subject"), _body()
)
Index(None, domains.c.tenant, domains.c.subject)

# What can go wrong, as the records say; ``risk_id`` is the subject's id, a slash and the risk's.
risks: Final = Table(
    "risks",
    metadata,
    _seq(),
    _text("tenant"),
    _text("risk_id"),
    _text("subject"),
    Column("kind", SmallInteger, nullable=False),
    Column("severity", SmallInteger, nullable=False),
    _body(),
    UniqueConstraint("tenant", "risk_id"),
)
Index(None, risks.c.tenant, risks.c.seq)
Index(None, risks.c.tenant, risks.c.subject, risks.c.seq)

# When the scheduler is to look at a record's risks and patrols next: outside the fold.
patrols: Final = Table(
    "patrols",
    metadata,
    _text("tenant", key=True),
    _text("subject", key=True),
    Column("time", Instant, nullable=False, index=True),
)

timers: Final = Table(
    "timers",
    metadata,
    _text("tenant", key=True),
    _text("subject", key=True),
    _text("key", key=True),
    Column("time", Instant, nullable=False, index=True),
)

# To list deadlines by time. ``calendar`` is that by which a deadline is provisional; "" where it is not.
deadlines: Final = Table(
    "deadlines",
    metadata,
    _text("tenant", key=True),
    _text("subject", key=True),
    _text("key", key=True),
    Column("time", Instant, nullable=False),
    _text("calendar"),
    _body(),
)
Index(None, deadlines.c.tenant, deadlines.c.time, deadlines.c.subject, deadlines.c.key)
_provisional = deadlines.c.calendar != ""
Index("ix_deadlines_calendar", deadlines.c.calendar, sqlite_where=_provisional, postgresql_where=_provisional)

# ``ready_time`` is when a host may claim it: the due time of an open task, the end of the lease of a claimed one; null
# for what no host ever claims.
tasks: Final = Table(
    "tasks",
    metadata,
    _seq(),
    _text("tenant"),
    _text("task_id"),
    _text("subject"),
    _text("order_id"),
    _text("plugin"),
    Column("kind", SmallInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("ready_time", Instant),
    _body(),
    UniqueConstraint("tenant", "task_id"),
)
Index(None, tasks.c.tenant, tasks.c.order_id, tasks.c.seq)
_ready = tasks.c.ready_time.is_not(None)
Index("ix_tasks_ready_time", tasks.c.ready_time, tasks.c.seq, sqlite_where=_ready, postgresql_where=_ready)
Index("ix_tasks_tenant_ready_time", tasks.c.tenant, tasks.c.ready_time, sqlite_where=_ready, postgresql_where=_ready)
_claimed = tasks.c.state == Task.STATE_CLAIMED
Index(
    "ix_tasks_claimed",
    tasks.c.tenant,
    tasks.c.subject,
    tasks.c.ready_time,
    sqlite_where=_claimed,
    postgresql_where=_claimed,
)
Index(None, tasks.c.tenant, tasks.c.kind, tasks.c.state, tasks.c.seq)

# What the last reading of each account found; ``applied`` once nothing of it remained.
drifts: Final = Table(
    "drifts",
    metadata,
    _seq(),
    _text("tenant"),
    _text("drift_id"),
    _text("subject"),
    _text("provider"),
    _text("account"),
    Column("applied", Instant),
    _body(),
    UniqueConstraint("tenant", "drift_id"),
)
Index(None, drifts.c.tenant, drifts.c.account)

# The vendor's word that a poll merely confirmed: outside the fold.
observations: Final = Table(
    "observations",
    metadata,
    _text("tenant", key=True),
    _text("order_id", key=True),
    _text("word"),
    Column("time", Instant, nullable=False),
)

vault: Final = Table(
    "vault", metadata, _text("tenant", key=True), _text("ref", key=True), _text("subject"), _body("ciphertext")
)
Index(None, vault.c.tenant, vault.c.subject)

documents: Final = Table(
    "documents",
    metadata,
    _seq(),
    _text("tenant"),
    _text("subject"),
    _text("document_id"),
    _text("vault_ref"),
    _body(),
    UniqueConstraint("tenant", "subject", "document_id"),
)

request_keys: Final = Table(
    "request_keys",
    metadata,
    _text("tenant", key=True),
    _text("method", key=True),
    _text("request_id", key=True),
    _body("digest"),
    _body("response"),
    Column("time", Instant, nullable=False, index=True),
)

# Named places in the log: its head, and what the broker has acknowledged of each topic.
cursors: Final = Table("cursors", metadata, _text("name", key=True), Column("position", BigInteger, nullable=False))

marks: Final = Table(
    "marks",
    metadata,
    _text("tenant", key=True),
    _text("subject", key=True),
    _text("consumer", key=True),
    Column("version", BigInteger, nullable=False),
)

leases: Final = Table(
    "leases",
    metadata,
    _text("name", key=True),
    _text("holder"),
    Column("epoch", BigInteger, nullable=False),
    Column("expires", Instant, nullable=False),
)

tenants: Final = Table("tenants", metadata, _text("tenant", key=True), _body())

accounts: Final = Table(
    "accounts",
    metadata,
    _seq(),
    _text("tenant"),
    _text("account_id"),
    _body(),
    UniqueConstraint("tenant", "account_id"),
)

api_keys: Final = Table(
    "api_keys",
    metadata,
    _seq(),
    _text("tenant"),
    _text("key_id"),
    Column("secret_digest", LargeBinary, nullable=False, unique=True),
    _body(),
    UniqueConstraint("tenant", "key_id"),
)

plugins: Final = Table(
    "plugins", metadata, _text("plugin_id", key=True), Column("disabled", Boolean, nullable=False), _body()
)

callbacks: Final = Table(
    "callbacks",
    metadata,
    _seq(),
    Column("callback_id", Text, nullable=False, unique=True),
    _text("tenant"),
    _text("account"),
    _text("headers"),  # JSON
    _body(),
    Column("received", Instant, nullable=False),
    Column("finished", Instant),
)
_pending = callbacks.c.finished.is_(None)
Index("ix_callbacks_pending", callbacks.c.seq, sqlite_where=_pending, postgresql_where=_pending)
