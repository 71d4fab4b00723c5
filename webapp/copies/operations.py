"""Alarms: raised, added to, and worked on by officers. An alarm changes no sticker; an officer's decision may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError

from webapp import audit
from webapp.core import clock, workdays
from webapp.core.actor import SYSTEM, Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.stickers import operations as stickers
from webapp.stickers.models import Sticker, StickerState

from . import facts as gathered
from . import policies, queries, rules, telling
from .facts import Facts
from .models import CopyAlarm
from .rules import REASON_LONGEST, REASONS, STANDING, STEPS, AlarmKind, AlarmState, Limits, Remedy

#: What people give can raise these; the others hang on scan counts (see watching).
BY_PEOPLE = (AlarmKind.WRONG_SHOP, AlarmKind.FAR_AWAY, AlarmKind.TWO_PLACES)
#: The reason of a sticker's own step, when an alarm's officer takes it.
STICKER_REASON = "copied"


# --- raising ----------------------------------------------------------------------------------------------------------


def weigh(sticker: Sticker, scans: int, now: datetime) -> list[CopyAlarm]:
    """Look at what people gave for a sticker: raise the alarms that it is enough for, add it to those that stand.

    Idempotent: what has been judged raises nothing, what is known changes nothing. The shop's row is held from here on.
    `scans`: of the sticker in the days in which reports count. Returns the alarms that were raised.
    """
    shop_id, serial = sticker.shop_id, sticker.serial
    queries.lock_shop(shop_id)
    limits = policies.limits_on(clock.day_of(now))
    for alarm in queries.standing(shop_id, serial):
        if alarm.kind in BY_PEOPLE:
            add(alarm, _people_facts(alarm.kind, sticker, alarm.evidence_from, limits), now, limits)
    if sticker.state is not StickerState.VALID:
        return []
    known = queries.evidence(shop_id, serial, now - limits.look_back)
    paper, spent = queries.paper_of(sticker), queries.spent(shop_id, serial)
    found = rules.weigh(paper, known.reports, known.sightings, scans, spent, now, limits)
    standing = {alarm.kind for alarm in queries.standing(shop_id, serial)}
    return [
        open_alarm(sticker, kind, since, _people_facts(kind, sticker, since, limits), now, limits)
        for kind, since in found.items()
        if kind not in standing
    ]


def open_alarm(
    sticker: Sticker, kind: AlarmKind, since: datetime, facts: Facts, now: datetime, limits: Limits
) -> CopyAlarm:
    """Make the task. The caller holds the shop's row and knows that none of this kind stands."""
    alarm = CopyAlarm(
        shop_id=sticker.shop_id,
        serial=sticker.serial,
        kind=kind,
        state=STEPS.first,
        facts=facts,
        evidence_from=since,
        opened_at=now,
        latest_at=now,
        due_on=workdays.add(clock.day_of(now), limits.look_days).day,
    )
    db.session.add(alarm)
    db.session.flush()
    _audit(alarm, "raise", SYSTEM, now, before=None)
    return alarm


def add(alarm: CopyAlarm, facts: Facts, now: datetime, limits: Limits) -> bool:
    """Put newer evidence into a standing alarm; False when it says nothing new.

    The version stays: an officer who is writing a decision meanwhile is told by what the page showed (see `act`).
    """
    kept_from = clock.day_of(now) - timedelta(days=limits.evidence_days)
    whole = gathered.merged(alarm.facts, facts, kept_from)
    if whole == alarm.facts:
        return False
    change = sa.update(CopyAlarm).where(CopyAlarm.id == alarm.id).values(facts=whole, latest_at=now)
    db.session.execute(change, execution_options={"synchronize_session": False})
    db.session.refresh(alarm)
    return True


def _people_facts(kind: AlarmKind, sticker: Sticker, since: datetime, limits: Limits) -> Facts:
    """Everything that people gave since `since`, a minute earlier than which the first of it was."""
    known = queries.evidence(sticker.shop_id, sticker.serial, since - timedelta(minutes=1))
    shop = queries.paper_of(sticker).shop
    return gathered.of_people(kind, known.reports, known.sightings, shop, limits)


def lapse_unreported(sticker: Sticker, now: datetime) -> None:
    """A report was taken back: a task that nobody has looked at, and that too few reports are left for, ends."""
    limits = policies.limits_on(clock.day_of(now))
    for alarm in queries.standing(sticker.shop_id, sticker.serial, AlarmKind.WRONG_SHOP):
        fresh = _people_facts(alarm.kind, sticker, alarm.evidence_from, limits)
        add(alarm, fresh, now, limits)
        if alarm.state is AlarmState.OPEN and fresh["devices"]["most"] < limits.report_devices:
            step = STEPS.check(alarm.state, "lapse", SYSTEM, reason="taken_back")
            _move(alarm, step.target, "lapse", SYSTEM, now, "taken_back", "")


