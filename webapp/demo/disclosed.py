"""Disclosed cases of the demo city, by the real operations, and the day's open data."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from webapp.complaints.models import Complaint, ComplaintMessage, Side
from webapp.core.actor import CONSUMER, Actor, Role
from webapp.core.db import db
from webapp.demo import words
from webapp.disclosure import opendata, operations, requests
from webapp.disclosure.models import Disclosure
from webapp.disclosure.operations import Texts
from webapp.disclosure.rules import DISCLOSED_ENDS

from .people_writer import People

#: Enough for a second page and for every state of a case, not more.
MOST = 36
#: Every so many cases the merchant has replied; one is corrected, one asked about.
REPLIES = 2
WAIT = timedelta(days=7)


def disclose(people: People, now: datetime) -> int:
    """Make cases of the newest ended complaints with consent; returns how many."""
    found = db.session.scalars(
        sa.select(Complaint)
        .where(
            Complaint.consent_disclosure,
            Complaint.state.in_(sorted(DISCLOSED_ENDS)),
            Complaint.ended_at < now,
        )
        .order_by(Complaint.ended_at.desc(), Complaint.id)
        .limit(MOST)
    )
    cases = [(complaint, complaint.ended_at or now) for complaint in reversed(list(found))]
    published = [_case(number, complaint, at, people, now) for number, (complaint, at) in enumerate(cases)]
    shown = [case for case in published if case is not None]
    if shown:
        _afterwards(shown[-1], people, now)
    opendata.make(now)
    return len(cases)


def _case(
    number: int, complaint: Complaint, ended: datetime, people: People, now: datetime
) -> Disclosure | None:
    """The case if it is public by now."""
    draft = operations.make_draft(complaint, ended)
    merchant = Actor(
        None, complaint.shop.operator.name, Role.MERCHANT, (), frozenset({complaint.shop.operator_id})
    )
    if number % REPLIES == 0 and (said := _answer_of(complaint)):
        operations.reply(draft.id, said, merchant, ended + timedelta(hours=5))
    if ended + WAIT > now:
        return None
    texts = Texts(draft.story, draft.outcome, draft.reply_waiting or "")
    return operations.publish(draft.id, texts, people.bureau, ended + WAIT, draft.version)


def _answer_of(complaint: Complaint) -> str:
    statement = sa.select(ComplaintMessage.text).where(
        ComplaintMessage.complaint_id == complaint.id, ComplaintMessage.side == Side.MERCHANT
    )
    return db.session.scalar(statement.order_by(ComplaintMessage.id).limit(1)) or ""


def _afterwards(case: Disclosure, people: People, now: datetime) -> None:
    """The newest public case was corrected once, and the consumer asks for another correction."""
    phrases = words.phrases()
    at = now - timedelta(hours=8)
    texts = Texts(case.story, case.outcome, case.reply)
    operations.correct(case.id, texts, phrases["disclosure_correction"], people.bureau, at, case.version)
    requests.ask(case.id, "correct", phrases["disclosure_request"], CONSUMER, now - timedelta(hours=2))
