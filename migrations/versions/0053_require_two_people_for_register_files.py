"""A confirmed register file names two people: also where one of them was left empty."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

NAME = "ck_registry_upload_two_people"
OLD = "state <> 'confirmed' OR decided_by_id <> uploaded_by_id"
NEW = (
    "state <> 'confirmed' OR (uploaded_by_id IS NOT NULL AND decided_by_id IS NOT NULL"
    " AND decided_by_id <> uploaded_by_id)"
)


def upgrade() -> None:
    _check(NEW)


def downgrade() -> None:
    _check(OLD)


def _check(rule: str) -> None:
    connection, table = op.get_bind(), "registry_upload"
    if connection.dialect.name != "sqlite":
        op.drop_constraint(op.f(NAME), table, type_="check")
        op.create_check_constraint(op.f(NAME), table, rule)
        return
    # SQLite changes a rule by copying the table. Whether its CHECKs are read back depends on the library's release, so
    # they are put there anew.
    checks = {
        check["name"]: check["sqltext"] for check in sa.inspect(connection).get_check_constraints(table)
    }
    known = sa.Table(table, sa.MetaData(), autoload_with=connection, resolve_fks=False)
    known.constraints = {one for one in known.constraints if not isinstance(one, sa.CheckConstraint)}
    for name, text in {**checks, NAME: rule}.items():
        known.append_constraint(sa.CheckConstraint(text, name=op.f(name)))
    with op.batch_alter_table(table, copy_from=known, recreate="always"):
        pass
