"""Everything that is done to a tip, along its table of steps. The merchant is told of none of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm.attributes import flag_modified

from webapp import audit
from webapp.audit.rules import Purpose
from webapp.core.actor import OFFICER_ROLES, Actor, Role, Scope
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid
from webapp.core.steps import permit

from . import documents, extending, queries, rules, telling, timing
from .models import Tip, TipMessage, TipSide
from .rules import ENDED, STEPS, TEXT_MAX, TipState
from .timing import SUBJECT

SIDES = {Role.CONSUMER: TipSide.REPORTER, Role.SYSTEM: TipSide.SYSTEM}


def act(
    tip_id: int,
    action: str,
    actor: Actor,
    now: datetime,
    *,
    text: str = "",
    ground: str = "",
    version: int | None = None,
    handler: Scope | None = None,
    addressee: str = "",
) -> Tip:
    """Take one step with what is said along it. Raises StepRefused, Forbidden, Invalid, Conflict.

    `version` is that of the page where the person decided; the same words sent twice (a double tap) are said once.
    `ground`: of the catalogue for decisions, of the law's clock for a pause. `handler`: the office of a transfer,
    `addressee`: the authority outside this platform that a tip is handed to.
    """
    tip = queries.get_locked(tip_id)
    said = text.strip()
    if version is not None and tip.version != version:
        side = SIDES.get(actor.role, TipSide.OFFICER)
        if queries.was_just_said(tip, side, action, said, actor.account_id):
            return tip
        raise Conflict("changed_meanwhile")
    step = STEPS.check(tip.state, action, actor, tip.scope, said or ground)
    _check(tip, action, said, ground, handler, addressee)
    before, tip.state = tip.state, step.target
    flag_modified(tip, "state")  # a word that leaves the state also makes a new version
    _note_down(tip, action, said, ground, now)
    _move(tip, action, actor, now, ground=ground, said=said, handler=handler)
    if tip.state in ENDED and before not in ENDED:
        tip.ended_at = now
    if action in {"transfer", "transfer_out"} or tip.state is not before:
        extending.drop(tip, now)
    message = say(tip, action, _said(action, said, addressee), actor, now, ground=ground)
    audit.record(
        actor,
        f"tip.{action}",
        SUBJECT,
        tip.id,
        now=now,
        shop_id=tip.shop_id,
        old={"state": before.value},
        new={"state": tip.state.value} | ({"ground": ground} if ground else {}),
    )
    _write_to(tip, action, addressee.strip(), said, actor, now)
    if action == "transfer":
        telling.tell_office(tip, "transfer", f"tip-office-{message.id}", actor.account_id, now)
    return tip


def _said(action: str, said: str, addressee: str) -> str:
    """What the reporter reads: of a tip that was handed on outside, to whom."""
    return f"{addressee.strip()}：{said}" if action == "transfer_out" and addressee.strip() else said


def _check(tip: Tip, action: str, said: str, ground: str, handler: Scope | None, addressee: str) -> None:
    """Raises Invalid with the field that is wrong, Conflict when nothing is owed."""
    if len(said) > TEXT_MAX:
        raise Invalid("text_too_long", field="text", most=TEXT_MAX)
    if action == "supplement" and not said:
        raise Invalid("say_something", field="text")
    _check_ground(tip, action, said, ground)
    if action == "transfer" and (handler is None or not handler.region_code):
        raise Invalid("choose_handler", field="handler")
    if action == "transfer_out" and not 0 < len(addressee.strip()) <= rules.NAME_MAX:
        raise Invalid("name_the_authority", field="addressee")
    if action == "tell":
        if not timing.waits_to_tell(tip):
            raise Conflict("nothing_to_tell")
        if not said and not telling.can_receive(tip):
            raise Invalid("say_how_told", field="text")


def _check_ground(tip: Tip, action: str, said: str, ground: str) -> None:
    if action not in rules.ON_A_GROUND:
        return
    found = rules.find_ground(action, tip.law, ground)
    if found is None:
        raise Invalid("choose_ground", field="ground")
    if found.needs_text and not said:
        raise Invalid("say_something", field="text")


def _note_down(tip: Tip, action: str, said: str, ground: str, now: datetime) -> None:
    """What a step leaves in the record beside its state."""
    if action in rules.ON_A_GROUND:
        tip.decided_at, tip.decision_ground, tip.decision_text = now, ground, said or None
    elif action == "tell":
        tip.told_at = now


def _move(
    tip: Tip, action: str, actor: Actor, now: datetime, *, ground: str, said: str, handler: Scope | None
) -> None:
    """The clocks, and the handling office of a transfer."""
    if action == "pause":
        timing.pause(tip, ground, said, actor, now)
    elif action == "resume":
        timing.resume(tip, said, actor, now)
    elif action == "transfer" and handler is not None:
        tip.handler_region_code = handler.region_code
        tip.handler_station_id = handler.station_id
        tip.handler_department_code = handler.department_code
        timing.hand_on(tip, actor, now, said)
    else:
        timing.follow(tip, action, actor, now)


def _write_to(tip: Tip, action: str, addressee: str, said: str, actor: Actor, now: datetime) -> None:
    """The paper and the message that belong to a step."""
    if action == "tell":
        documents.result(tip, actor, now)
        telling.send_result(tip, now)
    elif action == "transfer_out":
        documents.transfer(tip, addressee, said, actor, now)


def say(
    tip: Tip,
    action: str,
    text: str,
    actor: Actor,
    now: datetime,
    *,
    ground: str = "",
    internal: bool = False,
) -> TipMessage:
    """Add to what was said and done."""
    message = TipMessage(
        tip_id=tip.id,
        side=SIDES.get(actor.role, TipSide.OFFICER),
        action=action,
        ground=ground,
        text=text,
        by_id=actor.account_id,
        at=now,
        internal=internal,
    )
    tip.messages.append(message)
    db.session.flush()
    return message


def note(tip_id: int, text: str, actor: Actor, now: datetime) -> TipMessage:
    """An officers' internal note: the reporter does not see it."""
    tip = queries.get(tip_id)
    permit(actor, OFFICER_ROLES, tip.scope)
    said = text.strip()
    if not said:
        raise Invalid("say_something", field="text")
    if len(said) > TEXT_MAX:
        raise Invalid("text_too_long", field="text", most=TEXT_MAX)
    message = say(tip, "note", said, actor, now, internal=True)
    audit.record(
        actor, "tip.note", SUBJECT, tip.id, now=now, shop_id=tip.shop_id, new={"message_id": message.id}
    )
    return message


