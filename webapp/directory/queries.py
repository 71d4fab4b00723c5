"""Reading for the front page and the directory. Only shops that ever had a code are public."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Final

import sqlalchemy as sa
from pyroaring import BitMap
from sqlalchemy.orm import selectinload

from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core import clock
from webapp.core.db import among, db
from webapp.files.models import StoredFile
from webapp.files.queries import by_ids
from webapp.finding import queries as finding
from webapp.listings.models import Listing
from webapp.listings.queries import public_list
from webapp.listings.rules import Colour
from webapp.merchants.models import Category, Shop, ShopFigures
from webapp.ratings.models import RatingScore
from webapp.scans.models import ScanDay
from webapp.web.paging import Page

from . import narrowing, ranking
from .rules import Query
from .wanted import Wanted

#: Of so many at most the scores are read one by one; among more, a page is soon full when all scores are gone through
#: from the best on.
SORTED_MOST: Final = 2000


@dataclass(frozen=True)
class Listed:
    """A page of shops. `near`: none matches, these are like what was typed."""

    page: Page[Shop]
    near: bool = False


def listed(wanted: Wanted, number: int, size: int) -> Listed:
    """Page `number` (from 1) of the public shops: with a text the best match first, otherwise the newest first; by
    stars those that were ranked, the best first."""
    matched = found(wanted)
    if wanted.by_stars:
        ids, total, number = _by_stars(matched.all(), number, size)
    else:
        total = len(matched)
        number = _last(number, total, size)
        ids = matched.ids(size, (number - 1) * size)
    return Listed(Page(by_number(ids), number, total, size), matched.near)


def _last(number: int, total: int, size: int) -> int:
    """The page asked for, or the last one."""
    return min(number, max(1, -(-total // size)))


def _by_stars(shops: BitMap, number: int, size: int) -> tuple[list[int], int, int]:
    """The numbers of a page by score, how many were ranked, which page it is."""
    if len(shops) <= SORTED_MOST:
        ranked = ranks_of(list(shops))
        ids = sorted(ranked, key=lambda shop_id: (-ranked[shop_id], -shop_id))
        number = _last(number, len(ids), size)
        return ids[(number - 1) * size : number * size], len(ids), number
    order = ranking.order()
    total = len(order.ranked & shops)
    number = _last(number, total, size)
    fitting = (shop_id for shop_id in order.best if shop_id in shops)
    return list(islice(fitting, (number - 1) * size, number * size)), total, number


def suggested(wanted: Wanted, most: int) -> list[int]:
    """The numbers of the first `most`: what may be meant while it is typed."""
    return found(wanted).ids(most)


def found(wanted: Wanted) -> finding.Found:
    """The public shops that fit `wanted`: text and filters."""
    return finding.find(
        wanted.query.text,
        district=wanted.district,
        category=wanted.category,
        industry=wanted.industry,
        street=wanted.street,
        trusted=wanted.trusted,
        number=wanted.query.number,
        within=narrowing.tokens(wanted),
    )


def by_number(ids: Sequence[int]) -> list[Shop]:
    """The shops with these numbers, in this order."""
    statement = sa.select(Shop).options(selectinload(Shop.photos), selectinload(Shop.operator))
    shops = {shop.id: shop for shop in db.session.scalars(statement.where(Shop.id.in_(ids)))} if ids else {}
    return [shops[shop_id] for shop_id in ids if shop_id in shops]


def public_by_number(ids: Sequence[int]) -> list[Shop]:
    """Those of these shops that ever had a code, in this order."""
    has = (
        set(db.session.scalars(sa.select(TrustCode.shop_id).where(TrustCode.shop_id.in_(ids))))
        if ids
        else set()
    )
    return by_number([shop_id for shop_id in ids if shop_id in has])


def public_shops(
    query: Query,
    *,
    district: str = "",
    category: Category | None = None,
    industry: str = "",
    trusted: bool = False,
) -> sa.Select[tuple[Shop]]:
    """Public shops for programs, in no order: what the text finds is not ranked but whole, and nothing merely similar
    is among it. `trusted`: whose code is active.
    """
    wanted = Wanted(query, district, category.value if category else "", industry, trusted)
    statement = sa.select(Shop).options(selectinload(Shop.photos), selectinload(Shop.operator))
    whole = statement.where(*narrowing.conditions(wanted))
    if not query.terms:
        return whole
    said = finding.matching(query.text)
    return whole.where(among(Shop.id, said if query.number is None else said | BitMap([query.number])))


def ranks_of(shop_ids: Sequence[int]) -> dict[int, int]:
    """By shop that was ranked: its score, thousandths of a heart."""
    scores = sa.select(RatingScore.shop_id, RatingScore.score).where(RatingScore.shop_id.in_(shop_ids))
    return dict(db.session.execute(scores).tuples().all()) if shop_ids else {}


def photos_of(found: Sequence[Shop]) -> dict[int, StoredFile]:
    """By shop: the first storefront photo."""
    first = {shop.id: shop.shown_photos[0].file_id for shop in found if shop.shown_photos}
    files = by_ids(first.values())
    return {
        shop_id: files[file_id]
        for shop_id, file_id in first.items()
        if file_id in files and files[file_id].erased_at is None
    }


def stars_of(shop_ids: Iterable[int]) -> dict[int, tuple[float, int]]:
    """By shop with ratings: the mean of the five hearts (1 to 5) and how many ratings there are."""
    statement = sa.select(ShopFigures).where(ShopFigures.shop_id.in_(list(shop_ids)), ShopFigures.ratings > 0)
    found = {}
    for row in db.session.scalars(statement):
        total = (
            row.hearts_environment
            + row.hearts_quality
            + row.hearts_price
            + row.hearts_service
            + row.hearts_redress
        )
        found[row.shop_id] = (total / row.ratings / 5, row.ratings)
    return found


def newest_red(today: date, limit: int) -> list[Listing]:
    """The newest entries of the red list."""
    return list(db.session.scalars(public_list(Colour.RED, today).limit(limit)))


@dataclass(frozen=True)
class Figures:
    """What is counted now from the tables, at `counted_at`: shops whose code is active, and scans of the calendar month
    in China. The complaints' figures are the day's open data (:mod:`.front`).
    """

    counted_at: datetime
    vouched: int
    scans: int


def count_figures(now: datetime) -> Figures:
    """Count the figures of the front page: two queries."""
    vouched = db.session.scalar(
        sa.select(sa.func.count()).select_from(TrustCode).where(TrustCode.state == CodeState.ACTIVE)
    )
    first = clock.day_of(now).replace(day=1).isoformat()
    scans = db.session.scalar(sa.select(sa.func.sum(ScanDay.count)).where(ScanDay.day >= first))
    return Figures(now, int(vouched or 0), int(scans or 0))
