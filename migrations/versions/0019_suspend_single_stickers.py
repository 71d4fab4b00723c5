"""Let a single sticker be suspended, and carry the free label of its place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

STATES = ("valid", "replaced", "lost", "destroyed")


def upgrade() -> None:
    op.add_column("sticker", sa.Column("spot", sa.String(length=40), server_default="", nullable=False))
    _allow((*STATES, "suspended"))


def downgrade() -> None:
    # The older release knows no paper under check: not to be believed is the safe reading.
    op.execute("UPDATE sticker SET state = 'destroyed' WHERE state = 'suspended'")
    _allow(STATES)
    op.drop_column("sticker", "spot")


def _allow(states: tuple[str, ...]) -> None:
    """Replace the CHECK of the column `state`."""
    connection = op.get_bind()
    checks = {
        check["name"]: check["sqltext"] for check in sa.inspect(connection).get_check_constraints("sticker")
    }
    [name] = [name for name in checks if name in {"state", "ck_sticker_state"}]
    allowed = "state IN (" + ", ".join(f"'{state}'" for state in states) + ")"
    if connection.dialect.name != "sqlite":
        op.drop_constraint(op.f(name), "sticker", type_="check")
        op.create_check_constraint(op.f(name), "sticker", allowed)
        return
    # SQLite changes a rule by copying the table. Whether its CHECKs are read back depends on the library's release, so
    # they are put there anew.
    known = sa.Table("sticker", sa.MetaData(), autoload_with=connection, resolve_fks=False)
    known.constraints = {rule for rule in known.constraints if not isinstance(rule, sa.CheckConstraint)}
    for other, text in {**checks, name: allowed}.items():
        known.append_constraint(sa.CheckConstraint(text, name=op.f(other)))
    # A table that rows refer to cannot be copied while foreign keys are watched: the only ones there are wait aside.
    op.execute("CREATE TEMPORARY TABLE kept_aside AS SELECT * FROM printed_sticker")
    op.execute("DELETE FROM printed_sticker")
    with op.batch_alter_table("sticker", copy_from=known, recreate="always"):
        pass
    op.execute("INSERT INTO printed_sticker SELECT * FROM kept_aside")
    op.execute("DROP TABLE kept_aside")
