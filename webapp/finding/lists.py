"""Which shops a token finds: one bitmap of shop numbers a token, in the database.

A question is answered by reading the lists of its tokens, in one statement, and joining them in memory: a list of a
million shops is 125 KB at most, and two of them are joined in some thirty microseconds, so that what is common costs
as little as what is rare, with any number of filters, and everything is counted.

A list stands for hundreds of thousands of shops: nobody may wait for it who only writes one. So an entry that is
written goes to `FreshEntry` first, in its transaction; whoever asks reads those few too, and believes them. Every now
and then they are taken into the lists (``merging.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from functools import reduce
from operator import and_
from typing import Any, Final

import sqlalchemy as sa
from pyroaring import BitMap

from webapp.core.db import among, db

from . import terms
from .models import TokenList
from .terms import Between, Term, Wanted


class Lists:
    """The lists of all tokens of some questions, and what is fresh. Reads two statements when it is made."""

    def __init__(self, questions: Iterable[Wanted]) -> None:
        self._lists: dict[str, BitMap] = {}
        # What is fresh first: what is taken into the lists between the two is then in both, and the fresh one counts.
        if db.session.autoflush:
            db.session.flush()
        fresh = db.session.connection().exec_driver_sql(_FRESH).all()
        self._fresh = {shop_id: frozenset(tokens.split(" ")) for shop_id, tokens in fresh}
        self._stale = BitMap(self._fresh)
        self.read(questions)

    def read(self, questions: Iterable[Wanted]) -> None:
        """Read the lists of further questions, one statement."""
        leaves = {leaf for question in questions for leaf in terms.leaves(question)}
        tokens = {leaf.token for leaf in leaves if isinstance(leaf, Term)} - self._lists.keys()
        between = [leaf for leaf in leaves if isinstance(leaf, Between)]
        self._lists |= read(db.session.connection(), tokens, between)

    def shops(self, wanted: Wanted) -> BitMap:
        """The shops that have what is `wanted`: of the questions that were given, or of parts of them."""
        found = self._listed(wanted)
        if not self._fresh:
            return found
        has = (shop_id for shop_id, tokens in self._fresh.items() if terms.has(tokens, wanted))
        return (found - self._stale) | BitMap(has)

    def _listed(self, wanted: Wanted) -> BitMap:
        if isinstance(wanted, Term):
            return self._lists.get(wanted.token, _NONE)
        if isinstance(wanted, Between):
            tokens = (token for token in self._lists if wanted.first <= token < wanted.end)
            return BitMap.union(*map(self._lists.__getitem__, tokens), _NONE)
        parts = [self._listed(part) for part in wanted.parts]
        if isinstance(wanted, terms.Any):
            return BitMap.union(*parts, _NONE)
        return reduce(and_, sorted(parts, key=len)) if parts else _NONE


_NONE: Final = BitMap()
_FRESH: Final = "SELECT shop_id, tokens FROM shop_entry_fresh"


def read(
    connection: sa.Connection, tokens: Iterable[str], between: Iterable[Between] = ()
) -> dict[str, BitMap]:
    """The lists of `tokens`, and of all tokens that lie `between`; of those that no shop has, none."""
    wanted, ends = list(tokens), [(one.first, one.end) for one in between]
    if not wanted and not ends:
        return {}
    ask = _ask_postgres if connection.dialect.name == "postgresql" else _ask
    return {token: BitMap.deserialize(shops) for token, shops in ask(connection, wanted, ends)}


def _ask(
    connection: sa.Connection, tokens: list[str], between: list[tuple[str, str]]
) -> Iterable[Sequence[Any]]:
    which: list[sa.ColumnElement[bool]] = [
        (TokenList.token >= first) & (TokenList.token < end) for first, end in between
    ]
    if tokens:
        which.append(among(TokenList.token, tokens))
    # Each on its own: with OR between them the planner leaves the index.
    parts = [sa.select(TokenList.token, TokenList.shops).where(one) for one in which]
    return connection.execute(parts[0] if len(parts) == 1 else sa.union_all(*parts))


_LISTED: Final = "SELECT token, shops FROM token_list WHERE "


def _ask_postgres(
    connection: sa.Connection, tokens: list[str], between: list[tuple[str, str]]
) -> Iterable[Sequence[Any]]:
    """The same, said to the driver itself: it takes bytes as they are (``binary``) instead of each written as two
    letters, which is half of the time of a long list."""
    parts: list[str] = [_LISTED + "token = ANY(%s)"]
    given: list[Any] = [tokens]
    parts += [_LISTED + "token >= %s AND token < %s"] * len(between)
    given += [end for ends in between for end in ends]
    with closing(connection.connection.cursor(binary=True)) as cursor:
        cursor.execute(" UNION ALL ".join(parts), given)
        return list(cursor.fetchall())
