"""Proposing, confirming and ending entries of the red and black lists (红黑榜)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from webapp import audit, feed
from webapp.core import clock, policy
from webapp.core.actor import SYSTEM, Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, StepRefused
from webapp.core.signals import listing_ended, listing_published, send
from webapp.core.steps import permit
from webapp.files.operations import attach
from webapp.merchants.queries import get_shop

from . import queries, telling
from .models import Listing
from .rules import (
    ENDED_BY_ITSELF,
    EVIDENCE_LONGEST,
    REASON_LONGEST,
    STEPS,
    SUMMARY_LONGEST,
    Colour,
    ListingState,
    check_ground,
    check_term,
    check_texts,
)

OWNER_TYPE = "listing"
_PROPOSERS = frozenset({Role.STATION_OFFICER, Role.BUREAU_OFFICER})


def propose(
    shop_id: int,
    colour: Colour,
    ground: str,
    evidence: str,
    public_summary: str,
    term_until: date | None,
    actor: Actor,
    now: datetime,
    file_ids: Sequence[int] = (),
) -> Listing:
    """First of two people: propose an entry with its ground and evidence. Black needs a term within the policy.

    `file_ids` are the actor's own fresh uploads; officers within reach may read them from now on. Raises Forbidden,
    Invalid (with the field) and Conflict when an entry of that colour, or a black one, stands.
    """
    shop = get_shop(shop_id)
    permit(actor, _PROPOSERS, shop.scope, "no_access")
    if actor.account_id is None:
        raise Forbidden("no_access")
    check_proposal(colour, ground, evidence, public_summary, term_until, now)
    check_free(shop_id, colour)
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
    _flush()
    attach(file_ids, OWNER_TYPE, listing.id, actor=actor)
    _record(listing, "propose", actor, now, before=None, reason=evidence.strip(), public=False)
    return listing


def check_proposal(
    colour: Colour, ground: str, evidence: str, public_summary: str, term_until: date | None, now: datetime
) -> None:
    """Raise Invalid for the first thing that a proposal lacks; also for a preview."""
    check_ground(colour, ground)
    check_texts(evidence=(evidence, EVIDENCE_LONGEST), public_summary=(public_summary, SUMMARY_LONGEST))
    today = clock.day_of(now)
    check_term(colour, term_until, today, policy.get_int("listing.black_max_months", today))


def check_free(shop_id: int, colour: Colour) -> None:
    """Raise Conflict when the shop has an open or published entry of that colour, or red is asked beside black."""
    if queries.standing(shop_id, colour) is not None:
        raise Conflict("listing_stands")
    if colour is Colour.RED and queries.standing(shop_id, Colour.BLACK) is not None:
        raise Conflict("listing_black_stands")


def decide(listing_id: int, action: str, reason: str, actor: Actor, now: datetime, version: int) -> Listing:
    """Second of two people: ``confirm`` or ``refuse``. Never the one who proposed.

    Confirming black strikes a red entry and, through the signal, revokes the shop's code.
    """
    if action not in {"confirm", "refuse"}:
        raise StepRefused("step_refused", lifecycle=STEPS.name, action=action)
    listing = _open(listing_id, version)
    step = STEPS.check(listing.state, action, actor, listing.shop.scope, reason)
    if actor.account_id is None or actor.account_id == listing.proposed_by_id:
        raise Forbidden("listing_two_people")
    check_texts(reason=(reason, REASON_LONGEST))
    if step.target is ListingState.PUBLISHED:
        _check_publishable(listing, now)
    before, listing.state, listing.decision_reason = listing.state, step.target, reason.strip()
    listing.decided_by_id, listing.decided_at = actor.account_id, now
    if step.target is ListingState.PUBLISHED:
        listing.published_at = now
    _flush()
    _record(listing, action, actor, now, before=before, reason=reason.strip(), public=action == "confirm")
    telling.tell(listing, action, now)
    if step.target is ListingState.PUBLISHED:
        _announce(listing, actor, now)
    return listing


def withdraw(listing_id: int, actor: Actor, now: datetime, version: int) -> Listing:
    """The officer who proposed takes the proposal back before anybody has decided; another may be made at any time."""
    listing = _open(listing_id, version)
    step = STEPS.check(listing.state, "withdraw", actor, listing.shop.scope)
    if actor.account_id is None or actor.account_id != listing.proposed_by_id:
        raise Forbidden("only_proposer")
    before, listing.state, listing.decided_at = listing.state, step.target, now
    _flush()
    _record(listing, "withdraw", actor, now, before=before, reason="", public=False)
    return listing


def _check_publishable(listing: Listing, now: datetime) -> None:
    """What was true at the proposal may not be any more. The shop's row is held, so that red and black cannot cross."""
    queries.lock_shop(listing.shop_id)
    if listing.term_until is not None and listing.term_until < clock.day_of(now):
        raise Invalid("listing_term_over")
    black = queries.standing(listing.shop_id, Colour.BLACK)
    if listing.colour is Colour.RED and black is not None and black.state is ListingState.PUBLISHED:
        raise Conflict("listing_black_stands")


