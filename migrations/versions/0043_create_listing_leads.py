"""Create what the register proposes for the black list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)
STATES = ("open", "taken", "declined", "lapsed")
OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    op.create_table(
        "listing_lead",
        sa.Column("id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("proposer", sa.String(40), nullable=False),
        sa.Column("ground", sa.String(40), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("listing_id", BIG, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state <> 'taken' OR (listing_id IS NOT NULL AND decided_by_id IS NOT NULL)",
            name=op.f("ck_listing_lead_taken_by_somebody"),
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_listing_lead_shop_id")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["account.id"], name=op.f("fk_listing_lead_decided_by_id")
        ),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_listing_lead_listing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_lead")),
    )
    for column in ("shop_id", "decided_by_id", "listing_id"):
        op.create_index(op.f(f"ix_listing_lead_{column}"), "listing_lead", [column])
    op.create_index(
        "uq_listing_lead_open",
        "listing_lead",
        ["shop_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    op.drop_table("listing_lead")
