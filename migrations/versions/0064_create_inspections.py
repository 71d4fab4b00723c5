"""Results of inspections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)
SHOWN = sa.text("state = 'shown'")


def _choice(name: str, *values: str) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    op.create_table(
        "inspection",
        sa.Column("id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("inspected_on", sa.Date(), nullable=False),
        _choice("kind", "random", "routine", "special", "sampling", "again"),
        _choice("result", "passed", "mended", "ordered", "failed"),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("summary", sa.String(200), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        _choice("state", "shown", "withdrawn"),
        sa.Column("entered_by_id", BIG, nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_by_id", BIG, nullable=True),
        sa.Column("withdrawn_reason", sa.String(500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f("ck_inspection_withdrawn_when")
        ),
        sa.CheckConstraint(
            "state = 'shown' OR withdrawn_reason <> ''", name=op.f("ck_inspection_withdrawn_why")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_inspection_shop_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["account.id"], name=op.f("fk_inspection_entered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
    )
    for column in ("shop_id", "entered_by_id"):
        op.create_index(op.f(f"ix_inspection_{column}"), "inspection", [column])
    op.create_index(
        "uq_inspection_shown",
        "inspection",
        ["shop_id", "number"],
        unique=True,
        sqlite_where=SHOWN,
        postgresql_where=SHOWN,
    )


def downgrade() -> None:
    op.drop_table("inspection")
