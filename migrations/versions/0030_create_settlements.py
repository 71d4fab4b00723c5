"""Create offers, joint handling and answer templates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "complaint_group",
        sa.Column("id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("opened_by_id", BIG, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_complaint_group_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_group")),
    )
    op.create_index(op.f("ix_complaint_group_shop_id"), "complaint_group", ["shop_id"], unique=False)
    op.create_table(
        "complaint_offer",
        sa.Column("id", BIG, nullable=False),
        sa.Column("complaint_id", BIG, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "accepted",
                "declined",
                "withdrawn",
                "expired",
                "kept",
                "broken",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "demand",
            sa.Enum(
                "refund",
                "exchange",
                "repair",
                "apology",
                "compensation",
                "explanation",
                name="demand",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_fen", BIG, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("perform_by", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merchant_name", sa.LargeBinary(), nullable=False),
        sa.Column("made_by_id", BIG, nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consumer_name", sa.LargeBinary(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_fen IS NULL OR amount_fen >= 0", name=op.f("ck_complaint_offer_amount")),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_offer_complaint_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_offer")),
    )
    op.create_index(
        op.f("ix_complaint_offer_complaint_id"), "complaint_offer", ["complaint_id"], unique=False
    )
    op.create_index(
        "uq_complaint_offer_open",
        "complaint_offer",
        ["complaint_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('proposed', 'accepted')"),
        postgresql_where=sa.text("state IN ('proposed', 'accepted')"),
    )
    op.create_table(
        "answer_template",
        sa.Column("id", BIG, nullable=False),
        sa.Column("operator_id", BIG, nullable=False),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_by_id", BIG, nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operator.id"], name=op.f("fk_answer_template_operator_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_template")),
        sa.UniqueConstraint("operator_id", "title", name=op.f("uq_answer_template_operator_id_title")),
    )
    op.create_index(op.f("ix_answer_template_operator_id"), "answer_template", ["operator_id"], unique=False)


def downgrade() -> None:
    op.drop_table("answer_template")
    op.drop_table("complaint_offer")
    op.drop_table("complaint_group")
