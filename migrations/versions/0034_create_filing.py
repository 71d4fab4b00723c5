"""Create spent proofs of work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spent_work",
        sa.Column("work_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("work_hash", name=op.f("pk_spent_work")),
    )
    op.create_index(op.f("ix_spent_work_expires_at"), "spent_work", ["expires_at"], unique=False)


def downgrade() -> None:
    op.drop_table("spent_work")
