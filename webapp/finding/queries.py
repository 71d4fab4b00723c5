"""Asking the index: it knows only shops that may be seen, and gives the newest first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core.db import among, db
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
    street: str = "",
    trusted: bool = False,
    number: int | None = None,
    most: int = MOST,
    need: int | None = None,
    also: Sequence[sa.ColumnElement[bool]] = (),
) -> Found:
    """Shops for what was typed, within the filters; `number` is the shop's own, which comes first.

    In each tier (`terms.tiers`) the newest first, at most `most`. `need`: only the first so many have to be in this
    order (the page that is shown); all if None. `also`: conditions on shops that the index does not
    know; they are asked of what it finds, one after another, until there are enough.
    """
    filters = terms.within(district, category, industry, street) + ([terms.ACTIVE] if trusted else [])
    ids: dict[int, None] = {}
    if number is not None and _is_public(number, also, trusted=trusted):
        ids[number] = None
    ids |= dict.fromkeys(_tiered(terms.tiers(typed, synonyms()), filters, also, most + 1, need))
    if len(ids) >= ENOUGH:
        return Found(list(ids)[:most], more=len(ids) > most)
    meant = terms.slips(typed)
    near = [] if meant is None else _tiered([meant], filters, also, most + 1, need)
    return Found(near[:most], more=len(near) > most, near=bool(near))


def _tiered(
    tiers: Sequence[Wanted],
    filters: Sequence[Wanted],
    also: Sequence[sa.ColumnElement[bool]],
    most: int,
    need: int | None,
) -> list[int]:
    """The first `most` by tier, `need` of them in order. Each tier has all that those before it have: so the widest
    is asked first. Where it is little, its entries are read, sifted and sorted; otherwise each tier is asked, and there
    are soon enough."""
    if not tiers:
        return []
    *better, widest = tiers
    if filters and db.engine.dialect.name == "sqlite":  # GIN skips in long lists, FTS5 walks through them
        few = _ask(widest, also, most=_READ)
        if len(few) < _READ:
            return _sifted(few, filters, better)
    whole = _ask(All((widest, *filters)), also, most=most)
    if len(whole) < min(most, _READ):
        return _sifted(whole, (), better)
    wanted = most if need is None else min(need, most)
    ids: dict[int, None] = {}
    for tier in better:
        if len(ids) < wanted:
            ids |= dict.fromkeys(_ask(All((tier, *filters)), also, most=wanted))
    return list(ids | dict.fromkeys(whole))[:most]


#: From so many on entries are not read one by one.
_READ: Final = 300
_ENTRIES: Final = sa.text(
    "SELECT rowid, tokens FROM shop_fts WHERE rowid IN (SELECT value FROM json_each(:ids))"
)


def _sifted(ids: Sequence[int], filters: Sequence[Wanted], better: Sequence[Wanted]) -> list[int]:
    """Those of `ids` that have all `filters`, by the first of `better` that each has; in each as they come."""
    if not ids or (len(ids) < 2 and not filters):
        return list(ids)
    ranks: dict[int, int] = {}
    if db.engine.dialect.name == "sqlite":
        for shop_id, tokens in db.session.execute(_ENTRIES, {"ids": json.dumps(list(ids))}):
            entry = f" {tokens} "
            if all(terms.has(entry, part) for part in filters):
                ranks[shop_id] = next(
                    (n for n, tier in enumerate(better) if terms.has(entry, tier)), len(better)
                )
    else:
        flags = "".join(f", tokens @@ CAST(:tier{n} AS tsquery)" for n in range(len(better)))
        asked = f"SELECT shop_id{flags} FROM shop_fts WHERE shop_id = ANY(:ids)"  # noqa: S608 - numbers of tiers
        given = {f"tier{n}": terms.tsquery(tier) for n, tier in enumerate(better)}
        if filters:
            asked += " AND tokens @@ CAST(:filters AS tsquery)"
            given["filters"] = terms.tsquery(All(tuple(filters)))
        for shop_id, *has in db.session.execute(sa.text(asked), {"ids": list(ids), **given}):
            ranks[shop_id] = has.index(True) if True in has else len(better)
    return sorted((shop_id for shop_id in ids if shop_id in ranks), key=ranks.__getitem__)


#: The newest that match. PostgreSQL: by a function that keeps to the index (migration 0067).
_NEWEST: Final = {
    "sqlite": "SELECT rowid FROM shop_fts WHERE shop_fts MATCH :asked ORDER BY rowid DESC LIMIT :most",
    "postgresql": "SELECT shop_fts_newest(CAST(:asked AS tsquery), :most, (SELECT max(shop_id) FROM shop_fts))",
}
#: PostgreSQL: so many times as many are read from the index at first as are wanted when tables are asked, too.
_SLACK: Final = 8


def _ask(wanted: Wanted, also: Sequence[sa.ColumnElement[bool]] = (), *, most: int) -> list[int]:
    """The newest `most` shops that have what is wanted and meet `also`."""
    kind = db.engine.dialect.name
    asked = terms.fts5(wanted) if kind == "sqlite" else terms.tsquery(wanted)
    if not also:
        return list(db.session.scalars(sa.text(_NEWEST[kind]), {"asked": asked, "most": most}))
    if kind == "sqlite":  # streams: the index is walked no farther than until there are enough
        hits = _hits(kind, asked).subquery()
        chosen = sa.select(hits.c.shop_id).join(Shop, Shop.id == hits.c.shop_id).where(*also)
        return list(db.session.scalars(chosen.order_by(hits.c.shop_id.desc()).limit(most)))
    read = most * _SLACK
    while True:
        ids = list(db.session.scalars(sa.text(_NEWEST[kind]), {"asked": asked, "most": read}))
        chosen = sa.select(Shop.id).where(among(Shop.id, ids), *also).order_by(Shop.id.desc()).limit(most)
        found = list(db.session.scalars(chosen))
        if len(found) >= most or len(ids) < read:
            return found
        read = _ALL


_ALL: Final = 2147483647
#: How the whole of what matches is read.
_MATCHES: Final = {
    "sqlite": "SELECT rowid AS shop_id FROM shop_fts WHERE shop_fts MATCH :asked",
    "postgresql": "SELECT hit.shop_id FROM shop_fts_newest(CAST(:asked AS tsquery), 2147483647,"
    " (SELECT max(shop_id) FROM shop_fts)) AS hit(shop_id)",
}


def _hits(kind: str, asked: str) -> sa.TextualSelect:
    return sa.text(_MATCHES[kind]).bindparams(asked=asked).columns(sa.column("shop_id", sa.BigInteger))


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
    return sa.select(_hits(kind, given).subquery().c[0])


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
