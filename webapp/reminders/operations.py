"""Writing, proposing, publishing and ending reminders. Two different people publish."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from webapp import audit, feed
from webapp.core import clock, policy
from webapp.core.actor import SYSTEM, Actor, Role, Scope
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, StepRefused
from webapp.core.steps import permit
from webapp.merchants.models import Category, Shop
from webapp.merchants.queries import get_shop
from webapp.regions import queries as regions
from webapp.web.words import label

from . import grounds, queries
from .models import Reminder, ReminderShop
from .rules import (
    REASON_LONGEST,
    SECOND_PERSON,
    SHOPS_MOST,
    STEPS,
    ReminderKind,
    ReminderState,
    check_length,
    check_term,
    check_texts,
    common_region,
    second_person,
)

_WRITERS = frozenset({Role.STATION_OFFICER, Role.BUREAU_OFFICER})
#: Of `act`: everything that a person does to one that is there, but for writing.
ACTIONS = frozenset({"propose", "take_back", "drop", "publish", "refuse", "withdraw"})


@dataclass(frozen=True)
class Draft:
    """What an officer wrote. With `shop_ids` it is about these shops: category and industry do not count, and the
    region is the smallest that holds them all.
    """

    kind: ReminderKind
    title: str
    body: str
    region_code: str
    ground: str
    term_until: date | None
    category: str | None = None
    industry_code: str | None = None
    shop_ids: tuple[int, ...] = ()


def longest_term(kind: ReminderKind, today: date) -> int:
    """Days for which one of this kind may stand at most."""
    return policy.get_int(f"reminder.{kind.value}_max_days", today)


def check(draft: Draft, actor: Actor, now: datetime) -> list[Shop]:
    """The shops that it names; also for a preview. Raises Invalid with the field, Forbidden out of reach, NotFound."""
    check_texts(draft.title, draft.body)
    grounds.check(draft.ground)
    today = clock.day_of(now)
    check_term(draft.term_until, today, longest_term(draft.kind, today))
    if len(draft.shop_ids) > SHOPS_MOST:
        raise Invalid("reminder_shops_most", field="shops", most=SHOPS_MOST)
    shops = [get_shop(number) for number in draft.shop_ids]
    if not shops and regions.find(draft.region_code) is None:
        raise Invalid("reminder_region", field="region_code")
    region = common_region(shop.region_code for shop in shops) if shops else draft.region_code
    for scope in (*(shop.scope for shop in shops), *([] if shops else [queries.scope_of_region(region)])):
        permit(actor, _WRITERS, scope, "no_access")
    if draft.category is not None and draft.category not in set(Category):
        raise Invalid("reminder_category", field="category")
    industry = regions.find_industry(draft.industry_code)
    if draft.industry_code is not None and industry is None:
        raise Invalid("reminder_industry", field="industry_code")
    if industry is not None and draft.category not in {None, industry.category}:
        raise Invalid("reminder_industry_category", field="industry_code")
    return shops


def draft(
    written: Draft,
    actor: Actor,
    now: datetime,
    figures: dict[str, Any] | None = None,
    replaces: Reminder | None = None,
) -> Reminder:
    """Keep what was written as a draft; nobody but officers sees it. Raises Invalid, Forbidden, NotFound, Conflict."""
    shops = check(written, actor, now)
    made = Reminder(
        state=STEPS.first,
        figures=figures,
        replaces_id=None if replaces is None else replaces.id,
        before_two=False,
    )
    _write(made, written, shops, actor, now)
    db.session.add(made)
    _flush()
    _record(made, "draft", actor, now, before=None)
    return made


def revise(reminder_id: int, written: Draft, actor: Actor, now: datetime, version: int) -> Reminder:
    """Write it differently. A published one stays as it is until a second officer publishes what takes its place."""
    reminder = _opened(reminder_id, version)
    if reminder.state is ReminderState.PUBLISHED:
        _permit_all(reminder, actor)
        if queries.waiting_successor(reminder.id) is not None:
            raise Conflict("reminder_successor_waits")
        return draft(written, actor, now, reminder.figures, reminder)
    step = STEPS.check(reminder.state, "edit", actor, queries.scope_of(reminder_id))
    _permit_all(reminder, actor)
    shops, old = check(written, actor, now), facts(reminder)
    before, reminder.state = reminder.state, step.target
    _write(reminder, written, shops, actor, now)
    reminder.proposed_by_id = reminder.proposed_at = None
    reminder.decided_by_id = reminder.decided_at = reminder.decision_reason = None
    _flush()
    _record(reminder, "edit", actor, now, before=before, old=old)
    return reminder


def act(reminder_id: int, action: str, reason: str, actor: Actor, now: datetime, version: int) -> Reminder:
    """Take one of ACTIONS. Publishing and refusing are for somebody who neither wrote nor proposed it.

    Raises Conflict (also when another officer was first), Forbidden, Invalid (``reason``, and a term that has passed).
    """
    if action not in ACTIONS:
        raise StepRefused("step_refused", lifecycle=STEPS.name, action=action)
    reminder = _opened(reminder_id, version)
    step = STEPS.check(reminder.state, action, actor, queries.scope_of(reminder_id), reason)
    _permit_all(reminder, actor)
    check_length(reason, REASON_LONGEST, "reason")
    _check_person(reminder, action, actor)
    today = clock.day_of(now)
    if action in {"propose", "publish"}:
        check_term(reminder.term_until, today, longest_term(reminder.kind, today))
        _check_finished(reminder)
    before, reminder.state = reminder.state, step.target
    _sign(reminder, action, reason.strip() or None, actor, now)
    _flush()
    _record(reminder, action, actor, now, before=before, reason=reason.strip() or None)
    if action == "publish" and reminder.replaces is not None:
        _end(reminder.replaces, "replace", None, actor, now)
    if action in {"publish", "withdraw"}:
        _tell(reminder, action, actor, now)
    return reminder


def expire_ended(now: datetime) -> int:
    """End every published one whose last day has passed; returns how many. Pages hide them from that day anyway."""
    due = queries.ended_terms(clock.day_of(now))
    for reminder in due:
        _end(reminder, "expire", None, SYSTEM, now)
    return len(due)


def _end(reminder: Reminder, action: str, reason: str | None, actor: Actor, now: datetime) -> None:
    if action == "replace" and reminder.state is not ReminderState.PUBLISHED:
        return  # it ended while its successor was being written
    step = STEPS.check(reminder.state, action, actor, queries.scope_of(reminder.id), reason)
    before, reminder.state = reminder.state, step.target
    reminder.ended_at, reminder.ended_reason = now, reason
    _flush()
    _record(reminder, action, actor, now, before=before, reason=reason)
    _tell(reminder, action, actor, now)


def _check_person(reminder: Reminder, action: str, actor: Actor) -> None:
    if action in SECOND_PERSON and not second_person(
        actor.account_id, reminder.written_by_id, reminder.proposed_by_id
    ):
        raise Forbidden("two_people_needed")
    if action == "take_back" and actor.account_id != reminder.proposed_by_id:
        raise Forbidden("only_proposer")


def _check_finished(reminder: Reminder) -> None:
    """What a draft made of a hot spot leaves for the officer to write is not for the public."""
    if label("reminder.placeholder") in reminder.body:
        raise Invalid("reminder_unfinished", field="body")


def _sign(reminder: Reminder, action: str, reason: str | None, actor: Actor, now: datetime) -> None:
    """Who did it, and when."""
    if action == "propose":
        reminder.proposed_by_id, reminder.proposed_at = actor.account_id, now
    elif action == "take_back":
        reminder.proposed_by_id = reminder.proposed_at = None
    elif action in SECOND_PERSON:
        reminder.decided_by_id, reminder.decided_at, reminder.decision_reason = actor.account_id, now, reason
        if action == "publish":
            reminder.published_at = now
    else:  # drop, withdraw
        reminder.ended_at, reminder.ended_reason = now, reason


def _permit_all(reminder: Reminder, actor: Actor) -> None:
    """Nobody decides on a shop from which they must stand aside, however many are named beside it."""
    if any(actor.must_stand_aside(Scope(operator_id=shop.operator_id)) for shop in reminder.shops):
        raise Forbidden("must_stand_aside")


def _opened(reminder_id: int, version: int) -> Reminder:
    reminder = queries.get(reminder_id)
    if reminder.version != version:
        raise Conflict("changed_meanwhile")
    return reminder


def _flush() -> None:
    """Flush; whoever is second stops here with a plain answer instead of a broken database rule."""
    try:
        db.session.flush()
    except StaleDataError as error:
        raise Conflict("changed_meanwhile") from error
    except IntegrityError as error:
        raise Conflict("reminder_successor_waits") from error


def _write(reminder: Reminder, written: Draft, shops: list[Shop], actor: Actor, now: datetime) -> None:
    kept = {row.shop_id: row for row in reminder.named}  # first: reading would write what has changed by then
    reminder.kind, reminder.title, reminder.body = written.kind, written.title.strip(), written.body.strip()
    reminder.ground = written.ground
    if written.term_until is not None:  # `check` has seen to that
        reminder.term_until = written.term_until
    reminder.region_code = common_region(shop.region_code for shop in shops) if shops else written.region_code
    reminder.category = None if shops else written.category
    reminder.industry_code = None if shops else written.industry_code
    reminder.named = [kept.get(shop.id) or ReminderShop(shop=shop, shop_id=shop.id) for shop in shops]
    reminder.written_by_id, reminder.written_at = actor.account_id, now


def facts(reminder: Reminder) -> dict[str, Any]:
    """What it says and whom it is for, as the audit trail keeps it."""
    names = ("title", "body", "region_code", "category", "industry_code", "ground")
    return (
        {"kind": reminder.kind.value}
        | {name: getattr(reminder, name) for name in names}
        | {"term_until": reminder.term_until.isoformat(), "shops": sorted(shop.id for shop in reminder.shops)}
    )


def _record(
    reminder: Reminder,
    action: str,
    actor: Actor,
    now: datetime,
    *,
    before: ReminderState | None,
    old: dict[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    audit.record(
        actor,
        f"reminder.{action}",
        "reminder",
        reminder.id,
        now=now,
        old=None if before is None else {**(old or {}), "state": before.value},
        new=facts(reminder) | {"state": reminder.state.value},
        reason_code=reminder.ground,
        reason=reason,
    )


def _tell(reminder: Reminder, action: str, actor: Actor, now: datetime) -> None:
    """The public sees something else now: on every page, or on those of the shops that it names."""
    for row in reminder.named:
        audit.record(
            actor,
            f"reminder_shop.{'name' if action == 'publish' else 'end'}",
            "reminder_shop",
            row.id,
            now=now,
            shop_id=row.shop_id,
            new={"kind": reminder.kind.value, "reminder": reminder.id},
            reason_code=reminder.ground,
        )
    concerned: list[int | None] = [row.shop_id for row in reminder.named]
    for shop_id in concerned or [None]:
        feed.publish(f"reminder.{action}", now=now, shop_id=shop_id, reminder_id=reminder.id)
