"""The statutory documents of a mediation, as documents of its complaint: both sides find them on their pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from webapp.accounts.queries import find_account
from webapp.complaints.documents import organisation_of
from webapp.complaints.models import Complaint
from webapp.complaints.rules import mask_name
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.identifiers import format_phone, mask_phone
from webapp.letters import Law, Recipient, Subject
from webapp.letters import operations as letters
from webapp.regions import queries as regions
from webapp.web.words import label

from .models import Hearing, HearingMode, Mediation
from .rules import MediatorKind

HOTLINE = "12315"


def notices(mediation: Mediation, hearing: Hearing, actor: Actor, now: datetime) -> None:
    """The notice of a hearing for each side. A body calls the sides itself: the authority writes for its own only."""
    if mediation.kind is not MediatorKind.OWN:
        return
    complaint = mediation.complaint
    mode = label(f"mediation.mode.{hearing.mode.value}")
    place = hearing.place if hearing.mode is HearingMode.ON_SITE else f"{mode} {hearing.place}".strip()
    facts = {
        "respondent_name": _respondent(complaint),
        "matter": label(f"complaint.topic.{complaint.topic}"),
        "hearing_at": hearing.at,
        "place": place
        if hearing.mode is HearingMode.ON_SITE
        else f"{label(f'mediation.mode.{hearing.mode.value}')} {hearing.place}".strip(),
        "mediators": _mediators(mediation),
        "contact_phone": _phone(complaint),
        "case_number": complaint.number,
    }
    for recipient, addressee, name in (
        (Recipient.COMPLAINANT, _complainant(complaint), _complainant(complaint)),
        (Recipient.RESPONDENT, _respondent(complaint), _shown(complaint)),
    ):
        own = {"addressee": addressee, "complainant_name": name}
        _issue("mediation_notice", complaint, facts | own, recipient, actor, now)


def agreement(mediation: Mediation, actor: Actor, now: datetime) -> None:
    """The agreement as both signed it. The consumer's phone is in the merchant's copy only with consent."""
    complaint = mediation.complaint
    phone = complaint.contact_phone
    full = format_phone(phone) if phone else label("complaint.document.no_phone")
    masked = mask_phone(phone) if phone else full
    met = [one for one in mediation.hearings if one.held]
    facts = {
        "complainant_name": mediation.consumer_name,
        "respondent_name": _respondent(complaint),
        "respondent_representative": None,
        "respondent_agent": mediation.merchant_name,
        "respondent_address": complaint.shop.address or None,
        "dispute": complaint.story,
        "terms": [line for line in (mediation.agreement or "").splitlines() if line.strip()],
        "mediators": _mediators(mediation),
        "mediated_on": clock.day_of(met[-1].at) if met else clock.day_of(now),
        "place": (met[-1].place or None) if met else None,
        "case_number": complaint.number,
    }
    for recipient, number in (
        (Recipient.COMPLAINANT, full),
        (Recipient.RESPONDENT, full if complaint.share_contact else masked),
    ):
        _issue("mediation_agreement", complaint, facts | {"phone": number}, recipient, actor, now)


def _issue(
    kind: str,
    complaint: Complaint,
    facts: Mapping[str, Any],
    recipient: Recipient,
    actor: Actor,
    now: datetime,
) -> None:
    letters.issue(
        kind,
        Subject("complaint", complaint.id),
        facts,
        organisation_of(complaint.scope),
        actor,
        now,
        law=Law(complaint.law),
        recipients=(recipient,),
    )


def _mediators(mediation: Mediation) -> str:
    if mediation.body is not None:
        return mediation.body.name
    account = find_account(mediation.opened_by_id) if mediation.opened_by_id is not None else None
    return account.name if account is not None else label("mediation.kind.own")


def _complainant(complaint: Complaint) -> str:
    return complaint.contact_name or label("complaint.document.unnamed", number=complaint.number)


def _shown(complaint: Complaint) -> str:
    """The consumer's name as the merchant may read it before anything is signed."""
    full = _complainant(complaint)
    return full if complaint.share_contact else mask_name(complaint.contact_name) or full


def _respondent(complaint: Complaint) -> str:
    return complaint.shop.operator.name


def _phone(complaint: Complaint) -> str:
    station = regions.find_station(complaint.handler_station_id)
    return (station.phone if station is not None else None) or HOTLINE
