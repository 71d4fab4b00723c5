"""Create applications."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "application",
        sa.Column("id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("operator_id", BIG, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "station_review",
                "bureau_review",
                "returned",
                "deferred_station",
                "deferred_bureau",
                "approved",
                "rejected",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_by_id", BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("deferred_until", sa.Date(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("statement", sa.JSON(), nullable=True),
        sa.Column("previous", sa.JSON(), nullable=True),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("checks_passed", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["account.id"], name=op.f("fk_application_created_by_id")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_application_operator_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_application_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
    )
    op.create_index(op.f("ix_application_created_by_id"), "application", ["created_by_id"], unique=False)
    op.create_index(op.f("ix_application_operator_id"), "application", ["operator_id"], unique=False)
    op.create_index("ix_application_queue", "application", ["state", "due_on"], unique=False)
    op.create_index(op.f("ix_application_shop_id"), "application", ["shop_id"], unique=False)
    op.create_index(
        "uq_application_open",
        "application",
        ["shop_id"],
        unique=True,
        sqlite_where=sa.text(
            "state IN ('bureau_review', 'deferred_bureau', 'deferred_station', 'draft', 'returned', 'station_review')"
        ),
        postgresql_where=sa.text(
            "state IN ('bureau_review', 'deferred_bureau', 'deferred_station', 'draft', 'returned', 'station_review')"
        ),
    )
    op.create_table(
        "application_decision",
        sa.Column("id", BIG, nullable=False),
        sa.Column("application_id", BIG, nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("from_state", sa.String(length=40), nullable=False),
        sa.Column("to_state", sa.String(length=40), nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("reason_code", sa.String(length=60), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_decision_application_id")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_application_decision_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_decision")),
    )
    op.create_index(
        op.f("ix_application_decision_application_id"),
        "application_decision",
        ["application_id"],
        unique=False,
    )
    op.create_index(op.f("ix_application_decision_by_id"), "application_decision", ["by_id"], unique=False)
    op.create_table(
        "application_note",
        sa.Column("id", BIG, nullable=False),
        sa.Column("application_id", BIG, nullable=False),
        sa.Column("by_id", BIG, nullable=False),
        sa.Column("by_name", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_note_application_id")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_application_note_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_note")),
    )
    op.create_index(
        op.f("ix_application_note_application_id"), "application_note", ["application_id"], unique=False
    )
    op.create_index(op.f("ix_application_note_by_id"), "application_note", ["by_id"], unique=False)
    op.create_table(
        "recusal",
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("operator_id", BIG, nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recusal_account_id")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_recusal_operator_id")),
        sa.PrimaryKeyConstraint("account_id", "operator_id", name=op.f("pk_recusal")),
    )


def downgrade() -> None:
    op.drop_table("recusal")
    op.drop_table("application_note")
    op.drop_table("application_decision")
    op.drop_table("application")
