"""Keep what the public sees of a shop whose trust code was revoked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shop", sa.Column("shown_as", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("shop", "shown_as")
