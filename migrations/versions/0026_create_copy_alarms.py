"""Create evidence of copied stickers and its alarms; indexes that find replaced stickers and shops by position."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
KINDS = ("wrong_shop", "far_away", "two_places", "scan_rate", "still_scanned")
STATES = ("open", "looking", "confirmed", "false_alarm", "closed")
REMEDIES = ("suspend", "replace", "none")
STANDING = sa.text("state IN ('open', 'looking')")
REPORTS = sa.text("kind = 'report'")
REPLACED = sa.text("state = 'replaced'")


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "copy_salt",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_copy_salt")),
    )
    _create_evidence()
    _create_alarms()
    op.create_index(
        "ix_sticker_replaced", "sticker", ["ended_at"], sqlite_where=REPLACED, postgresql_where=REPLACED
    )
    op.create_index("ix_shop_position", "shop", ["latitude", "longitude"])


def _create_evidence() -> None:
    op.create_table(
        "copy_evidence",
        sa.Column("id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("kind", _choice("kind", "report", "sighting"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("device", sa.String(32), nullable=False),
        sa.Column("cell_south", sa.Integer(), nullable=True),
        sa.Column("cell_west", sa.Integer(), nullable=True),
        sa.Column("cell_size", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'sighting') = (cell_south IS NOT NULL)", name=op.f("ck_copy_evidence_sighting_has_cell")
        ),
        sa.CheckConstraint(
            "(cell_south IS NULL) = (cell_west IS NULL) AND (cell_south IS NULL) = (cell_size IS NULL)",
            name=op.f("ck_copy_evidence_whole_cell"),
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_copy_evidence_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copy_evidence")),
    )
    op.create_index("ix_copy_evidence_sticker", "copy_evidence", ["shop_id", "serial", "at"])
    op.create_index(op.f("ix_copy_evidence_at"), "copy_evidence", ["at"])
    op.create_index(
        "uq_copy_evidence_report",
        "copy_evidence",
        ["shop_id", "serial", "day", "device"],
        unique=True,
        sqlite_where=REPORTS,
        postgresql_where=REPORTS,
    )


def _create_alarms() -> None:
    op.create_table(
        "copy_alarm",
        sa.Column("id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("kind", _choice("kind", *KINDS), nullable=False),
        sa.Column("state", _choice("state", *STATES), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("evidence_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("latest_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("handled_by_id", BIG, nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", BIG, nullable=True),
        sa.Column("reason_code", sa.String(40), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("remedy", _choice("remedy", *REMEDIES), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('open', 'looking')) = (ended_at IS NULL)",
            name=op.f("ck_copy_alarm_ended_when_not_standing"),
        ),
        sa.CheckConstraint(
            "(state = 'confirmed') = (remedy IS NOT NULL)", name=op.f("ck_copy_alarm_confirmed_with_remedy")
        ),
        sa.CheckConstraint(
            "state <> 'looking' OR handled_by_id IS NOT NULL", name=op.f("ck_copy_alarm_looked_at_by")
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR ended_by_id IS NOT NULL", name=op.f("ck_copy_alarm_confirmed_by")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_copy_alarm_shop_id")),
        sa.ForeignKeyConstraint(["handled_by_id"], ["account.id"], name=op.f("fk_copy_alarm_handled_by_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["account.id"], name=op.f("fk_copy_alarm_ended_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copy_alarm")),
    )
    for column in ("shop_id", "handled_by_id", "ended_by_id"):
        op.create_index(op.f(f"ix_copy_alarm_{column}"), "copy_alarm", [column])
    op.create_index("ix_copy_alarm_state_due", "copy_alarm", ["state", "due_on", "id"])
    op.create_index(
        "uq_copy_alarm_standing",
        "copy_alarm",
        ["shop_id", "serial", "kind"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def downgrade() -> None:
    op.drop_index("ix_shop_position", "shop")
    op.drop_index("ix_sticker_replaced", "sticker")
    op.drop_table("copy_alarm")
    op.drop_table("copy_evidence")
    op.drop_table("copy_salt")
