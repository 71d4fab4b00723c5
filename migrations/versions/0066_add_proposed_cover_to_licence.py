"""What a merchant proposes to cover in the picture of a licence, before an officer publishes it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("licence", sa.Column("proposed_cover", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("licence", "proposed_cover")
