"""Reading ratings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import lazyload

from webapp.accounts.models import Account
from webapp.core.actor import Actor, Post, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.files.models import StoredFile
from webapp.merchants.models import OperatorMember, Shop, ShopFigures
from webapp.merchants.queries import within
from webapp.merchants.scanning import EndedComplaint
from webapp.web.permissions import PERMISSIONS

from .models import (
    Origin,
    Rating,
    RatingCase,
    RatingOwnMark,
    RatingPhoto,
    RatingReport,
    RatingScore,
)
from .moderation import CaseState, ReportState
from .rules import HEARTS, Raters, mean


@dataclass(frozen=True)
class Summary:
    """How a shop is rated: `mean` of all five hearts and of each (`hearts` by name); None when there is none."""

    count: int
    mean: float | None
    hearts: dict[str, float | None]


def summary(figures: ShopFigures) -> Summary:
    """The summary for public pages, from the shop's kept figures; no query."""
    sums = {heart: int(getattr(figures, f"hearts_{heart}")) for heart in HEARTS}
    number = figures.ratings
    return Summary(
        number,
        mean(sum(sums.values()), number * len(HEARTS)),
        {heart: mean(total, number) for heart, total in sums.items()},
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


def find(shop_id: int, who: Raters) -> Rating | None:
    """The rating that this device, phone or complaint gave the shop in this period, or None."""
    same: list[sa.ColumnElement[bool]] = [Rating.rater_hash == who.device]
    if who.phone:
        same.append(Rating.phone_hash == who.phone)
    if who.complaint:
        same.append(Rating.complaint_hash == who.complaint)
    statement = sa.select(Rating).where(Rating.shop_id == shop_id, sa.or_(*same))
    return db.session.scalars(statement.order_by(Rating.id.desc())).first()


def is_own_hand(operator_id: int, who: Raters, ended: EndedComplaint | None) -> bool:
    """Do the operator's own people use this browser or phone?"""
    if who.mark and db.session.get(RatingOwnMark, (operator_id, who.mark)) is not None:
        return True
    if ended is None or not ended.phone_hash:
        return False
    members = sa.select(Account.id).join(OperatorMember, OperatorMember.account_id == Account.id)
    own = members.where(OperatorMember.operator_id == operator_id, Account.phone_hash == ended.phone_hash)
    return db.session.scalar(own.limit(1)) is not None


def latest(shop_id: int, limit: int = 3) -> list[Rating]:
    """The shop's newest ratings that stand, those with words first among the last fifty."""
    recent = list(db.session.scalars(of_shop(shop_id).where(Rating.removed_at.is_(None)).limit(50)))
    return sorted(recent, key=lambda rating: (not rating.text, -rating.id))[:limit]


def of_shop(
    shop_id: int, *, origin: Origin | None = None, stars: int | None = None, photos: bool = False
) -> sa.Select[tuple[Rating]]:
    """A shop's ratings for paging, newest first.

    Without a filter the removed ones stand among them, as tombstones; with one only those that can be seen to fit.
    """
    statement = sa.select(Rating).where(Rating.shop_id == shop_id)
    if origin is not None or stars is not None or photos:
        statement = statement.where(Rating.removed_at.is_(None))
    if origin is not None:
        statement = statement.where(Rating.origin == origin)
    if stars is not None:
        statement = statement.where(_stars() == stars)
    if photos:
        shown = sa.select(RatingPhoto.rating_id).where(RatingPhoto.hidden_at.is_(None))
        statement = statement.where(Rating.id.in_(shown))
    return statement.order_by(Rating.created_at.desc(), Rating.id.desc())


def of_operators(
    operator_ids: frozenset[int], *, shop_id: int | None = None, unanswered: bool = False
) -> sa.Select[tuple[Rating]]:
    """A merchant's ratings for paging, newest first."""
    conditions: list[sa.ColumnElement[bool]] = [Shop.operator_id.in_(operator_ids)]
    if shop_id is not None:
        conditions.append(Rating.shop_id == shop_id)
    if unanswered:
        conditions += [Rating.reply.is_(None), Rating.removed_at.is_(None)]
    statement = sa.select(Rating).join(Shop, Rating.shop_id == Shop.id).where(*conditions)
    return statement.order_by(Rating.created_at.desc(), Rating.id.desc())


def office_list(
    posts: tuple[Post, ...], *, shop_id: int | None = None, text: str = "", low: bool = False, state: str = ""
) -> sa.Select[tuple[Rating]]:
    """Ratings within an officer's reach for paging, newest first. `low`: a mean of two hearts and less.

    `state`: ``reported`` (waiting for an answer), or of the case ``proposed``, ``objected``, ``removed``.
    """
    conditions: list[sa.ColumnElement[bool]] = [within(posts)]
    if shop_id is not None:
        conditions.append(Rating.shop_id == shop_id)
    if text:
        conditions.append(Shop.name.contains(text, autoescape=True))
    if low:
        conditions.append(_total() <= 2 * len(HEARTS))
    if state:
        conditions.append(Rating.id.in_(_in_state(state)))
    statement = sa.select(Rating).join(Shop, Rating.shop_id == Shop.id).where(*conditions)
    return statement.order_by(Rating.created_at.desc(), Rating.id.desc())


#: What an officer may ask the list for.
STATES: Final = ("reported", "proposed", "objected", "removed")


def _in_state(state: str) -> sa.Select[tuple[int]]:
    if state == "reported":
        return sa.select(RatingReport.rating_id).where(RatingReport.state == ReportState.OPEN)
    if state == "removed":
        return sa.select(Rating.id).where(Rating.removed_at.is_not(None))
    return sa.select(RatingCase.rating_id).where(RatingCase.state == CaseState(state))


def distribution(shop_id: int) -> dict[int, int]:
    """How many of the shop's ratings have which rounded mean: {5: 12, 4: 3, 3: 0, 2: 0, 1: 1}."""
    stars = _stars()
    standing = (Rating.shop_id == shop_id, Rating.removed_at.is_(None))
    statement = sa.select(stars, sa.func.count(Rating.id)).where(*standing).group_by(stars)
    found = dict(db.session.execute(statement).tuples().all())
    return {number: found.get(number, 0) for number in range(5, 0, -1)}


def by_origin(shop_id: int) -> dict[Origin, int]:
    """How many of the shop's standing ratings came which way."""
    standing = (Rating.shop_id == shop_id, Rating.removed_at.is_(None))
    statement = sa.select(Rating.origin, sa.func.count(Rating.id)).where(*standing).group_by(Rating.origin)
    found = dict(db.session.execute(statement).tuples().all())
    return {origin: found.get(origin, 0) for origin in Origin}


def with_photos(shop_id: int) -> int:
    """How many of the shop's standing ratings have a photo to be seen."""
    statement = sa.select(sa.func.count()).select_from(
        of_shop(shop_id, photos=True).order_by(None).subquery()
    )
    return int(db.session.scalar(statement) or 0)


def is_photo_public(file: StoredFile) -> bool:
    """May anybody see it: neither hidden nor of a rating that was removed?"""
    photo = db.session.scalar(sa.select(RatingPhoto).where(RatingPhoto.file_id == file.id))
    if photo is None or photo.hidden_at is not None:
        return False
    return not get(photo.rating_id).is_removed


def may_read_photo(actor: Actor, rating_id: int) -> bool:
    """Officers see the photos of ratings within their reach, hidden ones too."""
    return actor.holds(PERMISSIONS["rating.read"], get(rating_id).shop.scope)


def score_of(shop_id: int) -> RatingScore | None:
    """How the shop was ranked this morning; None when it had no rating then."""
    return db.session.get(RatingScore, shop_id)


def recount(shop_id: int) -> dict[str, int]:
    """The shop's rating figures counted anew from the rows, by figure name: what the kept ones must equal."""
    sums = [sa.func.coalesce(sa.func.sum(getattr(Rating, heart)), 0) for heart in HEARTS]
    standing = (Rating.shop_id == shop_id, Rating.removed_at.is_(None))
    row = db.session.execute(sa.select(sa.func.count(Rating.id), *sums).where(*standing)).one()
    names = ("ratings", *(f"hearts_{heart}" for heart in HEARTS))
    return dict(zip(names, map(int, row), strict=True))


def newest_praise(shop_ids: Sequence[int], since: datetime, least: int) -> Rating | None:
    """The newest rating with words after `since` whose five hearts together are `least` or more; without its photos."""
    statement = (
        sa.select(Rating)
        .where(
            Rating.shop_id.in_(shop_ids),
            Rating.created_at > since,
            Rating.text != "",
            Rating.removed_at.is_(None),
            _total() >= least,
        )
        .order_by(Rating.created_at.desc(), Rating.id.desc())
        .options(lazyload(Rating.photos))
        .limit(1)
    )
    return db.session.scalar(statement)


def _stars() -> sa.ColumnElement[int]:
    return (_total() * 2 + len(HEARTS)) // (2 * len(HEARTS))  # half up, in whole numbers


def _total() -> sa.ColumnElement[int]:
    environment, quality, price, service, redress = (getattr(Rating, heart) for heart in HEARTS)
    total: sa.ColumnElement[int] = environment + quality + price + service + redress
    return total
