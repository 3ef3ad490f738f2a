"""Risks as the records say, and when each record is looked at next: at once for those that are there already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Makes both tables; the scheduler finds the risks of the records that are there."""
    op.create_table(
        "risks",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        _text("tenant"),
        _text("risk_id"),
        _text("subject"),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("tenant", "risk_id", name="uq_risks_tenant_risk_id"),
    )
    op.create_index("ix_risks_tenant_seq", "risks", ["tenant", "seq"])
    op.create_index("ix_risks_tenant_subject_seq", "risks", ["tenant", "subject", "seq"])
    op.create_table(
        "patrols",
        _text("tenant"),
        _text("subject"),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "subject"),
    )
    op.create_index("ix_patrols_time", "patrols", ["time"])
    op.execute("INSERT INTO patrols (tenant, subject, time) SELECT tenant, subject, 0 FROM records")


def downgrade() -> None:
    """Drops both; nothing is lost that the records do not have."""
    op.drop_table("patrols")
    op.drop_table("risks")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)
