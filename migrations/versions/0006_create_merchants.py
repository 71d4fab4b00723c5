"""Create merchants."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "operator",
        sa.Column("id", BIG, nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "enterprise",
                "self_employed",
                "cooperative",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("legal_representative", sa.String(length=80), nullable=False),
        sa.Column("registered_address", sa.String(length=200), nullable=False),
        sa.Column("authority", sa.String(length=200), nullable=False),
        sa.Column("established_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator")),
        sa.UniqueConstraint("uscc", name=op.f("uq_operator_uscc")),
    )
    op.create_table(
        "operator_member",
        sa.Column("id", BIG, nullable=False),
        sa.Column("operator_id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column(
            "role",
            sa.Enum("owner", "clerk", name="role", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_operator_member_account_id")),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operator.id"], name=op.f("fk_operator_member_operator_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_member")),
        sa.UniqueConstraint(
            "operator_id", "account_id", name=op.f("uq_operator_member_operator_id_account_id")
        ),
    )
    op.create_index(op.f("ix_operator_member_account_id"), "operator_member", ["account_id"], unique=False)
    op.create_index(op.f("ix_operator_member_operator_id"), "operator_member", ["operator_id"], unique=False)
    op.create_table(
        "operator_invitation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("operator_id", BIG, nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("phone_hash", sa.String(length=64), nullable=False),
        sa.Column("invited_by_id", BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["account.id"], name=op.f("fk_operator_invitation_invited_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operator.id"], name=op.f("fk_operator_invitation_operator_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_invitation")),
    )
    for column in ("invited_by_id", "operator_id", "phone_hash"):
        op.create_index(
            op.f(f"ix_operator_invitation_{column}"), "operator_invitation", [column], unique=False
        )
    waiting = sa.text("accepted_at IS NULL AND ended_at IS NULL")
    op.create_index(
        "uq_operator_invitation_open",
        "operator_invitation",
        ["operator_id", "phone_hash"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "shop",
        sa.Column("id", BIG, nullable=False),
        sa.Column("operator_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("branch", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("region_code", sa.String(length=9), nullable=False),
        sa.Column("station_id", BIG, nullable=True),
        sa.Column(
            "category",
            sa.Enum(
                "eat",
                "stay",
                "tour",
                "shop",
                "play",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("industry_code", sa.String(length=40), nullable=True),
        sa.Column("department_code", sa.String(length=40), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("opening_hours", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id BETWEEN 1 AND 4294967295", name=op.f("ck_shop_number_u32")),
        sa.CheckConstraint("latitude IS NULL OR latitude BETWEEN -90 AND 90", name=op.f("ck_shop_latitude")),
        sa.CheckConstraint(
            "longitude IS NULL OR longitude BETWEEN -180 AND 180", name=op.f("ck_shop_longitude")
        ),
        sa.ForeignKeyConstraint(
            ["department_code"], ["department.code"], name=op.f("fk_shop_department_code")
        ),
        sa.ForeignKeyConstraint(["industry_code"], ["industry.code"], name=op.f("fk_shop_industry_code")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_shop_operator_id")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_shop_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop")),
    )
    op.create_index(op.f("ix_shop_category"), "shop", ["category"], unique=False)
    op.create_index(op.f("ix_shop_industry_code"), "shop", ["industry_code"], unique=False)
    op.create_index(op.f("ix_shop_operator_id"), "shop", ["operator_id"], unique=False)
    op.create_index(op.f("ix_shop_region_code"), "shop", ["region_code"], unique=False)
    op.create_index(op.f("ix_shop_station_id"), "shop", ["station_id"], unique=False)
    op.create_table(
        "shop_photo",
        sa.Column("id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("file_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_shop_photo_file_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_shop_photo_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_photo")),
        sa.UniqueConstraint("shop_id", "file_id", name=op.f("uq_shop_photo_shop_id_file_id")),
    )
    op.create_index(op.f("ix_shop_photo_file_id"), "shop_photo", ["file_id"], unique=False)
    op.create_index(op.f("ix_shop_photo_shop_id"), "shop_photo", ["shop_id"], unique=False)
    op.create_table(
        "shop_figures",
        sa.Column("shop_id", BIG, autoincrement=False, nullable=False),
        sa.Column("ratings", sa.Integer(), nullable=False),
        sa.Column("hearts_environment", sa.Integer(), nullable=False),
        sa.Column("hearts_quality", sa.Integer(), nullable=False),
        sa.Column("hearts_price", sa.Integer(), nullable=False),
        sa.Column("hearts_service", sa.Integer(), nullable=False),
        sa.Column("hearts_redress", sa.Integer(), nullable=False),
        sa.Column("complaints", sa.Integer(), nullable=False),
        sa.Column("complaints_answered", sa.Integer(), nullable=False),
        sa.Column("complaints_answered_on_time", sa.Integer(), nullable=False),
        sa.Column("complaints_resolved", sa.Integer(), nullable=False),
        sa.Column("complaints_unresolved", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_shop_figures_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_shop_figures")),
    )


def downgrade() -> None:
    op.drop_table("shop_figures")
    op.drop_table("shop_photo")
    op.drop_table("shop")
    op.drop_table("operator_invitation")
    op.drop_table("operator_member")
    op.drop_table("operator")
