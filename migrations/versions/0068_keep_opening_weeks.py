"""Keep the different weeks of opening hours in a table of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opening_week",
        sa.Column("hours", sa.String(1000), nullable=False),
        sa.PrimaryKeyConstraint("hours", name=op.f("pk_opening_week")),
    )
    op.execute(
        "INSERT INTO opening_week (hours) SELECT DISTINCT CAST(opening_hours AS TEXT) FROM shop"
        " WHERE opening_hours IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_table("opening_week")
