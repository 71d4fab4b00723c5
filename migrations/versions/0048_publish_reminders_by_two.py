"""Reminders are written by one officer and published by another, on a ground, for a term, about any number of shops.

What stands already was published by one: it is marked (`before_two`), keeps standing for a year from its publication
and for thirty days from now at least, and its ground is "earlier".
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)
STATES = ("draft", "proposed", "refused", "published", "replaced", "withdrawn", "expired", "dropped")
WAITING = sa.text("replaces_id IS NOT NULL AND state IN ('draft', 'proposed', 'refused')")
YEAR, LEAST = timedelta(days=365), timedelta(days=30)

COMMON = ("id", "kind", "title", "body", "region_code", "category", "industry_code", "version")


def upgrade() -> None:
    connection = op.get_bind()
    old = connection.execute(sa.select(_before())).mappings().all()
    op.drop_table("reminder")
    _create_after()
    today = datetime.now(UTC).date()
    for row in old:
        made = {name: row[name] for name in COMMON} | _stood(row, today)
        connection.execute(sa.insert(_after()).values(made))
        if row["shop_id"] is not None:
            connection.execute(sa.insert(_named()).values(reminder_id=row["id"], shop_id=row["shop_id"]))
    _go_on_counting(connection)


def _stood(row: sa.RowMapping, today: date) -> dict[str, Any]:
    """What the new columns say of a row that one officer published."""
    published: datetime = row["published_at"]
    return {
        "state": "published" if row["withdrawn_at"] is None else "withdrawn",
        "ground": "earlier",
        "term_until": max(published.date() + YEAR, today + LEAST),
        "written_by_id": row["published_by_id"],
        "written_at": row["changed_at"] or published,
        "proposed_by_id": row["published_by_id"],
        "proposed_at": published,
        "published_at": published,
        "changed_at": row["changed_at"],
        "ended_at": row["withdrawn_at"],
        "ended_reason": row["withdrawn_reason"]
        if row["withdrawn_at"] is None
        else row["withdrawn_reason"] or "",
        "before_two": True,
    }


def downgrade() -> None:
    connection = op.get_bind()
    new = connection.execute(sa.select(_after())).mappings().all()
    named = _named()
    first = sa.select(named.c.reminder_id, sa.func.min(named.c.shop_id)).group_by(named.c.reminder_id)
    shops = dict(connection.execute(first).tuples().all())
    op.drop_table("reminder_shop")
    op.drop_table("reminder")
    _create_before()
    for row in new:
        if row["published_at"] is None:
            continue  # a draft: the older release keeps those in the officer's form only
        made = {name: row[name] for name in COMMON} | {
            "shop_id": shops.get(row["id"]),
            "published_by_id": row["decided_by_id"] or row["proposed_by_id"],
            "published_at": row["published_at"],
            "changed_at": row["changed_at"],
            "withdrawn_at": row["ended_at"],
            "withdrawn_reason": None if row["ended_at"] is None else row["ended_reason"] or "",
        }
        connection.execute(sa.insert(_before()).values(made))
    _go_on_counting(connection)


def _go_on_counting(connection: sa.Connection) -> None:
    """PostgreSQL counts by itself and does not see the numbers that were given."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            sa.text(
                "SELECT setval(pg_get_serial_sequence('reminder', 'id'),"
                " (SELECT coalesce(max(id), 0) + 1 FROM reminder), false)"
            )
        )


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", BIG, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("reminder", "warning", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("region_code", sa.String(9), nullable=False),
        sa.Column("category", sa.String(40), nullable=True),
        sa.Column("industry_code", sa.String(40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=True),
        sa.Column("changed_at", INSTANT, nullable=True),
    ]


def _new_columns() -> list[sa.Column[Any]]:
    return [
        *_columns(),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("ground", sa.String(40), nullable=False),
        sa.Column("term_until", sa.Date(), nullable=False),
        sa.Column("figures", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("replaces_id", BIG, nullable=True),
        sa.Column("written_by_id", BIG, nullable=True),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("proposed_by_id", BIG, nullable=True),
        sa.Column("proposed_at", INSTANT, nullable=True),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.Column("before_two", sa.Boolean(), nullable=False, server_default=sa.false()),
    ]


def _old_columns() -> list[sa.Column[Any]]:
    kept = [column for column in _columns() if column.name != "published_at"]
    return [
        *kept,
        sa.Column("shop_id", BIG, nullable=True),
        sa.Column("published_by_id", BIG, nullable=True),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
    ]


def _before() -> sa.Table:
    return sa.Table("reminder", sa.MetaData(), *_old_columns())


def _after() -> sa.Table:
    return sa.Table("reminder", sa.MetaData(), *_new_columns())


def _named() -> sa.Table:
    return sa.Table(
        "reminder_shop",
        sa.MetaData(),
        sa.Column("id", BIG, primary_key=True),
        sa.Column("reminder_id", BIG),
        sa.Column("shop_id", BIG),
    )


def _fk(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def _create_after() -> None:
    op.create_table(
        "reminder",
        *_new_columns(),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR ((proposed_by_id IS NULL OR decided_by_id <> proposed_by_id)"
            " AND (written_by_id IS NULL OR decided_by_id <> written_by_id))",
            name=op.f("ck_reminder_two_people"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('published', 'replaced', 'expired', 'withdrawn') OR before_two"
            " OR (decided_by_id IS NOT NULL AND proposed_by_id IS NOT NULL AND written_by_id IS NOT NULL)",
            name=op.f("ck_reminder_published_by_two"),
        ),
        sa.CheckConstraint(
            "state <> 'published' OR published_at IS NOT NULL",
            name=op.f("ck_reminder_published_at_some_time"),
        ),
        sa.CheckConstraint(
            "state <> 'withdrawn' OR ended_reason IS NOT NULL",
            name=op.f("ck_reminder_withdrawn_for_a_reason"),
        ),
        _fk("reminder", "industry_code", "industry.code"),
        _fk("reminder", "replaces_id", "reminder.id"),
        *(_fk("reminder", f"{one}_by_id", "account.id") for one in ("written", "proposed", "decided")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
    )
    op.create_index(op.f("ix_reminder_region_code"), "reminder", ["region_code"], unique=False)
    op.create_index("ix_reminder_state_term_until", "reminder", ["state", "term_until"], unique=False)
    op.create_index(
        "uq_reminder_successor",
        "reminder",
        ["replaces_id"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_table(
        "reminder_shop",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reminder_id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        _fk("reminder_shop", "reminder_id", "reminder.id", "CASCADE"),
        _fk("reminder_shop", "shop_id", "shop.id"),
        sa.UniqueConstraint("reminder_id", "shop_id", name=op.f("uq_reminder_shop_reminder_id_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_shop")),
    )
    op.create_index(op.f("ix_reminder_shop_shop_id"), "reminder_shop", ["shop_id"], unique=False)


def _create_before() -> None:
    op.create_table(
        "reminder",
        *_old_columns(),
        _fk("reminder", "industry_code", "industry.code"),
        _fk("reminder", "published_by_id", "account.id"),
        _fk("reminder", "shop_id", "shop.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
    )
    for column in ("published_by_id", "region_code", "shop_id"):
        op.create_index(op.f(f"ix_reminder_{column}"), "reminder", [column], unique=False)
