"""What the register proposes for the black list: nobody's proposal until an officer makes it theirs, public by two."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import accounts, registry
from tests.factories.registry import feed, row
from webapp.core import policy
from webapp.core.actor import SYSTEM, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.listings import leads, operations
from webapp.listings.leads import LeadState, ListingLead
from webapp.listings.models import Listing
from webapp.listings.rules import Colour
from webapp.registry import mapping as mappings
from webapp.registry.importer import run_import

NOW = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)


@pytest.fixture
def shop(context: Flask) -> int:
    """A vouched shop whose operator the register knows."""
    policy.sync()
    registry.make_live_operator(1)
    return registry.make_live_operator(2).shops[0].id


def told(day: int, serious: str) -> None:
    one = row(2, serious_violation=serious, as_of=f"2026-05-{day:02}")
    run_import(feed(one), "feed.csv", mappings.load(), SYSTEM, NOW)


def everything() -> list[tuple[Any, Any]]:
    return [
        (lead.state, lead.proposer)
        for lead in db.session.scalars(sa.select(ListingLead).order_by(ListingLead.id))
    ]


@pytest.mark.each_database
def test_the_register_proposes_once_and_publishes_nothing(shop: int) -> None:
    told(2, "是")
    told(3, "是")
    assert everything() == [(LeadState.OPEN, "register")]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Listing)) == 0
    told(4, "否")
    assert everything() == [(LeadState.LAPSED, "register")]
    told(5, "是")
    assert [state for state, _who in everything()] == [LeadState.LAPSED, LeadState.OPEN]


@pytest.mark.each_database
def test_two_different_officers_stand_behind_the_entry(shop: int) -> None:
    told(2, "是")
    lead = leads.find_open(shop)
    assert lead is not None
    first, second = (accounts.make_officer(Role.BUREAU_OFFICER, "1306").actor() for _ in range(2))
    term = date(2026, 5, 6) + timedelta(days=500)
    listing = operations.propose(
        shop, Colour.BLACK, lead.ground, lead.evidence, "列入严重违法失信名单", term, first, NOW
    )
    assert (lead.state, lead.decided_by_id, lead.listing_id) == (
        LeadState.TAKEN,
        first.account_id,
        listing.id,
    )
    with pytest.raises(Forbidden):
        operations.decide(listing.id, "confirm", "核实", first, NOW, listing.version)
    operations.decide(listing.id, "confirm", "核实", second, NOW, listing.version)
    assert (listing.proposed_by_id, listing.decided_by_id) == (first.account_id, second.account_id)
    told(3, "否")
    assert lead.state is LeadState.TAKEN  # the entry goes its own way


def test_declining_needs_a_reason_and_the_page_as_it_is(shop: int) -> None:
    told(2, "是")
    lead = leads.find_open(shop)
    assert lead is not None
    bureau = accounts.make_officer(Role.BUREAU_OFFICER, "1306").actor()
    station = accounts.make_officer(Role.STATION_OFFICER, "130606").actor()
    with pytest.raises((Invalid, Conflict)):
        leads.decline(lead.id, " ", lead.version, bureau, NOW)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        leads.decline(lead.id, "已移出", lead.version + 1, bureau, NOW)
    with pytest.raises(Forbidden):
        leads.decline(lead.id, "已移出", lead.version, station, NOW)
    leads.decline(lead.id, "已移出", lead.version, bureau, NOW)
    with pytest.raises(Conflict, match="already_decided"):
        leads.decline(lead.id, "已移出", lead.version, bureau, NOW)


def test_officers_see_the_lead_and_its_facts_stand_in_the_proposal(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        policy.sync()
        registry.make_live_operator(1)
        shop = registry.make_live_operator(2).shops[0].id
        told(2, "是")
        lead_id = leads.find_open(shop).id  # type: ignore[union-attr]
        account = accounts.make_officer(Role.BUREAU_OFFICER, "1306").id
        db.session.commit()
    client = app.test_client()
    accounts.sign_in(client, account)
    assert "登记系统建议列入黑榜" in client.get("/office/listings").text
    assert "系统不会自己列入" in client.get(f"/office/listings/leads/{lead_id}").text
    assert "已被列入严重违法失信名单" in client.get(f"/office/listings/new?shop={shop}&colour=black").text
    answer = client.post(f"/office/listings/leads/{lead_id}/decline", data={"reason": "", "version": 1})
    assert answer.status_code in {409, 422}
    answer = client.post(f"/office/listings/leads/{lead_id}/decline", data={"reason": "已移出", "version": 1})
    assert answer.status_code == 303
    assert "不列入" in client.get(f"/office/listings/leads/{lead_id}").text
