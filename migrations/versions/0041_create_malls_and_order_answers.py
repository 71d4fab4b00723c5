"""Keep malls and their tenants; put a merchant's answer texts in order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("answer_template", sa.Column("position", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "mall",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("region_code", sa.String(length=9), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("opened_by_id", BIG, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mall")),
        sa.UniqueConstraint("region_code", "name", name=op.f("uq_mall_region_code_name")),
    )
    op.create_table(
        "mall_tenant",
        sa.Column("shop_id", BIG, autoincrement=False, nullable=False),
        sa.Column("mall_id", BIG, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("by_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_mall_tenant_shop_id")),
        sa.ForeignKeyConstraint(["mall_id"], ["mall.id"], name=op.f("fk_mall_tenant_mall_id")),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_mall_tenant")),
    )
    op.create_index(op.f("ix_mall_tenant_mall_id"), "mall_tenant", ["mall_id"], unique=False)


def downgrade() -> None:
    op.drop_table("mall_tenant")
    op.drop_table("mall")
    op.drop_column("answer_template", "position")
