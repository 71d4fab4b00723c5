"""Refuse the two ways around the audit trail's triggers: replacing a row (SQLite), emptying the table (PostgreSQL).

SQLite deletes what REPLACE replaces without asking the delete trigger, unless recursive triggers are on; PostgreSQL
asks no row trigger when a table is truncated.
"""

from __future__ import annotations

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER audit_event_no_replace BEFORE INSERT ON audit_event"
            " WHEN EXISTS (SELECT 1 FROM audit_event WHERE id = NEW.id)"
            " BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END"
        )
        return
    op.execute(
        "CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_event_no_replace")
        return
    op.execute("DROP TRIGGER audit_event_no_truncate ON audit_event")
