"""What readings of providers' copies found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Makes the table of drifts."""
    op.create_table(
        "drifts",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("tenant", "drift_id", "subject", "provider", "account")
        ),
        sa.Column("applied", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("tenant", "drift_id", name="uq_drifts_tenant_drift_id"),
    )
    op.create_index("ix_drifts_tenant_account", "drifts", ["tenant", "account"])


def downgrade() -> None:
    """Drops it, with everything in it."""
    op.drop_table("drifts")
