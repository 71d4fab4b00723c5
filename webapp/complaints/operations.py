"""Filing a complaint and everything that is done to it.

The receipt opens the follow-up page: 100 bits that nobody can guess and that follow from the form's random submission
key by a keyed hash, so that the same form sent twice is one complaint with one receipt, and only hashes are kept.
"""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from sqlalchemy.orm.attributes import flag_modified

from webapp import audit, feed
from webapp.audit.rules import Purpose
from webapp.core import clock, policy
from webapp.core.actor import CONSUMER, OFFICER_ROLES, Actor, Role, Scope
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid
from webapp.core.signals import complaint_moved, complaint_settled, send
from webapp.core.steps import permit
from webapp.files import operations as files
from webapp.merchants.figures import count
from webapp.web import slots

from . import documents, offers, queries, rules, telling, timing
from .documents import Deed
from .models import Complaint, ComplaintMessage, Side
from .rules import ENDED, STEPS, ComplaintState

SIDES = {
    Role.CONSUMER: Side.CONSUMER,
    Role.MERCHANT: Side.MERCHANT,
    Role.MEDIATOR: Side.MEDIATOR,
    Role.SYSTEM: Side.SYSTEM,
}


def act(
    complaint_id: int,
    action: str,
    actor: Actor,
    now: datetime,
    *,
    text: str = "",
    ground: str = "",
    file_ids: tuple[int, ...] = (),
    version: int | None = None,
    handler: Scope | None = None,
) -> Complaint:
    """Take one step of the lifecycle with what is said along it. Raises StepRefused, Forbidden, Invalid, Conflict.

    `version` is that of the page where the person decided. The same words sent twice (a double tap) are said once.
    `ground`: a code of the law's catalogue, for refuse, end and pause. `handler`: the office that a transfer goes to.
    What is said goes into the thread only: the audit trail keeps no free text, which may name people.
    """
    complaint = queries.get_locked(complaint_id)
    said = text.strip()
    if version is not None and complaint.version != version:
        side = SIDES.get(actor.role, Side.OFFICER)
        if queries.was_just_said(complaint, side, action, said, actor.account_id):
            return complaint
        raise Conflict("changed_meanwhile")
    step = STEPS.check(complaint.state, action, actor, complaint.scope, said or ground)
    _check_ground(complaint, action, ground, said, now)
    _check_words(action, said, file_ids, now)
    _check_window(complaint, action, now)
    if (held := held_by(complaint, action)) is not None:
        raise Conflict(held)
    before, complaint.state = complaint.state, step.target
    office = complaint.scope
    flag_modified(complaint, "state")  # a word that leaves the state also makes a new version
    _note_down(complaint, action, ground, now)
    _move_clocks(complaint, action, before, actor, now, ground=ground, text=said, handler=handler)
    offers.conclude(complaint, action, before, now)
    message = _say(complaint, action, said, actor, now, ground=ground)
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
        new={"state": complaint.state.value} | ({"ground": ground} if ground else {}),
    )
    documents.follow(complaint, action, Deed(ground, said, actor, now, office))
    feed.publish(f"complaint.{action}", now=now, shop_id=complaint.shop_id)
    telling.tell(complaint, message, now)
    if complaint.state is not before:
        moved = {"complaint_id": complaint.id, "shop_id": complaint.shop_id, "state": complaint.state.value}
        send(complaint_moved, **moved, actor=actor, now=now)
    return complaint


def held_by(complaint: Complaint, action: str) -> str | None:
    """Why a feature on top (slot ``complaint.held``) says that this step is not the right one now, or None."""
    reasons: list[str] = slots.collect(current_app, "complaint.held", complaint=complaint, action=action)
    return reasons[0] if reasons else None


def _check_ground(complaint: Complaint, action: str, ground: str, said: str, now: datetime) -> None:
    if action not in rules.ON_A_GROUND:
        return
    found = rules.find_ground(action, complaint.law, ground)
    if found is None:
        raise Invalid("choose_ground", field="ground")
    if found.needs_text and not said:
        raise Invalid("say_something", field="text")
    if action == "end" and ground == rules.TIME_OVER and not timing.may_end(complaint, now):
        raise Invalid("period_not_over", field="ground")


def _check_window(complaint: Complaint, action: str, now: datetime) -> None:
    """Reopening has a window and a number of times."""
    if action != "reopen":
        return
    today = clock.day_of(now)
    if complaint.reopened >= policy.get_int("complaint.reopen_times", today):
        raise Conflict("reopened_already")
    days = policy.get_int("complaint.reopen_days", today)
    if complaint.ended_at is not None and (today - clock.day_of(complaint.ended_at)).days > days:
        raise Conflict("reopen_too_late", days=days)


def _note_down(complaint: Complaint, action: str, ground: str, now: datetime) -> None:
    """What a step leaves in the record beside its state."""
    if action == "refuse":
        complaint.refuse_ground = ground
    elif action == "end":
        complaint.end_ground = ground
    elif action == "accept":
        complaint.accepted_at = now
    elif action == "accept_offer":
        complaint.agreed_at = now
    elif action == "reopen":
        complaint.reopened += 1
        complaint.ended_at = None
    if complaint.state is ComplaintState.REFERRED and action in rules.BRINGS_TO_AUTHORITY:
        complaint.referred_at = now


