"""Let a run mark the records that it saw without writing them anew with all their indexes.

Each daily file sets run and day of every record. Nobody asks by the run; without its index and with room left on each
page PostgreSQL changes the row in place (a heap-only tuple).
"""

from __future__ import annotations

from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_registry_record_run_id", table_name="registry_record")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE registry_record SET (fillfactor = 50)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE registry_record RESET (fillfactor)")
    op.create_index("ix_registry_record_run_id", "registry_record", ["run_id"], unique=False)
