"""The first schema: frozen here, whatever becomes of the tables later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Makes all tables."""
    _streams()
    _work()
    _log()
    _directory()


def downgrade() -> None:
    """Drops all tables, with everything in them."""
    for table in _TABLES:
        op.drop_table(table)


def _streams() -> None:
    """Makes records and events, and what is derived from a record."""
    op.create_table(
        "records",
        _seq(),
        _text("tenant"),
        _text("subject"),
        _text("customer"),
        _number("version"),
        sa.Column("certificate", sa.Text(), nullable=True),
        _bytes("body"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("tenant", "certificate", name="uq_records_tenant_certificate"),
        sa.UniqueConstraint("tenant", "subject", name="uq_records_tenant_subject"),
    )
    op.create_index("ix_records_tenant_seq", "records", ["tenant", "seq"])
    op.create_index("ix_records_tenant_customer_seq", "records", ["tenant", "customer", "seq"])
    op.create_table(
        "events",
        _seq(),
        _text("tenant"),
        _text("subject"),
        _number("version"),
        _text("event_id"),
        _bytes("body"),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("position", name="uq_events_position"),
        sa.UniqueConstraint("tenant", "subject", "version", name="uq_events_tenant_subject_version"),
    )
    _partial("ix_events_unpositioned", "events", ["seq"], "position IS NULL")
    op.create_table(
        "orders",
        _seq(),
        _text("tenant"),
        _text("order_id"),
        _text("subject"),
        _text("provider"),
        _text("account"),
        _text("provider_order_id"),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        _bytes("body"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("tenant", "order_id", name="uq_orders_tenant_order_id"),
    )
    _partial(
        "ix_orders_provider_order_id", "orders", ["tenant", "account", "provider_order_id"], "provider_order_id != ''"
    )
    op.create_index("ix_orders_tenant_seq", "orders", ["tenant", "seq"])
    op.create_index("ix_orders_tenant_state_seq", "orders", ["tenant", "state", "seq"])
    op.create_index("ix_orders_tenant_subject_seq", "orders", ["tenant", "subject", "seq"])
    op.create_table(
        "domains",
        _text("tenant"),
        _text("domain"),
        _text("subject"),
        _bytes("body"),
        sa.PrimaryKeyConstraint("tenant", "domain"),
    )
    op.create_index("ix_domains_tenant_subject", "domains", ["tenant", "subject"])
    op.create_table(
        "timers",
        _text("tenant"),
        _text("subject"),
        _text("key"),
        _number("time"),
        sa.PrimaryKeyConstraint("tenant", "subject", "key"),
    )
    op.create_index("ix_timers_time", "timers", ["time"])


def _work() -> None:
    """Makes tasks, and what else a unit writes."""
    op.create_table(
        "tasks",
        _seq(),
        _text("tenant"),
        _text("task_id"),
        _text("subject"),
        _text("order_id"),
        _text("plugin"),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("ready_time", sa.BigInteger(), nullable=True),
        _bytes("body"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("tenant", "task_id", name="uq_tasks_tenant_task_id"),
    )
    _partial("ix_tasks_claimed", "tasks", ["tenant", "subject", "ready_time"], "state = 2")
    op.create_index("ix_tasks_tenant_kind_state_seq", "tasks", ["tenant", "kind", "state", "seq"])
    _partial("ix_tasks_ready_time", "tasks", ["ready_time", "seq"], "ready_time IS NOT NULL")
    _partial("ix_tasks_tenant_ready_time", "tasks", ["tenant", "ready_time"], "ready_time IS NOT NULL")
    op.create_index("ix_tasks_tenant_order_id_seq", "tasks", ["tenant", "order_id", "seq"])
    op.create_table(
        "observations",
        _text("tenant"),
        _text("order_id"),
        _text("word"),
        _number("time"),
        sa.PrimaryKeyConstraint("tenant", "order_id"),
    )
    op.create_table(
        "vault",
        _text("tenant"),
        _text("ref"),
        _text("subject"),
        _bytes("ciphertext"),
        sa.PrimaryKeyConstraint("tenant", "ref"),
    )
    op.create_index("ix_vault_tenant_subject", "vault", ["tenant", "subject"])
    op.create_table(
        "documents",
        _seq(),
        _text("tenant"),
        _text("subject"),
        _text("document_id"),
        _text("vault_ref"),
        _bytes("body"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("tenant", "subject", "document_id", name="uq_documents_tenant_subject_document_id"),
    )
    op.create_table(
        "request_keys",
        _text("tenant"),
        _text("method"),
        _text("request_id"),
        _bytes("digest"),
        _bytes("response"),
        _number("time"),
        sa.PrimaryKeyConstraint("tenant", "method", "request_id"),
    )
    op.create_index("ix_request_keys_time", "request_keys", ["time"])


def _log() -> None:
    """Makes what the leader and the consumers of the log keep."""
    op.create_table("cursors", _text("name"), _number("position"), sa.PrimaryKeyConstraint("name"))
    op.create_table(
        "marks",
        _text("tenant"),
        _text("subject"),
        _text("consumer"),
        _number("version"),
        sa.PrimaryKeyConstraint("tenant", "subject", "consumer"),
    )
    op.create_table(
        "leases", _text("name"), _text("holder"), _number("epoch"), _number("expires"), sa.PrimaryKeyConstraint("name")
    )


def _directory() -> None:
    """Makes tenants and what belongs to them."""
    op.create_table("tenants", _text("tenant"), _bytes("body"), sa.PrimaryKeyConstraint("tenant"))
    op.create_table(
        "accounts",
        _seq(),
        _text("tenant"),
        _text("account_id"),
        _bytes("body"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("tenant", "account_id", name="uq_accounts_tenant_account_id"),
    )
    op.create_table(
        "api_keys",
        _seq(),
        _text("tenant"),
        _text("key_id"),
        _bytes("secret_digest"),
        _bytes("body"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("secret_digest", name="uq_api_keys_secret_digest"),
        sa.UniqueConstraint("tenant", "key_id", name="uq_api_keys_tenant_key_id"),
    )
    op.create_table(
        "plugins",
        _text("plugin_id"),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        _bytes("body"),
        sa.PrimaryKeyConstraint("plugin_id"),
    )
    op.create_table(
        "callbacks",
        _seq(),
        _text("callback_id"),
        _text("tenant"),
        _text("account"),
        _text("headers"),
        _bytes("body"),
        _number("received"),
        sa.Column("finished", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("callback_id", name="uq_callbacks_callback_id"),
    )
    _partial("ix_callbacks_pending", "callbacks", ["seq"], "finished IS NULL")


_TABLES = (
    "records",
    "events",
    "orders",
    "domains",
    "timers",
    "tasks",
    "observations",
    "vault",
    "documents",
    "request_keys",
    "cursors",
    "marks",
    "leases",
    "tenants",
    "accounts",
    "api_keys",
    "plugins",
    "callbacks",
)


def _seq() -> sa.Column[int]:
    return sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _partial(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
