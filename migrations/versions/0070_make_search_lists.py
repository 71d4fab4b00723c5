"""Make the search's index a list of shops for each token, the same on both databases.

What stands in the former index is thrown away: ``flask reference``, which every upgrade runs after, writes all anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TOKEN = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")

# The former index (0067), for the way back.
_FTS = (
    "CREATE VIRTUAL TABLE shop_fts USING fts5"
    " (tokens, detail=none, columnsize=0, tokenize='unicode61 remove_diacritics 0')"
)
_TABLE = "CREATE TABLE shop_fts (shop_id bigint PRIMARY KEY, tokens tsvector NOT NULL)"
_FIND = """
CREATE FUNCTION shop_fts_newest(asked tsquery, most integer, newest bigint) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_indexscan = off SET enable_indexonlyscan = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    bits integer := 12;
    near tsquery;
    found bigint[];
BEGIN
    WHILE newest IS NOT NULL AND bits < 20 AND newest >> bits > 1 LOOP
        near := format('''z%sx%s'' | ''z%sx%s''', bits, newest >> bits, bits, (newest >> bits) - 1)::tsquery;
        found := ARRAY(SELECT f.shop_id FROM shop_fts f WHERE f.tokens @@ near AND f.tokens @@ asked
                       ORDER BY f.shop_id DESC LIMIT most);
        IF cardinality(found) >= most THEN
            RETURN QUERY SELECT unnest(found);
            RETURN;
        END IF;
        bits := bits + greatest(1, ceil(ln(1.5 * most / (cardinality(found) + 0.5)) / ln(2))::integer);
    END LOOP;
    RETURN QUERY SELECT f.shop_id FROM shop_fts f WHERE f.tokens @@ asked ORDER BY f.shop_id DESC LIMIT most;
END
$$
"""


def upgrade() -> None:
    on_postgres = op.get_bind().dialect.name == "postgresql"
    op.execute("DROP TABLE shop_fts")
    if on_postgres:
        op.execute("DROP FUNCTION shop_fts_newest(tsquery, integer, bigint)")
    for name in ("shop_entry", "shop_entry_fresh"):
        op.create_table(
            name,
            sa.Column("shop_id", _BIG, autoincrement=False, nullable=False),
            sa.Column("tokens", sa.Text(), nullable=False),
            *([sa.Column("version", sa.Integer(), nullable=False)] if name == "shop_entry_fresh" else []),
            sa.PrimaryKeyConstraint("shop_id", name=op.f(f"pk_{name}")),
        )
    op.create_table(
        "token_list",
        sa.Column("token", _TOKEN, nullable=False),
        sa.Column("shops", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_token_list")),
    )
    merging = op.create_table(
        "token_list_merging",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_token_list_merging_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_list_merging")),
    )
    op.bulk_insert(merging, [{"id": 1, "number": 0}])
    if on_postgres:
        # The bitmaps are packed already: packing them again only costs the time of unpacking.
        op.execute("ALTER TABLE token_list ALTER COLUMN shops SET STORAGE EXTERNAL")


def downgrade() -> None:
    on_postgres = op.get_bind().dialect.name == "postgresql"
    for name in ("token_list_merging", "token_list", "shop_entry_fresh", "shop_entry"):
        op.drop_table(name)
    if not on_postgres:
        op.execute(_FTS)
        return
    op.execute(_TABLE)
    op.execute("CREATE INDEX ix_shop_fts_tokens ON shop_fts USING gin (tokens) WITH (fastupdate = off)")
    op.execute(_FIND)
