"""Pull from a register service: where it stands, how far a run is, and what each run changed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)
RUN_COLUMNS: tuple[tuple[str, Any, str | None], ...] = (
    ("kind", sa.String(40), "file"),
    ("phase", sa.String(40), None),
    ("done_bytes", sa.BigInteger(), "0"),
    ("total_bytes", sa.BigInteger(), "0"),
    ("beat_at", INSTANT, None),
    ("since", sa.String(80), None),
    ("until", sa.String(80), None),
    ("next_cursor", sa.String(400), None),
    ("spooled_bytes", sa.BigInteger(), "0"),
    ("pages", sa.Integer(), "0"),
    ("stopped_detail", sa.String(200), None),
)


def upgrade() -> None:
    for name, kind, default in RUN_COLUMNS:
        column = sa.Column(name, kind, nullable=default is None, server_default=default)
        op.add_column("registry_run", column)
    _uploader(nullable=True)
    op.create_table(
        "registry_source",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("watermark", sa.String(80), nullable=True),
        sa.Column("asked_at", INSTANT, nullable=True),
        sa.Column("asked_by_id", BIG, nullable=True),
        sa.Column("tried_at", INSTANT, nullable=True),
        sa.Column("succeeded_at", INSTANT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("open_until", INSTANT, nullable=True),
        sa.Column("running_id", BIG, nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_registry_source_one")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_registry_source_asked_by_id")),
        sa.ForeignKeyConstraint(
            ["running_id"], ["registry_run.id"], name=op.f("fk_registry_source_running_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_source")),
    )
    for column in ("asked_by_id", "running_id"):
        op.create_index(op.f(f"ix_registry_source_{column}"), "registry_source", [column])
    op.create_table(
        "registry_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("operator_id", BIG, nullable=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("old", sa.String(400), nullable=False),
        sa.Column("new", sa.String(400), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["registry_run.id"], name=op.f("fk_registry_event_run_id")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_registry_event_operator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_event")),
    )
    for column in ("run_id", "operator_id"):
        op.create_index(op.f(f"ix_registry_event_{column}"), "registry_event", [column])


def downgrade() -> None:
    op.drop_table("registry_event")
    op.drop_table("registry_source")
    # Files of pulls that nobody answered for have no place in the older release.
    op.execute("DELETE FROM registry_upload WHERE uploaded_by_id IS NULL")
    _uploader(nullable=False)
    for name, _kind, _default in reversed(RUN_COLUMNS):
        op.drop_column("registry_run", name)


def _uploader(*, nullable: bool) -> None:
    """May a kept file have nobody who handed it in?"""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.alter_column("registry_upload", "uploaded_by_id", existing_type=BIG, nullable=nullable)
        return
    # SQLite changes a column by copying the table. Whether its CHECKs are read back depends on the release, so
    # they are put there anew.
    checks = {
        check["name"]: check["sqltext"]
        for check in sa.inspect(connection).get_check_constraints("registry_upload")
    }
    known = sa.Table("registry_upload", sa.MetaData(), autoload_with=connection, resolve_fks=False)
    known.constraints = {rule for rule in known.constraints if not isinstance(rule, sa.CheckConstraint)}
    for name, text in checks.items():
        known.append_constraint(sa.CheckConstraint(text, name=op.f(name)))
    with op.batch_alter_table("registry_upload", copy_from=known, recreate="always") as table:
        table.alter_column("uploaded_by_id", existing_type=BIG, nullable=nullable)
