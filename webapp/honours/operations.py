"""Naming shops as demonstration units, return shops, members of return chains: by two people. No commits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import current_app
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from webapp import audit, feed
from webapp.core import clock, policy
from webapp.core.actor import SYSTEM, Actor, Role, Scope
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.core.steps import permit
from webapp.listings import queries as listings
from webapp.merchants.models import Shop
from webapp.merchants.queries import get_shop
from webapp.web import slots

from . import queries, returning, standards
from .models import Honour, ReturnChain
from .rules import (
    ENDED_BY_ITSELF,
    NAME_LONGEST,
    REASON_LONGEST,
    STEPS,
    TERMS_LONGEST,
    HonourKind,
    HonourState,
    check_honour,
)

OWNER_TYPE = "honour"
_PROPOSERS = frozenset({Role.STATION_OFFICER, Role.BUREAU_OFFICER})
_LIMITS = ("term_years", "return_days_least", "return_days_most")


@dataclass(frozen=True)
class Facts:
    """What a proposal states."""

    kind: HonourKind
    terms: str
    sector: str | None = None
    standard: str = ""
    standard_part: int | None = None
    days: int | None = None
    chain_id: int | None = None
    term_until: date | None = None
    returns: int | None = None  # of the year before: goods taken back, and refused to be
    refused: int | None = None
    evidence: str = ""  # where the records were seen


def check(shop: Shop, facts: Facts, actor: Actor, now: datetime) -> None:
    """Raise what keeps this officer from proposing these facts of this shop now; also for a preview."""
    permit(actor, _PROPOSERS, shop.scope, "no_access")
    today = clock.day_of(now)
    facts = with_standard(facts, today)
    found = policy.get_ints([f"honour.{name}" for name in _LIMITS], today)
    check_honour(
        facts.kind,
        sector=facts.sector,
        standard=facts.standard,
        days=facts.days,
        terms=facts.terms,
        chain_id=facts.chain_id,
        returns=facts.returns,
        refused=facts.refused,
        evidence=facts.evidence,
        term_until=facts.term_until,
        today=today,
        limits={name: found[f"honour.{name}"] for name in _LIMITS},
    )
    if facts.chain_id is not None and queries.get_chain(facts.chain_id).ended_at is not None:
        raise Invalid("honour_chain", field="chain")
    if queries.standing(shop.id, facts.kind) is not None:
        raise Conflict("honour_stands")
    check_worthy(shop, today)


def with_standard(facts: Facts, today: date) -> Facts:
    """A demonstration unit without a standard in words gets its sector's (:mod:`.standards`)."""
    if facts.kind is not HonourKind.DEMONSTRATION or facts.standard.strip():
        return facts
    part = facts.standard_part or standards.part_of(facts.sector, today)
    return replace(facts, standard_part=part, standard=standards.words_of(facts.sector, today, part))


def check_worthy(shop: Shop, today: date) -> None:
    """Raise Conflict unless the bureau vouches for the shop and it is not on the black list."""

    codes = slots.collect(current_app, "shop.code", shop_id=shop.id)
    active = any(code.state is not None and str(code.state) == "active" for code in codes)
    if not active or listings.black_listed([shop.id], today):
        raise Conflict("honour_not_vouched")


def propose(shop_id: int, facts: Facts, actor: Actor, now: datetime) -> Honour:
    """First of two people. Raises Invalid (with the field), Conflict, Forbidden."""
    shop, facts = get_shop(shop_id), with_standard(facts, clock.day_of(now))
    check(shop, facts, actor, now)
    if actor.account_id is None:
        raise Forbidden("no_access")
    honour = Honour(
        shop_id=shop_id,
        shop=shop,
        kind=facts.kind,
        state=STEPS.first,
        sector=facts.sector if facts.kind is HonourKind.DEMONSTRATION else None,
        standard=facts.standard.strip() if facts.kind is HonourKind.DEMONSTRATION else "",
        standard_part=facts.standard_part if facts.kind is HonourKind.DEMONSTRATION else None,
        days=None if facts.kind is HonourKind.DEMONSTRATION else facts.days,
        terms=facts.terms.strip(),
        chain_id=facts.chain_id,
        term_until=facts.term_until,
        proposed_by_id=actor.account_id,
        proposed_at=now,
    )
    db.session.add(honour)
    _flush()
    if facts.kind is not HonourKind.DEMONSTRATION:
        returning.record(honour, facts.returns or 0, facts.refused or 0, facts.evidence, actor, now)
    _record(honour, "propose", actor, now, before=None, reason="")
    return honour


def decide(honour_id: int, action: str, reason: str, actor: Actor, now: datetime, version: int) -> Honour:
    """Second of two people: ``confirm`` publishes with the commit, ``refuse`` does not. Never who proposed."""
    honour = _opened(honour_id, version)
    step = STEPS.check(honour.state, action, actor, honour.shop.scope, reason)
    if actor.account_id is None or actor.account_id == honour.proposed_by_id:
        raise Forbidden("honour_two_people")
    _check_reason(reason)
    if action == "confirm":
        check_worthy(honour.shop, clock.day_of(now))
        if honour.chain is not None and honour.chain.ended_at is not None:
            raise Conflict("honour_chain_ended")
    review_on = returning.next_review(honour.kind, clock.day_of(now))
    before, honour.state, honour.decision_reason = honour.state, step.target, reason.strip()
    honour.decided_by_id, honour.decided_at = actor.account_id, now
    if step.target is HonourState.PUBLISHED:
        honour.published_at = now
        honour.review_on = review_on
    _flush()
    _record(honour, action, actor, now, before=before, reason=reason)
    if step.target is HonourState.PUBLISHED:
        feed.publish("honour.published", now=now, shop_id=honour.shop_id, honour=honour.kind.value)
    return honour


