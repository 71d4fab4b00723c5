"""Offers (和解): what the merchant offers, signed by both; one open offer a complaint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from webapp.core import clock, policy
from webapp.core.actor import CONSUMER, SYSTEM, Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid

from . import offers, operations, queries, rules
from .models import Complaint, Demand, Offer
from .rules import OFFER_STEPS, OfferState


@dataclass(frozen=True)
class Terms:
    """What is offered: `amount_fen` in fen or None; `perform_by` its last day; `signer` signs for the merchant."""

    demand: Demand
    amount_fen: int | None
    text: str
    perform_by: date
    signer: str


def make(complaint_id: int, terms: Terms, actor: Actor, now: datetime, version: int | None = None) -> Offer:
    """The merchant offers; an offer that still waited is replaced. Raises Invalid, Conflict, StepRefused, Forbidden."""
    _check(terms, now)
    complaint = operations.act(complaint_id, "offer", actor, now, text=terms.text, version=version)
    if (waiting := queries.open_offer(complaint)) is not None:
        if waiting.state is not OfferState.PROPOSED:
            raise Conflict("offer_accepted_already")
        offers.move(waiting, "withdraw", actor, complaint, now)
    days = policy.get_int("complaint.offer_valid_days", clock.day_of(now))
    offer = Offer(
        complaint_id=complaint.id,
        state=OFFER_STEPS.first,
        demand=terms.demand,
        amount_fen=terms.amount_fen,
        text=terms.text.strip(),
        perform_by=terms.perform_by,
        valid_until=clock.end_of_day(clock.day_of(now) + timedelta(days=days)),
        merchant_name=terms.signer.strip(),
        made_by_id=actor.account_id,
        made_at=now,
    )
    complaint.offers.append(offer)
    db.session.flush()
    return offer


def accept(
    complaint_id: int, offer_id: int, name: str, now: datetime, version: int | None = None
) -> Complaint:
    """The consumer signs: the complaint is agreed. Raises Invalid (``sign_with_name``), Conflict (``offer_gone``)."""
    if not name.strip() or len(name.strip()) > rules.NAME_MAX:
        raise Invalid("sign_with_name", field="name")
    complaint = queries.get_locked(complaint_id)
    offer = _open(complaint, offer_id)
    if now > offer.valid_until:
        raise Conflict("offer_gone")
    complaint = operations.act(complaint_id, "accept_offer", CONSUMER, now, version=version)
    offers.move(offer, "accept", CONSUMER, complaint, now)
    offer.consumer_name, offer.signed_at = name.strip(), now
    return complaint


def decline(
    complaint_id: int, offer_id: int, text: str, now: datetime, version: int | None = None
) -> Complaint:
    """The consumer declines, perhaps with words; raises Conflict (``offer_gone``)."""
    offer = _open(queries.get_locked(complaint_id), offer_id)
    complaint = operations.act(complaint_id, "decline_offer", CONSUMER, now, text=text, version=version)
    offers.move(offer, "decline", CONSUMER, complaint, now)
    return complaint


def expire(now: datetime) -> int:
    """End offers that nobody took in time; returns how many."""
    expired = queries.offers_past(now)
    for offer in expired:
        offers.move(offer, "expire", SYSTEM, queries.get(offer.complaint_id), now)
    return len(expired)


def _open(complaint: Complaint, offer_id: int) -> Offer:
    offer = queries.open_offer(complaint)
    if offer is None or offer.id != offer_id or offer.state is not OfferState.PROPOSED:
        raise Conflict("offer_gone")
    return offer


def _check(terms: Terms, now: datetime) -> None:
    if not terms.text.strip():
        raise Invalid("say_something", field="text")
    if len(terms.text) > rules.TEXT_MAX:
        raise Invalid("text_too_long", field="text", most=rules.TEXT_MAX)
    if not terms.signer.strip() or len(terms.signer.strip()) > rules.NAME_MAX:
        raise Invalid("sign_with_name", field="signer")
    if terms.amount_fen is not None and not 0 <= terms.amount_fen <= rules.AMOUNT_MAX:
        raise Invalid("amount_wrong", field="amount")
    if terms.demand in {Demand.REFUND, Demand.COMPENSATION} and not terms.amount_fen:
        raise Invalid("offer_needs_amount", field="amount")
    today = clock.day_of(now)
    most = policy.get_int("complaint.perform_days_max", today)
    if not today <= terms.perform_by <= today + timedelta(days=most):
        raise Invalid("perform_by_wrong", field="perform_by", days=most)
