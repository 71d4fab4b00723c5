"""Reading list entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import sqlalchemy as sa
from flask import current_app

from webapp.accounts.models import Account
from webapp.core.actor import Post, Role, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.merchants.models import Shop
from webapp.merchants.queries import within
from webapp.regions.models import Region
from webapp.web import slots

from .models import Listing
from .rules import Colour, ListingState


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


def barred(shop_id: int) -> str | None:
    """For the slot ``shop.barred``: no application while a published black entry stands, term over or not."""
    black = standing(shop_id, Colour.BLACK)
    return "listing_black_bars" if black is not None and black.state is ListingState.PUBLISHED else None


def tied(shop: Shop) -> str | None:
    """For the slot ``shop.tied``: while an entry of the black list is proposed the shop does not change officers."""
    black = standing(shop.id, Colour.BLACK)
    return "tied_by_listing" if black is not None and black.state is ListingState.PROPOSED else None


def lock_shop(shop_id: int) -> None:
    """Hold the shop's row until the commit (on SQLite the whole database is held already)."""
    db.session.execute(sa.select(Shop.id).where(Shop.id == shop_id).with_for_update())


def of_shop(shop_id: int) -> list[Listing]:
    """All entries of a shop, whatever their state, newest first."""
    return list(
        db.session.scalars(sa.select(Listing).where(Listing.shop_id == shop_id).order_by(Listing.id.desc()))
    )


def public_of_shop(shop_id: int, today: date) -> list[Listing]:
    """What the public sees of a shop: published entries in their term; red ones only while its code is active."""
    return list(db.session.scalars(sa.select(Listing).where(Listing.shop_id == shop_id, *_visible(today))))


def gone_ids(shop_id: int, today: date) -> frozenset[int]:
    """Entries of a shop that were published and are not any more: a public history leaves out what tells of them."""
    shown = sa.select(Listing.id).where(Listing.shop_id == shop_id, *_published(today))
    statement = sa.select(Listing.id).where(
        Listing.shop_id == shop_id, Listing.published_at.is_not(None), Listing.id.not_in(shown)
    )
    return frozenset(db.session.scalars(statement))


def black_listed(shop_ids: Sequence[int], today: date) -> frozenset[int]:
    """Those of `shop_ids` that stand on the black list."""
    statement = sa.select(Listing.shop_id).where(
        Listing.shop_id.in_(shop_ids), Listing.colour == Colour.BLACK, *_visible(today)
    )
    return frozenset(db.session.scalars(statement))


def public_list(
    colour: Colour, today: date, *, region: str = "", category: str = "", text: str = ""
) -> sa.Select[tuple[Listing]]:
    """A public list, newest first, for paging. `region` is a trimmed code; `text` is looked for in name and branch."""
    conditions = [Listing.colour == colour, *_visible(today)]
    if region:
        conditions.append(Shop.region_code.startswith(region, autoescape=True))
    if category:
        conditions.append(Shop.category == category)
    if text:
        conditions.append(_named(text))
    return _select(conditions).order_by(Listing.published_at.desc(), Listing.id.desc())


def public_counts(today: date) -> dict[Colour, int]:
    """How many entries each public list has."""
    statement = sa.select(Listing.colour, sa.func.count()).where(*_visible(today)).group_by(Listing.colour)
    return dict.fromkeys(Colour, 0) | dict(db.session.execute(statement).tuples().all())


def office_list(
    posts: tuple[Post, ...], *, state: str = "", colour: str = "", text: str = ""
) -> sa.Select[tuple[Listing]]:
    """Entries within an officer's reach for paging, those that wait first."""
    conditions = [within(posts)]
    if state in set(ListingState):
        conditions.append(Listing.state == state)
    if colour in set(Colour):
        conditions.append(Listing.colour == colour)
    if text:
        conditions.append(_named(text))
    waiting_first = sa.case((Listing.state == ListingState.PROPOSED, 0), else_=1)
    return _select(conditions).order_by(waiting_first, Listing.id.desc())


def waiting(posts: tuple[Post, ...]) -> int:
    """How many proposals within reach wait for a second person."""
    statement = (
        sa.select(sa.func.count(Listing.id))
        .join(Shop)
        .where(Listing.state == ListingState.PROPOSED, within(posts))
    )
    return int(db.session.scalar(statement) or 0)


def ended_terms(today: date, limit: int = 500) -> list[Listing]:
    """Published entries whose term has passed, the oldest first: they expire."""
    statement = sa.select(Listing).where(Listing.state == ListingState.PUBLISHED, Listing.term_until < today)
    return list(db.session.scalars(statement.order_by(Listing.term_until, Listing.id).limit(limit)))


def shops_named(posts: tuple[Post, ...], text: str, limit: int = 20) -> list[Shop]:
    """Shops within reach by number, or by a part of name, branch or address, for choosing one."""
    matches = [column.contains(text, autoescape=True) for column in (Shop.name, Shop.branch, Shop.address)]
    if text.isascii() and text.isdigit() and len(text) <= 10:
        matches.append(Shop.id == int(text))
    statement = sa.select(Shop).where(within(posts), sa.or_(*matches)).order_by(Shop.id).limit(limit)
    return list(db.session.scalars(statement))


def officer_names(listing: Listing) -> dict[int, str]:
    """Names of the two people of an entry by account, for officers."""
    wanted = {listing.proposed_by_id, listing.decided_by_id} - {None}
    statement = sa.select(Account.id, Account.name).where(Account.id.in_(wanted))
    return dict(db.session.execute(statement).tuples().all())


def deciding_regions(listings: Iterable[Listing]) -> dict[int, str]:
    """By entry: name of the county whose bureau decided; left out when it was the city's own bureau."""
    listings = list(listings)
    ids = {listing.decided_by_id for listing in listings} - {None}
    accounts = {a.id: a for a in db.session.scalars(sa.select(Account).where(Account.id.in_(ids)))}
    codes = {}
    for listing in listings:
        account = accounts.get(listing.decided_by_id or 0)
        for post in account.actor().posts if account else ():
            if post.role is Role.BUREAU_OFFICER and post.covers(listing.shop.scope):
                codes[listing.id] = post.region_code[:6]
                break
    counties = {code for code in codes.values() if len(code) == 6}
    rows = db.session.execute(sa.select(Region.code, Region.name).where(Region.code.in_(counties)))
    names = dict(rows.tuples().all())
    return {listing_id: names[code] for listing_id, code in codes.items() if code in names}


def _named(text: str) -> sa.ColumnElement[bool]:
    return sa.or_(Shop.name.contains(text, autoescape=True), Shop.branch.contains(text, autoescape=True))


def _visible(today: date) -> list[sa.ColumnElement[bool]]:
    """The same as rules.visible, for the database; and no shop is named a model while nobody vouches for it."""
    return [*_published(today), sa.or_(Listing.colour != Colour.RED, _vouched())]


def _published(today: date) -> list[sa.ColumnElement[bool]]:
    in_term = sa.or_(Listing.term_until.is_(None), Listing.term_until >= today)
    return [Listing.state == ListingState.PUBLISHED, in_term]


def _vouched() -> sa.ColumnElement[bool]:
    """The listed shop's code is active (slot ``shop.vouched``)."""
    active = slots.collect(current_app, "shop.vouched") or [sa.false()]
    return sa.exists().where(Shop.id == Listing.shop_id, *active).correlate(Listing)


def _select(conditions: list[sa.ColumnElement[bool]]) -> sa.Select[tuple[Listing]]:
    return sa.select(Listing).join(Shop).where(*conditions)
