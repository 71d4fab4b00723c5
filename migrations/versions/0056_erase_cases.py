"""Note when what ended complaints and tips say of people was erased; find those that are due."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("complaint", "tip"):
        op.add_column(table, sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
        op.create_index(f"ix_{table}_ended_at", table, ["ended_at"])


def downgrade() -> None:
    for table in ("complaint", "tip"):
        op.drop_index(f"ix_{table}_ended_at", table)
        op.drop_column(table, "erased_at")
