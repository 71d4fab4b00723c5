"""Erasing what ended complaints say of people, after the policy's ``retention.case_days``; the case stays as a number.

What stays: number, shop, topic, demand, amount, days, states, clocks, so that every figure counts as before. What goes:
names, phones, words of all sides, photos, what the documents say. Source: 个人信息保护法 Art. 19, 47.
"""

from __future__ import annotations

from datetime import datetime

from webapp import audit
from webapp.clocks import queries as clock_queries
from webapp.core import retention
from webapp.core.actor import CONSUMER, SYSTEM, Actor
from webapp.core.errors import Conflict
from webapp.core.signals import case_erased, send
from webapp.files import operations as files
from webapp.files import queries as file_queries
from webapp.letters import operations as letters
from webapp.letters.rules import Subject

from . import queries
from .models import Complaint
from .rules import ENDED
from .timing import SUBJECT


def erase_due(now: datetime) -> int:
    """Erase the complaints that ended longer ago than the policy says; how many."""
    found = retention.due(Complaint, retention.CASES, now, Complaint.state.in_(sorted(ENDED)))
    for complaint_id in found:
        _erase(queries.get_locked(complaint_id), now)
    return len(found)


def may_forget(complaint: Complaint) -> bool:
    """May the complainant take name and phone back? Once it has ended and the authority owes no notice any more."""
    known = complaint.contact_phone is not None or complaint.contact_name is not None
    return known and complaint.state in ENDED and not clock_queries.running(SUBJECT, complaint.id)


def forget_contact(complaint_id: int, now: datetime, actor: Actor = CONSUMER) -> Complaint:
    """The complainant takes name and phone back; the receipt still opens the page. Raises Conflict (``case_open``)."""
    complaint = queries.get_locked(complaint_id)
    if complaint.contact_phone is None and complaint.contact_name is None:
        return complaint
    if not may_forget(complaint):
        raise Conflict("case_open")
    _forget(complaint)
    audit.record(actor, "complaint.forget_contact", SUBJECT, complaint.id, now=now, shop_id=complaint.shop_id)
    return complaint


def _forget(complaint: Complaint) -> None:
    complaint.contact_name = complaint.contact_phone = complaint.contact_phone_hash = None
    complaint.phone_verified_at = None
    complaint.share_contact = False


def _erase(complaint: Complaint, now: datetime) -> None:
    _forget(complaint)
    complaint.story, complaint.erased_at = "", now
    complaint.handling_said = None
    stored = file_queries.of_owner(SUBJECT, complaint.id)
    for message in complaint.messages:
        message.text = ""
        stored += file_queries.of_owner("complaint_message", message.id)
    for offer in complaint.offers:
        offer.text = offer.merchant_name = ""
        offer.consumer_name = None
    for file in stored:
        files.erase(file, now)
    letters.erase_of(Subject(SUBJECT, complaint.id), now)
    audit.record(SYSTEM, "complaint.erase", SUBJECT, complaint.id, now=now, shop_id=complaint.shop_id)
    send(case_erased, subject=SUBJECT, subject_id=complaint.id, actor=SYSTEM, now=now)
