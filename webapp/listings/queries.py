"""Reading list entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import current_app

from webapp.accounts.models import Account
from webapp.core import clock
from webapp.core.actor import Post, Role, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.merchants.models import Shop
from webapp.merchants.queries import within
from webapp.regions.models import Region
from webapp.web import slots

from .models import Listing, ListingAppeal, ListingRepair
from .process import CaseState
from .rules import STANDING, Colour, ListingState

Case = TypeVar("Case", ListingAppeal, ListingRepair)


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
            Listing.state.in_(STANDING),
        )
    )


def standing_of(shop_ids: Sequence[int], colour: Colour) -> Sequence[Listing]:
    """The entries of that colour that are proposed or published for these shops; at most one each."""
    statement = sa.select(Listing).where(
        Listing.shop_id.in_(shop_ids), Listing.colour == colour, Listing.state.in_(STANDING)
    )
    return db.session.scalars(statement).all()


def barred(shop_id: int) -> str | None:
    """For the slot ``shop.barred``: no application while a published black entry stands, term over or not."""
    black = standing(shop_id, Colour.BLACK)
    return "listing_black_bars" if black is not None and black.state is ListingState.PUBLISHED else None


def tied(shop: Shop) -> str | None:
    """For the slot ``shop.tied``: while an entry of the black list is proposed the shop does not change officers."""
    black = standing(shop.id, Colour.BLACK)
    return "tied_by_listing" if black is not None and black.state is not ListingState.PUBLISHED else None


def get_appeal(appeal_id: int) -> ListingAppeal:
    """The appeal; raises NotFound."""
    found = db.session.get(ListingAppeal, appeal_id)
    if found is None:
        raise NotFound("no_such_thing")
    return found


def get_repair(repair_id: int) -> ListingRepair:
    """The request for credit repair; raises NotFound."""
    found = db.session.get(ListingRepair, repair_id)
    if found is None:
        raise NotFound("no_such_thing")
    return found


def scope_of_appeal(appeal_id: int, **_rest: object) -> Scope:
    """For access rules: the scope of the listed shop."""
    return get_appeal(appeal_id).listing.shop.scope


def scope_of_repair(repair_id: int, **_rest: object) -> Scope:
    """For access rules: the scope of the listed shop."""
    return get_repair(repair_id).listing.shop.scope


def hearings_over(now: datetime, limit: int = 500) -> list[Listing]:
    """Confirmed entries whose hearing is over and whose merchant said nothing, the oldest first: they are published."""
    statement = sa.select(Listing).where(
        Listing.state == ListingState.CONFIRMED, Listing.hearing_until <= now, Listing.statement.is_(None)
    )
    return list(db.session.scalars(statement.order_by(Listing.hearing_until, Listing.id).limit(limit)))


def repeated(listing: Listing) -> bool:
    """Was the operator of this entry proposed for, or put on, the black list again since?"""
    statement = (
        sa.select(sa.func.count(Listing.id))
        .join(Shop)
        .where(
            Shop.operator_id == listing.shop.operator_id,
            Listing.colour == Colour.BLACK,
            Listing.id != listing.id,
            Listing.state.in_(STANDING),
            Listing.proposed_at >= (listing.published_at or listing.proposed_at),
        )
    )
    return bool(db.session.scalar(statement))


@dataclass(frozen=True)
class Due:
    """One thing that waits for an officer: ``decide`` (second person), ``weigh`` (heard merchant), ``appeal``,
    ``repair``; `due_on` is its last day, None where no day is set.
    """

    what: str
    listing: Listing
    due_on: date | None
    case_id: int | None = None


def due(posts: tuple[Post, ...], limit: int = 200) -> list[Due]:
    """Everything of the lists that waits for officers within reach, the soonest due first."""
    listings = db.session.scalars(
        _select(
            [
                within(posts),
                sa.or_(
                    Listing.state == ListingState.PROPOSED,
                    sa.and_(Listing.state == ListingState.CONFIRMED, Listing.statement.is_not(None)),
                ),
            ]
        ).limit(limit)
    )
    found = [
        Due("decide", one, None)
        if one.state is ListingState.PROPOSED
        else Due(
            "weigh",
            one,
            clock.day_of(one.hearing_until - timedelta(seconds=1)) if one.hearing_until else None,
        )
        for one in listings
    ]
    waiting_cases: list[ListingAppeal | ListingRepair] = []
    waiting_cases += _open_cases(ListingAppeal, posts, limit)
    waiting_cases += _open_cases(ListingRepair, posts, limit)
    for case in waiting_cases:
        what = "appeal" if isinstance(case, ListingAppeal) else "repair"
        found.append(Due(what, case.listing, case.due_on, case.id))
    return sorted(found, key=lambda one: (one.due_on or date.max, one.listing.id))


def _open_cases(model: type[Case], posts: tuple[Post, ...], limit: int) -> list[Case]:
    statement = (
        sa.select(model)
        .join(Listing, Listing.id == model.listing_id)
        .join(Shop, Shop.id == Listing.shop_id)
        .where(model.state == CaseState.FILED, within(posts))
    )
    return list(db.session.scalars(statement.limit(limit)))


def of_operators(operator_ids: frozenset[int]) -> list[Listing]:
    """What is or was said against the merchant's shops, newest first: from the notice on, never a bare proposal."""
    statement = _select([Shop.operator_id.in_(operator_ids), _told()]).order_by(Listing.id.desc())
    return list(db.session.scalars(statement))


