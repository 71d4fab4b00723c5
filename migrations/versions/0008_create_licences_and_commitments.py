"""Create licences and commitments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "licence_kind",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("number_hint", sa.String(length=200), nullable=False),
        sa.Column("per_shop", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_licence_kind")),
    )
    op.create_table(
        "licence_requirement",
        sa.Column("industry_code", sa.String(length=40), nullable=False),
        sa.Column("kind_code", sa.String(length=40), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["industry_code"], ["industry.code"], name=op.f("fk_licence_requirement_industry_code")
        ),
        sa.ForeignKeyConstraint(
            ["kind_code"], ["licence_kind.code"], name=op.f("fk_licence_requirement_kind_code")
        ),
        sa.PrimaryKeyConstraint("industry_code", "kind_code", name=op.f("pk_licence_requirement")),
    )
    op.create_table(
        "licence",
        sa.Column("id", BIG, nullable=False),
        sa.Column("operator_id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=True),
        sa.Column("kind_code", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("file_id", BIG, nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "stated",
                "verified",
                "refused",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("verified_by_id", BIG, nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_how", sa.String(length=60), nullable=True),
        sa.Column("refused_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state <> 'verified' OR verified_at IS NOT NULL", name=op.f("ck_licence_verified_when")
        ),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_from IS NULL OR valid_until >= valid_from",
            name=op.f("ck_licence_period"),
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_licence_file_id")),
        sa.ForeignKeyConstraint(["kind_code"], ["licence_kind.code"], name=op.f("fk_licence_kind_code")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_licence_operator_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_licence_shop_id")),
        sa.ForeignKeyConstraint(["verified_by_id"], ["account.id"], name=op.f("fk_licence_verified_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence")),
    )
    op.create_index(op.f("ix_licence_file_id"), "licence", ["file_id"], unique=False)
    op.create_index(op.f("ix_licence_operator_id"), "licence", ["operator_id"], unique=False)
    op.create_index(op.f("ix_licence_shop_id"), "licence", ["shop_id"], unique=False)
    op.create_index(op.f("ix_licence_verified_by_id"), "licence", ["verified_by_id"], unique=False)
    for name, state in (("verified", "state = 'verified'"), ("stated", "state <> 'verified'")):
        for whose, column, shop in (
            ("shop", "shop_id", "shop_id IS NOT NULL"),
            ("operator", "operator_id", "shop_id IS NULL"),
        ):
            standing = sa.text(f"replaced_at IS NULL AND {state} AND {shop}")
            op.create_index(
                f"uq_licence_{name}_{whose}",
                "licence",
                [column, "kind_code"],
                unique=True,
                sqlite_where=standing,
                postgresql_where=standing,
            )
    op.create_table(
        "commitment_template",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("how_to_claim", sa.Text(), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("categories", sa.String(length=80), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("in_force_until", sa.Date(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment_template")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_commitment_template_code_version")),
    )
    op.create_table(
        "commitment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("template_id", BIG, nullable=False),
        sa.Column("signed_by_id", BIG, nullable=False),
        sa.Column("signed_name", sa.String(length=80), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_commitment_shop_id")),
        sa.ForeignKeyConstraint(["signed_by_id"], ["account.id"], name=op.f("fk_commitment_signed_by_id")),
        sa.ForeignKeyConstraint(
            ["template_id"], ["commitment_template.id"], name=op.f("fk_commitment_template_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
    )
    op.create_index(op.f("ix_commitment_shop_id"), "commitment", ["shop_id"], unique=False)
    op.create_index(op.f("ix_commitment_signed_by_id"), "commitment", ["signed_by_id"], unique=False)
    op.create_index(op.f("ix_commitment_template_id"), "commitment", ["template_id"], unique=False)
    op.create_index(
        "uq_commitment_standing",
        "commitment",
        ["shop_id", "template_id"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("commitment")
    op.drop_table("commitment_template")
    op.drop_table("licence")
    op.drop_table("licence_requirement")
    op.drop_table("licence_kind")
