"""The states of offers: moved along their table of steps, and concluded when their complaint is."""

from __future__ import annotations

from datetime import datetime

from webapp.core.actor import SYSTEM, Actor
from webapp.core.db import db

from . import queries, rules
from .models import Complaint, Offer
from .rules import ENDED, OFFER_STEPS, ComplaintState, OfferState


def move(offer: Offer, action: str, actor: Actor, complaint: Complaint, now: datetime) -> None:
    """Take one step of the offer's lifecycle; raises StepRefused, Forbidden."""
    offer.state = OFFER_STEPS.check(offer.state, action, actor, complaint.scope).target
    if offer.state in rules.OFFER_ENDED:
        offer.ended_at = now
    db.session.flush()


def conclude(complaint: Complaint, action: str, before: ComplaintState, now: datetime) -> None:
    """After a step of the complaint: end its open offer when nothing is left to wait for.

    An offer that waits goes on waiting while the complaint goes to the authority: the sides may still agree.
    """
    if complaint.state not in ENDED and before is not ComplaintState.AGREED:
        return
    offer = queries.open_offer(complaint)
    if offer is None or complaint.state is before:
        return
    kept = "keep" if action in rules.KEEPS else "break"
    step = "withdraw" if offer.state is OfferState.PROPOSED else kept
    move(offer, step, SYSTEM, complaint, now)