# --- officers ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Decision:
    """What an officer gave: a reason of the catalogue, own words, and with a confirmed copy what to do.

    `version` and `seen` (when the newest evidence came) are of the alarm as the page showed it.
    """

    version: int
    seen: datetime | None = None
    reason_code: str = ""
    reason: str = ""
    remedy: str = ""


def act(alarm_id: int, action: str, decision: Decision, actor: Actor, now: datetime) -> CopyAlarm:
    """Take one step. Confirming also does what `remedy` says to that one sticker, by the sticker's own operation.

    Raises Conflict when another officer was first, or evidence came meanwhile that the decision has not seen; Invalid
    with the field; Forbidden; and what the sticker's own operation refuses. All or nothing.
    """
    alarm = queries.lock(alarm_id)
    reason = decision.reason.strip()
    if alarm.version != decision.version:
        raise Conflict("changed_meanwhile")
    step = STEPS.check(alarm.state, action, actor, alarm.shop.scope, decision.reason_code or reason)
    _check_reason(action, decision.reason_code, reason)
    if actor.account_id is None:
        raise Forbidden("no_access")
    if action in {"dismiss", "close"} and decision.seen is not None and decision.seen < alarm.latest_at:
        raise Conflict("copy_new_evidence")
    if action == "reopen" and queries.standing(alarm.shop_id, alarm.serial, alarm.kind):
        raise Conflict("copy_alarm_stands")
    if action == "confirm":
        _confirm(alarm, decision, actor, now)
    else:
        _move(alarm, step.target, action, actor, now, decision.reason_code, reason)
    return alarm


def _check_reason(action: str, code: str, reason: str) -> None:
    catalogue = REASONS.get(action, ())
    if catalogue and code not in catalogue:
        raise Invalid("copy_reason", field="reason_code")
    if (code == "other" or (action == "reopen")) and not reason:
        raise Invalid("reason_required", field="reason")
    if len(reason) > REASON_LONGEST:
        raise Invalid("reason_too_long", field="reason", most=REASON_LONGEST)


def _confirm(alarm: CopyAlarm, decision: Decision, actor: Actor, now: datetime) -> None:
    """The sticker was copied: do what the officer chose, and let its other tasks end with this one."""
    if decision.remedy not in set(Remedy):
        raise Invalid("copy_remedy", field="remedy")
    remedy, reason = Remedy(decision.remedy), decision.reason.strip()
    if remedy is Remedy.NONE and not reason:
        raise Invalid("reason_required", field="reason")
    _apply(remedy, alarm, actor, now)
    others = [one for one in queries.standing(alarm.shop_id, alarm.serial) if one.id != alarm.id]
    for one, what in [(alarm, remedy), *((other, Remedy.NONE) for other in others)]:
        one.remedy, one.handled_by_id = what, one.handled_by_id or actor.account_id
        _move(one, AlarmState.CONFIRMED, "confirm", actor, now, decision.reason_code, reason)
    if remedy is not Remedy.NONE:
        telling.tell(alarm, remedy, now)


def _apply(remedy: Remedy, alarm: CopyAlarm, actor: Actor, now: datetime) -> None:
    work = {Remedy.SUSPEND: stickers.suspend, Remedy.REPLACE: stickers.replace}.get(remedy)
    if work is not None:
        work(alarm.shop_id, alarm.serial, STICKER_REASON, actor, now)


def _move(
    alarm: CopyAlarm, state: AlarmState, action: str, actor: Actor, now: datetime, code: str, reason: str
) -> None:
    before, alarm.state = alarm.state, state
    if state in STANDING:
        alarm.ended_at = alarm.ended_by_id = alarm.remedy = alarm.reason_code = alarm.reason = None
        alarm.handled_by_id = actor.account_id if state is AlarmState.LOOKING else None
        if before not in STANDING:
            alarm.due_on = _due_on(clock.day_of(now))
    else:
        alarm.ended_at, alarm.ended_by_id = now, actor.account_id
        alarm.reason_code, alarm.reason = code or None, reason or None
    try:
        db.session.flush()
    except StaleDataError as error:
        raise Conflict("changed_meanwhile") from error
    _audit(alarm, action, actor, now, before=before, code=code, reason=reason)


def _due_on(day: date) -> date:
    return workdays.add(day, policies.limits_on(day).look_days).day


def _audit(
    alarm: CopyAlarm,
    action: str,
    actor: Actor,
    now: datetime,
    *,
    before: AlarmState | None,
    code: str = "",
    reason: str = "",
) -> None:
    new = {"state": alarm.state.value, "kind": alarm.kind.value, "serial": alarm.serial}
    audit.record(
        actor,
        f"copy.{action}",
        "copy_alarm",
        alarm.id,
        now=now,
        shop_id=alarm.shop_id,
        old=None if before is None else {"state": before.value},
        new=new | ({"remedy": alarm.remedy.value} if alarm.remedy is not None else {}),
        reason_code=code or None,
        reason=reason or None,
    )
