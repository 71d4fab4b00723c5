"""Make the search's index answer by itself: beginnings are tokens of their own, only shops with a code have an entry.

What stands in it is thrown away: ``flask reference``, which every upgrade runs after, writes all anew.
"""

from __future__ import annotations

from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

_FTS = (
    "CREATE VIRTUAL TABLE shop_fts USING fts5"
    " (tokens, detail=none, columnsize=0,{prefix} tokenize='unicode61 remove_diacritics 0')"
)
_TABLE = "CREATE TABLE shop_fts (shop_id bigint PRIMARY KEY, tokens tsvector NOT NULL)"

# GIN gives what matches in the order of the table's pages and only whole; the newest `most` are wanted, and each row
# that is read is a page. So it is first kept to the newest four to eight thousand shops (tokens "z12x…": a shop's
# number without its low 12 bits, this one or the one before). How many match there says how far back to look: as many
# bits as should hold enough, up to all. The conditions are apart so that GIN skips in each list to where the other is.
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
    op.execute("DROP TABLE shop_fts")
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_FTS.format(prefix=""))
        return
    op.execute(_TABLE)
    # No list of what is not yet in the index (fastupdate): every search would read it.
    op.execute("CREATE INDEX ix_shop_fts_tokens ON shop_fts USING gin (tokens) WITH (fastupdate = off)")
    op.execute(_FIND)


def downgrade() -> None:
    op.execute("DROP TABLE shop_fts")
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_FTS.format(prefix=" prefix='3 4',"))
        return
    op.execute("DROP FUNCTION shop_fts_newest(tsquery, integer, bigint)")
    op.execute(_TABLE)
    op.execute("CREATE INDEX ix_shop_fts_tokens ON shop_fts USING gin (tokens)")
