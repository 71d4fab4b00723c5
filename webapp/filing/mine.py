"""One's own data: a copy of all that is kept under a proved phone, and taking name and phone back from what has ended.

Source: 个人信息保护法 Art. 45 (copy), Art. 47 (deletion). What is still handled keeps its contact: without it nobody
could be told the outcome.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from webapp.audit import sight_queries
from webapp.complaints import erasing as complaint_erasing
from webapp.complaints.models import Complaint
from webapp.files import queries as file_queries
from webapp.tips import erasing as tip_erasing
from webapp.tips.models import Tip

from . import queries

#: The date of the file's shape; a new one is told in the changelog.
SCHEMA = "2026-11-28"
#: Looks at one record that a copy tells, the newest first.
LOOKS_MOST = 1000


def copy(phone: str, now: datetime) -> str:
    """Everything kept under `phone`, as JSON for reading and for other programs. Only for who proved it."""
    document = {
        "schema": SCHEMA,
        "made_at": now.isoformat(),
        "phone": phone,
        "complaints": [_complaint(one) for one in queries.complaints_of_phone(phone, None)],
        "tips": [_tip(one) for one in queries.tips_of_phone(phone, None)],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def may_forget(record: Complaint | Tip) -> bool:
    """May name and phone be taken back from it?"""
    if isinstance(record, Complaint):
        return complaint_erasing.may_forget(record)
    return tip_erasing.may_forget(record)


def forget(phone: str, now: datetime) -> tuple[int, int]:
    """Take name and phone back from all that has ended; returns how many, and how many keep them for now."""
    done = kept = 0
    records: list[Complaint | Tip] = [
        *queries.complaints_of_phone(phone, None),
        *queries.tips_of_phone(phone, None),
    ]
    for record in records:
        if not may_forget(record):
            kept += 1
            continue
        done += 1
        if isinstance(record, Complaint):
            complaint_erasing.forget_contact(record.id, now)
        else:
            tip_erasing.forget_contact(record.id, now)
    return done, kept


def _complaint(one: Complaint) -> dict[str, Any]:
    return _shared(one, "complaint", one.contact_name) | {
        "demand": one.demand.value,
        "amount_fen": one.amount_fen,
        "route": one.route.value,
        "consents": {
            "share_contact": one.share_contact,
            "disclosure": one.consent_disclosure,
            "entrusted_mediation": one.consent_entrust,
        },
        "offers": [
            {
                "state": offer.state.value,
                "demand": offer.demand.value,
                "amount_fen": offer.amount_fen,
                "text": offer.text,
                "perform_by": offer.perform_by.isoformat(),
                "signed_as": offer.consumer_name,
            }
            for offer in one.offers
        ],
        "handling_rated": one.handling_stars,
        "handling_said": one.handling_said,
    }


def _tip(one: Tip) -> dict[str, Any]:
    return _shared(one, "tip", one.reporter_name) | {"named": one.named, "decision": one.decision_text}


def _shared(one: Complaint | Tip, kind: str, name: str | None) -> dict[str, Any]:
    return {
        "number": one.number,
        "shop": one.shop.public_full_name,
        "name": name,
        "phone_verified_at": _instant(one.phone_verified_at),
        "received_at": _instant(one.received_at),
        "state": one.state.value,
        "ended_at": _instant(one.ended_at),
        "topic": one.topic,
        "story": one.story,
        "happened_on": one.happened_on.isoformat() if one.happened_on else None,
        "law": one.law,
        "photos": len(file_queries.of_owner(kind, one.id)),
        "messages": [
            {"side": said.side.value, "action": said.action, "text": said.text, "at": _instant(said.at)}
            for said in one.messages
            if not said.internal
        ],
        # In which role somebody looked at it, at what, and when (个人信息保护法 Art. 45); no names of officers.
        "looked_at": [
            {
                "role": view.actor_role,
                "seen": view.seen.value,
                "purpose": view.purpose,
                "at": _instant(view.at),
            }
            for view in sight_queries.of_record(kind, one.id, limit=LOOKS_MOST)
        ],
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
