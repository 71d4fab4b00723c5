"""Red and black lists, and the leads to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.factories.accounts import make_officer
from webapp.core import clock
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.core.secrets import random_code
from webapp.letters import Law, Subject, operations, organisations
from webapp.listings import leads
from webapp.listings.models import Listing, ListingAppeal, ListingRepair
from webapp.listings.rules import Colour, ListingState

from .world import Maker, World, fixed


def _listing(world: World) -> int:
    row = Listing(
        shop_id=world.shop.id,
        colour=Colour.RED,
        ground="clean_record",
        evidence="一年无投诉",
        public_summary="一年无投诉",
        proposed_by_id=make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6]).id,
        proposed_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _lead(world: World) -> int:
    lead = leads.found(world.shop.id, "列入严重违法失信名单", clock.now())
    assert lead is not None
    return lead.id


def _black_listing(world: World) -> Any:
    """A published entry of the black list, under appeal, with a request for repair and a document."""
    now = clock.now()
    first, second = (make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6]).id for _ in range(2))
    row = Listing(
        shop_id=world.shop.id,
        colour=Colour.BLACK,
        state=ListingState.PUBLISHED,
        ground="short_measure",
        severity="general",
        evidence="复称",
        public_summary="短斤少两",
        term_until=clock.day_of(now) + timedelta(days=200),
        proposed_by_id=first,
        proposed_at=now,
        decided_by_id=second,
        decided_at=now,
        published_at=now,
    )
    asked: dict[str, Any] = {
        "text": "不对",
        "filed_by_id": first,
        "filed_at": now,
        "due_on": clock.day_of(now),
    }
    row.appeals = [ListingAppeal(listed_by_id=first, confirmed_by_id=second, **asked)]
    row.repairs = [ListingRepair(receipt=random_code(100)[:20], checks=[], **asked)]
    db.session.add(row)
    db.session.flush()
    facts = dict.fromkeys(("addressee", "shop", "matter", "decision", "explanation", "contact_phone"), "某")
    letter = operations.issue(
        "listing_decision",
        Subject("listing", row.id),
        facts,
        organisations.bureau(),
        make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6]).actor(),
        now,
        law=Law.LISTING,
    )
    world.made["black"] = (row.id, row.appeals[0].id, row.repairs[0].id, letter.id)
    return world.made["black"]


def _of_black(place: int) -> Maker:
    def make(world: World) -> object:
        return (world.made.get("black") or _black_listing(world))[place]

    return make


SAMPLES: dict[str, Maker] = {
    "listing_id": _listing,
    "lead_id": _lead,
    "listings_office:action": fixed("confirm"),
    "listings_merchant:listing_id": _of_black(0),
    "listings_merchant:action": fixed("reply"),
    "listings_merchant:kind": fixed("appeal"),
    "listings_merchant:letter_id": _of_black(3),
    "listings_cases:listing_id": _of_black(0),
    "listings_cases:appeal_id": _of_black(1),
    "listings_cases:repair_id": _of_black(2),
    "listings_cases:letter_id": _of_black(3),
    "listings_cases:action": fixed("dismiss"),
}
