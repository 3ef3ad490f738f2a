"""Deadlines by time, with those that records already have."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from beianhub.events.v1.record_pb2 import Record
from beianhub.resources.v1.resources_pb2 import Deadline

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None

_KEY = ("tenant", "subject", "key")
_RECORDS = sa.table("records", sa.column("tenant"), sa.column("subject"), sa.column("body", sa.LargeBinary()))


def upgrade() -> None:
    """Makes the table and fills it."""
    table = op.create_table(
        "deadlines",
        *(sa.Column(name, sa.Text(), nullable=False) for name in _KEY),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(*_KEY),
    )
    op.create_index("ix_deadlines_tenant_time_subject_key", "deadlines", ["tenant", "time", "subject", "key"])
    provisional = sa.text("calendar != ''")
    op.create_index(
        "ix_deadlines_calendar", "deadlines", ["calendar"], sqlite_where=provisional, postgresql_where=provisional
    )
    for tenant, subject, body in op.get_bind().execute(sa.select(_RECORDS)):
        rows = [{"tenant": tenant, "subject": subject, **row} for row in _rows(Record.FromString(body))]
        if rows:
            op.bulk_insert(table, rows)


def downgrade() -> None:
    """Drops it; it can be made again from the records."""
    op.drop_table("deadlines")


def _rows(record: Record) -> list[dict[str, Any]]:
    """As of this version: the deadlines of the orders that there were, none of which hung on a calendar."""
    return [
        {"key": f"{order.name.split('/')[-1]}/{deadline.kind}", **_row(deadline)}
        for order in record.orders
        for deadline in order.deadlines
        if deadline.kind != "IDLE_REMINDER"
    ]


def _row(deadline: Deadline) -> dict[str, Any]:
    body = deadline.SerializeToString(deterministic=True)
    return {"time": deadline.time.ToMicroseconds(), "calendar": "", "body": body}
