"""List entries for tests: the people around them, and entries in any state by the real operations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tests.factories.accounts import make_officer
from tests.factories.merchants import NOW, make_account, make_member, make_operator, make_shop
from webapp.core import policy
from webapp.core.actor import SYSTEM, Actor, Role
from webapp.listings import operations
from webapp.listings.models import Listing
from webapp.listings.rules import Colour
from webapp.merchants.models import Shop

TERM = date(2027, 4, 20)
#: A black entry is proposed so long before it is published: its merchant is heard in between.
HEARD = timedelta(days=14)


@dataclass(frozen=True)
class People:
    """A shop of 130606 with its owner; a station officer and two bureau officers there, and one of another district."""

    shop: Shop
    owner: Actor
    station: Actor
    bureau: Actor
    second: Actor
    stranger: Actor


def make_people(name: str = "老槐树面馆") -> People:
    """Everybody who has to do with an entry. Fills the policy table."""
    policy.sync()
    operator = make_operator()
    shop, account = make_shop(operator, name), make_account()
    make_member(operator, account)
    return People(
        shop=shop,
        owner=account.actor(),
        station=make_officer(Role.STATION_OFFICER, station_id=shop.station_id, name="李所长").actor(),
        bureau=make_officer(name="赵科长").actor(),
        second=make_officer(name="钱科长").actor(),
        stranger=make_officer(region_code="130602", name="孙科长").actor(),
    )


def make_proposal(
    people: People, colour: Colour = Colour.BLACK, now: datetime = NOW, term: date | None = TERM
) -> Listing:
    """An entry that waits for a second person, proposed by `people.bureau`."""
    ground = "short_measure" if colour is Colour.BLACK else "clean_record"
    return operations.propose(
        people.shop.id,
        colour,
        ground,
        "三次复称都少。",
        "电子秤短斤少两。" if colour is Colour.BLACK else "一年没有投诉。",
        term,
        people.bureau,
        now,
    )


def make_confirmed(people: People, now: datetime = NOW, term: date | None = TERM) -> Listing:
    """A black entry whose merchant is being heard."""
    proposal = make_proposal(people, Colour.BLACK, now, term)
    return operations.decide(proposal.id, "confirm", "属实", people.second, now, proposal.version)


def make_listing(
    people: People, colour: Colour = Colour.BLACK, now: datetime = NOW, term: date | None = TERM
) -> Listing:
    """A published entry; a black one was heard before `now`, the merchant said nothing."""
    if colour is Colour.BLACK:
        listing = make_confirmed(people, now - HEARD, term)
        return operations.publish(listing.id, "hearing_over", SYSTEM, now, listing.version)
    proposal = make_proposal(people, colour, now, term)
    return operations.decide(proposal.id, "confirm", "属实", people.second, now, proposal.version)
