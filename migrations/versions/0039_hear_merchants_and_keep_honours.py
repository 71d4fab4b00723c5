"""Hear merchants before publication; keep appeals, credit repair, honours and measures from a file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
OLD = ("proposed", "refused", "published", "expired", "repaired", "struck", "withdrawn")
STATES = (*OLD, "confirmed")
CASE = ("filed", "granted", "dismissed", "withdrawn", "overtaken")
HONOUR = ("proposed", "refused", "published", "expired", "ended", "withdrawn")
MEASURE = ("waiting", "running", "done", "dropped")
INSTANT = sa.DateTime(timezone=True)
STANDING = "state IN ('proposed', 'confirmed', 'published')"
STANDING_BEFORE = "state IN ('proposed', 'published')"


HEARD = {
    "ck_listing_confirmed_by_two": "state <> 'confirmed' OR decided_by_id IS NOT NULL",
    "ck_listing_heard_first": (
        "hearing_until IS NULL OR published_at IS NULL OR published_at >= hearing_until OR statement IS NOT NULL"
    ),
}
COLUMNS = (
    ("severity", sa.String(40)),
    ("office_region", sa.String(9)),
    ("hearing_until", INSTANT),
    ("statement", sa.Text()),
    ("statement_at", INSTANT),
    ("statement_by_id", BIG),
    ("heard_by_id", BIG),
    ("heard_answer", sa.Text()),
    ("reply", sa.Text()),
    ("reply_at", INSTANT),
    ("reply_by_id", BIG),
    ("reply_hidden_reason", sa.Text()),
)


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("listing", sa.Column(name, kind, nullable=True))
    op.drop_index("uq_listing_standing", "listing")
    _checks(STATES, put=HEARD)
    _standing(STANDING)
    _create_cases()
    _create_honours()
    _create_measures()


def downgrade() -> None:
    for table in ("measure_row", "measure", "nomination", "honour", "return_chain"):
        op.drop_table(table)
    op.drop_table("listing_repair")
    op.drop_table("listing_appeal")
    # The older release knows no hearing: what was being heard was never published.
    op.execute("UPDATE listing SET state = 'refused' WHERE state = 'confirmed'")
    op.drop_index("uq_listing_standing", "listing")
    _checks(OLD, drop=tuple(HEARD))
    for name, _kind in reversed(COLUMNS):
        op.drop_column("listing", name)
    _standing(STANDING_BEFORE)


def _standing(rule: str) -> None:
    op.create_index(
        "uq_listing_standing",
        "listing",
        ["shop_id", "colour"],
        unique=True,
        sqlite_where=sa.text(rule),
        postgresql_where=sa.text(rule),
    )


def _checks(states: tuple[str, ...], put: dict[str, str] | None = None, drop: tuple[str, ...] = ()) -> None:
    """Replace the CHECK of the column `state`, and add or take away others."""
    connection = op.get_bind()
    checks = {
        check["name"]: check["sqltext"] for check in sa.inspect(connection).get_check_constraints("listing")
    }
    [name] = [name for name in checks if name in {"state", "ck_listing_state"}]
    allowed = "state IN (" + ", ".join(f"'{state}'" for state in states) + ")"
    new = {one: text for one, text in {**checks, name: allowed, **(put or {})}.items() if one not in drop}
    if connection.dialect.name != "sqlite":
        for one in (name, *drop):
            op.drop_constraint(op.f(one), "listing", type_="check")
        for one in (name, *(put or {})):
            op.create_check_constraint(op.f(one), "listing", new[one])
        return
    # SQLite changes a rule by copying the table. Whether its CHECKs are read back depends on the library's release, so
    # they are put there anew.
    known = sa.Table("listing", sa.MetaData(), autoload_with=connection, resolve_fks=False)
    known.constraints = {rule for rule in known.constraints if not isinstance(rule, sa.CheckConstraint)}
    for one, text in new.items():
        known.append_constraint(sa.CheckConstraint(text, name=op.f(one)))
    with op.batch_alter_table("listing", copy_from=known, recreate="always"):
        pass


def _choice(values: tuple[str, ...], name: str = "state") -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _fk(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def _create_cases() -> None:
    for table in ("listing_appeal", "listing_repair"):
        more = (
            [
                sa.Column("listed_by_id", BIG, nullable=False),
                sa.Column("confirmed_by_id", BIG, nullable=False),
                sa.Column("heard_by_id", BIG, nullable=True),
                sa.CheckConstraint(
                    "decided_by_id IS NULL OR (decided_by_id <> listed_by_id AND decided_by_id <> confirmed_by_id"
                    " AND (heard_by_id IS NULL OR decided_by_id <> heard_by_id))",
                    name=op.f("ck_listing_appeal_took_no_part"),
                ),
                *(_fk(table, one, "account") for one in ("listed_by_id", "confirmed_by_id", "heard_by_id")),
            ]
            if table == "listing_appeal"
            else [
                sa.Column("receipt", sa.String(20), nullable=False),
                sa.Column("checks", sa.JSON(), nullable=False),
                sa.UniqueConstraint("receipt", name=op.f("uq_listing_repair_receipt")),
            ]
        )
        op.create_table(
            table,
            sa.Column("id", BIG, nullable=False),
            sa.Column("listing_id", BIG, nullable=False),
            sa.Column("state", _choice(CASE), nullable=False),
            sa.Column("text", sa.Text(), nullable=False),
            sa.Column("filed_by_id", BIG, nullable=False),
            sa.Column("filed_at", INSTANT, nullable=False),
            sa.Column("due_on", sa.Date(), nullable=False),
            sa.Column("decided_by_id", BIG, nullable=True),
            sa.Column("decided_at", INSTANT, nullable=True),
            sa.Column("decision", sa.Text(), nullable=True),
            sa.Column("version", sa.Integer(), nullable=False),
            *more,
            sa.CheckConstraint(
                "state NOT IN ('granted', 'dismissed') OR decided_by_id IS NOT NULL",
                name=op.f(f"ck_{table}_decided_by_somebody"),
            ),
            _fk(table, "listing_id", "listing"),
            _fk(table, "filed_by_id", "account"),
            _fk(table, "decided_by_id", "account"),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        )
        _index(table, "listing_id", "filed_by_id", "decided_by_id")
        op.create_index(
            f"uq_{table}_open",
            table,
            ["listing_id"],
            unique=True,
            sqlite_where=sa.text("state = 'filed'"),
            postgresql_where=sa.text("state = 'filed'"),
        )
    _index("listing_appeal", "listed_by_id", "confirmed_by_id", "heard_by_id")


def _create_honours() -> None:
    op.create_table(
        "return_chain",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("region_code", sa.String(9), nullable=False),
        sa.Column("created_by_id", BIG, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _fk("return_chain", "created_by_id", "account"),
        sa.UniqueConstraint("name", name=op.f("uq_return_chain_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_chain")),
    )
    _index("return_chain", "created_by_id")
    op.create_table(
        "honour",
        sa.Column("id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column(
            "kind",
            _choice(("demonstration", "no_reason_return", "cross_shop_return"), "kind"),
            nullable=False,
        ),
        sa.Column("state", _choice(HONOUR), nullable=False),
        sa.Column("sector", sa.String(40), nullable=True),
        sa.Column("standard", sa.String(200), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("chain_id", BIG, nullable=True),
        sa.Column("term_until", sa.Date(), nullable=True),
        sa.Column("proposed_by_id", BIG, nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("published_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name=op.f("ck_honour_two_people")
        ),
        sa.CheckConstraint(
            "state <> 'published' OR (decided_by_id IS NOT NULL AND published_at IS NOT NULL)",
            name=op.f("ck_honour_published_by_two"),
        ),
        sa.CheckConstraint(
            "kind <> 'demonstration' OR sector IS NOT NULL", name=op.f("ck_honour_demonstration_has_sector")
        ),
        sa.CheckConstraint(
            "kind = 'demonstration' OR days IS NOT NULL", name=op.f("ck_honour_return_has_days")
        ),
        sa.CheckConstraint(
            "(kind = 'cross_shop_return') = (chain_id IS NOT NULL)", name=op.f("ck_honour_chain")
        ),
        _fk("honour", "shop_id", "shop"),
        _fk("honour", "chain_id", "return_chain"),
        _fk("honour", "proposed_by_id", "account"),
        _fk("honour", "decided_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honour")),
    )
    _index("honour", "shop_id", "chain_id", "proposed_by_id", "decided_by_id")
    op.create_index(
        "uq_honour_standing",
        "honour",
        ["shop_id", "kind"],
        unique=True,
        sqlite_where=sa.text("state IN ('proposed', 'published')"),
        postgresql_where=sa.text("state IN ('proposed', 'published')"),
    )
    op.create_table(
        "nomination",
        sa.Column("shop_id", BIG, autoincrement=False, nullable=False),
        sa.Column("state", _choice(("open", "taken", "declined", "lapsed")), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("nominated_at", INSTANT, nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _fk("nomination", "shop_id", "shop"),
        _fk("nomination", "decided_by_id", "account"),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_nomination")),
    )
    _index("nomination", "decided_by_id")


def _create_measures() -> None:
    op.create_table(
        "measure",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("state", _choice(MEASURE), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("region_code", sa.String(9), nullable=False),
        sa.Column("uploaded_by_id", BIG, nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state NOT IN ('running', 'done') OR (decided_by_id IS NOT NULL AND decided_by_id <> uploaded_by_id)",
            name=op.f("ck_measure_two_people"),
        ),
        _fk("measure", "uploaded_by_id", "account"),
        _fk("measure", "decided_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure")),
    )
    _index("measure", "uploaded_by_id", "decided_by_id")
    op.create_table(
        "measure_row",
        sa.Column("id", BIG, nullable=False),
        sa.Column("measure_id", BIG, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("shop_id", BIG, nullable=True),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("fate", _choice(("ready", "refused", "done", "failed"), "fate"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("made_id", BIG, nullable=True),
        _fk("measure_row", "measure_id", "measure"),
        _fk("measure_row", "shop_id", "shop"),
        sa.UniqueConstraint("measure_id", "line", name=op.f("uq_measure_row_measure_id_line")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure_row")),
    )
    _index("measure_row", "shop_id")
