"""Complete complaints: law, route, consents, handling office, settlement, grounds, handling rated."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
OLD_STATES = ("settling", "answered", "referred", "mediating", "resolved", "closed", "refused", "withdrawn")
NEW_STATES = ("agreed", "lapsed", "transferred")
OLD_SIDES = ("consumer", "merchant", "officer", "system")
CHECKS = {
    "ck_complaint_source": "source IN ('scan', 'search', 'office')",
    "ck_complaint_route": "route IN ('settle_first', 'authority')",
    "ck_complaint_handling_stars": "handling_stars IS NULL OR handling_stars BETWEEN 1 AND 5",
    "ck_complaint_refused_on_a_ground": "refuse_ground IS NOT NULL OR state <> 'refused'",
    "ck_complaint_ended_on_a_ground": "end_ground IS NOT NULL OR state <> 'closed'",
}


def _columns() -> list[sa.Column]:
    return [
        sa.Column("code_word_hash", sa.String(64), nullable=True),
        sa.Column("source", sa.String(40), server_default="search", nullable=False),
        sa.Column("route", sa.String(40), server_default="settle_first", nullable=False),
        sa.Column("law", sa.String(40), server_default="order121", nullable=False),
        sa.Column("phone_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consent_disclosure", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("consent_entrust", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("handler_region_code", sa.String(9), server_default="", nullable=False),
        sa.Column("handler_station_id", BIG, nullable=True),
        sa.Column("handler_department_code", sa.String(40), nullable=True),
        sa.Column("group_id", BIG, nullable=True),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("referred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refuse_ground", sa.String(40), nullable=True),
        sa.Column("end_ground", sa.String(40), nullable=True),
        sa.Column("reopened", sa.Integer(), server_default="0", nullable=False),
        sa.Column("handling_stars", sa.Integer(), nullable=True),
        sa.Column("handling_said", sa.Text(), nullable=True),
        sa.Column("handling_rated_at", sa.DateTime(timezone=True), nullable=True),
    ]


KEYS = (
    ("fk_complaint_handler_station_id", "station", "handler_station_id", "id"),
    ("fk_complaint_handler_department_code", "department", "handler_department_code", "code"),
    ("fk_complaint_group_id", "complaint_group", "group_id", "id"),
)
#: What old rows are known to have been; a ground that nobody wrote down is called that.
FILL = """
UPDATE complaint SET
    handler_region_code = (SELECT region_code FROM shop WHERE shop.id = complaint.shop_id),
    handler_station_id = (SELECT station_id FROM shop WHERE shop.id = complaint.shop_id),
    handler_department_code = (SELECT department_code FROM shop WHERE shop.id = complaint.shop_id),
    law = CASE WHEN received_at < '2026-04-14 16:00:00+00' THEN 'order20' ELSE 'order121' END,
    source = CASE WHEN sticker_serial IS NULL THEN 'search' ELSE 'scan' END,
    refuse_ground = CASE WHEN state = 'refused' THEN 'unrecorded' END,
    end_ground = CASE WHEN state = 'closed' THEN 'unrecorded' END,
    next_due_at = CASE WHEN state = 'settling' THEN answer_due_at END,
    referred_at = (SELECT max(at) FROM complaint_message m WHERE m.complaint_id = complaint.id
                   AND m.action IN ('refer', 'say_unresolved')),
    accepted_at = (SELECT max(at) FROM complaint_message m WHERE m.complaint_id = complaint.id AND m.action = 'accept')
