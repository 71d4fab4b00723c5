"""Create talks, orders to correct, requests for more time, and proposals to suspend."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)
TWO_PEOPLE = "decided_by_id IS NULL OR decided_by_id <> proposed_by_id"
SOURCES = ("complaint", "tip", "inspection", "hotspot")
TALK = ("proposed", "refused", "invited", "confirmed", "held", "absent", "cancelled", "withdrawn")
ORDER = (
    *("proposed", "refused", "open", "reported", "performed", "not_performed"),
    *("cancelled", "withdrawn"),
)


def upgrade() -> None:
    op.create_table(
        "talk",
        *_case(TALK),
        sa.Column("place", sa.String(120), nullable=False),
        sa.Column("talk_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("confirmed_by_id", BIG, nullable=True),
        sa.Column("comes", sa.String(80), nullable=True),
        sa.Column("attended", sa.String(200), nullable=True),
        sa.Column("minutes", sa.Text(), nullable=True),
        sa.Column("admonition", sa.Text(), nullable=True),
        sa.Column("held_by_id", BIG, nullable=True),
        sa.Column("held_at", INSTANT, nullable=True),
        *_rules(
            "talk",
            two_people=TWO_PEOPLE,
            invited_by_two="state IN ('proposed', 'cancelled', 'refused') OR decided_by_id IS NOT NULL",
            published_by_two="published_at IS NULL OR decided_by_id IS NOT NULL",
            held_with_minutes="state <> 'held' OR (minutes IS NOT NULL AND admonition IS NOT NULL)",
        ),
        *_keys("talk", shop_id="shop", proposed_by_id="account", decided_by_id="account"),
    )
    _index("talk", "shop_id", "talk_at")
    _only_one("uq_talk_ahead", "talk", ["shop_id"], "state IN ('proposed', 'invited', 'confirmed')")
    op.create_table(
        "correction",
        *_case(ORDER),
        sa.Column("demand", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("unit", _choice("unit", "days", "working_days"), nullable=False),
        sa.Column("counted_from", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("reported_at", INSTANT, nullable=True),
        sa.Column("reported_by_id", BIG, nullable=True),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("checked_by_id", BIG, nullable=True),
        sa.Column("checked_at", INSTANT, nullable=True),
        sa.Column("reminded_at", INSTANT, nullable=True),
        sa.Column("escalated_at", INSTANT, nullable=True),
        *_rules(
            "correction",
            two_people=TWO_PEOPLE,
            issued_by_two=(
                "state IN ('proposed', 'cancelled', 'refused')"
                " OR (decided_by_id IS NOT NULL AND due_on IS NOT NULL)"
            ),
            published_by_two="published_at IS NULL OR decided_by_id IS NOT NULL",
            some_days="days > 0",
        ),
        *_keys("correction", shop_id="shop", proposed_by_id="account", decided_by_id="account"),
    )
    _index("correction", "shop_id", "due_on")
    running = "state IN ('proposed', 'open', 'reported')"
    _only_one("uq_correction_running", "correction", ["shop_id", "ground"], running)
    _create_extensions()
    _create_proposals()


def downgrade() -> None:
    for table in ("oversight_proposal", "correction_extension", "correction", "talk"):
        op.drop_table(table)


def _create_extensions() -> None:
    op.create_table(
        "correction_extension",
        sa.Column("id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("state", _choice("state", "asked", "approved", "refused", "dropped"), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by_id", BIG, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("by_merchant", sa.Boolean(), nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("due_before", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *_rules(
            "correction_extension",
            two_people="decided_by_id IS NULL OR decided_by_id <> asked_by_id",
            approved_by_two="state <> 'approved' OR decided_by_id IS NOT NULL",
        ),
        *_keys("correction_extension", order_id="correction", asked_by_id="account", decided_by_id="account"),
    )
    _index("correction_extension", "order_id")
    asked = "state = 'asked'"
    _only_one("uq_correction_extension_asked", "correction_extension", ["order_id"], asked)


def _create_proposals() -> None:
    op.create_table(
        "oversight_proposal",
        sa.Column("id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("state", _choice("state", "open", "taken", "declined", "lapsed"), nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("talk_id", BIG, nullable=True),
        sa.Column("order_id", BIG, nullable=True),
        sa.Column("raised_by_id", BIG, nullable=False),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *_rules(
            "oversight_proposal",
            two_people="decided_by_id IS NULL OR decided_by_id <> raised_by_id",
            taken_by_somebody="state <> 'taken' OR decided_by_id IS NOT NULL",
        ),
        *_keys(
            "oversight_proposal",
            shop_id="shop",
            talk_id="talk",
            order_id="correction",
            raised_by_id="account",
            decided_by_id="account",
        ),
    )
    _index("oversight_proposal", "shop_id")
    _only_one("uq_oversight_proposal_open", "oversight_proposal", ["shop_id"], "state = 'open'")


def _case(states: tuple[str, ...]) -> list[sa.Column[Any]]:
    return [
        sa.Column("id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("state", _choice("state", *states), nullable=False),
        sa.Column("source", _choice("source", *SOURCES), nullable=False),
        sa.Column("source_ref", sa.String(80), nullable=False),
        sa.Column("ground", sa.String(40), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("public_summary", sa.Text(), nullable=False),
        sa.Column("proposed_by_id", BIG, nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("office_region", sa.String(9), nullable=True),
        sa.Column("published_at", INSTANT, nullable=True),
        sa.Column("shown_until", sa.Date(), nullable=True),
        sa.Column("unpublished_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
    ]


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _rules(table: str, **texts: str) -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(text, name=op.f(f"ck_{table}_{name}")) for name, text in texts.items()]


def _keys(table: str, **targets: str) -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))
            for column, target in targets.items()
        ),
    ]


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def _only_one(name: str, table: str, columns: list[str], where: str) -> None:
    text = sa.text(where)
    op.create_index(name, table, columns, unique=True, sqlite_where=text, postgresql_where=text)
