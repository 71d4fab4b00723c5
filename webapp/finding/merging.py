"""Writing the lists: what is fresh is taken into them, by one at a time.

What a list loses and gains is gathered over all entries first: a list is read and written once, however many of them
have its token. A shop's former entry says which lists know it.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa
from pyroaring import BitMap
from sqlalchemy.dialects import postgresql, sqlite

from webapp.core.db import Base, among, db

from . import lists
from .models import FreshEntry, Merging, ShopEntry, TokenList

EVERY_SECONDS: Final = 60
#: So many fresh entries cost a search less than half a millisecond; taking them in writes some thousands of lists.
ENOUGH: Final = 64
MOST: Final = 500
#: Of shops that are written in bulk so many are gathered before the lists are written: some 100 MB.
GATHERED: Final = 100_000
#: Lists that are read and written at once.
_AT_ONCE: Final = 5000

_Changes = dict[str, BitMap]


def work(_now: datetime) -> int:
    """A job: take the fresh entries in when there are enough of them; returns how many."""
    connection = db.session.connection()
    waiting = connection.scalar(sa.select(sa.func.count()).select_from(FreshEntry)) or 0
    return merge(connection, MOST) if waiting >= ENOUGH else 0


def merge(connection: sa.Connection, most: int | None = None) -> int:
    """Take fresh entries into the lists, at most so many; returns how many. In the caller's transaction."""
    _lock(connection)
    fresh = sa.select(FreshEntry.shop_id, FreshEntry.tokens, FreshEntry.version).order_by(FreshEntry.shop_id)
    rows = connection.execute(fresh.limit(most)).all()
    if not rows:
        return 0
    entries = {row.shop_id: row.tokens for row in rows}
    stood = sa.select(ShopEntry.shop_id, ShopEntry.tokens).where(among(ShopEntry.shop_id, entries))
    before = dict(connection.execute(stood).tuples().all())
    gaining, losing = _changes(), _changes()
    for shop_id, tokens in entries.items():
        has, had = set(tokens.split(" ")), set(before.get(shop_id, "").split(" "))
        for token in has - had:
            gaining[token].add(shop_id)
        for token in had - has - {""}:
            losing[token].add(shop_id)
    _rewrite(connection, gaining, losing)
    stand = _insert(connection, ShopEntry)
    stand = stand.on_conflict_do_update(index_elements=["shop_id"], set_={"tokens": stand.excluded.tokens})
    connection.execute(stand, [{"shop_id": shop_id, "tokens": said} for shop_id, said in entries.items()])
    drop_taken(connection, [(row.shop_id, row.version) for row in rows])
    return len(rows)


def drop_taken(connection: sa.Connection, taken: Sequence[tuple[int, int]]) -> None:
    """Take out the fresh entries that the lists have now, by shop and version as they were read: what was written
    meanwhile stays fresh."""
    statement = sa.delete(FreshEntry).where(
        FreshEntry.shop_id == sa.bindparam("shop"), FreshEntry.version == sa.bindparam("as_read")
    )
    connection.execute(statement, [{"shop": shop_id, "as_read": version} for shop_id, version in taken])


@contextlib.contextmanager
def in_bulk(connection: sa.Connection) -> Iterator[Callable[[Mapping[int, str]], None]]:
    """A function that takes entries of shops that have none, by shop; the lists have them when the block ends."""
    _lock(connection)
    gaining, gathered = _changes(), 0

    def add(entries: Mapping[int, str]) -> None:
        nonlocal gaining, gathered
        if not entries:
            return
        rows = [{"shop_id": shop_id, "tokens": tokens} for shop_id, tokens in entries.items()]
        connection.execute(sa.insert(ShopEntry), rows)
        for shop_id, tokens in entries.items():
            for token in tokens.split(" "):
                gaining[token].add(shop_id)
        gathered += len(entries)
        if gathered >= GATHERED:
            _rewrite(connection, gaining, {})
            gaining, gathered = _changes(), 0

    yield add
    _rewrite(connection, gaining, {})


def forget(connection: sa.Connection) -> None:
    """Empty the index."""
    _lock(connection)
    for table in (FreshEntry, ShopEntry, TokenList):
        connection.execute(sa.delete(table))


def _changes() -> defaultdict[str, BitMap]:
    return defaultdict(BitMap)


def _lock(connection: sa.Connection) -> None:
    """One at a time, to the end of the transaction; who keeps something of the lists sees that they are others now."""
    connection.execute(sa.update(Merging).values(number=Merging.number + 1))


def _rewrite(connection: sa.Connection, gaining: _Changes, losing: _Changes) -> None:
    tokens = iter(sorted(gaining.keys() | losing.keys()))
    while some := list(islice(tokens, _AT_ONCE)):
        former, rows, gone = lists.read(connection, some), [], []
        for token in some:
            now = former.get(token, BitMap())
            now -= losing.get(token, _NONE)
            now |= gaining.get(token, _NONE)
            if now:
                now.run_optimize()
                rows.append((token, now.serialize()))
            else:
                gone.append(token)
        if rows:
            connection.exec_driver_sql(_PUT[connection.dialect.name], rows)
        if gone:
            connection.execute(sa.delete(TokenList).where(among(TokenList.token, gone)))


_NONE: Final = BitMap()
#: Said to the driver itself: of hundreds of thousands of lists, each parameter that is looked at on the way counts.
_PUT_ON_SQLITE: Final = (
    "INSERT INTO token_list (token, shops) VALUES (?, ?)"
    " ON CONFLICT (token) DO UPDATE SET shops = excluded.shops"
)
_PUT: Final = {"sqlite": _PUT_ON_SQLITE, "postgresql": _PUT_ON_SQLITE.replace("?", "%s")}


def put_fresh(connection: sa.Connection, entries: Mapping[int, str]) -> None:
    """Write entries that the lists do not have yet, over those that wait already."""
    statement = _insert(connection, FreshEntry)
    changes = {"tokens": statement.excluded.tokens, "version": FreshEntry.version + 1}
    rows = [{"shop_id": shop_id, "tokens": tokens, "version": 1} for shop_id, tokens in entries.items()]
    connection.execute(statement.on_conflict_do_update(index_elements=["shop_id"], set_=changes), rows)


def _insert(connection: sa.Connection, table: type[Base]) -> Any:
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
