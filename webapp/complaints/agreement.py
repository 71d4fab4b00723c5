"""The settlement that both sides signed, as a paper to keep: what, how much, by when, who signed when."""

from __future__ import annotations

from datetime import datetime

from webapp.core import clock
from webapp.core.errors import NotFound
from webapp.letters import operations as letters
from webapp.letters.content import Content, Note, Paragraph, Row
from webapp.web.filters import day, yuan
from webapp.web.words import label

from .models import Complaint, Offer
from .rules import OfferState

#: An agreement stays one, kept or not.
SIGNED = frozenset({OfferState.ACCEPTED, OfferState.KEPT, OfferState.BROKEN})


def signed(complaint: Complaint) -> Offer | None:
    """The newest offer that both sides signed, or None."""
    return next((offer for offer in reversed(complaint.offers) if offer.state in SIGNED), None)


def content(complaint: Complaint) -> Content:
    """The paper; raises NotFound while nothing is signed. The consumer is named as it was signed."""
    offer = signed(complaint)
    if offer is None or offer.signed_at is None:
        raise NotFound("no_such_thing")
    what = label(f"complaint.demand.{offer.demand.value}")
    money = yuan(offer.amount_fen) if offer.amount_fen else label("complaint.agreement.no_money")
    rows = (
        (("received", _at(complaint.received_at)),),
        (("consumer", offer.consumer_name or ""), ("merchant", complaint.shop.operator.name)),
        (("shop", complaint.shop.full_name), ("topic", label(f"complaint.topic.{complaint.topic}"))),
        (("what", what), ("money", money)),
        (("how", offer.text),),
        (("until", day(offer.perform_by)),),
        (("signed_merchant", offer.merchant_name), ("signed_on", _at(offer.made_at))),
        (("signed_consumer", offer.consumer_name or ""), ("signed_on", _at(offer.signed_at))),
    )
    return Content(
        organisation=label("complaint.agreement.between"),
        title=label("complaint.agreement.title"),
        number=label("complaint.agreement.of", number=complaint.number),
        blocks=(
            Paragraph(label("complaint.agreement.intro")),
            *(Row(tuple((label(f"complaint.agreement.{key}"), said) for key, said in row)) for row in rows),
            Note(label("complaint.agreement.note")),
        ),
    )


def pdf(complaint: Complaint) -> bytes:
    """The paper as PDF; raises NotFound while nothing is signed."""
    return letters.plain(content(complaint))


def _at(instant: datetime) -> str:
    """With the year: a contract is read years later."""
    return f"{day(clock.day_of(instant))} {instant.astimezone(clock.SHANGHAI):%H:%M}"
