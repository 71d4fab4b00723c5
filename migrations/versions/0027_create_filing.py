"""Create proofs of phones and of work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "phone_proof",
        sa.Column("id", BIG, nullable=False),
        sa.Column("phone_hash", sa.String(length=64), nullable=False),
        sa.Column("form_hash", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_proof")),
    )
    op.create_index(op.f("ix_phone_proof_phone_hash"), "phone_proof", ["phone_hash"], unique=False)
    op.create_table(
        "spent_work",
        sa.Column("work_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("work_hash", name=op.f("pk_spent_work")),
    )
    op.create_index(op.f("ix_spent_work_expires_at"), "spent_work", ["expires_at"], unique=False)


def downgrade() -> None:
    op.drop_table("spent_work")
    op.drop_table("phone_proof")
