"""Create listings and reminders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "listing",
        sa.Column("id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column(
            "colour",
            sa.Enum("red", "black", name="colour", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "refused",
                "published",
                "expired",
                "repaired",
                "struck",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("ground", sa.String(length=40), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("public_summary", sa.Text(), nullable=False),
        sa.Column("term_until", sa.Date(), nullable=True),
        sa.Column("proposed_by_id", BIG, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "colour <> 'black' OR term_until IS NOT NULL", name=op.f("ck_listing_black_has_term")
        ),
        sa.CheckConstraint(
            "state <> 'published' OR decided_by_id IS NOT NULL", name=op.f("ck_listing_published_by_two")
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name=op.f("ck_listing_two_people")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["account.id"], name=op.f("fk_listing_decided_by_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["account.id"], name=op.f("fk_listing_proposed_by_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_listing_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
    )
    op.create_index(op.f("ix_listing_decided_by_id"), "listing", ["decided_by_id"], unique=False)
    op.create_index(op.f("ix_listing_proposed_by_id"), "listing", ["proposed_by_id"], unique=False)
    op.create_index(op.f("ix_listing_shop_id"), "listing", ["shop_id"], unique=False)
    op.create_index(
        "uq_listing_standing",
        "listing",
        ["shop_id", "colour"],
        unique=True,
        sqlite_where=sa.text("state IN ('proposed', 'published')"),
        postgresql_where=sa.text("state IN ('proposed', 'published')"),
    )
    op.create_table(
        "reminder",
        sa.Column("id", BIG, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("reminder", "warning", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("region_code", sa.String(length=9), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=True),
        sa.Column("industry_code", sa.String(length=40), nullable=True),
        sa.Column("shop_id", BIG, nullable=True),
        sa.Column("published_by_id", BIG, nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["industry_code"], ["industry.code"], name=op.f("fk_reminder_industry_code")),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["account.id"], name=op.f("fk_reminder_published_by_id")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_reminder_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
    )
    op.create_index(op.f("ix_reminder_published_by_id"), "reminder", ["published_by_id"], unique=False)
    op.create_index(op.f("ix_reminder_region_code"), "reminder", ["region_code"], unique=False)
    op.create_index(op.f("ix_reminder_shop_id"), "reminder", ["shop_id"], unique=False)


def downgrade() -> None:
    op.drop_table("reminder")
    op.drop_table("listing")
