"""Write down who looked at personal data: a table that is only added to until a row's time is past.

Triggers refuse an update, writing over a row, emptying the table, and taking a row away before `keep_until`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
SEEN = ("statement", "contact", "file", "letter", "signature", "person", "account", "message", "table")
REFUSED = "personal_view is append-only"
SQLITE_ABORT = f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
SQLITE = {
    "no_update": "BEFORE UPDATE ON personal_view",
    "no_delete": "BEFORE DELETE ON personal_view WHEN OLD.keep_until >= date('now')",
    "no_replace": "BEFORE INSERT ON personal_view WHEN EXISTS (SELECT 1 FROM personal_view WHERE id = NEW.id)",
}
POSTGRESQL_FUNCTION = f"""
CREATE FUNCTION personal_view_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$
"""
TODAY = "(now() AT TIME ZONE 'UTC')::date"
POSTGRESQL = {
    "no_update": "BEFORE UPDATE ON personal_view FOR EACH ROW",
    "no_delete": f"BEFORE DELETE ON personal_view FOR EACH ROW WHEN (OLD.keep_until >= {TODAY})",
    "no_truncate": "BEFORE TRUNCATE ON personal_view FOR EACH STATEMENT",
}


def upgrade() -> None:
    op.create_table(
        "personal_view",
        sa.Column("id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", BIG, nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.Column("actor_role", sa.String(40), nullable=False),
        sa.Column(
            "seen",
            sa.Enum(*SEEN, name="seen", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("subject_type", sa.String(40), nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=True),
        sa.Column("operator_id", BIG, nullable=True),
        sa.Column("page", sa.String(80), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=True),
        sa.Column("origin", sa.String(120), nullable=False),
        sa.Column("request_id", sa.String(32), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_view")),
    )
    op.create_index("ix_personal_view_subject", "personal_view", ["subject_type", "subject_id", "id"])
    op.create_index("ix_personal_view_actor", "personal_view", ["actor_id", "id"])
    for name in ("at", "shop_id", "operator_id", "origin", "request_id", "keep_until"):
        op.create_index(op.f(f"ix_personal_view_{name}"), "personal_view", [name])
    if op.get_bind().dialect.name == "sqlite":
        for name, when in SQLITE.items():
            op.execute(f"CREATE TRIGGER personal_view_{name} {when} {SQLITE_ABORT}")
        return
    op.execute(POSTGRESQL_FUNCTION)
    for name, when in POSTGRESQL.items():
        op.execute(f"CREATE TRIGGER personal_view_{name} {when} EXECUTE FUNCTION personal_view_refuse()")


def downgrade() -> None:
    op.drop_table("personal_view")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION personal_view_refuse()")
