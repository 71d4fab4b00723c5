"""Create ratings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "rating",
        sa.Column("id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("sticker_serial", sa.Integer(), nullable=True),
        sa.Column(
            "origin",
            sa.Enum(
                "scan",
                "complaint",
                "other",
                name="origin",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("environment", sa.SmallInteger(), nullable=False),
        sa.Column("quality", sa.SmallInteger(), nullable=False),
        sa.Column("price", sa.SmallInteger(), nullable=False),
        sa.Column("service", sa.SmallInteger(), nullable=False),
        sa.Column("redress", sa.SmallInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("rater_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replied_by_id", BIG, nullable=True),
        sa.CheckConstraint("environment BETWEEN 1 AND 5", name=op.f("ck_rating_environment")),
        sa.CheckConstraint("price BETWEEN 1 AND 5", name=op.f("ck_rating_price")),
        sa.CheckConstraint("quality BETWEEN 1 AND 5", name=op.f("ck_rating_quality")),
        sa.CheckConstraint("redress BETWEEN 1 AND 5", name=op.f("ck_rating_redress")),
        sa.CheckConstraint("service BETWEEN 1 AND 5", name=op.f("ck_rating_service")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_rating_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating")),
        sa.UniqueConstraint("shop_id", "rater_hash", name=op.f("uq_rating_shop_id_rater_hash")),
    )
    op.create_index(op.f("ix_rating_shop_id"), "rating", ["shop_id"], unique=False)


def downgrade() -> None:
    op.drop_table("rating")