def _move_clocks(
    complaint: Complaint,
    action: str,
    before: ComplaintState,
    actor: Actor,
    now: datetime,
    *,
    ground: str,
    text: str,
    handler: Scope | None,
) -> None:
    if action == "pause":
        timing.pause(complaint, ground, text, actor, now)
    elif action == "resume":
        timing.resume(complaint, actor, now, text)
    elif action == "transfer":
        if handler is None or not handler.region_code:
            raise Invalid("choose_handler", field="handler")
        complaint.handler_region_code = handler.region_code
        complaint.handler_station_id = handler.station_id
        complaint.handler_department_code = handler.department_code
        timing.hand_on(complaint, actor, now, text)
    else:
        timing.follow(complaint, action, before, actor, now)


def may_rate_handling(complaint: Complaint) -> bool:
    """Has the matter been handled to an end, and not been rated yet?"""
    return complaint.state in rules.HANDLED and complaint.handling_rated_at is None


def rate_handling(complaint_id: int, stars: int | None, text: str, now: datetime) -> Complaint:
    """The consumer rates how it was handled, once. Raises Invalid (``choose_stars``), Conflict (``rated_already``)."""
    complaint = queries.get_locked(complaint_id)
    if not may_rate_handling(complaint):
        raise Conflict("rated_already")
    if stars is None or not 1 <= stars <= 5:
        raise Invalid("choose_stars", field="stars")
    if len(text.strip()) > rules.TEXT_MAX:
        raise Invalid("text_too_long", field="text", most=rules.TEXT_MAX)
    complaint.handling_stars, complaint.handling_rated_at = stars, now
    complaint.handling_said = text.strip() or None
    audit.record(
        CONSUMER, "complaint.rate_handling", "complaint", complaint.id, now=now, shop_id=complaint.shop_id
    )
    return complaint


def note(complaint_id: int, text: str, actor: Actor, now: datetime) -> ComplaintMessage:
    """An officers' internal note: neither consumer nor merchant sees it."""
    complaint = queries.get(complaint_id)
    permit(actor, OFFICER_ROLES, complaint.scope)
    if not text.strip():
        raise Invalid("say_something", field="text")
    if len(text.strip()) > rules.TEXT_MAX:
        raise Invalid("text_too_long", field="text", most=rules.TEXT_MAX)
    message = _say(complaint, "note", text.strip(), actor, now, internal=True)
    audit.record(
        actor,
        "complaint.note",
        "complaint",
        complaint.id,
        now=now,
        shop_id=complaint.shop_id,
        new={"message_id": message.id},
    )
    return message


def reveal_contact(complaint_id: int, purpose: Purpose, actor: Actor, now: datetime) -> Complaint:
    """Let an officer see the complainant's name and phone; that they looked, and why, is written down."""
    complaint = queries.get(complaint_id)
    permit(actor, OFFICER_ROLES, complaint.scope)
    audit.record(
        actor,
        "complaint.view_contact",
        "complaint",
        complaint.id,
        now=now,
        shop_id=complaint.shop_id,
        reason_code=purpose.value,
    )
    return complaint


def _check_words(action: str, said: str, file_ids: tuple[int, ...], now: datetime) -> None:
    if action in rules.SPOKEN and not said:
        raise Invalid("say_something", field="text")
    if len(said) > rules.TEXT_MAX:
        raise Invalid("text_too_long", field="text", most=rules.TEXT_MAX)
    check_photos(file_ids, now)


def check_photos(file_ids: tuple[int, ...], now: datetime) -> None:
    """Raises Invalid (``files_too_many``) when there are more than the policy allows."""
    most = policy.get_int("complaint.photos_max", clock.day_of(now))
    if len(file_ids) > most:
        raise Invalid("files_too_many", field="photos", most=most)


def _say(
    complaint: Complaint,
    action: str,
    text: str,
    actor: Actor,
    now: datetime,
    *,
    ground: str = "",
    internal: bool = False,
) -> ComplaintMessage:
    message = ComplaintMessage(
        complaint_id=complaint.id,
        side=SIDES.get(actor.role, Side.OFFICER),
        action=action,
        ground=ground,
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
    if action in rules.ANSWERS and complaint.first_answered_at is None:
        complaint.first_answered_at = now
        if (
            complaint.route is rules.Route.SETTLE_FIRST
        ):  # to the others nobody owed an answer, so none is on time
            on_time = now <= complaint.answer_due_at
            count(complaint.shop_id, complaints_answered=1, complaints_answered_on_time=int(on_time))
    if before in rules.COUNTED and complaint.state not in ENDED:  # reopened
        count(complaint.shop_id, **{rules.COUNTED[before]: -1})
    if complaint.state in ENDED and before not in ENDED:
        complaint.ended_at = now
        resolved = complaint.state is ComplaintState.RESOLVED
        if complaint.state in rules.COUNTED:
            count(complaint.shop_id, **{rules.COUNTED[complaint.state]: 1})
        send(
            complaint_settled,
            complaint_id=complaint.id,
            shop_id=complaint.shop_id,
            resolved=resolved,
            actor=actor,
            now=now,
        )