"""


def upgrade() -> None:
    for column in _columns():
        op.add_column("complaint", column)
    fill = FILL if op.get_bind().dialect.name != "sqlite" else FILL.replace("+00'", "'")
    op.execute(fill)
    op.add_column("complaint_message", sa.Column("ground", sa.String(40), server_default="", nullable=False))
    _restrict("complaint", {"state": _among("state", (*OLD_STATES, *NEW_STATES))}, CHECKS, KEYS)
    _restrict("complaint_message", {"side": _among("side", (*OLD_SIDES, "mediator"))})
    op.create_index("ix_complaint_group_id", "complaint", ["group_id"])
    op.create_index("ix_complaint_handler", "complaint", ["handler_region_code", "state", "next_due_at"])


def downgrade() -> None:
    op.drop_index("ix_complaint_handler", table_name="complaint")
    op.drop_index("ix_complaint_group_id", table_name="complaint")
    # The older release knows fewer ends: each becomes the nearest that is not better for anybody.
    op.execute("UPDATE complaint SET state = 'answered' WHERE state IN ('agreed', 'lapsed')")
    op.execute("UPDATE complaint SET state = 'refused' WHERE state = 'transferred'")
    op.execute("UPDATE complaint_message SET side = 'officer' WHERE side = 'mediator'")
    _restrict("complaint_message", {"side": _among("side", OLD_SIDES)})
    _restrict("complaint", {"state": _among("state", OLD_STATES)}, dropped=tuple(CHECKS), loosened=KEYS)
    op.drop_column("complaint_message", "ground")
    for column in reversed(_columns()):
        op.drop_column("complaint", column.name)


def _among(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN (" + ", ".join(f"'{value}'" for value in values) + ")"


def _restrict(
    table: str,
    changed: dict[str, str],
    added: dict[str, str] | None = None,
    keys: tuple[tuple[str, str, str, str], ...] = (),
    dropped: tuple[str, ...] = (),
    loosened: tuple[tuple[str, str, str, str], ...] = (),
) -> None:
    """Change the CHECKs of columns, add CHECKs and foreign keys, drop others."""
    connection = op.get_bind()
    checks = {
        check["name"]: check["sqltext"] for check in sa.inspect(connection).get_check_constraints(table)
    }
    names = {
        column: name for column in changed for name in checks if name in {column, f"ck_{table}_{column}"}
    }
    wanted = {**checks, **{names[column]: text for column, text in changed.items()}, **(added or {})}
    wanted = {name: text for name, text in wanted.items() if name not in dropped}
    if connection.dialect.name != "sqlite":
        for name in (*names.values(), *dropped):
            op.drop_constraint(op.f(name), table, type_="check")
        for name in (*names.values(), *(added or {})):
            op.create_check_constraint(op.f(name), table, wanted[name])
        for name, other, column, target in keys:
            op.create_foreign_key(op.f(name), table, other, [column], [target])
        for name, *_rest in loosened:
            op.drop_constraint(op.f(name), table, type_="foreignkey")
        return
    _copy(table, wanted, keys, loosened)


def _copy(
    table: str,
    checks: dict[str, str],
    keys: tuple[tuple[str, str, str, str], ...],
    loosened: tuple[tuple[str, str, str, str], ...],
) -> None:
    """Copy the table with exactly these CHECKs, and with foreign keys added or left out."""
    connection = op.get_bind()
    # SQLite changes a rule by copying the table. Whether its CHECKs are read back depends on the library's release, so
    # they are put there anew.
    known = sa.Table(table, sa.MetaData(), autoload_with=connection, resolve_fks=False)
    gone = {name for name, *_rest in loosened}
    known.constraints = {
        rule
        for rule in known.constraints
        if not isinstance(rule, sa.CheckConstraint) and rule.name not in gone
    }
    for column in known.columns:
        column.foreign_keys = {key for key in column.foreign_keys if key.constraint.name not in gone}
    for name, text in checks.items():
        known.append_constraint(sa.CheckConstraint(text, name=op.f(name)))
    # A table that rows refer to cannot be copied while foreign keys are watched: what refers to it waits aside.
    aside = ("complaint_message", "complaint_offer") if table == "complaint" else ()
    for name in aside:
        op.execute(f"CREATE TEMPORARY TABLE aside_{name} AS SELECT * FROM {name}")  # noqa: S608 - our own names
        op.execute(f"DELETE FROM {name}")  # noqa: S608 - the same
    with op.batch_alter_table(table, copy_from=known, recreate="always") as batch:
        for name, other, column, target in keys:
            batch.create_foreign_key(op.f(name), other, [column], [target])
    for name in aside:
        op.execute(f"INSERT INTO {name} SELECT * FROM aside_{name}")  # noqa: S608 - the same
        op.execute(f"DROP TABLE aside_{name}")
