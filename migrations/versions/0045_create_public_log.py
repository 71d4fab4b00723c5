"""Create the public log: its leaves, its newest checkpoint, and the bodies that cosign it.

Triggers refuse what would rewrite it: a leaf is never deleted, its bytes and its place never change (what its
commitments stand for may be erased), and the checkpoint never goes back.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)

FIXED = ("id", "source", "kind", "shop_id", "subject_type", "subject_id", "at", "data", "hash")
ERASED = ("about", "about_salt", "by", "by_salt", "account_id")


def _changed(*, sqlite: bool) -> str:
    """True when an update of a leaf does more than give it its place or erase what is sealed."""
    differs = "NEW.{0} IS NOT OLD.{0}" if sqlite else "NEW.{0} IS DISTINCT FROM OLD.{0}"
    parts = [differs.format(name) for name in FIXED]
    parts += [f"(NEW.{name} IS NOT NULL AND {differs.format(name)})" for name in ERASED]
    parts.append(f"(OLD.position IS NOT NULL AND {differs.format('position')})")
    return " OR ".join(parts)


def upgrade() -> None:
    _create()
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _create() -> None:
    op.create_table(
        "log_leaf",
        sa.Column("id", BIG, nullable=False),
        sa.Column("source", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("shop_id", BIG, nullable=True),
        sa.Column("subject_type", sa.String(40), nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("about", sa.LargeBinary(), nullable=True),
        sa.Column("about_salt", sa.LargeBinary(), nullable=True),
        sa.Column("by", sa.LargeBinary(), nullable=True),
        sa.Column("by_salt", sa.LargeBinary(), nullable=True),
        sa.Column("account_id", BIG, nullable=True),
        sa.Column("position", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_leaf")),
        sa.UniqueConstraint("source", name=op.f("uq_log_leaf_source")),
        sa.UniqueConstraint("position", name=op.f("uq_log_leaf_position")),
    )
    op.create_index(op.f("ix_log_leaf_shop_id"), "log_leaf", ["shop_id"])
    op.create_index(op.f("ix_log_leaf_account_id"), "log_leaf", ["account_id"])
    op.create_index("ix_log_leaf_subject", "log_leaf", ["subject_type", "subject_id"])
    op.create_table(
        "log_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(200), nullable=False),
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("edge", sa.LargeBinary(), nullable=False),
        sa.Column("checkpoint", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("begun_at", INSTANT, nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_log_state_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_state")),
    )
    op.create_table(
        "log_witness",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("size", BIG, nullable=True),
        sa.Column("line", sa.Text(), nullable=True),
        sa.Column("signed_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_witness")),
        sa.UniqueConstraint("key", name=op.f("uq_log_witness_key")),
    )


def _guard_sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, '{} is append-only'); END"
    leaf, state = refuse.format("log_leaf"), refuse.format("log_state")
    op.execute(f"CREATE TRIGGER log_leaf_no_delete BEFORE DELETE ON log_leaf {leaf}")
    op.execute(
        f"CREATE TRIGGER log_leaf_no_change BEFORE UPDATE ON log_leaf WHEN {_changed(sqlite=True)} {leaf}"
    )
    op.execute(
        "CREATE TRIGGER log_leaf_no_replace BEFORE INSERT ON log_leaf WHEN EXISTS (SELECT 1 FROM log_leaf"  # noqa: S608
        f" WHERE id = NEW.id OR source = NEW.source OR position = NEW.position) {leaf}"
    )
    op.execute(f"CREATE TRIGGER log_state_no_delete BEFORE DELETE ON log_state {state}")
    op.execute(
        "CREATE TRIGGER log_state_only_forward BEFORE UPDATE ON log_state WHEN NEW.size < OLD.size"
        f" OR NEW.origin <> OLD.origin OR NEW.key <> OLD.key OR (NEW.size = OLD.size AND NEW.root <> OLD.root) {state}"
    )
    op.execute(
        "CREATE TRIGGER log_state_no_replace BEFORE INSERT ON log_state"  # noqa: S608 - fixed words
        f" WHEN EXISTS (SELECT 1 FROM log_state) {state}"
    )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION log_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    run = "EXECUTE FUNCTION log_refuse()"
    for table in ("log_leaf", "log_state"):
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW {run}")
        op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {run}")
    op.execute(
        "CREATE TRIGGER log_leaf_no_change BEFORE UPDATE ON log_leaf FOR EACH ROW"
        f" WHEN ({_changed(sqlite=False)}) {run}"
    )
    op.execute(
        "CREATE TRIGGER log_state_only_forward BEFORE UPDATE ON log_state FOR EACH ROW WHEN (NEW.size < OLD.size"
        " OR NEW.origin <> OLD.origin OR NEW.key <> OLD.key"
        f" OR (NEW.size = OLD.size AND NEW.root <> OLD.root)) {run}"
    )


def downgrade() -> None:
    op.drop_table("log_witness")
    op.drop_table("log_state")
    op.drop_table("log_leaf")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION log_refuse()")
