"""Proposing, confirming and ending entries of the red and black lists."""

from __future__ import annotations

from datetime import date, datetime

from webapp import audit, feed
from webapp.core import clock, policy
from webapp.core.actor import SYSTEM, Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.core.signals import listing_ended, listing_published, send
from webapp.merchants.queries import get_shop

from . import queries
from .models import Listing
from .rules import STEPS, Colour, ListingState, check_ground, latest_term


def propose(
    shop_id: int,
    colour: Colour,
    ground: str,
    evidence: str,
    public_summary: str,
    term_until: date | None,
    actor: Actor,
    now: datetime,
) -> Listing:
    """First of two people: propose an entry with its ground and evidence. Black needs a term within the policy."""
    shop = get_shop(shop_id)
    if (
        not actor.holds(frozenset({Role.STATION_OFFICER, Role.BUREAU_OFFICER}), shop.scope)
        or actor.account_id is None
    ):
        raise Forbidden("no_access")
    check_ground(colour, ground)
    today = clock.day_of(now)
    months = policy.get_int("listing.black_max_months", today)
    if colour is Colour.BLACK and (
        term_until is None or not today < term_until <= latest_term(today, months)
    ):
        raise Invalid("listing_term", field="term_until", months=months)
    for field, text in (("evidence", evidence), ("public_summary", public_summary)):
        if not text.strip():
            raise Invalid("field_required", field=field)
    if queries.standing(shop_id, colour) is not None:
        raise Conflict("listing_stands")
    listing = Listing(
        shop_id=shop_id,
        shop=shop,
        colour=colour,
        state=STEPS.first,
        ground=ground,
        evidence=evidence.strip(),
        public_summary=public_summary.strip(),
        term_until=term_until,
        proposed_by_id=actor.account_id,
        proposed_at=now,
    )
    db.session.add(listing)
    db.session.flush()
    _record(listing, "listing.propose", actor, now, reason=evidence, public=False)
    return listing


def decide(listing_id: int, action: str, reason: str, actor: Actor, now: datetime, version: int) -> Listing:
    """Second of two people: ``confirm`` or ``refuse``. Never the one who proposed."""
    listing = _open(listing_id, version)
    step = STEPS.check(listing.state, action, actor, listing.shop.scope, reason)
    if actor.account_id == listing.proposed_by_id:
        raise Forbidden("two_people_needed")
    listing.state, listing.decision_reason = step.target, reason
    listing.decided_by_id, listing.decided_at = actor.account_id, now
    if step.target is ListingState.PUBLISHED:
        listing.published_at = now
    db.session.flush()
    _record(listing, f"listing.{action}", actor, now, reason=reason, public=action == "confirm")
    if step.target is ListingState.PUBLISHED:
        feed.publish("listing.published", now=now, shop_id=listing.shop_id, colour=listing.colour.value)
        send(
            listing_published,
            listing_id=listing.id,
            shop_id=listing.shop_id,
            colour=listing.colour.value,
            reason=listing.public_summary,
            actor=actor,
            now=now,
        )
    return listing


def end(listing_id: int, action: str, reason: str, actor: Actor, now: datetime, version: int) -> Listing:
    """Take a published entry off: ``repair``, ``strike``, or ``expire`` by the system."""
    listing = _open(listing_id, version)
    step = STEPS.check(listing.state, action, actor, listing.shop.scope, reason)
    listing.state, listing.ended_at, listing.ended_reason = step.target, now, reason
    db.session.flush()
    _record(listing, f"listing.{action}", actor, now, reason=reason, public=True)
    feed.publish("listing.ended", now=now, shop_id=listing.shop_id, colour=listing.colour.value)
    send(
        listing_ended,
        listing_id=listing.id,
        shop_id=listing.shop_id,
        colour=listing.colour.value,
        reason=reason,
        actor=actor,
        now=now,
    )
    return listing


def expire_ended(now: datetime) -> int:
    """Expire every published entry whose term has passed; returns how many. Pages hide them from that day anyway."""
    due = queries.ended_terms(clock.day_of(now))
    for listing in due:
        end(listing.id, "expire", "term_passed", SYSTEM, now, listing.version)
    return len(due)


def _open(listing_id: int, version: int) -> Listing:
    listing = queries.get(listing_id)
    if listing.version != version:
        raise Conflict("changed_meanwhile")
    return listing


def _record(listing: Listing, action: str, actor: Actor, now: datetime, *, reason: str, public: bool) -> None:
    audit.record(
        actor,
        action,
        "listing",
        listing.id,
        now=now,
        shop_id=listing.shop_id,
        new={"colour": listing.colour.value, "state": listing.state.value},
        reason_code=listing.ground,
        reason=listing.public_summary if public else reason,
        public=public,
    )
