"""Create mediating bodies, mediations, hearings and statements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "mediation_body",
        sa.Column("id", BIG, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "own",
                "station",
                "odr",
                "people",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("region_code", sa.String(length=9), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("contact", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind <> 'own'", name=op.f("ck_mediation_body_kind_entrusted")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_body")),
        sa.UniqueConstraint("name", name=op.f("uq_mediation_body_name")),
    )
    op.create_index(op.f("ix_mediation_body_region_code"), "mediation_body", ["region_code"], unique=False)
    op.create_table(
        "mediator",
        sa.Column("account_id", BIG, autoincrement=False, nullable=False),
        sa.Column("body_id", BIG, nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_mediator_account_id")),
        sa.ForeignKeyConstraint(["body_id"], ["mediation_body.id"], name=op.f("fk_mediator_body_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_mediator")),
    )
    op.create_index(op.f("ix_mediator_body_id"), "mediator", ["body_id"], unique=False)
    op.create_table(
        "mediation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("complaint_id", BIG, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "own",
                "station",
                "odr",
                "people",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("body_id", BIG, nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "agreed",
                "failed",
                "returned",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("opened_by_id", BIG, nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreement", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("consumer_name", sa.LargeBinary(), nullable=True),
        sa.Column("consumer_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merchant_name", sa.LargeBinary(), nullable=True),
        sa.Column("merchant_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(kind = 'own') = (body_id IS NULL)", name=op.f("ck_mediation_body_if_entrusted")),
        sa.CheckConstraint(
            "state <> 'agreed' OR (consumer_signed_at IS NOT NULL AND merchant_signed_at IS NOT NULL)",
            name=op.f("ck_mediation_agreed_by_both"),
        ),
        sa.ForeignKeyConstraint(["body_id"], ["mediation_body.id"], name=op.f("fk_mediation_body_id")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_mediation_complaint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation")),
    )
    op.create_index(op.f("ix_mediation_body_id"), "mediation", ["body_id"], unique=False)
    op.create_index(op.f("ix_mediation_complaint_id"), "mediation", ["complaint_id"], unique=False)
    op.create_index(
        "uq_mediation_open",
        "mediation",
        ["complaint_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "hearing",
        sa.Column("id", BIG, nullable=False),
        sa.Column("mediation_id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "mode",
            sa.Enum(
                "on_site", "phone", "video", name="mode", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held", sa.Boolean(), nullable=True),
        sa.Column("absent", sa.String(length=40), nullable=False),
        sa.Column("notes", sa.LargeBinary(), nullable=True),
        sa.Column("set_by_id", BIG, nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["mediation_id"], ["mediation.id"], name=op.f("fk_hearing_mediation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hearing")),
    )
    op.create_index(op.f("ix_hearing_mediation_id"), "hearing", ["mediation_id"], unique=False)
    op.create_table(
        "mediation_statement",
        sa.Column("id", BIG, nullable=False),
        sa.Column("mediation_id", BIG, nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("side IN ('consumer', 'merchant')", name=op.f("ck_mediation_statement_side")),
        sa.ForeignKeyConstraint(
            ["mediation_id"], ["mediation.id"], name=op.f("fk_mediation_statement_mediation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_statement")),
    )
    op.create_index(
        op.f("ix_mediation_statement_mediation_id"), "mediation_statement", ["mediation_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("mediation_statement")
    op.drop_table("hearing")
    op.drop_table("mediation")
    op.drop_table("mediator")
    op.drop_table("mediation_body")
