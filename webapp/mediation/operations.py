"""Mediating: opened by the authority or entrusted to a body, hearings, statements, the agreement that both sides sign.

The complaint's own end stays the authority's deed: what both signed becomes its result by an officer's word.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified

from webapp import audit
from webapp.complaints import operations as complaints
from webapp.complaints import queries as complaint_queries
from webapp.complaints.models import Complaint
from webapp.complaints.rules import ComplaintState
from webapp.core.actor import SYSTEM, Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.core.steps import permit

from . import documents, queries, rules, telling
from .models import Hearing, HearingMode, Mediation, MediationBody, Statement
from .rules import STEPS, MediatorKind

SUBJECT = "mediation"


@dataclass(frozen=True)
class Meeting:
    """When and where the sides are heard. `mode`: on_site | phone | video; on site needs a place."""

    at: datetime | None
    mode: str
    place: str = ""


def start(
    complaint_id: int, body_id: int | None, actor: Actor, now: datetime, version: int | None = None
) -> Mediation:
    """Begin an attempt: the authority's own, or (with the consumer's consent) by a body.

    `version`: the complaint's, as seen. Raises Conflict (``not_mediating``, ``mediation_open``,
    ``no_consent_to_entrust``, ``body_closed``), Forbidden, NotFound.
    """
    complaint = complaint_queries.get_locked(complaint_id)
    permit(actor, rules.OFFICER, complaint.scope)
    if version is not None and complaint.version != version:
        raise Conflict("changed_meanwhile")
    if complaint.state is not ComplaintState.MEDIATING:
        raise Conflict("not_mediating")
    body = _body_for(complaint, body_id)
    mediation = Mediation(
        complaint_id=complaint.id,
        kind=body.kind if body is not None else MediatorKind.OWN,
        body_id=body.id if body is not None else None,
        state=STEPS.first,
        opened_by_id=actor.account_id,
        opened_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(mediation)
    except IntegrityError:
        raise Conflict("mediation_open") from None
    db.session.refresh(mediation)
    _record(mediation, "start", actor, now)
    telling.tell(mediation, "start", str(mediation.id), now)
    if body is not None:
        telling.tell_body(mediation, [account.id for account in queries.people_of(body.id)], now)
    return mediation


def _body_for(complaint: Complaint, body_id: int | None) -> MediationBody | None:
    if body_id is None:
        return None
    body = queries.get_body(body_id)
    if not complaint.consent_entrust:
        raise Conflict("no_consent_to_entrust")
    if body.closed_at is not None:
        raise Conflict("body_closed")
    return body


def hear(
    mediation_id: int, meeting: Meeting, actor: Actor, now: datetime, version: int | None = None
) -> Hearing:
    """Fix a date on which the sides are heard; both are told. Raises Invalid with the field, Conflict, Forbidden."""
    mediation = _take(mediation_id, "hear", actor, version=version)
    latest = now + timedelta(days=rules.HEARING_DAYS_MAX)
    if meeting.at is None or not now < meeting.at <= latest:
        raise Invalid("hearing_when", field="at", days=rules.HEARING_DAYS_MAX)
    if meeting.mode not in set(HearingMode):
        raise Invalid("hearing_mode", field="mode")
    place = meeting.place.strip()
    if (meeting.mode == HearingMode.ON_SITE and not place) or len(place) > rules.PLACE_MAX:
        raise Invalid("hearing_place", field="place", most=rules.PLACE_MAX)
    if any(one.at == meeting.at and one.cancelled_at is None for one in mediation.hearings):
        raise Conflict("hearing_known")
    hearing = Hearing(
        mediation_id=mediation.id,
        at=meeting.at,
        mode=HearingMode(meeting.mode),
        place=place,
        set_by_id=actor.account_id,
        set_at=now,
    )
    mediation.hearings.append(hearing)
    _record(mediation, "hear", actor, now)
    documents.notices(mediation, hearing, actor, now)
    telling.tell(mediation, "hear", str(hearing.id), now, hearing)
    return hearing


def cancel(
    mediation_id: int, hearing_id: int, reason: str, actor: Actor, now: datetime, version: int | None = None
) -> Hearing:
    """Call a hearing off; both sides are told."""
    mediation = _take(mediation_id, "cancel", actor, reason, version)
    hearing = queries.hearing_of(mediation, hearing_id)
    if hearing.cancelled_at is not None or hearing.held is not None:
        raise Conflict("hearing_over")
    hearing.cancelled_at, hearing.notes = now, reason.strip()
    _record(mediation, "cancel", actor, now)
    telling.tell(mediation, "cancel", str(hearing.id), now, hearing)
    return hearing


def record(
    mediation_id: int,
    hearing_id: int,
    absent: str,
    notes: str,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> Hearing:
    """Write down how a hearing went: who was absent (rules.ABSENT), and what was said, for the mediators alone."""
    mediation = _take(mediation_id, "record", actor, version=version)
    hearing = queries.hearing_of(mediation, hearing_id)
    if hearing.cancelled_at is not None:
        raise Conflict("hearing_over")
    if now < hearing.at:
        raise Conflict("hearing_to_come")
    if absent not in rules.ABSENT:
        raise Invalid("hearing_absent", field="absent")
    hearing.absent, hearing.held, hearing.notes = absent, not absent, _words(notes, "notes") or None
    _record(mediation, "record", actor, now)
    return hearing


def state(
    mediation_id: int,
    text: str,
    actor: Actor,
    now: datetime,
    *,
    side: str = "",
    version: int | None = None,
) -> Statement:
    """What a side states: a party for itself, whoever mediates for the `side` that said it."""
    mediation = _take(mediation_id, "state", actor, text, version)
    own = _side_of(mediation, actor)
    speaks = own or side
    if speaks not in rules.SIDES:
        raise Invalid("choose_side", field="side")
    said = _words(text, "text")
    last = mediation.statements[-1] if mediation.statements else None
    if last is not None and (last.side, last.text, last.by_id) == (speaks, said, actor.account_id):
        return last  # a double tap
    statement = Statement(mediation_id=mediation.id, side=speaks, text=said, by_id=actor.account_id, at=now)
    mediation.statements.append(statement)
    _record(mediation, "state", actor, now)
    return statement


def draft(mediation_id: int, text: str, actor: Actor, now: datetime, version: int | None = None) -> Mediation:
    """Write the agreement for both to sign. A changed text takes the signatures under the old one away."""
    mediation = _take(mediation_id, "draft", actor, text, version)
    said = _words(text, "text")
    if mediation.agreement == said:
        return mediation
    mediation.agreement = said
    mediation.consumer_name = mediation.consumer_signed_at = None
    mediation.merchant_name = mediation.merchant_signed_at = None
    _record(mediation, "draft", actor, now)
    telling.tell(mediation, "draft", f"{mediation.id}-{mediation.version}", now)
    return mediation


def sign(mediation_id: int, name: str, actor: Actor, now: datetime, version: int) -> Mediation:
    """A party signs the text that stood on its page (`version`). Raises Invalid (``sign_with_name``), Conflict."""
    mediation = queries.get_locked(mediation_id)
    side = _side_of(mediation, actor)
    if side and getattr(mediation, f"{side}_signed_at") is not None:
        return mediation  # signed already: a double tap
    _take(mediation_id, "sign", actor, name, version, field="name")
    if not mediation.agreement:
        raise Conflict("nothing_to_sign")
    if len(name.strip()) > rules.NAME_MAX:
        raise Invalid("sign_with_name", field="name")
    if side == "consumer":
        mediation.consumer_name, mediation.consumer_signed_at = name.strip(), now
    else:
        mediation.merchant_name, mediation.merchant_signed_at = name.strip(), now
    _record(mediation, f"sign_{side}", actor, now)
    if mediation.signed_by_both:
        telling.tell_office(mediation, "signed", actor, now)
    return mediation


def agree(mediation_id: int, actor: Actor, now: datetime, version: int | None = None) -> Mediation:
    """The officer makes what both signed the complaint's result. Raises Conflict (``not_signed_by_both``)."""
    mediation = _take(mediation_id, "agree", actor, version=version)
    if not mediation.signed_by_both or not mediation.agreement:
        raise Conflict("not_signed_by_both")
    _end(mediation, "agree", "", actor, now)
    complaints.act(mediation.complaint_id, "settle", actor, now, text=mediation.agreement)
    documents.agreement(mediation, actor, now)
    return mediation


