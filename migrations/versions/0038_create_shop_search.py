"""Create the index by which shops are found. It is filled by ``flask reference``, which every upgrade runs after."""

from __future__ import annotations

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # Which shops have a token is all that is asked: no places, no sizes. Prefixes are asked from two letters on.
        op.execute(
            "CREATE VIRTUAL TABLE shop_fts USING fts5"
            " (tokens, detail=none, columnsize=0, prefix='3 4', tokenize='unicode61 remove_diacritics 0')"
        )
        return
    op.execute("CREATE TABLE shop_fts (shop_id bigint PRIMARY KEY, tokens tsvector NOT NULL)")
    op.execute("CREATE INDEX ix_shop_fts_tokens ON shop_fts USING gin (tokens)")
    op.execute(
        "CREATE FUNCTION shop_fts_find(asked tsquery, most integer) RETURNS SETOF bigint LANGUAGE sql STABLE"
        " SET enable_seqscan = off SET enable_indexscan = off SET enable_indexonlyscan = off"
        " AS 'SELECT shop_id FROM shop_fts WHERE tokens @@ asked LIMIT most'"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION shop_fts_find(tsquery, integer)")
    op.execute("DROP TABLE shop_fts")
