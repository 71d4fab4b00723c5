"""Create change requests, and let a storefront photo be taken off the public page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
WAITING = sa.text("state = 'waiting'")
HIDDEN = ("hidden_at", "hidden_by_id", "hidden_reason_code", "hidden_reason")


def upgrade() -> None:
    with op.batch_alter_table("shop_photo") as table:
        table.add_column(sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("hidden_by_id", BIG, nullable=True))
        table.add_column(sa.Column("hidden_reason_code", sa.String(length=60), nullable=True))
        table.add_column(sa.Column("hidden_reason", sa.Text(), nullable=True))
    op.create_table(
        "shop_change",
        sa.Column("id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("operator_id", BIG, nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "name",
                "place",
                "trade",
                "photos",
                name="part",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "approved",
                "refused",
                "withdrawn",
                "lapsed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("old", sa.JSON(), nullable=False),
        sa.Column("new", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("requested_by_id", BIG, nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason_code", sa.String(length=60), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_shop_change_shop_id")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_shop_change_operator_id")),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["account.id"], name=op.f("fk_shop_change_requested_by_id")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["account.id"], name=op.f("fk_shop_change_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_change")),
    )
    op.create_index(op.f("ix_shop_change_shop_id"), "shop_change", ["shop_id"], unique=False)
    op.create_index(op.f("ix_shop_change_operator_id"), "shop_change", ["operator_id"], unique=False)
    op.create_index(op.f("ix_shop_change_requested_by_id"), "shop_change", ["requested_by_id"], unique=False)
    op.create_index(op.f("ix_shop_change_decided_by_id"), "shop_change", ["decided_by_id"], unique=False)
    op.create_index("ix_shop_change_queue", "shop_change", ["state", "due_on"], unique=False)
    op.create_index(
        "uq_shop_change_waiting",
        "shop_change",
        ["shop_id", "part"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )


def downgrade() -> None:
    op.drop_table("shop_change")
    with op.batch_alter_table("shop_photo") as table:
        for name in reversed(HIDDEN):
            table.drop_column(name)