def withdraw(honour_id: int, actor: Actor, now: datetime, version: int) -> Honour:
    """The proposer takes it back before anybody decided."""
    honour = _opened(honour_id, version)
    step = STEPS.check(honour.state, "withdraw", actor, honour.shop.scope)
    if actor.account_id != honour.proposed_by_id:
        raise Forbidden("only_proposer")
    before, honour.state, honour.decided_at = honour.state, step.target, now
    _flush()
    _record(honour, "withdraw", actor, now, before=before, reason="")
    return honour


def end(honour_id: int, action: str, reason: str, actor: Actor, now: datetime, version: int) -> Honour:
    """``end`` (by an officer, or the system when the shop lost its ground) or ``expire``: gone with the commit."""
    honour = _opened(honour_id, version)
    step = STEPS.check(honour.state, action, actor, honour.shop.scope, reason)
    _check_reason(reason)
    before, honour.state = honour.state, step.target
    honour.ended_at, honour.ended_reason = now, reason.strip()
    _flush()
    _record(honour, action, actor, now, before=before, reason=reason)
    feed.publish("honour.ended", now=now, shop_id=honour.shop_id, honour=honour.kind.value)
    return honour


def end_all(shop_id: int, reason: str, now: datetime) -> None:
    """End every published honour of a shop: `reason` is a code of rules.ENDED_BY_ITSELF."""
    for honour in queries.of_shop(shop_id):
        if honour.state is HonourState.PUBLISHED:
            end(honour.id, "end", reason, SYSTEM, now, honour.version)


def expire_ended(now: datetime) -> int:
    """Expire what is past its term; returns how many. Pages hide it from that day anyway."""
    due = queries.ended_terms(clock.day_of(now))
    for honour in due:
        end(honour.id, "expire", "term_passed", SYSTEM, now, honour.version)
    return len(due)


def create_chain(name: str, terms: str, region_code: str, actor: Actor, now: datetime) -> ReturnChain:
    """A chain of shops that take back each other's goods; shops are named to belong to it one by one, by two people."""
    permit(actor, _PROPOSERS, None, "no_access")
    if actor.account_id is None:
        raise Forbidden("no_access")
    for field, text, longest in (("name", name, NAME_LONGEST), ("terms", terms, TERMS_LONGEST)):
        if not text.strip():
            raise Invalid("required", field=field)
        if len(text) > longest:
            raise Invalid("honour_too_long", field=field, longest=longest, length=len(text))
    chain = ReturnChain(
        name=name.strip(),
        terms=terms.strip(),
        region_code=region_code,
        created_by_id=actor.account_id,
        created_at=now,
    )
    db.session.add(chain)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("chain_taken", field="name") from error
    audit.record(actor, "chain.create", "return_chain", chain.id, now=now, new={"name": chain.name})
    return chain


def end_chain(chain_id: int, reason: str, actor: Actor, now: datetime, version: int) -> int:
    """The chain takes back each other's goods no more: with it end its shops' honours; returns how many.

    By the bureau of the chain's place. Who must stand aside from one of its shops leaves the chain to others.
    """
    chain = queries.get_chain(chain_id)
    permit(actor, frozenset({Role.BUREAU_OFFICER}), Scope(chain.region_code), "no_access")
    if chain.version != version or chain.ended_at is not None:
        raise Conflict("changed_meanwhile")
    if not reason.strip():
        raise Invalid("reason_required", field="reason")
    _check_reason(reason)
    members = queries.of_chain(chain_id)
    if any(actor.must_stand_aside(honour.shop.scope) for honour in members):
        raise Forbidden("must_stand_aside")
    chain.ended_at = now
    _flush()
    for honour in members:
        end(honour.id, "end", "chain_ended", SYSTEM, now, honour.version)
    audit.record(
        actor,
        "chain.end",
        "return_chain",
        chain.id,
        now=now,
        old={"name": chain.name},
        new={"shops": len(members)},
        reason=reason.strip(),
    )
    return len(members)


def _opened(honour_id: int, version: int) -> Honour:
    honour = queries.get(honour_id)
    if honour.version != version:
        raise Conflict("changed_meanwhile")
    return honour


def _check_reason(reason: str) -> None:
    if len(reason) > REASON_LONGEST:
        raise Invalid("honour_too_long", field="reason", longest=REASON_LONGEST, length=len(reason))


def _flush() -> None:
    try:
        db.session.flush()
    except StaleDataError as error:
        raise Conflict("changed_meanwhile") from error
    except IntegrityError as error:
        raise Conflict("honour_stands") from error


def _record(
    honour: Honour, action: str, actor: Actor, now: datetime, *, before: HonourState | None, reason: str
) -> None:
    code = reason if reason in ENDED_BY_ITSELF else honour.kind.value
    audit.record(
        actor,
        f"honour.{action}",
        OWNER_TYPE,
        honour.id,
        now=now,
        shop_id=honour.shop_id,
        old=None if before is None else {"state": before.value},
        new={"kind": honour.kind.value, "state": honour.state.value},
        reason_code=code,
        reason=None if reason in ENDED_BY_ITSELF else reason.strip() or None,
    )
