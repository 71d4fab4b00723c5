"""Create official documents and the series of their numbers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
STATES = ("issued", "replaced", "withdrawn")


def upgrade() -> None:
    op.create_table(
        "letter_series",
        sa.Column("organisation_code", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("last >= 1", name=op.f("ck_letter_series_last_counts")),
        sa.PrimaryKeyConstraint("organisation_code", "kind", "year", name=op.f("pk_letter_series")),
    )
    op.create_table(
        "letter",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("organisation_code", sa.String(length=40), nullable=False),
        sa.Column("organisation_name", sa.String(length=200), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("subject_type", sa.String(length=40), nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("recipient_codes", sa.String(length=120), nullable=False),
        sa.Column("law", sa.String(length=40), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("store_key", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("missing_glyphs", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by_id", BIG, nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", BIG, nullable=True),
        sa.Column("ended_reason", sa.LargeBinary(), nullable=True),
        sa.Column("replaced_by_id", BIG, nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("serial >= 1", name=op.f("ck_letter_serial_counts")),
        sa.CheckConstraint(
            "(state = 'issued') = (ended_at IS NULL AND ended_reason IS NULL)",
            name=op.f("ck_letter_ended_has_reason"),
        ),
        sa.CheckConstraint(
            "(state = 'replaced') = (replaced_by_id IS NOT NULL)", name=op.f("ck_letter_replaced_by_one")
        ),
        sa.CheckConstraint(
            "(content IS NULL) = (erased_at IS NOT NULL)", name=op.f("ck_letter_erased_or_there")
        ),
        sa.ForeignKeyConstraint(["issued_by_id"], ["account.id"], name=op.f("fk_letter_issued_by_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["account.id"], name=op.f("fk_letter_ended_by_id")),
        sa.ForeignKeyConstraint(["replaced_by_id"], ["letter.id"], name=op.f("fk_letter_replaced_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint(
            "organisation_code",
            "kind",
            "year",
            "serial",
            name=op.f("uq_letter_organisation_code_kind_year_serial"),
        ),
        sa.UniqueConstraint("number", "organisation_code", name=op.f("uq_letter_number_organisation_code")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_letter_token_hash")),
        sa.UniqueConstraint("store_key", name=op.f("uq_letter_store_key")),
    )
    op.create_index("ix_letter_subject", "letter", ["subject_type", "subject_id", "id"], unique=False)
    for column in ("issued_at", "issued_by_id", "ended_by_id", "replaced_by_id"):
        op.create_index(op.f(f"ix_letter_{column}"), "letter", [column], unique=False)


def downgrade() -> None:
    op.drop_table("letter")
    op.drop_table("letter_series")
