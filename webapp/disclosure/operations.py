"""Making a case of an ended complaint, and everything that is done to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from webapp import audit, feed
from webapp.complaints import queries as complaints
from webapp.complaints.models import Complaint
from webapp.complaints.rules import ENDED, OfferState
from webapp.core import clock, policy
from webapp.core.actor import CONSUMER, SYSTEM, Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid
from webapp.core.signals import case_erased, complaint_settled
from webapp.web.words import label

from . import queries, rules, telling
from .cleaning import clean, public_of
from .models import Disclosure
from .rules import STEPS, DisclosureState, makes_a_case

S = DisclosureState


@dataclass(frozen=True)
class Texts:
    """What the public reads of a case: the officer's version."""

    story: str
    outcome: str
    reply: str


@complaint_settled.connect
def on_settled(_sender: None, *, complaint_id: int, now: datetime, **_news: Any) -> None:
    """A complaint came to an end: with consent it becomes a draft; after a reopening the case follows."""
    complaint = complaints.get(complaint_id)
    disclosure = queries.of_complaint(complaint_id)
    tells = makes_a_case(complaint.state.value, consented=complaint.consent_disclosure)
    if disclosure is None:
        if tells:
            make_draft(complaint, now)
    elif disclosure.state in {S.DRAFT, S.PUBLISHED}:
        if tells:
            _renew(disclosure, now)
        else:
            _end(disclosure, SYSTEM, rules.ENDED_OTHERWISE, now)


@case_erased.connect
def forget_words(_sender: None, *, subject: str, subject_id: int, **_news: Any) -> None:
    """The complaint's people are erased: only what is published by consent, scrubbed, stays for the public."""
    disclosure = queries.of_complaint(subject_id) if subject == "complaint" else None
    if disclosure is None:
        return
    for request in disclosure.requests:
        request.text = ""
        request.answer = None if request.answered_at is None else ""
    disclosure.reply_waiting = None
    if disclosure.state is not DisclosureState.PUBLISHED:
        disclosure.story = disclosure.outcome = disclosure.reply = ""
        disclosure.correction = None if disclosure.corrected_at is None else ""
        disclosure.ended_reason = None if disclosure.ended_reason is None else ""


def make_draft(complaint: Complaint, now: datetime) -> Disclosure:
    """The scrubbed story and outcome, for an officer's eye; the merchant is told and may reply first."""
    public = public_of(complaint.shop)
    story, outcome = clean(complaint.story, public), clean(outcome_of(complaint), public)
    taken = {
        kind: story.counts.get(kind, 0) + outcome.counts.get(kind, 0)
        for kind in {**story.counts, **outcome.counts}
    }
    days = policy.get_int("disclosure.reply_days", clock.day_of(now))
    disclosure = Disclosure(
        complaint_id=complaint.id,
        complaint=complaint,
        state=STEPS.first,
        story=story.text,
        outcome=outcome.text,
        scrubbed=taken,
        made_at=now,
        reply_due_at=clock.end_of_day(clock.day_of(now) + timedelta(days=days)),
    )
    db.session.add(disclosure)
    db.session.flush()
    _record(disclosure, "make", SYSTEM, now, before=None)
    telling.tell(disclosure, "drafted", now)
    return disclosure


def outcome_of(complaint: Complaint) -> str:
    """How it ended, in words: the end, what was kept or offered, what the ending side wrote."""
    parts = [label(f"disclosure.outcome.{complaint.state.value}")]
    offer = next((one for one in reversed(complaint.offers) if one.state is OfferState.KEPT), None)
    if offer is not None:
        parts.append(label("disclosure.outcome.kept", demand=label(f"complaint.demand.{offer.demand.value}")))
    if complaint.state.value == "closed" and complaint.end_ground:
        parts.append(label(f"complaint.ground.end.{complaint.end_ground}"))
    said = [one for one in complaint.messages if one.action in {"settle", "end"} and not one.internal]
    if said and said[-1].text:
        parts.append(said[-1].text)
    ended = ("。", "！", "？", "；")
    return "".join(part if part.endswith(ended) else part + "。" for part in parts)


