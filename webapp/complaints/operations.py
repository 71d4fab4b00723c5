"""Filing a complaint and everything that is done to it.

The receipt opens the follow-up page: 100 random bits that follow from the form's submission key by a keyed hash, so
that the same form sent twice is one complaint with one receipt, and only hashes are kept.
"""

from __future__ import annotations

import base64
import secrets as random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from webapp import audit, feed
from webapp.core import clock, policy
from webapp.core.actor import SYSTEM, Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid
from webapp.core.secrets import keyed_hash
from webapp.core.signals import complaint_filed, complaint_settled, send
from webapp.files import operations as files
from webapp.merchants.figures import count
from webapp.merchants.queries import get_shop

from . import queries
from .models import Complaint, ComplaintMessage, Demand, Side
from .rules import ENDED, RECEIPT_CHARS, STEPS, TOPICS, ComplaintState

SIDES = {Role.CONSUMER: Side.CONSUMER, Role.MERCHANT: Side.MERCHANT, Role.SYSTEM: Side.SYSTEM}


@dataclass(frozen=True)
class Filing:
    """What a consumer states. `amount_fen` in fen; `file_ids` uploaded photos; phone in E.164 or empty."""

    submission_key: str
    topic: str
    story: str
    demand: Demand
    amount_fen: int | None
    happened_on: date | None
    contact_name: str
    contact_phone: str
    share_contact: bool
    file_ids: tuple[int, ...] = ()
    sticker_serial: int | None = None


def receipt_for(submission_key: str) -> str:
    """The receipt of the complaint that the form with this submission key becomes."""
    digest = bytes.fromhex(keyed_hash("receipt-of-submission", submission_key))
    return base64.b32encode(digest).decode().lower()[:RECEIPT_CHARS]


def file(shop_id: int, filing: Filing, now: datetime) -> tuple[Complaint, str]:
    """Store a complaint; returns it with its receipt. The same submission again returns the same complaint."""
    if len(filing.submission_key) < 20:
        raise Invalid("form_expired")
    receipt = receipt_for(filing.submission_key)
    if (known := queries.by_submission(filing.submission_key)) is not None:
        return known, receipt
    _check(filing, now)
    shop = get_shop(shop_id)
    hours = policy.get_int("complaint.first_answer_hours", clock.day_of(now))
    complaint = Complaint(
        number=_number(now),
        receipt_hash=keyed_hash("receipt", receipt),
        submission_key=keyed_hash("submission", filing.submission_key),
        shop_id=shop.id,
        shop=shop,
        sticker_serial=filing.sticker_serial,
        state=STEPS.first,
        topic=filing.topic,
        story=filing.story.strip(),
        demand=filing.demand,
        amount_fen=filing.amount_fen,
        happened_on=filing.happened_on,
        contact_name=filing.contact_name or None,
        contact_phone=filing.contact_phone or None,
        contact_phone_hash=keyed_hash("phone", filing.contact_phone) if filing.contact_phone else None,
        share_contact=filing.share_contact,
        received_at=now,
        answer_due_at=now + timedelta(hours=hours),
    )
    db.session.add(complaint)
    db.session.flush()
    files.attach(filing.file_ids, "complaint", complaint.id)
    count(shop.id, complaints=1)
    feed.publish("complaint.filed", now=now, shop_id=shop.id)
    send(complaint_filed, complaint_id=complaint.id, shop_id=shop.id, now=now)
    return complaint, receipt


def act(
    complaint_id: int,
    action: str,
    actor: Actor,
    now: datetime,
    *,
    text: str = "",
    file_ids: tuple[int, ...] = (),
    version: int | None = None,
) -> Complaint:
    """Take one step of the lifecycle with what is said along it. Raises StepRefused, Forbidden, Invalid, Conflict."""
    complaint = queries.get(complaint_id)
    if version is not None and complaint.version != version:
        raise Conflict("changed_meanwhile")
    step = STEPS.check(complaint.state, action, actor, complaint.shop.scope, text)
    if action in {"answer", "supplement"} and not text.strip():
        raise Invalid("field_required", field="text")
    before, complaint.state = complaint.state, step.target
    message = ComplaintMessage(
        side=SIDES.get(actor.role, Side.OFFICER),
        action=action,
        text=text.strip(),
        by_id=actor.account_id,
        at=now,
    )
    complaint.messages.append(message)
    db.session.flush()
    files.attach(file_ids, "complaint_message", message.id)
    _keep_figures(complaint, before, action, now)
    audit.record(
        actor,
        f"complaint.{action}",
        "complaint",
        complaint.id,
        now=now,
        shop_id=complaint.shop_id,
        old={"state": before.value},
        new={"state": complaint.state.value},
    )
    feed.publish(f"complaint.{action}", now=now, shop_id=complaint.shop_id)
    return complaint


def note(complaint_id: int, text: str, actor: Actor, now: datetime) -> ComplaintMessage:
    """An officers' internal note: neither consumer nor merchant sees it."""
    if not text.strip():
        raise Invalid("field_required", field="text")
    complaint = queries.get(complaint_id)
    message = ComplaintMessage(
        side=Side.OFFICER, action="note", text=text.strip(), by_id=actor.account_id, at=now, internal=True
    )
    complaint.messages.append(message)
    return message


def refer_silent(now: datetime) -> int:
    """Hand over to the authority what merchants left unanswered past its time; returns how many."""
    silent = queries.silent_past_due(now)
    for complaint in silent:
        act(complaint.id, "refer", SYSTEM, now, text="no_answer_in_time")
    return len(silent)


def _check(filing: Filing, now: datetime) -> None:
    if filing.topic not in TOPICS:
        raise Invalid("choose_one", field="topic")
    if not 5 <= len(filing.story.strip()) <= 2000:
        raise Invalid("story_length", field="story")
    if filing.happened_on is not None and filing.happened_on > clock.day_of(now):
        raise Invalid("day_in_future", field="happened_on")
    if filing.amount_fen is not None and not 0 <= filing.amount_fen <= 10**11:
        raise Invalid("amount_range", field="amount")
    if len(filing.file_ids) > policy.get_int("complaint.photos_max", clock.day_of(now)):
        raise Invalid("too_many_photos", field="photos")


def _number(now: datetime) -> str:
    """TS + day + six random digits: for talking about it on the phone; opens nothing."""
    return f"TS{clock.day_of(now):%Y%m%d}{random.randbelow(10**8):08}"


def _keep_figures(complaint: Complaint, before: ComplaintState, action: str, now: datetime) -> None:
    if action == "answer" and complaint.first_answered_at is None:
        complaint.first_answered_at = now
        count(complaint.shop_id, complaints_answered=1)
        if now <= complaint.answer_due_at:
            count(complaint.shop_id, complaints_answered_on_time=1)
    if complaint.state in ENDED and before not in ENDED:
        complaint.ended_at = now
        resolved = complaint.state is ComplaintState.RESOLVED
        if resolved or complaint.state is ComplaintState.CLOSED:
            count(complaint.shop_id, **{"complaints_resolved" if resolved else "complaints_unresolved": 1})
        send(
            complaint_settled,
            complaint_id=complaint.id,
            shop_id=complaint.shop_id,
            resolved=resolved,
            actor=SYSTEM,
            now=now,
        )
