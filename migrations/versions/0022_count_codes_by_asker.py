"""Count one-time codes by phone and asker."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Codes of before live five minutes; nobody is counted by an empty asker.
    with op.batch_alter_table("one_time_code") as table:
        table.add_column(sa.Column("asker_hash", sa.String(length=64), nullable=False, server_default=""))
    with op.batch_alter_table("one_time_code") as table:
        table.alter_column("asker_hash", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("one_time_code") as table:
        table.drop_column("asker_hash")
