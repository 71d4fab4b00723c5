"""Filing a complaint and everything that is done to it.

The receipt opens the follow-up page: 100 bits that nobody can guess and that follow from the form's random submission
key by a keyed hash, so that the same form sent twice is one complaint with one receipt, and only hashes are kept.
"""

from __future__ import annotations

import base64
import secrets as random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified

from webapp import audit, feed
from webapp.core import clock, policy
from webapp.core.actor import CONSUMER, OFFICER_ROLES, SYSTEM, Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid, StepRefused
from webapp.core.secrets import keyed_hash
from webapp.core.signals import complaint_filed, complaint_settled, send
from webapp.core.steps import permit
from webapp.files import operations as files
from webapp.merchants.figures import count
from webapp.merchants.queries import get_shop

from . import queries, rules, telling
from .models import Complaint, ComplaintMessage, Demand, Side
from .rules import ENDED, RECEIPT_CHARS, STEPS, TOPICS, ComplaintState

SIDES = {Role.CONSUMER: Side.CONSUMER, Role.MERCHANT: Side.MERCHANT, Role.SYSTEM: Side.SYSTEM}
_TRIES = 5


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
    """Store a complaint; returns it with its receipt. The same submission again returns the same complaint.

    Raises NotFound for an unknown shop and Invalid with the field that is wrong.
    """
    if len(filing.submission_key) < 20:
        raise Invalid("form_expired")
    receipt = receipt_for(filing.submission_key)
    if (known := queries.by_submission(filing.submission_key)) is not None:
        return known, receipt
    _check(filing, now)
    get_shop(shop_id)
    complaint, is_new = _insert(shop_id, filing, receipt, now)
    if not is_new:
        return complaint, receipt
    files.attach(filing.file_ids, "complaint", complaint.id)
    count(shop_id, complaints=1)
    audit.record(
        CONSUMER,
        "complaint.file",
        "complaint",
        complaint.id,
        now=now,
        shop_id=shop_id,
        new={"state": complaint.state.value},
    )
    feed.publish("complaint.filed", now=now, shop_id=shop_id)
    send(complaint_filed, complaint_id=complaint.id, shop_id=shop_id, actor=CONSUMER, now=now)
    telling.send_receipt(complaint, receipt, now)
    return complaint, receipt


def _insert(shop_id: int, filing: Filing, receipt: str, now: datetime) -> tuple[Complaint, bool]:
    """The stored complaint and whether it is new: another request may be storing the same form just now."""
    for _ in range(_TRIES):
        complaint = _build(shop_id, filing, receipt, now)
        try:
            with db.session.begin_nested():
                db.session.add(complaint)
        except IntegrityError:
            if (known := queries.by_submission(filing.submission_key)) is not None:
                return known, False
            continue  # the random number was taken today
        return complaint, True
    raise Conflict("busy")


def _build(shop_id: int, filing: Filing, receipt: str, now: datetime) -> Complaint:
    hours = policy.get_int("complaint.first_answer_hours", clock.day_of(now))
    return Complaint(
        number=_number(now),
        receipt_hash=keyed_hash("receipt", receipt),
        submission_key=keyed_hash("submission", filing.submission_key),
        shop_id=shop_id,
        sticker_serial=filing.sticker_serial,
        state=STEPS.first,
        topic=filing.topic,
        story=filing.story.strip(),
        demand=filing.demand,
        amount_fen=filing.amount_fen,
        happened_on=filing.happened_on,
        contact_name=filing.contact_name.strip() or None,
        contact_phone=filing.contact_phone or None,
        contact_phone_hash=keyed_hash("phone", filing.contact_phone) if filing.contact_phone else None,
        share_contact=filing.share_contact,
        received_at=now,
        answer_due_at=now + timedelta(hours=hours),
    )


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
    """Take one step of the lifecycle with what is said along it. Raises StepRefused, Forbidden, Invalid, Conflict.

    `version` is that of the page where the person decided. The same words sent twice (a double tap) are said once.
    What is said goes into the thread only: the audit trail keeps no free text, which may name people.
    """
    complaint = queries.get_locked(complaint_id)
    said = text.strip()
    if version is not None and complaint.version != version:
        if queries.was_just_said(
            complaint, SIDES.get(actor.role, Side.OFFICER), action, said, actor.account_id
        ):
            return complaint
        raise Conflict("changed_meanwhile")
    step = STEPS.check(complaint.state, action, actor, complaint.shop.scope, said)
    _check_words(action, said, file_ids, now)
    before, complaint.state = complaint.state, step.target
    flag_modified(complaint, "state")  # a word that leaves the state also makes a new version
    message = _say(complaint, action, said, actor, now)
    files.attach(file_ids, "complaint_message", message.id, actor=actor)
    _keep_figures(complaint, before, action, actor, now)
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
    telling.tell(complaint, message, now)
    return complaint


