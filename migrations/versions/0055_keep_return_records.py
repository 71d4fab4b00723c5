"""Keep the records of return shops and their yearly review, the part of a standard, and the files of measures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column("measure", sa.Column("data", sa.LargeBinary(), nullable=True))
    op.add_column("honour", sa.Column("standard_part", sa.Integer(), nullable=True))
    op.add_column("honour", sa.Column("review_on", sa.Date(), nullable=True))
    # Return shops that are published already are looked at first, thirty days from the upgrade on.
    day = "date('now', '+30 days')" if op.get_bind().dialect.name == "sqlite" else "CURRENT_DATE + 30"
    op.execute(
        f"UPDATE honour SET review_on = {day} WHERE state = 'published' AND kind <> 'demonstration'"  # noqa: S608 - ours
    )
    op.create_table(
        "return_record",
        sa.Column("id", BIG, nullable=False),
        sa.Column("honour_id", BIG, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("disputes", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by_id", BIG, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "returns >= 0 AND refused >= 0 AND disputes >= 0", name=op.f("ck_return_record_counts")
        ),
        sa.CheckConstraint("until >= since", name=op.f("ck_return_record_period")),
        sa.ForeignKeyConstraint(["honour_id"], ["honour.id"], name=op.f("fk_return_record_honour_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["account.id"], name=op.f("fk_return_record_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_record")),
        sa.UniqueConstraint("honour_id", "until", name=op.f("uq_return_record_honour_id_until")),
    )
    op.create_index(op.f("ix_return_record_recorded_by_id"), "return_record", ["recorded_by_id"])


def downgrade() -> None:
    op.drop_table("return_record")
    op.drop_column("honour", "review_on")
    op.drop_column("honour", "standard_part")
    op.drop_column("measure", "data")
