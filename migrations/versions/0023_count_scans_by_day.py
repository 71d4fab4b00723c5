"""Count scans by day beside the hours, each batch exactly once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.execute("DELETE FROM scan_count WHERE count <= 0 OR hour NOT BETWEEN 0 AND 23")
    with op.batch_alter_table("scan_count") as table:
        table.create_check_constraint(op.f("ck_scan_count_hour"), "hour BETWEEN 0 AND 23")
        table.create_check_constraint(op.f("ck_scan_count_counted"), "count > 0")
    op.create_index("ix_scan_count_day", "scan_count", ["day", "hour"])
    op.create_table(
        "scan_day",
        sa.Column("shop_id", BIG, autoincrement=False, nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("serial", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", BIG, nullable=False),
        sa.CheckConstraint("count > 0", name=op.f("ck_scan_day_counted")),
        sa.PrimaryKeyConstraint("shop_id", "day", "serial", name=op.f("pk_scan_day")),
    )
    op.execute(
        "INSERT INTO scan_day (shop_id, day, serial, count)"
        " SELECT shop_id, day, serial, SUM(count) FROM scan_count GROUP BY shop_id, day, serial"
    )
    op.create_index("ix_scan_day_day", "scan_day", ["day"])
    op.create_table(
        "scan_writer",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("batch", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_writer")),
    )


def downgrade() -> None:
    op.drop_table("scan_writer")
    op.drop_table("scan_day")
    op.drop_index("ix_scan_count_day", "scan_count")
    with op.batch_alter_table("scan_count") as table:
        table.drop_constraint(op.f("ck_scan_count_counted"), type_="check")
        table.drop_constraint(op.f("ck_scan_count_hour"), type_="check")
