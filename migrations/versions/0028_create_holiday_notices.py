"""Create the holiday notices that the office enters, and what the library knew at the last reckoning."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "holiday_notice",
        sa.Column("id", BIG, nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("days_off", sa.JSON(), nullable=False),
        sa.Column("made_up", sa.JSON(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("entered_by_id", BIG, nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by_id", BIG, nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("year BETWEEN 2020 AND 2199", name=op.f("ck_holiday_notice_year")),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_holiday_notice_revision")),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)"
            " AND (withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)",
            name=op.f("ck_holiday_notice_withdrawn"),
        ),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["account.id"], name=op.f("fk_holiday_notice_entered_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["account.id"], name=op.f("fk_holiday_notice_withdrawn_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holiday_notice")),
        sa.UniqueConstraint("year", "revision", name=op.f("uq_holiday_notice_year_revision")),
    )
    for column in ("entered_by_id", "withdrawn_by_id"):
        op.create_index(op.f(f"ix_holiday_notice_{column}"), "holiday_notice", [column], unique=False)
    op.create_table(
        "holiday_library",
        sa.Column("id", BIG, nullable=False),
        sa.Column("until_year", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_holiday_library_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holiday_library")),
    )


def downgrade() -> None:
    op.drop_table("holiday_library")
    op.drop_table("holiday_notice")
