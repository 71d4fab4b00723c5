"""Erasing what ended tips say of people, after the policy's ``retention.case_days``; the tip stays as a number.

As for complaints: the figures count as before. Source: 个人信息保护法 Art. 19, 47.
"""

from __future__ import annotations

from datetime import datetime

from webapp import audit
from webapp.core import retention
from webapp.core.actor import CONSUMER, SYSTEM
from webapp.core.errors import Conflict
from webapp.core.signals import case_erased, send
from webapp.files import operations as files
from webapp.files import queries as file_queries
from webapp.letters import operations as letters
from webapp.letters.rules import Subject

from . import queries
from .models import Tip
from .rules import ENDED
from .timing import SUBJECT


def erase_due(now: datetime) -> int:
    """Erase the tips that ended longer ago than the policy says and of which nobody waits for news; how many."""
    ended = Tip.state.in_(sorted(ENDED))
    found = retention.due(Tip, retention.CASES, now, ended, Tip.next_due_at.is_(None))
    for tip_id in found:
        _erase(queries.get_locked(tip_id), now)
    return len(found)


def may_forget(tip: Tip) -> bool:
    """May the reporter take name and phone back? Once it has ended and the reporter was told."""
    known = tip.reporter_phone is not None or tip.reporter_name is not None
    return known and tip.state in ENDED and tip.next_due_at is None


def forget_contact(tip_id: int, now: datetime) -> Tip:
    """The reporter takes name and phone back; the receipt still opens the page. Raises Conflict (``case_open``)."""
    tip = queries.get_locked(tip_id)
    if tip.reporter_phone is None and tip.reporter_name is None:
        return tip
    if not may_forget(tip):
        raise Conflict("case_open")
    _forget(tip)
    audit.record(CONSUMER, "tip.forget_contact", SUBJECT, tip.id, now=now, shop_id=tip.shop_id)
    return tip


def _forget(tip: Tip) -> None:
    tip.reporter_name = tip.reporter_phone = tip.reporter_phone_hash = tip.phone_verified_at = None


def _erase(tip: Tip, now: datetime) -> None:
    _forget(tip)
    tip.story, tip.decision_text, tip.erased_at = "", None, now
    for message in tip.messages:
        message.text = ""
    for extension in tip.extensions:
        extension.reason = ""
        extension.decision = None
    for file in file_queries.of_owner(SUBJECT, tip.id):
        files.erase(file, now)
    letters.erase_of(Subject(SUBJECT, tip.id), now)
    audit.record(SYSTEM, "tip.erase", SUBJECT, tip.id, now=now, shop_id=tip.shop_id)
    send(case_erased, subject=SUBJECT, subject_id=tip.id, actor=SYSTEM, now=now)