def reveal_contact(tip_id: int, purpose: Purpose, actor: Actor, now: datetime) -> Tip:
    """Let an officer see the reporter's name and phone; that they looked, and why, is written down."""
    tip = queries.get(tip_id)
    permit(actor, OFFICER_ROLES, tip.scope)
    audit.record(
        actor,
        "tip.view_contact",
        SUBJECT,
        tip.id,
        now=now,
        shop_id=tip.shop_id,
        reason_code=purpose.value,
    )
    return tip


def register_on_paper(tip_id: int, actor: Actor, now: datetime) -> Tip:
    """Issue the registration form for the office's file."""
    tip = queries.get_locked(tip_id)
    permit(actor, frozenset(rules.OFFICER), tip.scope)
    documents.registration(tip, actor, now)
    return tip


def ask_extension(tip_id: int, reason: str, actor: Actor, now: datetime, version: int | None = None) -> Tip:
    """Ask for more time to verify. Raises Invalid, Conflict (``extension_asked``, ``clock_…``), Forbidden."""
    tip = _open(tip_id, version)
    permit(actor, frozenset(rules.OFFICER), tip.scope)
    said = _reason(reason)
    if tip.state is not TipState.VERIFYING:
        raise Conflict("no_clock")
    extending.ask(tip, said, actor, now)
    _extension_done(tip, "ask_extension", said, actor, now, internal=True)
    return tip


def decide_extension(
    tip_id: int, action: str, reason: str, actor: Actor, now: datetime, version: int | None = None
) -> Tip:
    """Approve, refuse or withdraw the request that waits; nobody decides on their own.

    Raises Invalid, Conflict (``no_extension_asked``), Forbidden (``two_people_needed``).
    """
    tip = _open(tip_id, version)
    said = reason.strip() if action == "withdraw" else _reason(reason)
    extending.decide(tip, action, said, actor, now)
    _extension_done(tip, f"{action}_extension", said, actor, now, internal=action != "approve")
    return tip


def _open(tip_id: int, version: int | None) -> Tip:
    tip = queries.get_locked(tip_id)
    if version is not None and tip.version != version:
        raise Conflict("changed_meanwhile")
    return tip


def _reason(reason: str) -> str:
    said = reason.strip()
    if not said:
        raise Invalid("reason_required", field="text")
    if len(said) > TEXT_MAX:
        raise Invalid("text_too_long", field="text", most=TEXT_MAX)
    return said


def _extension_done(tip: Tip, action: str, said: str, actor: Actor, now: datetime, *, internal: bool) -> None:
    flag_modified(tip, "state")
    say(tip, action, said, actor, now, internal=internal)
    audit.record(actor, f"tip.{action}", SUBJECT, tip.id, now=now, shop_id=tip.shop_id)