def give_up(
    mediation_id: int, action: str, reason: str, actor: Actor, now: datetime, version: int | None = None
) -> Mediation:
    """End the attempt without agreement: fail, give_back (the body) or take_back (the authority)."""
    mediation = _take(mediation_id, action, actor, reason, version)
    _end(mediation, action, _words(reason, "text"), actor, now)
    return mediation


def close_of(complaint_id: int, now: datetime) -> None:
    """The complaint ended or went elsewhere: what is under way in it ends too."""
    mediation = queries.open_of(complaint_id)
    if mediation is not None:
        STEPS.check(mediation.state, "close", SYSTEM, mediation.scope)
        _end(mediation, "close", "", SYSTEM, now)


def side_of(mediation: Mediation, actor: Actor) -> str:
    """The party that the actor is in this dispute: "consumer", "merchant", or "" for who mediates."""
    return _side_of(mediation, actor)


def _side_of(mediation: Mediation, actor: Actor) -> str:
    if actor.role is Role.CONSUMER and not actor.posts:
        return "consumer"
    return "merchant" if not actor.posts and mediation.scope.operator_id in actor.operator_ids else ""


def _take(
    mediation_id: int,
    action: str,
    actor: Actor,
    reason: str = "",
    version: int | None = None,
    *,
    field: str = "text",
) -> Mediation:
    """The mediation, locked, if the actor may take this step; raises StepRefused, Forbidden, Invalid, Conflict."""
    mediation = queries.get_locked(mediation_id)
    if version is not None and mediation.version != version:
        raise Conflict("changed_meanwhile")
    try:
        step = STEPS.check(mediation.state, action, actor, mediation.scope, reason)
    except Invalid:
        code = "sign_with_name" if field == "name" else "say_something"
        raise Invalid(code, field=field) from None
    if _side_of(mediation, actor) and not step.roles & rules.PARTIES:
        raise Forbidden(
            "must_stand_aside"
        )  # who is a party mediates nothing, also as one of the body's people
    return mediation