def _renew(disclosure: Disclosure, now: datetime) -> None:
    """The complaint was reopened and has ended anew: the outcome is told anew."""
    outcome = clean(outcome_of(disclosure.complaint), public_of(disclosure.complaint.shop)).text
    if outcome == disclosure.outcome:
        return
    disclosure.outcome = outcome
    if disclosure.state is S.PUBLISHED:
        disclosure.corrected_at, disclosure.correction = now, label("disclosure.correction.renewed")
    db.session.flush()
    _record(disclosure, "renew", SYSTEM, now, before=disclosure.state)


# --- officers ---------------------------------------------------------------------------------------------------------


def revise(disclosure_id: int, texts: Texts, actor: Actor, now: datetime, version: int) -> Disclosure:
    """An officer's words for a draft; a merchant's reply that waited is taken as edited. Raises Invalid, Conflict."""
    disclosure = _open(disclosure_id, version)
    _step(disclosure, "revise", actor)
    _write(disclosure, texts)
    _record(disclosure, "revise", actor, now, before=disclosure.state)
    return disclosure


def publish(disclosure_id: int, texts: Texts, actor: Actor, now: datetime, version: int) -> Disclosure:
    """Make a draft public. Refused while the complaint runs (again) or the merchant may still reply."""
    disclosure = _open(disclosure_id, version)
    target = _step(disclosure, "publish", actor)
    complaint = disclosure.complaint
    if not complaint.consent_disclosure:
        raise Conflict("disclosure_no_consent")
    if complaint.state not in ENDED:
        raise Conflict("disclosure_runs_again")
    said = bool(disclosure.reply or disclosure.reply_waiting)
    if now < disclosure.reply_due_at and not said:
        raise Conflict("disclosure_reply_time")
    _write(disclosure, texts)
    before, disclosure.state = disclosure.state, target
    disclosure.published_at, disclosure.published_by_id = now, actor.account_id
    db.session.flush()
    _record(disclosure, "publish", actor, now, before=before, public=True)
    telling.tell(disclosure, "published", now)
    return disclosure


def drop(disclosure_id: int, reason: str, actor: Actor, now: datetime, version: int) -> Disclosure:
    """A draft is never published, with a reason for the record."""
    disclosure = _open(disclosure_id, version)
    _check_text(reason, "reason", rules.ASKING_LONGEST)
    _end(disclosure, actor, reason.strip(), now)
    return disclosure


def admit_reply(disclosure_id: int, reply: str, actor: Actor, now: datetime, version: int) -> Disclosure:
    """The merchant's later reply, looked at, comes beside the published case."""
    disclosure = _open(disclosure_id, version)
    _step(disclosure, "admit_reply", actor)
    if disclosure.reply_waiting is None:
        raise Conflict("changed_meanwhile")
    _check_text(reply, "reply", rules.TEXT_LONGEST)
    disclosure.reply, disclosure.reply_waiting = reply.strip(), None
    db.session.flush()
    _record(disclosure, "admit_reply", actor, now, before=disclosure.state, public=True)
    return disclosure


def correct(
    disclosure_id: int, texts: Texts, reason: str, actor: Actor, now: datetime, version: int
) -> Disclosure:
    """Change a published case; the day and the reason stand beside it."""
    disclosure = _open(disclosure_id, version)
    _step(disclosure, "correct", actor, reason)
    _check_text(reason, "reason", rules.ASKING_LONGEST)
    _write(disclosure, texts)
    disclosure.corrected_at, disclosure.correction = now, reason.strip()
    db.session.flush()
    _record(disclosure, "correct", actor, now, before=disclosure.state, public=True)
    telling.tell(disclosure, "corrected", now)
    return disclosure


def remove(disclosure_id: int, reason: str, actor: Actor, now: datetime, version: int) -> Disclosure:
    """Take a published case off for good, with a reason for the record."""
    disclosure = _open(disclosure_id, version)
    _check_text(reason, "reason", rules.ASKING_LONGEST)
    _end(disclosure, actor, reason.strip(), now)
    return disclosure


# --- the two sides ----------------------------------------------------------------------------------------------------


