"""Let proposals be withdrawn, and keep uploaded register files that wait for a second officer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
REVOCATION = ("proposed", "confirmed", "refused")
LISTING = ("proposed", "refused", "published", "expired", "repaired", "struck")


def upgrade() -> None:
    _allow("revocation", (*REVOCATION, "withdrawn"))
    _allow("listing", (*LISTING, "withdrawn"))
    op.create_table(
        "registry_upload",
        sa.Column("run_id", BIG, autoincrement=False, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "confirmed",
                "dropped",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("mapping", sa.String(length=40), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("falling", sa.JSON(), nullable=False),
        sa.Column("uploaded_by_id", BIG, nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result_run_id", BIG, nullable=True),
        sa.CheckConstraint(
            "state <> 'confirmed' OR decided_by_id <> uploaded_by_id",
            name=op.f("ck_registry_upload_two_people"),
        ),
        sa.ForeignKeyConstraint(["run_id"], ["registry_run.id"], name=op.f("fk_registry_upload_run_id")),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["account.id"], name=op.f("fk_registry_upload_uploaded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["account.id"], name=op.f("fk_registry_upload_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["result_run_id"], ["registry_run.id"], name=op.f("fk_registry_upload_result_run_id")
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_registry_upload")),
    )
    for column in ("uploaded_by_id", "decided_by_id", "result_run_id"):
        op.create_index(op.f(f"ix_registry_upload_{column}"), "registry_upload", [column], unique=False)


def downgrade() -> None:
    op.drop_table("registry_upload")
    for table, target in (("revocation", "refused"), ("listing", "refused")):
        # A withdrawn proposal was never decided; the older release knows no better word for its end.
        op.execute(f"UPDATE {table} SET state = '{target}' WHERE state = 'withdrawn'")  # noqa: S608 - our own names
    _allow("listing", LISTING)
    _allow("revocation", REVOCATION)


def _allow(table: str, states: tuple[str, ...]) -> None:
    """Replace the CHECK of the column `state`."""
    connection = op.get_bind()
    inspector = sa.inspect(connection)
    checks = {check["name"]: check["sqltext"] for check in inspector.get_check_constraints(table)}
    [name] = [name for name in checks if name in {"state", f"ck_{table}_state"}]
    allowed = "state IN (" + ", ".join(f"'{state}'" for state in states) + ")"
    if connection.dialect.name != "sqlite":
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, allowed)
        return
    # SQLite changes a rule by copying the table. Whether its CHECKs are read back depends on the library's release, so
    # they are put there anew.
    known = sa.Table(table, sa.MetaData(), autoload_with=connection, resolve_fks=False)
    known.constraints = {rule for rule in known.constraints if not isinstance(rule, sa.CheckConstraint)}
    for other, text in {**checks, name: allowed}.items():
        known.append_constraint(sa.CheckConstraint(text, name=op.f(other)))
    with op.batch_alter_table(table, copy_from=known, recreate="always"):
        pass
