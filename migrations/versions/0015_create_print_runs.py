"""Create print runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "print_run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_run")),
    )
    op.create_table(
        "printed_sticker",
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("sticker_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["print_run.id"], name=op.f("fk_printed_sticker_run_id")),
        sa.ForeignKeyConstraint(["sticker_id"], ["sticker.id"], name=op.f("fk_printed_sticker_sticker_id")),
        sa.PrimaryKeyConstraint("run_id", "sticker_id", name=op.f("pk_printed_sticker")),
    )
    op.create_index(op.f("ix_printed_sticker_sticker_id"), "printed_sticker", ["sticker_id"], unique=False)


def downgrade() -> None:
    op.drop_table("printed_sticker")
    op.drop_table("print_run")
