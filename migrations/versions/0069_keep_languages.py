"""Keep the language in which a person is written to: with accounts, with what consumers filed, with each message."""

from __future__ import annotations

from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None

COLUMNS = (
    ("account", "language"),
    ("consumer", "language"),
    ("complaint", "contact_language"),
    ("tip", "reporter_language"),
    ("outbox_message", "language"),
)


def upgrade() -> None:
    for table, column in COLUMNS:
        # Both databases take a CHECK with the column; SQLite knows no other way but to copy the whole table.
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} VARCHAR(40) DEFAULT 'zh-Hans' NOT NULL"
            f" CONSTRAINT ck_{table}_{column} CHECK ({column} IN ('zh-Hans', 'zh-Hant', 'en'))"
        )


def downgrade() -> None:
    for table, column in reversed(COLUMNS):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