def is_told(listing: Listing) -> bool:
    """Does the merchant know of it? A proposal that nobody confirmed is the office's own affair."""
    return listing.hearing_until is not None or listing.published_at is not None


def under_appeal(shop_ids: Sequence[int]) -> frozenset[int]:
    """Those of `shop_ids` with a published black entry that is under appeal (申诉中)."""
    statement = (
        sa.select(Listing.shop_id)
        .join(ListingAppeal, ListingAppeal.listing_id == Listing.id)
        .where(
            Listing.shop_id.in_(shop_ids),
            Listing.state == ListingState.PUBLISHED,
            ListingAppeal.state == CaseState.FILED,
        )
    )
    return frozenset(db.session.scalars(statement))


def _told() -> sa.ColumnElement[bool]:
    return sa.or_(Listing.hearing_until.is_not(None), Listing.published_at.is_not(None))


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
    """A public list, newest first, for paging. The filters of :func:`public_entries`."""
    found = public_entries(today, colour=colour, region=region, category=category, text=text)
    return found.order_by(Listing.published_at.desc(), Listing.id.desc())


def public_entries(
    today: date, *, colour: Colour | None = None, region: str = "", category: str = "", text: str = ""
) -> sa.Select[tuple[Listing]]:
    """What the public sees, in no order. `region` is a trimmed code; `text` is looked for in name and branch, or is
    the shop's number; `colour` None means both lists.
    """
    conditions = _visible(today)
    if colour is not None:
        conditions.append(Listing.colour == colour)
    if region:
        conditions.append(Shop.region_code.startswith(region, autoescape=True))
    if category:
        conditions.append(Shop.category == category)
    if text:
        conditions.append(_named(text))
    return _select(conditions)


def under_appeal_entries(listing_ids: Sequence[int]) -> frozenset[int]:
    """Those of `listing_ids` that are under appeal (申诉中)."""
    statement = sa.select(ListingAppeal.listing_id).where(
        ListingAppeal.listing_id.in_(listing_ids), ListingAppeal.state == CaseState.FILED
    )
    return frozenset(db.session.scalars(statement))


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
    """How many things of the lists within reach wait for an officer."""
    return len(due(posts))


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
    cases = [case.decided_by_id for case in listing.appeals]
    cases += [case.decided_by_id for case in listing.repairs]
    wanted = {listing.proposed_by_id, listing.decided_by_id, listing.heard_by_id, *cases} - {None}
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
    matches = [Shop.name.contains(text, autoescape=True), Shop.branch.contains(text, autoescape=True)]
    if text.isascii() and text.isdigit() and len(text) <= 10:
        matches.append(Shop.id == int(text))
    return sa.or_(*matches)


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


def standing_decisions(after: int, most: int) -> list[dict[str, Any]]:
    """Published entries, as the decisions that the public log begins with (slot ``log.standing``)."""
    columns = (Listing.id, Listing.shop_id, Listing.colour, Listing.ground, Listing.published_at)
    statement = sa.select(*columns).where(Listing.state == ListingState.PUBLISHED, Listing.id > after)
    return [
        {
            "action": "listing.publish",
            "subject_type": "listing",
            "subject_id": row.id,
            "shop_id": row.shop_id,
            "at": row.published_at,
            "new": {"state": ListingState.PUBLISHED.value, "colour": row.colour.value},
            "ground": f"{row.colour.value}.{row.ground}",
        }
        for row in db.session.execute(statement.order_by(Listing.id).limit(most))
    ]
