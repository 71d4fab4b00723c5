"""Reading list entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from webapp.core.actor import Post, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.merchants.models import Shop
from webapp.merchants.queries import within

from .models import Listing
from .rules import Colour, ListingState


@dataclass(frozen=True)
class Page:
    """One page of entries and how many there are in all."""

    entries: list[Listing]
    total: int


def get(listing_id: int) -> Listing:
    """The entry; raises NotFound."""
    listing = db.session.get(Listing, listing_id)
    if listing is None:
        raise NotFound("no_such_thing")
    return listing


def scope_of(listing_id: int, **_rest: object) -> Scope:
    """For access rules: the scope of the listed shop."""
    return get(listing_id).shop.scope


def standing(shop_id: int, colour: Colour) -> Listing | None:
    """The entry of that colour that is proposed or published, or None."""
    return db.session.scalar(
        sa.select(Listing).where(
            Listing.shop_id == shop_id,
            Listing.colour == colour,
            Listing.state.in_([ListingState.PROPOSED, ListingState.PUBLISHED]),
        )
    )


def public_of_shop(shop_id: int, today: date) -> list[Listing]:
    """What the public sees of a shop: published entries whose term has not passed."""
    return list(db.session.scalars(sa.select(Listing).where(Listing.shop_id == shop_id, *_visible(today))))


def public_page(
    colour: Colour,
    today: date,
    *,
    region: str = "",
    category: str = "",
    text: str = "",
    offset: int = 0,
    limit: int = 20,
) -> Page:
    """A page of a public list, newest first."""
    conditions = [Listing.colour == colour, *_visible(today)]
    if region:
        conditions.append(Shop.region_code.startswith(region, autoescape=True))
    if category:
        conditions.append(Shop.category == category)
    if text:
        conditions.append(Shop.name.contains(text, autoescape=True))
    return _page(conditions, Listing.published_at.desc(), offset, limit)


def office_page(
    posts: tuple[Post, ...], *, state: str = "", colour: str = "", offset: int = 0, limit: int = 30
) -> Page:
    """A page of entries within an officer's reach, those that wait first."""
    conditions = [within(posts)]
    if state:
        conditions.append(Listing.state == state)
    if colour:
        conditions.append(Listing.colour == colour)
    waiting_first = sa.case((Listing.state == ListingState.PROPOSED, 0), else_=1)
    return _page(conditions, (waiting_first, Listing.id.desc()), offset, limit)


def waiting(posts: tuple[Post, ...]) -> int:
    """How many proposals within reach wait for a second person."""
    statement = (
        sa.select(sa.func.count(Listing.id))
        .join(Shop)
        .where(Listing.state == ListingState.PROPOSED, within(posts))
    )
    return int(db.session.scalar(statement) or 0)


def ended_terms(today: date) -> list[Listing]:
    """Published entries whose term has passed: they expire."""
    statement = sa.select(Listing).where(Listing.state == ListingState.PUBLISHED, Listing.term_until < today)
    return list(db.session.scalars(statement))


def _visible(today: date) -> list[sa.ColumnElement[bool]]:
    in_term = sa.or_(Listing.term_until.is_(None), Listing.term_until >= today)
    return [Listing.state == ListingState.PUBLISHED, in_term]


def _page(conditions: list[sa.ColumnElement[bool]], order: object, offset: int, limit: int) -> Page:
    base = sa.select(Listing).join(Shop).where(*conditions)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(base.order_by(None).subquery())) or 0
    ordering = order if isinstance(order, tuple) else (order,)
    return Page(
        list(db.session.scalars(base.order_by(*ordering).offset(offset).limit(limit)).unique()), int(total)
    )
