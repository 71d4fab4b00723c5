"""Appeal (申诉) and credit repair (信用修复) of published black entries. No commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from flask import current_app

from webapp import audit, feed
from webapp.core import clock, policy
from webapp.core.actor import Actor
from webapp.core.checks import Check, CheckResult
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.core.secrets import random_code
from webapp.core.steps import Steps
from webapp.files.operations import attach
from webapp.holidays.queries import calendar
from webapp.merchants import lookup
from webapp.web import slots

from . import operations, process, queries, telling
from .hearing import _black_of
from .models import Listing, ListingAppeal, ListingRepair
from .process import APPEAL_STEPS, REPAIR_STEPS, CaseState
from .rules import REASON_LONGEST, ListingState, check_texts

APPEAL_OWNER, REPAIR_OWNER = "listing_appeal", "listing_repair"


# --- appeal -----------------------------------------------------------------------------------------------------------


def appeal(
    listing_id: int, text: str, actor: Actor, now: datetime, file_ids: Sequence[int] = ()
) -> ListingAppeal:
    """The merchant appeals: the public page says 申诉中 from the commit on. Once, within ``listing.appeal_days``.

    The same form sent twice is one appeal. Raises Conflict (``listing_appeal_late``, ``listing_appealed``).
    """
    listing = _public(listing_id, actor)
    check_texts(text=(text, process.TEXT_LONGEST))
    today = clock.day_of(now)
    if (standing := listing.open_appeal) is not None:
        if standing.text == text.strip():
            return standing
        raise Conflict("listing_appealed")
    if any(case.state in {CaseState.GRANTED, CaseState.DISMISSED} for case in listing.appeals):
        raise Conflict("listing_appealed")
    if today > appeal_until(listing):
        raise Conflict("listing_appeal_late")
    case = ListingAppeal(
        listing=listing,
        text=text.strip(),
        state=APPEAL_STEPS.first,
        filed_by_id=actor.account_id or 0,
        filed_at=now,
        due_on=calendar().add(today, policy.get_int("listing.appeal_working_days", today)).day,
        listed_by_id=listing.proposed_by_id,
        confirmed_by_id=listing.decided_by_id or 0,
        heard_by_id=listing.heard_by_id,
    )
    db.session.add(case)
    operations.flush()
    attach(file_ids, APPEAL_OWNER, case.id, actor=actor)
    _record(case, "listing.appeal", actor, now)
    _feed(listing, now)
    telling.tell(listing, "appeal", now)
    return case


def appeal_until(listing: Listing) -> date:
    """The last day on which the published entry may be appealed."""
    day = clock.day_of(listing.published_at or listing.proposed_at)
    return process.last_day_to_appeal(day, policy.get_int("listing.appeal_days", day))


def decide_appeal(
    appeal_id: int, *, grant: bool, reason: str, actor: Actor, now: datetime, version: int
) -> ListingAppeal:
    """Decide an appeal, never by who took part. Granted, the entry is struck and what it brought about is undone."""
    case = queries.get_appeal(appeal_id)
    listing = case.listing
    _same(case, version)
    step = APPEAL_STEPS.check(case.state, "grant" if grant else "dismiss", actor, listing.shop.scope, reason)
    check_texts(reason=(reason, REASON_LONGEST))
    if process.took_part(actor.account_id, case.listed_by_id, case.confirmed_by_id, case.heard_by_id):
        raise Forbidden("listing_took_part")
    _close(case, step.target, reason, actor, now)
    _record(case, f"listing.{step.action}_appeal", actor, now, reason)
    if grant:
        operations.end(listing.id, "strike", reason, actor, now, listing.version, appealed=True)
    else:
        telling.tell(listing, "dismiss_appeal", now)
        _feed(listing, now)
    telling.decision(listing, "appeal", reason, actor, now, granted=grant)
    return case


# --- credit repair ----------------------------------------------------------------------------------------------------


def repair_checks(listing: Listing, now: datetime) -> list[Check]:
    """How the requirements of credit repair stand today, each with what explains it."""
    today = clock.day_of(now)
    least = repair_months(listing)
    published = clock.day_of(listing.published_at or now)
    others = [*_register(listing)]
    for piece in slots.collect(current_app, "repair.checks", shop=listing.shop):
        others += piece
    return process.requirements(
        process.Standing(
            published,
            least,
            queries.repeated(listing),
            listing.under_appeal,
            tuple(others),
        ),
        today,
    )


def repair_months(listing: Listing) -> int:
    """Whole months of publication before repair may be asked for, by the severity of the ground."""
    day = clock.day_of(listing.published_at or listing.proposed_at)
    return policy.get_int(f"listing.{listing.severity or 'serious'}_repair_months", day)


def repair_from(listing: Listing) -> date:
    """The first day on which repair may be asked for."""
    day = clock.day_of(listing.published_at or listing.proposed_at)
    return process.earliest_repair(day, repair_months(listing))


def ask_repair(
    listing_id: int,
    text: str,
    pledges: Sequence[str],
    actor: Actor,
    now: datetime,
    file_ids: Sequence[int] = (),
) -> ListingRepair:
    """The merchant asks for credit repair: what was corrected, with proof. Issues a receipt.

    All of process.PLEDGES must be in `pledges`. Raises Invalid (``listing_pledges``), Conflict (``repair_not_yet``)
    while a requirement is not met.
    """
    listing = _public(listing_id, actor)
    check_texts(text=(text, process.TEXT_LONGEST))
    if not set(process.PLEDGES) <= set(pledges):
        raise Invalid("listing_pledges", field="pledges")
    if (standing := listing.open_repair) is not None:
        if standing.text == text.strip():
            return standing
        raise Conflict("repair_asked")
    checks = repair_checks(listing, now)
    if not process.met(checks):
        raise Conflict("repair_not_yet")
    today = clock.day_of(now)
    case = ListingRepair(
        listing=listing,
        text=text.strip(),
        state=REPAIR_STEPS.first,
        filed_by_id=actor.account_id or 0,
        filed_at=now,
        due_on=calendar().add(today, policy.get_int("listing.repair_working_days", today)).day,
        receipt=random_code(100)[:20],
        checks=[check.as_json() for check in checks],
    )
    db.session.add(case)
    operations.flush()
    attach(file_ids, REPAIR_OWNER, case.id, actor=actor)
    _record(case, "listing.ask_repair", actor, now)
    telling.receipt(case, actor, now)
    telling.tell(listing, "ask_repair", now)
    return case


def decide_repair(
    repair_id: int, *, grant: bool, reason: str, actor: Actor, now: datetime, version: int
) -> ListingRepair:
    """Who listed repairs (谁列入谁修复): one of the two, or their bureau. Granted, all stops together."""
    case = queries.get_repair(repair_id)
    listing = case.listing
    _same(case, version)
    step = REPAIR_STEPS.check(case.state, "grant" if grant else "dismiss", actor, listing.shop.scope, reason)
    check_texts(reason=(reason, REASON_LONGEST))
    listed_by = (listing.proposed_by_id, listing.decided_by_id)
    if not process.may_repair(actor, listed_by, listing.office_region or listing.shop.region_code[:6]):
        raise Forbidden("listing_not_your_office")
    if grant and not process.met(repair_checks(listing, now)):
        raise Conflict("repair_not_yet")
    _close(case, step.target, reason, actor, now)
    _record(case, f"listing.{step.action}_repair", actor, now, reason)
    if grant:
        operations.end(listing.id, "repair", reason, actor, now, listing.version)
    else:
        telling.tell(listing, "dismiss_repair", now)
    telling.decision(listing, "repair", reason, actor, now, granted=grant)
    return case


def withdraw(case: ListingAppeal | ListingRepair, actor: Actor, now: datetime) -> None:
    """The merchant takes an appeal or a request back."""
    is_appeal = isinstance(case, ListingAppeal)
    table: Steps[CaseState] = APPEAL_STEPS if is_appeal else REPAIR_STEPS
    step = table.check(case.state, "withdraw", actor, case.listing.shop.scope)
    case.state, case.decided_at = step.target, now
    operations.flush()
    _record(case, "listing.withdraw_appeal" if is_appeal else "listing.withdraw_repair", actor, now)
    if is_appeal:
        _feed(case.listing, now)


# --- parts ------------------------------------------------------------------------------------------------------------


def _public(listing_id: int, actor: Actor) -> Listing:
    listing = _black_of(listing_id, actor)
    if listing.state is not ListingState.PUBLISHED:
        raise Conflict("listing_not_public")
    return listing


def _same(case: ListingAppeal | ListingRepair, version: int) -> None:
    if case.version != version:
        raise Conflict("changed_meanwhile")


def _close(
    case: ListingAppeal | ListingRepair, state: CaseState, reason: str, actor: Actor, now: datetime
) -> None:
    case.state, case.decision = state, reason.strip()
    case.decided_by_id, case.decided_at = actor.account_id, now
    operations.flush()


def _register(listing: Listing) -> list[Check]:
    """The register's word: in business, and on no list of its own."""
    facts = lookup.find_facts(listing.shop.operator.uscc)
    if facts is None:
        return [Check("register", CheckResult.NEEDS_PERSON, {})]
    clean = facts.status == "active" and not facts.abnormal and not facts.serious_violation
    return [Check("register", CheckResult.PASSED if clean else CheckResult.FAILED, {})]


def _feed(listing: Listing, now: datetime) -> None:
    """Every worker drops the shop's kept pages: the seal changes."""
    feed.publish("listing.appeal", now=now, shop_id=listing.shop_id, colour=listing.colour.value)


def _record(
    case: ListingAppeal | ListingRepair, action: str, actor: Actor, now: datetime, reason: str | None = None
) -> None:
    audit.record(
        actor,
        action,
        operations.OWNER_TYPE,
        case.listing_id,
        now=now,
        shop_id=case.listing.shop_id,
        new={"state": case.state.value},
        reason=(reason or "").strip() or None,
    )
