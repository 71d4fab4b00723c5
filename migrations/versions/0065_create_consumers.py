"""Consumers who chose to sign in: accounts, browsers, shops and ratings kept together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "consumer",
        sa.Column("id", BIG, nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_hash", sa.String(64), nullable=True),
        sa.Column("wechat_hash", sa.String(64), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "phone_hash IS NOT NULL OR wechat_hash IS NOT NULL", name=op.f("ck_consumer_has_a_way_in")
        ),
        sa.CheckConstraint(
            "(phone IS NULL) = (phone_hash IS NULL)", name=op.f("ck_consumer_phone_with_hash")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consumer")),
        sa.UniqueConstraint("phone_hash", name=op.f("uq_consumer_phone_hash")),
        sa.UniqueConstraint("wechat_hash", name=op.f("uq_consumer_wechat_hash")),
    )
    op.create_index("ix_consumer_seen_at", "consumer", ["seen_at"])
    op.create_table(
        "consumer_session",
        sa.Column("id", BIG, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("consumer_id", BIG, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("device", sa.String(120), nullable=False),
        sa.ForeignKeyConstraint(
            ["consumer_id"], ["consumer.id"], name=op.f("fk_consumer_session_consumer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consumer_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_consumer_session_token_hash")),
    )
    op.create_index(op.f("ix_consumer_session_consumer_id"), "consumer_session", ["consumer_id"])
    op.create_index("ix_consumer_session_expires_at", "consumer_session", ["expires_at"])
    op.create_table(
        "consumer_shop",
        sa.Column("consumer_id", BIG, autoincrement=False, nullable=False),
        sa.Column("shop_number", BIG, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("place", sa.String(60), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["consumer_id"], ["consumer.id"], name=op.f("fk_consumer_shop_consumer_id")),
        sa.PrimaryKeyConstraint("consumer_id", "shop_number", name=op.f("pk_consumer_shop")),
    )
    op.create_table(
        "consumer_rating",
        sa.Column("rating_id", BIG, autoincrement=False, nullable=False),
        sa.Column("consumer_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["consumer_id"], ["consumer.id"], name=op.f("fk_consumer_rating_consumer_id")
        ),
        sa.ForeignKeyConstraint(["rating_id"], ["rating.id"], name=op.f("fk_consumer_rating_rating_id")),
        sa.PrimaryKeyConstraint("rating_id", name=op.f("pk_consumer_rating")),
    )
    op.create_index(op.f("ix_consumer_rating_consumer_id"), "consumer_rating", ["consumer_id"])
    op.create_index(op.f("ix_one_time_code_asker_hash"), "one_time_code", ["asker_hash"])


def downgrade() -> None:
    op.drop_index(op.f("ix_one_time_code_asker_hash"), table_name="one_time_code")
    for table in ("consumer_rating", "consumer_shop", "consumer_session", "consumer"):
        op.drop_table(table)
