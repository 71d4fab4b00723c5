"""The statutory documents that a step of a complaint brings forth, issued in the step's own transaction.

The authority's word is the paper: acceptance, refusal, termination and transfer are issued by the office that handles
the complaint, under the law of its day of receipt. What people typed goes into the document and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.clocks import queries as clock_queries
from webapp.clocks.laws import Kind
from webapp.core import clock
from webapp.core.actor import Actor, Scope
from webapp.core.identifiers import format_phone
from webapp.letters import Law, Recipient, Subject, organisations
from webapp.letters import operations as letter_operations
from webapp.letters.models import Letter
from webapp.letters.organisations import Organisation
from webapp.regions import queries as regions
from webapp.web.words import label

from . import rules
from .models import Complaint
from .timing import SUBJECT

#: What anybody can call when the office has no number of its own.
HOTLINE = "12315"


@dataclass(frozen=True)
class Deed:
    """A step that was taken: its ground's code and words, who, when; `handler`: the office before a transfer."""

    ground: str
    text: str
    actor: Actor
    now: datetime
    handler: Scope


@dataclass(frozen=True)
class Paper:
    """A document to issue: its kind, what it states, for whom (None: the kind's own recipients)."""

    kind: str
    facts: dict[str, Any]
    recipients: tuple[Recipient, ...] | None = None


def follow(complaint: Complaint, action: str, deed: Deed) -> None:
    """Issue the documents of a step; most steps have none."""
    for paper in _DUE.get(action, _nothing)(complaint, deed):
        letter_operations.issue(
            paper.kind,
            Subject(SUBJECT, complaint.id),
            paper.facts,
            organisation_of(deed.handler),
            deed.actor,
            deed.now,
            law=Law(complaint.law),
            recipients=paper.recipients,
        )


def register(complaint: Complaint, actor: Actor, now: datetime) -> Letter:
    """The registration form (投诉登记表) of the complaint as it was filed, for the office's file."""
    return letter_operations.issue(
        "complaint_registration",
        Subject(SUBJECT, complaint.id),
        {
            "case_number": complaint.number,
            "received_at": complaint.received_at,
            "channel": label(f"complaint.source.{complaint.source.value}"),
            "complainant_name": _complainant(complaint),
            "phone": _read(complaint.contact_phone) or label("complaint.document.no_phone"),
            "consents_to_disclosure": complaint.consent_disclosure,
            "consents_to_entrusting": complaint.consent_entrust,
            "respondent_name": _respondent(complaint),
            "respondent_address": complaint.shop.address or None,
            "respondent_phone": _read(complaint.shop.phone),
            "happened_on": complaint.happened_on,
            "amount": complaint.amount_fen,
            "story": complaint.story,
            "demand": label(f"complaint.demand.{complaint.demand.value}"),
            "handler": actor.name,
        },
        organisation_of(complaint.scope),
        actor,
        now,
        law=Law(complaint.law),
    )


def _read(phone: str | None) -> str | None:
    return format_phone(phone) if phone else None


def organisation_of(scope: Scope) -> Organisation:
    """The office that issues: the station that handles it, or the bureau of its region."""
    if scope.station_id is not None:
        return organisations.station(scope.station_id)
    return organisations.bureau(scope.region_code)


def _nothing(_complaint: Complaint, _deed: Deed) -> list[Paper]:
    return []


def _acceptance(complaint: Complaint, deed: Deed) -> list[Paper]:
    running = clock_queries.running(SUBJECT, complaint.id, Kind.MEDIATION)
    facts = {
        "contact": deed.actor.name,
        "contact_phone": _phone(deed.handler),
        "mediate_by": running[0].due_on if running else None,
    }
    return [Paper("acceptance", _matter(complaint) | facts)]


def _refusal(complaint: Complaint, deed: Deed) -> list[Paper]:
    return [Paper("refusal", _matter(complaint) | _ground(complaint, "refuse", deed))]


def _termination(complaint: Complaint, deed: Deed) -> list[Paper]:
    """One for each side: without the consumer's consent the merchant's copy masks the name, as everywhere."""
    facts = _matter(complaint) | _ground(complaint, "end", deed) | {"ended_on": clock.day_of(deed.now)}
    del facts["received_on"]
    complainant, respondent = facts["complainant_name"], facts["respondent_name"]
    shown = complainant if complaint.share_contact else rules.mask_name(complaint.contact_name) or complainant
    return [
        Paper("termination", facts | {"addressee": complainant}, (Recipient.COMPLAINANT,)),
        Paper(
            "termination",
            facts | {"addressee": respondent, "complainant_name": shown},
            (Recipient.RESPONDENT,),
        ),
    ]


def _transfer(complaint: Complaint, deed: Deed) -> list[Paper]:
    facts = {
        "to_organisation": organisation_of(complaint.scope).name,
        "what": label("complaint.document.what"),
        "reason": deed.text,
        "contact": deed.actor.name,
        "contact_phone": _phone(deed.handler),
    }
    return [Paper("transfer_notice", _matter(complaint) | facts)]


_DUE: dict[str, Callable[[Complaint, Deed], list[Paper]]] = {
    "accept": _acceptance,
    "refuse": _refusal,
    "end": _termination,
    "transfer": _transfer,
}


def _matter(complaint: Complaint) -> dict[str, Any]:
    return {
        "complainant_name": _complainant(complaint),
        "received_on": clock.day_of(complaint.referred_at or complaint.received_at),
        "respondent_name": _respondent(complaint),
        "matter": label(f"complaint.topic.{complaint.topic}"),
        "case_number": complaint.number,
    }


def _ground(complaint: Complaint, kind: str, deed: Deed) -> dict[str, Any]:
    found = rules.find_ground(kind, complaint.law, deed.ground)
    return {
        "ground": label(f"complaint.ground.{kind}.{deed.ground}"),
        "ground_item": found.item if found is not None and found.item else None,
        "explanation": deed.text or None,
    }


def _complainant(complaint: Complaint) -> str:
    return complaint.contact_name or label("complaint.document.unnamed", number=complaint.number)


def _respondent(complaint: Complaint) -> str:
    shop = complaint.shop
    return (
        f"{shop.full_name}（{shop.operator.name}）"
        if shop.operator.name != shop.full_name
        else shop.full_name
    )


def _phone(scope: Scope) -> str:
    station = regions.find_station(scope.station_id)
    return (station.phone if station is not None else None) or HOTLINE
