"""Reading for the front page and the directory. Only shops that ever had a code are public."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core import clock
from webapp.core.db import db
from webapp.files.models import StoredFile
from webapp.files.queries import by_ids
from webapp.finding import queries as finding
from webapp.listings.models import Listing
from webapp.listings.queries import public_list
from webapp.listings.rules import Colour
from webapp.merchants.models import Category, Shop, ShopFigures
from webapp.ratings.models import RatingScore
from webapp.scans.models import ScanDay
from webapp.web.paging import Page, page_of

from . import narrowing
from .rules import Query
from .wanted import Wanted


@dataclass(frozen=True)
class Listed:
    """A page of shops. `more`: so many match that the total is only known to be greater. `near`: none matches, these
    are like what was typed."""

    page: Page[Shop]
    more: bool = False
    near: bool = False


def listed(wanted: Wanted, number: int, size: int) -> Listed:
    """Page `number` (from 1) of the public shops: with a text the best match first, otherwise the newest first."""
    if not wanted.query.terms:
        return Listed(page_of(_browse(wanted), number, size))
    matched = numbers(wanted, number * size)
    number = min(number, max(1, -(-len(matched.ids) // size)))
    shown = matched.ids[(number - 1) * size : number * size]
    return Listed(Page(by_number(shown), number, len(matched.ids), size), matched.more, matched.near)


def numbers(wanted: Wanted, need: int) -> finding.Found:
    """The numbers of the shops that the text of `wanted` finds, the first `need` of them in the order of the list."""
    matched = found(wanted, need=None if wanted.by_stars else need)
    if not wanted.by_stars:
        return matched
    ranked = ranks_of(matched.ids)
    return replace(matched, ids=sorted(ranked, key=lambda shop_id: (-ranked[shop_id], -shop_id)))


def suggested(wanted: Wanted, most: int) -> list[int]:
    """The numbers of the first `most` of `numbers`: what may be meant while it is typed. Nothing is counted."""
    return found(wanted, most).ids


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
    whole = _browse(wanted).order_by(None)
    if not query.terms:
        return whole
    said = Shop.id.in_(finding.matches(query.text))
    return whole.where(said if query.number is None else sa.or_(said, Shop.id == query.number))


def _browse(wanted: Wanted) -> sa.Select[tuple[Shop]]:
    statement = sa.select(Shop).options(selectinload(Shop.photos), selectinload(Shop.operator))
    asked = narrowing.seen(wanted) + narrowing.indexed(wanted) + narrowing.rest(wanted)
    statement = statement.where(*asked)
    if wanted.by_stars:
        statement = statement.join(RatingScore, RatingScore.shop_id == Shop.id)
        return statement.order_by(RatingScore.score.desc(), Shop.id.desc())
    return statement.order_by(Shop.id.desc())


def found(wanted: Wanted, most: int = finding.MOST, need: int | None = None) -> finding.Found:
    """What the text of `wanted` finds within all its filters, at most so many; all in order, or the first `need`."""
    return finding.find(
        wanted.query.text,
        district=wanted.district,
        category=wanted.category,
        industry=wanted.industry,
        street=wanted.street,
        trusted=wanted.trusted,
        number=wanted.query.number,
        also=narrowing.rest(wanted),
        most=most,
        need=need,
    )


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