def note(complaint_id: int, text: str, actor: Actor, now: datetime) -> ComplaintMessage:
    """An officers' internal note: neither consumer nor merchant sees it."""
    complaint = queries.get(complaint_id)
    permit(actor, OFFICER_ROLES, complaint.shop.scope)
    if not text.strip():
        raise Invalid("say_something", field="text")
    if len(text.strip()) > rules.TEXT_MAX:
        raise Invalid("text_too_long", field="text", most=rules.TEXT_MAX)
    message = _say(complaint, "note", text.strip(), actor, now, internal=True)
    audit.record(actor, "complaint.note", "complaint", complaint.id, now=now, shop_id=complaint.shop_id)
    return message


def reveal_contact(complaint_id: int, actor: Actor, now: datetime) -> Complaint:
    """Let an officer see the complainant's name and phone; that they looked is written down."""
    complaint = queries.get(complaint_id)
    permit(actor, OFFICER_ROLES, complaint.shop.scope)
    audit.record(
        actor, "complaint.view_contact", "complaint", complaint.id, now=now, shop_id=complaint.shop_id
    )
    return complaint


def refer_silent(now: datetime) -> int:
    """Hand over to the authority what merchants left unanswered past its time; returns how many."""
    done = 0
    for complaint_id in queries.silent_past_due(now):
        try:
            act(complaint_id, "refer", SYSTEM, now, text="no_answer_in_time")
        except StepRefused:
            continue  # answered or withdrawn while we were looking
        done += 1
    return done


def _check(filing: Filing, now: datetime) -> None:
    if filing.topic not in TOPICS:
        raise Invalid("choose_topic", field="topic")
    shortest, longest = rules.STORY_LENGTH
    if not shortest <= len(filing.story.strip()) <= longest:
        raise Invalid("story_length", field="story", least=shortest, most=longest)
    if filing.happened_on is not None:
        wrong = rules.check_day(filing.happened_on, clock.day_of(now))
        if wrong:
            raise Invalid(wrong, field="happened_on")
    if filing.amount_fen is not None and not 0 <= filing.amount_fen <= rules.AMOUNT_MAX:
        raise Invalid("amount_wrong", field="amount")
    if len(filing.contact_name.strip()) > rules.NAME_MAX:
        raise Invalid("name_too_long", field="contact_name", most=rules.NAME_MAX)
    _check_photos(filing.file_ids, now)


def _check_words(action: str, said: str, file_ids: tuple[int, ...], now: datetime) -> None:
    if action in rules.SPOKEN and not said:
        raise Invalid("say_something", field="text")
    if len(said) > rules.TEXT_MAX:
        raise Invalid("text_too_long", field="text", most=rules.TEXT_MAX)
    _check_photos(file_ids, now)


def _check_photos(file_ids: tuple[int, ...], now: datetime) -> None:
    most = policy.get_int("complaint.photos_max", clock.day_of(now))
    if len(file_ids) > most:
        raise Invalid("files_too_many", field="photos", most=most)


def _number(now: datetime) -> str:
    """TS + day + eight random digits: for talking about it on the phone; opens nothing."""
    return f"TS{clock.day_of(now):%Y%m%d}{random.randbelow(10**8):08}"


def _say(
    complaint: Complaint, action: str, text: str, actor: Actor, now: datetime, *, internal: bool = False
) -> ComplaintMessage:
    message = ComplaintMessage(
        complaint_id=complaint.id,
        side=SIDES.get(actor.role, Side.OFFICER),
        action=action,
        text=text,
        by_id=actor.account_id,
        at=now,
        internal=internal,
    )
    complaint.messages.append(message)
    db.session.flush()
    return message


def _keep_figures(
    complaint: Complaint, before: ComplaintState, action: str, actor: Actor, now: datetime
) -> None:
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
            actor=actor,
            now=now,
        )
