"""Create tips and the extensions of their verification."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "tip",
        sa.Column("id", BIG, nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("receipt_hash", sa.String(length=64), nullable=False),
        sa.Column("code_word_hash", sa.String(length=64), nullable=True),
        sa.Column("submission_key", sa.String(length=64), nullable=False),
        sa.Column("complaint_number", sa.String(length=20), nullable=True),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("sticker_serial", sa.Integer(), nullable=True),
        sa.Column("law", sa.String(length=40), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "verifying",
                "case",
                "no_case",
                "transferred",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("reporter_name", sa.LargeBinary(), nullable=True),
        sa.Column("reporter_phone", sa.LargeBinary(), nullable=True),
        sa.Column("reporter_phone_hash", sa.String(length=64), nullable=True),
        sa.Column("phone_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handler_region_code", sa.String(length=9), nullable=False),
        sa.Column("handler_station_id", BIG, nullable=True),
        sa.Column("handler_department_code", sa.String(length=40), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_ground", sa.String(length=40), nullable=True),
        sa.Column("decision_text", sa.Text(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "decision_ground IS NOT NULL OR state NOT IN ('case', 'no_case')",
            name=op.f("ck_tip_decided_on_a_ground"),
        ),
        sa.ForeignKeyConstraint(
            ["handler_department_code"], ["department.code"], name=op.f("fk_tip_handler_department_code")
        ),
        sa.ForeignKeyConstraint(
            ["handler_station_id"], ["station.id"], name=op.f("fk_tip_handler_station_id")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_tip_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tip")),
        sa.UniqueConstraint("number", name=op.f("uq_tip_number")),
        sa.UniqueConstraint("receipt_hash", name=op.f("uq_tip_receipt_hash")),
        sa.UniqueConstraint("submission_key", name=op.f("uq_tip_submission_key")),
    )
    op.create_index(op.f("ix_tip_complaint_number"), "tip", ["complaint_number"], unique=False)
    op.create_index("ix_tip_handler", "tip", ["handler_region_code", "state", "next_due_at"], unique=False)
    op.create_index(op.f("ix_tip_reporter_phone_hash"), "tip", ["reporter_phone_hash"], unique=False)
    op.create_index(op.f("ix_tip_shop_id"), "tip", ["shop_id"], unique=False)
    op.create_table(
        "tip_extension",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tip_id", BIG, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "approved",
                "refused",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by_id", BIG, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> asked_by_id", name=op.f("ck_tip_extension_two_people")
        ),
        sa.ForeignKeyConstraint(["tip_id"], ["tip.id"], name=op.f("fk_tip_extension_tip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tip_extension")),
    )
    op.create_index(op.f("ix_tip_extension_tip_id"), "tip_extension", ["tip_id"], unique=False)
    op.create_index(
        "uq_tip_extension_one",
        "tip_extension",
        ["tip_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('asked', 'approved')"),
        postgresql_where=sa.text("state IN ('asked', 'approved')"),
    )
    op.create_table(
        "tip_message",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tip_id", BIG, nullable=False),
        sa.Column(
            "side",
            sa.Enum(
                "reporter",
                "officer",
                "system",
                name="side",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("ground", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["tip_id"], ["tip.id"], name=op.f("fk_tip_message_tip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tip_message")),
    )
    op.create_index(op.f("ix_tip_message_tip_id"), "tip_message", ["tip_id"], unique=False)


def downgrade() -> None:
    op.drop_table("tip_message")
    op.drop_table("tip_extension")
    op.drop_table("tip")
