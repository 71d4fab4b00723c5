"""Let a leaf whose entry has ended forget its shop; keep how much of the log was published, and what witnesses signed.

The triggers had guarded the shop's number as they guard the leaf's bytes. But a database that still knows which shop a
closed leaf was of is one query away from telling it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

FIXED = ("id", "source", "kind", "subject_type", "subject_id", "at", "data", "hash")
ERASED = ("about", "about_salt", "by", "by_salt", "account_id")


def _changed(fixed: tuple[str, ...], erased: tuple[str, ...], *, sqlite: bool) -> str:
    """True when an update of a leaf does more than give it its place or erase what is sealed."""
    differs = "NEW.{0} IS NOT OLD.{0}" if sqlite else "NEW.{0} IS DISTINCT FROM OLD.{0}"
    parts = [differs.format(name) for name in fixed]
    parts += [f"(NEW.{name} IS NOT NULL AND {differs.format(name)})" for name in erased]
    parts.append(f"(OLD.position IS NOT NULL AND {differs.format('position')})")
    if "shop_id" in erased:  # together with what was sealed, never of a leaf that tells its shop in clear
        parts.append(f"({differs.format('shop_id')} AND OLD.about IS NULL)")
    return " OR ".join(parts)


def _guard(fixed: tuple[str, ...], erased: tuple[str, ...]) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER log_leaf_no_change")
        op.execute(
            f"CREATE TRIGGER log_leaf_no_change BEFORE UPDATE ON log_leaf WHEN {_changed(fixed, erased, sqlite=True)}"
            " BEGIN SELECT RAISE(ABORT, 'log_leaf is append-only'); END"
        )
        return
    op.execute("DROP TRIGGER log_leaf_no_change ON log_leaf")
    op.execute(
        "CREATE TRIGGER log_leaf_no_change BEFORE UPDATE ON log_leaf FOR EACH ROW"
        f" WHEN ({_changed(fixed, erased, sqlite=False)}) EXECUTE FUNCTION log_refuse()"
    )


def upgrade() -> None:
    op.add_column("log_state", sa.Column("published", BIG, server_default="0", nullable=False))
    op.add_column("log_witness", sa.Column("note", sa.Text(), nullable=True))
    _guard(FIXED, (*ERASED, "shop_id"))


def downgrade() -> None:
    _guard((*FIXED, "shop_id"), ERASED)
    op.drop_column("log_witness", "note")
    op.drop_column("log_state", "published")