def reply(disclosure_id: int, text: str, actor: Actor, now: datetime) -> Disclosure:
    """The merchant's words beside the case, scrubbed like the story; an officer looks before the public does."""
    disclosure = queries.get_locked(disclosure_id)
    _step(disclosure, "reply", actor)
    _check_text(text, "text", rules.TEXT_LONGEST)
    scrubbed = clean(text.strip(), public_of(disclosure.complaint.shop)).text
    if scrubbed in {disclosure.reply, disclosure.reply_waiting}:
        return disclosure  # sent twice
    disclosure.reply_waiting = scrubbed
    db.session.flush()
    _record(disclosure, "reply", actor, now, before=disclosure.state)
    return disclosure


def withdraw_consent(complaint_id: int, now: datetime) -> None:
    """The consumer does not want publication any more: no draft is made, a draft is dropped, a case removed at once."""
    complaint = complaints.get_locked(complaint_id)
    if not complaint.consent_disclosure:
        return
    complaint.consent_disclosure = False
    audit.record(
        CONSUMER, "complaint.withdraw_consent", "complaint", complaint.id, now=now, shop_id=complaint.shop_id
    )
    disclosure = queries.of_complaint(complaint_id)
    if disclosure is not None and disclosure.state in {S.DRAFT, S.PUBLISHED}:
        _end(queries.get_locked(disclosure.id), CONSUMER, rules.CONSENT_WITHDRAWN, now)
    db.session.flush()


# --- parts ------------------------------------------------------------------------------------------------------------


def _open(disclosure_id: int, version: int) -> Disclosure:
    disclosure = queries.get_locked(disclosure_id)
    if disclosure.version != version:
        raise Conflict("changed_meanwhile")
    return disclosure


def _step(disclosure: Disclosure, action: str, actor: Actor, reason: str | None = None) -> DisclosureState:
    return STEPS.check(disclosure.state, action, actor, disclosure.complaint.scope, reason).target


def _end(disclosure: Disclosure, actor: Actor, reason: str, now: datetime) -> None:
    """Drop a draft or remove what is public."""
    action = "drop" if disclosure.state is S.DRAFT else "remove"
    before, disclosure.state = disclosure.state, _step(disclosure, action, actor, reason)
    disclosure.ended_at, disclosure.ended_reason = now, reason
    for waiting in disclosure.requests:
        if waiting.answered_at is None:
            waiting.granted, waiting.answered_at = before is S.PUBLISHED, now
            waiting.answer = label("disclosure.answer.ended")
    db.session.flush()
    _record(disclosure, action, actor, now, before=before, public=before is S.PUBLISHED)
    telling.tell(disclosure, "removed" if before is S.PUBLISHED else "dropped", now)


def _write(disclosure: Disclosure, texts: Texts) -> None:
    _check_text(texts.story, "story", rules.TEXT_LONGEST)
    _check_text(texts.outcome, "outcome", rules.TEXT_LONGEST)
    if len(texts.reply) > rules.TEXT_LONGEST:
        raise Invalid("text_too_long", field="reply", most=rules.TEXT_LONGEST)
    if not texts.reply.strip() and (disclosure.reply or disclosure.reply_waiting):
        raise Invalid("disclosure_reply_stays", field="reply")
    disclosure.story, disclosure.outcome = texts.story.strip(), texts.outcome.strip()
    disclosure.reply, disclosure.reply_waiting = texts.reply.strip(), None
    db.session.flush()


def _check_text(text: str, field: str, most: int) -> None:
    if not text.strip():
        raise Invalid("say_something", field=field)
    if len(text.strip()) > most:
        raise Invalid("text_too_long", field=field, most=most)


def _record(
    disclosure: Disclosure,
    action: str,
    actor: Actor,
    now: datetime,
    *,
    before: DisclosureState | None,
    public: bool = False,
) -> None:
    """Audit without texts (they may name people), and the feed where the public sees a difference."""
    shop_id = disclosure.complaint.shop_id
    audit.record(
        actor,
        f"disclosure.{action}",
        "disclosure",
        disclosure.id,
        now=now,
        shop_id=shop_id,
        old=None if before is None else {"state": before.value},
        new={"state": disclosure.state.value},
    )
    if public or (action == "renew" and disclosure.state is S.PUBLISHED):
        feed.publish(f"disclosure.{action}", now=now, shop_id=shop_id)