def _words(text: str, field: str) -> str:
    said = text.strip()
    if len(said) > rules.TEXT_MAX:
        raise Invalid("text_too_long", field=field, most=rules.TEXT_MAX)
    return said


def _end(mediation: Mediation, action: str, outcome: str, actor: Actor, now: datetime) -> None:
    before = mediation.state
    mediation.state = STEPS.find(before, action).target
    mediation.ended_at, mediation.outcome = now, outcome or None
    _record(mediation, action, actor, now, old={"state": before.value}, new={"state": mediation.state.value})
    telling.tell(mediation, action, str(mediation.id), now)
    telling.tell_office(mediation, action, actor, now)


def _record(
    mediation: Mediation,
    action: str,
    actor: Actor,
    now: datetime,
    old: dict[str, str] | None = None,
    new: dict[str, str] | None = None,
) -> None:
    """Every deed makes a new version and an audit row; what was said is in neither."""
    flag_modified(mediation, "state")
    db.session.flush()
    audit.record(
        actor,
        f"mediation.{action}",
        SUBJECT,
        mediation.id,
        now=now,
        shop_id=mediation.complaint.shop_id,
        old=old,
        new=new,
    )


def forget_of(complaint_id: int) -> None:
    """Erase what the complaint's mediations keep of people and their words; dates, kinds and states stay."""
    for mediation in queries.of_complaint(complaint_id):
        mediation.agreement = mediation.outcome = None
        mediation.consumer_name = mediation.merchant_name = None
        for hearing in mediation.hearings:
            hearing.notes, hearing.place = None, ""
        for statement in mediation.statements:
            statement.text = ""
