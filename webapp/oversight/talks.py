"""Deeds on talks (约谈告诫). No commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.core import clock, policy
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, StepRefused
from webapp.core.steps import permit
from webapp.files.operations import attach
from webapp.holidays.queries import calendar
from webapp.merchants.queries import get_shop
from webapp.web.words import label

from . import cases, consequences, grounds, queries, sources, telling
from .effects import Event
from .models import Talk
from .rules import (
    FACTS_LONGEST,
    PLACE_LONGEST,
    REASON_LONGEST,
    SUMMARY_LONGEST,
    TALK_STEPS,
    Source,
    check_finished,
    check_length,
    check_talk_at,
    check_texts,
)

_OFFICERS = frozenset({Role.STATION_OFFICER, Role.BUREAU_OFFICER})
#: Longest of what the merchant says who will come.
COMES_LONGEST, ATTENDED_LONGEST = 80, 200


@dataclass(frozen=True)
class Invitation:
    """What an officer proposes. `talk_at`: an instant, None while unreadable."""

    source: Source
    source_ref: str
    ground: str
    facts: str
    public_summary: str
    talk_at: datetime | None
    place: str


def earliest(now: datetime) -> datetime:
    """The first instant for which one may be invited: after so many working days."""
    days = policy.get_int("oversight.talk_notice_working_days", clock.day_of(now))
    return clock.end_of_day(calendar().add(clock.day_of(now), days).day) if days else now


def check(given: Invitation, now: datetime) -> datetime:
    """The instant of the talk. Raises Invalid for the first thing that is wrong; also for a preview."""
    grounds.get("talk", given.ground)
    check_texts(
        facts=(given.facts, FACTS_LONGEST),
        public_summary=(given.public_summary, SUMMARY_LONGEST),
        place=(given.place, PLACE_LONGEST),
    )
    check_finished(label("reminder.placeholder"), facts=given.facts, public_summary=given.public_summary)
    return check_talk_at(given.talk_at, earliest(now))


def propose(
    shop_id: int, given: Invitation, actor: Actor, now: datetime, file_ids: Sequence[int] = ()
) -> Talk:
    """First of two people. Raises Invalid, Forbidden, NotFound, Conflict (``talk_stands``: one is ahead already)."""
    shop = get_shop(shop_id)
    permit(actor, _OFFICERS, shop.scope, "no_access")
    if actor.account_id is None:
        raise Forbidden("no_access")
    at = check(given, now)
    sources.check(given.source, given.source_ref, shop_id)
    if queries.stands(Talk, shop_id):
        raise Conflict("talk_stands")
    talk = Talk(
        shop_id=shop_id,
        shop=shop,
        state=TALK_STEPS.first,
        talk_at=at,
        place=given.place.strip(),
        source=given.source,
        source_ref=given.source_ref.strip(),
        ground=given.ground,
        facts=given.facts.strip(),
        public_summary=given.public_summary.strip(),
        proposed_by_id=actor.account_id,
        proposed_at=now,
    )
    db.session.add(talk)
    cases.flush("talk_stands")
    attach(file_ids, cases.subject_of(talk), talk.id, actor=actor)
    cases.record(talk, "propose", actor, now, before=None)
    return talk


def decide(talk_id: int, action: str, reason: str, actor: Actor, now: datetime, version: int) -> Talk:
    """Second of two people: ``approve`` (the merchant is invited, by document too) or ``refuse``."""
    if action not in {"approve", "refuse"}:
        raise StepRefused("step_refused", lifecycle=TALK_STEPS.name, action=action)
    talk = cases.opened_talk(talk_id, version)
    step = TALK_STEPS.check(talk.state, action, actor, talk.shop.scope, reason)
    cases.check_second(talk, actor)
    if action == "approve" and talk.talk_at <= now:
        raise Conflict("talk_passed")
    before, talk.state = talk.state, step.target
    cases.decided(talk, reason, actor, now)
    cases.flush()
    cases.record(talk, action, actor, now, before=before, reason=reason)
    if action == "approve":
        telling.invitation(talk, actor, now)
        telling.tell(talk, "approve", now)
    return talk


def take_back(talk_id: int, actor: Actor, now: datetime, version: int) -> Talk:
    """By whoever proposed it, before anybody has decided."""
    talk = cases.opened_talk(talk_id, version)
    step = TALK_STEPS.check(talk.state, "take_back", actor, talk.shop.scope)
    cases.check_proposer(talk, actor)
    before, talk.state, talk.ended_at = talk.state, step.target, now
    cases.flush()
    cases.record(talk, "take_back", actor, now, before=before)
    return talk


def confirm(talk_id: int, comes: str, actor: Actor, now: datetime, version: int | None = None) -> Talk:
    """The merchant says that it comes, and who; `version` is that of the page with the time that it saw."""
    talk = cases.opened_talk(talk_id, None)
    if talk.confirmed_at is not None and talk.state.value == "confirmed" and talk.comes == comes.strip():
        permit(actor, frozenset({Role.MERCHANT}), talk.shop.scope, "no_access")
        return talk  # the same form once more
    cases.check_version(talk, version)
    step = TALK_STEPS.check(talk.state, "confirm", actor, talk.shop.scope)
    check_texts(comes=(comes, COMES_LONGEST))
    before, talk.state = talk.state, step.target
    talk.confirmed_at, talk.confirmed_by_id, talk.comes = now, actor.account_id, comes.strip()
    cases.flush()
    cases.record(talk, "confirm", actor, now, before=before)
    return talk


def postpone(
    talk_id: int, talk_at: datetime | None, place: str, reason: str, actor: Actor, now: datetime, version: int
) -> Talk:
    """Another time or place; the merchant is told with the reason and confirms anew."""
    talk = cases.opened_talk(talk_id, version)
    step = TALK_STEPS.check(talk.state, "postpone", actor, talk.shop.scope, reason)
    check_texts(place=(place, PLACE_LONGEST), reason=(reason, REASON_LONGEST))
    at = check_talk_at(talk_at, now)
    before, talk.state = talk.state, step.target
    talk.talk_at, talk.place, talk.confirmed_at, talk.comes = at, place.strip(), None, None
    cases.flush()
    cases.record(talk, "postpone", actor, now, before=before, reason=reason)
    telling.tell(talk, "postpone", now)
    return talk


def hold(
    talk_id: int,
    attended: str,
    minutes: str,
    admonition: str,
    actor: Actor,
    now: datetime,
    version: int,
    file_ids: Sequence[int] = (),
) -> Talk:
    """It took place: who came, what was said, what is admonished. The document goes to the merchant."""
    talk = cases.opened_talk(talk_id, version)
    step = TALK_STEPS.check(talk.state, "hold", actor, talk.shop.scope)
    check_texts(
        attended=(attended, ATTENDED_LONGEST),
        minutes=(minutes, FACTS_LONGEST),
        admonition=(admonition, FACTS_LONGEST),
    )
    _check_took_place(talk, now)
    before, talk.state = talk.state, step.target
    talk.attended, talk.minutes, talk.admonition = attended.strip(), minutes.strip(), admonition.strip()
    _held(talk, actor, now)
    attach(file_ids, cases.subject_of(talk), talk.id, actor=actor)
    cases.record(talk, "hold", actor, now, before=before)
    telling.admonition(talk, actor, now)
    telling.tell(talk, "hold", now)
    consequences.follow(Event.TALK_HELD, talk, actor, now)
    return talk


def absent(talk_id: int, reason: str, actor: Actor, now: datetime, version: int) -> Talk:
    """Nobody came, `reason`: what is known of why."""
    talk = cases.opened_talk(talk_id, version)
    step = TALK_STEPS.check(talk.state, "absent", actor, talk.shop.scope, reason)
    check_length(reason, REASON_LONGEST, "reason")
    _check_took_place(talk, now)
    before, talk.state = talk.state, step.target
    _held(talk, actor, now)
    cases.record(talk, "absent", actor, now, before=before, reason=reason)
    telling.tell(talk, "absent", now)
    consequences.follow(Event.TALK_ABSENT, talk, actor, now)
    return talk


def end(talk_id: int, action: str, reason: str, actor: Actor, now: datetime, version: int) -> Talk:
    """``cancel`` what is ahead, or ``withdraw`` what was decided wrongly: it leaves every public page at once."""
    if action not in {"cancel", "withdraw"}:
        raise StepRefused("step_refused", lifecycle=TALK_STEPS.name, action=action)
    talk = cases.opened_talk(talk_id, version)
    step = TALK_STEPS.check(talk.state, action, actor, talk.shop.scope, reason)
    check_length(reason, REASON_LONGEST, "reason")
    before, talk.state = talk.state, step.target
    talk.ended_at, talk.ended_reason = now, reason.strip()
    cases.flush()
    cases.record(talk, action, actor, now, before=before, reason=reason)
    cases.hide(talk, None, actor, now)
    consequences.retract(talk, actor, now)
    telling.tell(talk, action, now)
    return talk


def _check_took_place(talk: Talk, now: datetime) -> None:
    if now < talk.talk_at:
        raise Conflict("talk_ahead")


def _held(talk: Talk, actor: Actor, now: datetime) -> None:
    talk.held_by_id, talk.held_at, talk.ended_at = actor.account_id, now, now
    cases.flush()
