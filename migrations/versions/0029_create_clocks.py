"""Create clocks and their events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
KINDS = (
    "first_answer",
    "settlement",
    "acceptance",
    "mediation",
    "result_notice",
    "verification",
    "tip_notice",
)
ENDS = ("pause", "resume", "extend", "transfer", "meet", "stop")


def _choice(values: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "clock",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("kind", _choice(KINDS, "kind"), nullable=False),
        sa.Column("term_value", sa.Integer(), nullable=False),
        sa.Column("term_unit", _choice(("hours", "days", "working days"), "term_unit"), nullable=False),
        sa.Column("term_source", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_how", _choice(ENDS, "ended_how"), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_how IS NULL)", name=op.f("ck_clock_end_if_ended")),
        sa.CheckConstraint("term_value > 0", name=op.f("ck_clock_term")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )
    op.create_index("ix_clock_due", "clock", ["ended_at", "due_at"])
    op.create_index("ix_clock_subject", "clock", ["subject", "subject_id"])
    op.create_table(
        "clock_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("clock_id", BIG, nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("ground", sa.String(60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("old_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("new_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name=op.f("fk_clock_event_clock_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_event")),
    )
    op.create_index("ix_clock_event_clock_id", "clock_event", ["clock_id"])


def downgrade() -> None:
    op.drop_table("clock_event")
    op.drop_table("clock")
