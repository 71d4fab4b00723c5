"""Let a notice name its occasion, so that the same occasion leaves one notice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notice", sa.Column("key", sa.String(length=80), nullable=True))
    op.create_index("uq_notice_key", "notice", ["key"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_notice_key", "notice")
    op.drop_column("notice", "key")
