"""Asking the index. What it answers is joined with the trust codes: a shop that may not be seen is not found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core.db import db
from webapp.merchants.models import Shop

from . import terms
from .terms import All, Wanted

#: More are not told apart: nobody turns twenty-five pages.
MOST: Final = 500
#: Below so many that have what was typed, what may have been meant is shown too.
ENOUGH: Final = 1


@dataclass(frozen=True)
class Found:
    """Shop numbers, the best match first. `more`: there are others beyond `MOST`. `near`: none has what was typed,
    these have something like it."""

    ids: list[int]
    more: bool = False
    near: bool = False


def find(
    typed: str,
    *,
    district: str = "",
    category: str = "",
    industry: str = "",
    trusted: bool = False,
    number: int | None = None,
    most: int = MOST,
    also: Sequence[sa.ColumnElement[bool]] = (),
) -> Found:
    """Shops for what was typed, within the filters; `number` is the shop's own, which comes first.

    `also`: conditions on shops that the index does not know; then all that it finds is asked of the tables.
    """
    filters = terms.within(district, category, industry)
    ids: dict[int, None] = {}
    if number is not None and _is_public(number, also, trusted=trusted):
        ids[number] = None
    for tier in terms.tiers(typed, synonyms()):
        if len(ids) <= most:
            ids |= dict.fromkeys(_ask(All((tier, *filters)), also, trusted=trusted, most=most + 1))
    if len(ids) >= ENOUGH:
        return Found(list(ids)[:most], more=len(ids) > most)
    meant = terms.slips(typed)
    near = [] if meant is None else _ask(All((meant, *filters)), also, trusted=trusted, most=most + 1)
    return Found(near[:most], more=len(near) > most, near=bool(near))


#: PostgreSQL guesses badly how many shops have a beginning of a word and would read them all: a function of its own
#: (migration 0038) keeps it to the index. SQLite gives the newest first, PostgreSQL those that it comes upon.
_HITS: Final = {
    "sqlite": "SELECT rowid AS shop_id FROM shop_fts WHERE shop_fts MATCH :asked ORDER BY rowid DESC",
    "postgresql": "SELECT shop_id FROM shop_fts_find(CAST(:asked AS tsquery), :most * 2) AS hit(shop_id)",
}


def _ask(
    wanted: Wanted, also: Sequence[sa.ColumnElement[bool]] = (), *, trusted: bool, most: int
) -> list[int]:
    if also:
        return _ask_also(wanted, also, trusted=trusted, most=most)
    kind = db.engine.dialect.name
    asked = terms.fts5(wanted) if kind == "sqlite" else terms.tsquery(wanted)
    state = " AND c.state = :state" if trusted else ""
    statement = sa.text(
        f"SELECT f.shop_id FROM ({_HITS[kind]}) f WHERE EXISTS"  # noqa: S608 - constants of this module
        f" (SELECT 1 FROM trust_code c WHERE c.shop_id = f.shop_id{state}) ORDER BY f.shop_id DESC LIMIT :most"
    )
    given = {"asked": asked, "most": most} | ({"state": CodeState.ACTIVE.value} if trusted else {})
    return list(db.session.scalars(statement, given))


#: How the whole of what matches is read, unranked. PostgreSQL: by the function that keeps to the index, see above.
_MATCHES: Final = {
    "sqlite": "SELECT rowid AS shop_id FROM shop_fts WHERE shop_fts MATCH :asked",
    "postgresql": "SELECT hit.shop_id FROM shop_fts_find(CAST(:asked AS tsquery), 2147483647) AS hit(shop_id)",
}


def _ask_also(
    wanted: Wanted, also: Sequence[sa.ColumnElement[bool]], *, trusted: bool, most: int
) -> list[int]:
    own = [TrustCode.shop_id == Shop.id, *([TrustCode.state == CodeState.ACTIVE] if trusted else [])]
    asked = sa.select(Shop.id).where(Shop.id.in_(_all(wanted)), sa.exists().where(*own), *also)
    return list(db.session.scalars(asked.order_by(Shop.id.desc()).limit(most)))


def matches(typed: str) -> sa.Select[tuple[int]]:
    """The numbers of all shops that have what was typed (nothing merely similar), in no order: for paging through them.

    Of none when nothing was typed that could be looked for.
    """
    asked = terms.tiers(typed, synonyms())
    if not asked:
        return sa.select(sa.literal(0)).where(sa.false())
    return _all(terms.Any(tuple(asked)))


def _all(wanted: Wanted) -> sa.Select[tuple[int]]:
    kind = db.engine.dialect.name
    given = terms.fts5(wanted) if kind == "sqlite" else terms.tsquery(wanted)
    hits = sa.text(_MATCHES[kind]).bindparams(asked=given).columns(sa.column("shop_id", sa.BigInteger))
    return sa.select(hits.subquery().c[0])


def _is_public(number: int, also: Sequence[sa.ColumnElement[bool]], *, trusted: bool) -> bool:
    has = sa.select(TrustCode.id).join(Shop, Shop.id == TrustCode.shop_id)
    has = has.where(TrustCode.shop_id == number, *also)
    return (
        db.session.scalar((has.where(TrustCode.state == CodeState.ACTIVE) if trusted else has).limit(1))
        is not None
    )


@cache
def synonyms() -> dict[str, tuple[str, ...]]:
    """By word: the others of its line in ``synonyms.csv``, words for the same trade."""
    found: dict[str, tuple[str, ...]] = {}
    for line in (Path(__file__).parent / "synonyms.csv").read_text("utf-8").splitlines()[1:]:
        words = line.split()
        for word in words:
            found[word] = (*found.get(word, ()), *(other for other in words if other != word))
    return found
