"""Find the same picture again by its hash."""

from __future__ import annotations

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_stored_file_sha256", "stored_file", ["sha256"])


def downgrade() -> None:
    op.drop_index("ix_stored_file_sha256", "stored_file")
