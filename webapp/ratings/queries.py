"""Reading ratings."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from webapp.core.actor import Post, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.merchants.models import Shop, ShopFigures
from webapp.merchants.queries import within

from .models import Rating
from .rules import HEARTS, mean


@dataclass(frozen=True)
class Summary:
    """How a shop is rated: `mean` of all five hearts and of each (`hearts` by name); None when there is none."""

    count: int
    mean: float | None
    hearts: dict[str, float | None]


def summary(figures: ShopFigures) -> Summary:
    """The summary for public pages, from the shop's kept figures; no query."""
    sums = {heart: int(getattr(figures, f"hearts_{heart}")) for heart in HEARTS}
    count = figures.ratings
    return Summary(
        count,
        mean(sum(sums.values()), count * len(HEARTS)),
        {heart: mean(total, count) for heart, total in sums.items()},
    )


def get(rating_id: int) -> Rating:
    """The rating; raises NotFound."""
    rating = db.session.get(Rating, rating_id)
    if rating is None:
        raise NotFound("no_such_thing")
    return rating


def get_locked(rating_id: int) -> Rating:
    """The rating as it stands now, held against other writers until the commit; raises NotFound."""
    rating = db.session.get(Rating, rating_id, with_for_update={"of": Rating}, populate_existing=True)
    if rating is None:
        raise NotFound("no_such_thing")
    return rating


def scope_of(rating_id: int, **_rest: object) -> Scope:
    """For access rules: the scope of the shop rated."""
    return get(rating_id).shop.scope


def find(shop_id: int, rater_hash: str) -> Rating | None:
    """The rating that this device (or complaint) gave the shop in this period, or None."""
    return db.session.scalar(
        sa.select(Rating).where(Rating.shop_id == shop_id, Rating.rater_hash == rater_hash)
    )


def latest(shop_id: int, limit: int = 3) -> list[Rating]:
    """The shop's newest ratings, those with words first among the last fifty."""
    recent = list(db.session.scalars(of_shop(shop_id).limit(50)))
    return sorted(recent, key=lambda rating: (not rating.text, -rating.id))[:limit]


def of_shop(shop_id: int) -> sa.Select[tuple[Rating]]:
    """A shop's ratings for paging, newest first."""
    return (
        sa.select(Rating)
        .where(Rating.shop_id == shop_id)
        .order_by(Rating.created_at.desc(), Rating.id.desc())
    )


def of_operators(
    operator_ids: frozenset[int], *, shop_id: int | None = None, unanswered: bool = False
) -> sa.Select[tuple[Rating]]:
    """A merchant's ratings for paging, newest first."""
    conditions: list[sa.ColumnElement[bool]] = [Shop.operator_id.in_(operator_ids)]
    if shop_id is not None:
        conditions.append(Rating.shop_id == shop_id)
    if unanswered:
        conditions.append(Rating.reply.is_(None))
    statement = sa.select(Rating).join(Shop, Rating.shop_id == Shop.id).where(*conditions)
    return statement.order_by(Rating.created_at.desc(), Rating.id.desc())


def office_list(
    posts: tuple[Post, ...], *, shop_id: int | None = None, text: str = "", low: bool = False
) -> sa.Select[tuple[Rating]]:
    """Ratings within an officer's reach for paging, newest first. `low`: a mean of two hearts and less."""
    conditions: list[sa.ColumnElement[bool]] = [within(posts)]
    if shop_id is not None:
        conditions.append(Rating.shop_id == shop_id)
    if text:
        conditions.append(Shop.name.contains(text, autoescape=True))
    if low:
        conditions.append(_total() <= 2 * len(HEARTS))
    statement = sa.select(Rating).join(Shop, Rating.shop_id == Shop.id).where(*conditions)
    return statement.order_by(Rating.created_at.desc(), Rating.id.desc())


def distribution(shop_id: int) -> dict[int, int]:
    """How many of the shop's ratings have which rounded mean: {5: 12, 4: 3, 3: 0, 2: 0, 1: 1}."""
    stars = (_total() * 2 + len(HEARTS)) // (2 * len(HEARTS))  # half up, in whole numbers
    statement = sa.select(stars, sa.func.count(Rating.id)).where(Rating.shop_id == shop_id).group_by(stars)
    found = dict(db.session.execute(statement).tuples().all())
    return {number: found.get(number, 0) for number in range(5, 0, -1)}


def recount(shop_id: int) -> dict[str, int]:
    """The shop's rating figures counted anew from the rows, by figure name: what the kept ones must equal."""
    sums = [sa.func.coalesce(sa.func.sum(getattr(Rating, heart)), 0) for heart in HEARTS]
    statement = sa.select(sa.func.count(Rating.id), *sums).where(Rating.shop_id == shop_id)
    row = db.session.execute(statement).one()
    names = ("ratings", *(f"hearts_{heart}" for heart in HEARTS))
    return dict(zip(names, map(int, row), strict=True))


def _total() -> sa.ColumnElement[int]:
    environment, quality, price, service, redress = (getattr(Rating, heart) for heart in HEARTS)
    total: sa.ColumnElement[int] = environment + quality + price + service + redress
    return total
