"""Create codes and stickers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "trust_code",
        sa.Column("id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "active",
                "suspended",
                "revoked",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by_id", BIG, nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_ground", sa.String(length=60), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'revoked') = (revoked_at IS NOT NULL)", name=op.f("ck_trust_code_revoked_when")
        ),
        sa.ForeignKeyConstraint(["issued_by_id"], ["account.id"], name=op.f("fk_trust_code_issued_by_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_trust_code_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trust_code")),
    )
    op.create_index(op.f("ix_trust_code_issued_by_id"), "trust_code", ["issued_by_id"], unique=False)
    op.create_index(op.f("ix_trust_code_shop_id"), "trust_code", ["shop_id"], unique=False)
    op.create_index(
        "uq_trust_code_standing",
        "trust_code",
        ["shop_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'revoked'"),
        postgresql_where=sa.text("state <> 'revoked'"),
    )
    op.create_table(
        "suspension_ground",
        sa.Column("id", BIG, nullable=False),
        sa.Column("trust_code_id", BIG, nullable=False),
        sa.Column("ground", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by_id", BIG, nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", BIG, nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["trust_code_id"], ["trust_code.id"], name=op.f("fk_suspension_ground_trust_code_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspension_ground")),
    )
    op.create_index(
        op.f("ix_suspension_ground_trust_code_id"), "suspension_ground", ["trust_code_id"], unique=False
    )
    op.create_index(
        "uq_suspension_ground_standing",
        "suspension_ground",
        ["trust_code_id", "ground"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "revocation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("trust_code_id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "confirmed",
                "refused",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("ground", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by_id", BIG, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name=op.f("ck_revocation_two_people")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["account.id"], name=op.f("fk_revocation_decided_by_id")),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["account.id"], name=op.f("fk_revocation_proposed_by_id")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_revocation_shop_id")),
        sa.ForeignKeyConstraint(
            ["trust_code_id"], ["trust_code.id"], name=op.f("fk_revocation_trust_code_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revocation")),
    )
    op.create_index(op.f("ix_revocation_decided_by_id"), "revocation", ["decided_by_id"], unique=False)
    op.create_index(op.f("ix_revocation_proposed_by_id"), "revocation", ["proposed_by_id"], unique=False)
    op.create_index(op.f("ix_revocation_shop_id"), "revocation", ["shop_id"], unique=False)
    op.create_index(op.f("ix_revocation_trust_code_id"), "revocation", ["trust_code_id"], unique=False)
    op.create_index(
        "uq_revocation_open",
        "revocation",
        ["trust_code_id"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "sticker",
        sa.Column("id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("kid", sa.SmallInteger(), nullable=False),
        sa.Column("token", sa.String(length=120), nullable=False),
        sa.Column(
            "place",
            sa.Enum(
                "door",
                "till",
                "table",
                "receipt",
                "vehicle",
                name="place",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "valid",
                "replaced",
                "lost",
                "destroyed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.Column("replaced_by_serial", sa.Integer(), nullable=True),
        sa.CheckConstraint("serial BETWEEN 1 AND 65535", name=op.f("ck_sticker_serial_u16")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_sticker_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sticker")),
        sa.UniqueConstraint("shop_id", "serial", name=op.f("uq_sticker_shop_id_serial")),
    )


def downgrade() -> None:
    op.drop_table("sticker")
    op.drop_table("revocation")
    op.drop_table("suspension_ground")
    op.drop_table("trust_code")
