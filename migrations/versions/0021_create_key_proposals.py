"""Create proposals to change the signing keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
ACTIONS = ("create", "rotate", "retire", "compromise", "withdraw")
STATES = ("proposed", "confirmed", "refused", "withdrawn")


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "key_proposal",
        sa.Column("id", BIG, nullable=False),
        sa.Column("action", _choice("action", *ACTIONS), nullable=False),
        sa.Column("kid", sa.SmallInteger(), nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", _choice("state", *STATES), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by_id", BIG, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> proposed_by_id",
            name=op.f("ck_key_proposal_two_people"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('confirmed', 'refused') OR decided_by_id IS NOT NULL",
            name=op.f("ck_key_proposal_decided_by"),
        ),
        sa.CheckConstraint(
            "action <> 'compromise' OR moment IS NOT NULL", name=op.f("ck_key_proposal_compromise_moment")
        ),
        sa.CheckConstraint("kid BETWEEN 0 AND 31", name=op.f("ck_key_proposal_kid_u5")),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["account.id"], name=op.f("fk_key_proposal_proposed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["account.id"], name=op.f("fk_key_proposal_decided_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_proposal")),
    )
    for column in ("proposed_by_id", "decided_by_id"):
        op.create_index(op.f(f"ix_key_proposal_{column}"), "key_proposal", [column], unique=False)
    op.create_index(
        "uq_key_proposal_open",
        "key_proposal",
        ["action", "kid"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )


def downgrade() -> None:
    op.drop_table("key_proposal")