def _announce(listing: Listing, actor: Actor, now: datetime) -> None:
    feed.publish("listing.published", now=now, shop_id=listing.shop_id, colour=listing.colour.value)
    if listing.colour is Colour.BLACK:
        drop_red(listing.shop_id, "black_listed", actor, now)
    send(
        listing_published,
        listing_id=listing.id,
        shop_id=listing.shop_id,
        colour=listing.colour.value,
        reason=listing.public_summary,
        actor=actor,
        now=now,
    )


def drop_red(shop_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Strike the shop's published red entry, if there is one: `reason` is a code of rules.ENDED_BY_ITSELF."""
    red = queries.standing(shop_id, Colour.RED)
    if red is not None and red.state is ListingState.PUBLISHED:
        end(red.id, "strike", reason, actor, now, red.version)


def end(listing_id: int, action: str, reason: str, actor: Actor, now: datetime, version: int) -> Listing:
    """Take a published entry off: ``repair`` (black only), ``strike``, or ``expire`` by the system."""
    listing = _open(listing_id, version)
    if action == "repair" and listing.colour is Colour.RED:
        raise StepRefused("step_refused", lifecycle=STEPS.name, state=listing.state.value, action=action)
    step = STEPS.check(listing.state, action, actor, listing.shop.scope, reason)
    check_texts(reason=(reason, REASON_LONGEST))
    before, listing.state = listing.state, step.target
    listing.ended_at, listing.ended_reason = now, reason.strip()
    _flush()
    _record(listing, action, actor, now, before=before, reason=reason.strip(), public=True)
    telling.tell(listing, action, now)
    feed.publish("listing.ended", now=now, shop_id=listing.shop_id, colour=listing.colour.value)
    send(
        listing_ended,
        listing_id=listing.id,
        shop_id=listing.shop_id,
        colour=listing.colour.value,
        reason=reason.strip(),
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


def _flush() -> None:
    """Flush; whoever is second stops here with a plain answer instead of a broken database rule."""
    try:
        db.session.flush()
    except StaleDataError as error:
        raise Conflict("changed_meanwhile") from error
    except IntegrityError as error:
        raise Conflict("listing_stands") from error


def _record(
    listing: Listing,
    action: str,
    actor: Actor,
    now: datetime,
    *,
    before: ListingState | None,
    reason: str,
    public: bool,
) -> None:
    """The public history gives what the list gave: ground and summary when published, the reason when it ended.

    `reason_code` is ``<colour>.<ground>``, or a code of rules.ENDED_BY_ITSELF.
    """
    by_itself = reason in ENDED_BY_ITSELF
    words = listing.public_summary if action == "confirm" else reason
    audit.record(
        actor,
        f"listing.{action}",
        OWNER_TYPE,
        listing.id,
        now=now,
        shop_id=listing.shop_id,
        old=None if before is None else {"state": before.value},
        new={"colour": listing.colour.value, "state": listing.state.value},
        reason_code=reason if by_itself else f"{listing.colour.value}.{listing.ground}",
        reason=None if by_itself else words or None,
        public=public,
    )
