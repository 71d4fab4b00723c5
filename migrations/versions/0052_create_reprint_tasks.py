"""Create tasks to print a shop's stickers anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)
STATES = ("open", "asked", "done", "waived", "lapsed")
STANDING = sa.text("state IN ('open', 'asked')")


def upgrade() -> None:
    op.create_table(
        "reprint_task",
        sa.Column("id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("causes", sa.JSON(), nullable=False),
        sa.Column("serials", sa.JSON(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reminded", sa.Integer(), nullable=True),
        sa.Column("asked_reason", sa.String(40), nullable=True),
        sa.Column("asked_note", sa.Text(), nullable=True),
        sa.Column("asked_at", INSTANT, nullable=True),
        sa.Column("asked_by_id", BIG, nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by_id", BIG, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('open', 'asked')) = (ended_at IS NULL)",
            name=op.f("ck_reprint_task_ended_when_not_standing"),
        ),
        sa.CheckConstraint(
            "state <> 'waived' OR (ended_by_id IS NOT NULL AND answer IS NOT NULL)",
            name=op.f("ck_reprint_task_waived_by_somebody"),
        ),
        sa.CheckConstraint(
            "state <> 'asked' OR asked_reason IS NOT NULL", name=op.f("ck_reprint_task_asked_with_reason")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_reprint_task_shop_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_reprint_task_asked_by_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["account.id"], name=op.f("fk_reprint_task_ended_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reprint_task")),
    )
    for column in ("shop_id", "asked_by_id", "ended_by_id"):
        op.create_index(op.f(f"ix_reprint_task_{column}"), "reprint_task", [column])
    op.create_index("ix_reprint_task_state_due", "reprint_task", ["state", "due_on", "id"])
    op.create_index(
        "uq_reprint_task_standing",
        "reprint_task",
        ["shop_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def downgrade() -> None:
    op.drop_table("reprint_task")
