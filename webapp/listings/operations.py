"""Proposing, confirming, publishing and ending entries of the red and black lists (红黑榜).

Hearing and reply: hearing.py. Appeal and credit repair: cases.py.
"""

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
from webapp.holidays.queries import calendar
from webapp.merchants.queries import get_shop

from . import grounds, leads, process, queries, telling
from .models import Listing, ListingAppeal, ListingRepair
from .rules import (
    ENDED_BY_ITSELF,
    EVIDENCE_LONGEST,
    REASON_LONGEST,
    STEPS,
    SUMMARY_LONGEST,
    Colour,
    ListingState,
    check_term,
    check_texts,
    hearing_open,
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
    severity = grounds.get(colour.value, ground).severity
    listing = Listing(
        shop_id=shop_id,
        shop=shop,
        colour=colour,
        state=STEPS.first,
        ground=ground,
        evidence=evidence.strip(),
        public_summary=public_summary.strip(),
        term_until=term_until,
        severity=None if severity is None else severity.value,
        proposed_by_id=actor.account_id,
        proposed_at=now,
    )
    db.session.add(listing)
    flush()
    attach(file_ids, OWNER_TYPE, listing.id, actor=actor)
    leads.taken(listing, actor, now)
    record(listing, "propose", actor, now, before=None, reason=evidence.strip(), public=False)
    return listing


def check_proposal(
    colour: Colour, ground: str, evidence: str, public_summary: str, term_until: date | None, now: datetime
) -> None:
    """Raise Invalid for the first thing that a proposal lacks; also for a preview."""
    severity = grounds.get(colour.value, ground).severity
    check_texts(evidence=(evidence, EVIDENCE_LONGEST), public_summary=(public_summary, SUMMARY_LONGEST))
    today = clock.day_of(now)
    least, most = months_of(None if severity is None else severity.value, today)
    check_term(colour, term_until, today, most, least)


def months_of(severity: str | None, today: date) -> tuple[int, int]:
    """Shortest and longest publication in months: by severity on the black list; the red list has only a longest."""
    if severity is None:
        return 0, policy.get_int("listing.black_max_months", today)
    return (
        policy.get_int(f"listing.{severity}_min_months", today),
        policy.get_int(f"listing.{severity}_max_months", today),
    )


def check_free(shop_id: int, colour: Colour) -> None:
    """Raise Conflict when the shop has an open or published entry of that colour, or red is asked beside black."""
    if queries.standing(shop_id, colour) is not None:
        raise Conflict("listing_stands")
    if colour is Colour.RED and queries.standing(shop_id, Colour.BLACK) is not None:
        raise Conflict("listing_black_stands")


def decide(listing_id: int, action: str, reason: str, actor: Actor, now: datetime, version: int) -> Listing:
    """Second of two people: ``confirm`` or ``refuse``. Never the one who proposed.

    Confirming red publishes. Confirming black begins the hearing: the merchant is told, with a document, and may speak
    for ``listing.hearing_working_days``; until then nothing is public.
    """
    if action not in {"confirm", "refuse"}:
        raise StepRefused("step_refused", lifecycle=STEPS.name, action=action)
    listing = opened(listing_id, version)
    step = STEPS.check(listing.state, action, actor, listing.shop.scope, reason)
    if actor.account_id is None or actor.account_id == listing.proposed_by_id:
        raise Forbidden("listing_two_people")
    check_texts(reason=(reason, REASON_LONGEST))
    if action == "confirm":
        _check_publishable(listing, now)
    # Before anything changes: a query would write the change, and whoever is second must fail in `flush`.
    until = hearing_end(now) if action == "confirm" and listing.colour is Colour.BLACK else None
    before, listing.state, listing.decision_reason = listing.state, step.target, reason.strip()
    listing.decided_by_id, listing.decided_at = actor.account_id, now
    if action == "confirm":
        listing.office_region = _office(actor, listing)
        if until is not None:
            listing.hearing_until = until
            flush()
            record(listing, action, actor, now, before=before, reason=reason.strip(), public=False)
            telling.notice(listing, actor, now)
            telling.tell(listing, "notice", now)
            return listing
        listing.state, listing.published_at = STEPS.find(step.target, "publish").target, now
    flush()
    record(listing, action, actor, now, before=before, reason=reason.strip(), public=action == "confirm")
    telling.tell(listing, action, now)
    if listing.state is ListingState.PUBLISHED:
        _announce(listing, actor, now)
    return listing


def hearing_end(now: datetime) -> datetime:
    """The instant at which the hearing of an entry that is confirmed `now` is over: so many working days later."""
    today = clock.day_of(now)
    days = policy.get_int("listing.hearing_working_days", today)
    return clock.end_of_day(calendar().add(today, days).day)


def publish(listing_id: int, answer: str, actor: Actor, now: datetime, version: int) -> Listing:
    """Publish after the hearing: by the system when the merchant said nothing, else by an officer who answers what it
    said (`answer`; the merchant reads it). Before the hearing is over only what was said can end it early.
    """
    listing = opened(listing_id, version)
    step = STEPS.check(listing.state, "publish", actor, listing.shop.scope, answer)
    check_texts(reason=(answer, REASON_LONGEST))
    spoke = listing.statement is not None
    if hearing_open(listing.state, listing.hearing_until, now) and not spoke:
        raise Conflict("listing_hearing_open")
    if spoke and actor.role is Role.SYSTEM:
        raise Forbidden("listing_must_be_weighed")
    _check_publishable(listing, now)
    before, listing.state, listing.published_at = listing.state, step.target, now
    if actor.account_id is not None:
        listing.heard_by_id, listing.heard_answer = actor.account_id, answer.strip()
    flush()
    record(listing, "publish", actor, now, before=before, reason=answer.strip(), public=True)
    telling.tell(listing, "confirm", now)
    _announce(listing, actor, now)
    return listing


def drop(listing_id: int, reason: str, actor: Actor, now: datetime, version: int) -> Listing:
    """After hearing the merchant: not published after all. `reason` goes to the merchant."""
    listing = opened(listing_id, version)
    step = STEPS.check(listing.state, "drop", actor, listing.shop.scope, reason)
    check_texts(reason=(reason, REASON_LONGEST))
    before, listing.state = listing.state, step.target
    listing.heard_by_id, listing.heard_answer = actor.account_id, reason.strip()
    listing.ended_at, listing.ended_reason = now, reason.strip()
    flush()
    record(listing, "drop", actor, now, before=before, reason=reason.strip(), public=False)
    telling.tell(listing, "refuse", now)
    return listing


def publish_heard(now: datetime) -> int:
    """Publish every entry whose hearing passed without a word of the merchant; returns how many."""
    due = queries.hearings_over(now)
    done = 0
    for listing in due:
        try:
            publish(listing.id, "hearing_over", SYSTEM, now, listing.version)
            done += 1
        except Invalid:  # its term has passed meanwhile: an officer drops it
            continue
    return done


def withdraw(listing_id: int, actor: Actor, now: datetime, version: int) -> Listing:
    """The officer who proposed takes the proposal back before anybody has decided; another may be made at any time."""
    listing = opened(listing_id, version)
    step = STEPS.check(listing.state, "withdraw", actor, listing.shop.scope)
    if actor.account_id is None or actor.account_id != listing.proposed_by_id:
        raise Forbidden("only_proposer")
    before, listing.state, listing.decided_at = listing.state, step.target, now
    flush()
    record(listing, "withdraw", actor, now, before=before, reason="", public=False)
    return listing


def _office(actor: Actor, listing: Listing) -> str | None:
    covering = (
        post.region_code
        for post in actor.posts
        if post.role is Role.BUREAU_OFFICER and post.covers(listing.shop.scope)
    )
    return next(covering, None)


def _check_publishable(listing: Listing, now: datetime) -> None:
    """What was true at the proposal may not be any more. The shop's row is held, so that red and black cannot cross."""
    queries.lock_shop(listing.shop_id)
    if listing.term_until is not None and listing.term_until < clock.day_of(now):
        raise Invalid("listing_term_over")
    black = queries.standing(listing.shop_id, Colour.BLACK)
    if listing.colour is Colour.RED and black is not None and black.state is not ListingState.PROPOSED:
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


def end(
    listing_id: int,
    action: str,
    reason: str,
    actor: Actor,
    now: datetime,
    version: int,
    *,
    appealed: bool = False,
) -> Listing:
    """Take a published entry off: ``repair`` (black only), ``strike``, or ``expire`` by the system.

    One transaction: state, audit, message, feed (which drops every worker's kept pages) and the signal to others.
    `appealed`: the decision was wrong, so what it brought about is undone by whoever hears the signal.
    """
    listing = opened(listing_id, version)
    if action == "repair" and listing.colour is Colour.RED:
        raise StepRefused("step_refused", lifecycle=STEPS.name, state=listing.state.value, action=action)
    step = STEPS.check(listing.state, action, actor, listing.shop.scope, reason)
    check_texts(reason=(reason, REASON_LONGEST))
    before, listing.state = listing.state, step.target
    listing.ended_at, listing.ended_reason = now, reason.strip()
    flush()
    _overtake(listing, now)
    record(listing, action, actor, now, before=before, reason=reason.strip(), public=True)
    telling.tell(listing, action, now)
    feed.publish("listing.ended", now=now, shop_id=listing.shop_id, colour=listing.colour.value)
    send(
        listing_ended,
        listing_id=listing.id,
        shop_id=listing.shop_id,
        colour=listing.colour.value,
        reason=reason.strip(),
        wrong=appealed,
        actor=actor,
        now=now,
    )
    return listing


def _overtake(listing: Listing, now: datetime) -> None:
    """What was asked about an entry that is gone needs no answer any more."""
    cases: list[ListingAppeal | ListingRepair] = [*listing.appeals, *listing.repairs]
    for case in cases:
        if case.state is process.CaseState.FILED:
            case.state, case.decided_at = process.CaseState.OVERTAKEN, now


def expire_ended(now: datetime) -> int:
    """Expire every published entry whose term has passed; returns how many. Pages hide them from that day anyway."""
    due = queries.ended_terms(clock.day_of(now))
    for listing in due:
        end(listing.id, "expire", "term_passed", SYSTEM, now, listing.version)
    return len(due)


def opened(listing_id: int, version: int) -> Listing:
    """The entry as the page showed it; Conflict when it has moved on."""
    listing = queries.get(listing_id)
    if listing.version != version:
        raise Conflict("changed_meanwhile")
    return listing


def flush() -> None:
    """Flush; whoever is second stops here with a plain answer instead of a broken database rule."""
    try:
        db.session.flush()
    except StaleDataError as error:
        raise Conflict("changed_meanwhile") from error
    except IntegrityError as error:
        raise Conflict("listing_stands") from error


def record(
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
    by_itself = reason in ENDED_BY_ITSELF and action != "publish"
    words = listing.public_summary if public and action in {"confirm", "publish"} else reason
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
