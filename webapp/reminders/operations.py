"""Publishing, revising and withdrawing reminders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm.exc import StaleDataError

from webapp import audit, feed
from webapp.core.actor import Actor, Role, Scope
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid
from webapp.core.steps import permit
from webapp.merchants.models import Category, Shop
from webapp.merchants.queries import get_shop
from webapp.regions import queries as regions

from . import queries
from .models import Reminder
from .rules import REASON_LONGEST, STEPS, ReminderKind, check_texts

_BUREAU = frozenset({Role.BUREAU_OFFICER})


@dataclass(frozen=True)
class Draft:
    """What an officer wrote. With `shop_id` it is for one shop: its region counts, category and industry do not."""

    kind: ReminderKind
    title: str
    body: str
    region_code: str
    category: str | None = None
    industry_code: str | None = None
    shop_id: int | None = None


def check(draft: Draft, actor: Actor) -> Shop | None:
    """The shop that it is for, if any; also for a preview. Raises Invalid with the field, Forbidden out of reach."""
    check_texts(draft.title, draft.body)
    shop = None if draft.shop_id is None else get_shop(draft.shop_id)
    if shop is None and regions.find(draft.region_code) is None:
        raise Invalid("reminder_region", field="region_code")
    permit(actor, _BUREAU, shop.scope if shop is not None else Scope(draft.region_code), "no_access")
    if draft.category is not None and draft.category not in set(Category):
        raise Invalid("reminder_category", field="category")
    industry = regions.find_industry(draft.industry_code)
    if draft.industry_code is not None and industry is None:
        raise Invalid("reminder_industry", field="industry_code")
    if industry is not None and draft.category not in {None, industry.category}:
        raise Invalid("reminder_industry_category", field="industry_code")
    return shop


def publish(draft: Draft, actor: Actor, now: datetime) -> Reminder:
    """Publish at once. Raises Invalid, Forbidden, NotFound (the shop)."""
    shop = check(draft, actor)
    reminder = Reminder(published_by_id=actor.account_id, published_at=now)
    _write(reminder, draft, shop)
    db.session.add(reminder)
    db.session.flush()
    _record(reminder, "publish", actor, now, old=None)
    return reminder


def revise(reminder_id: int, draft: Draft, actor: Actor, now: datetime, version: int) -> Reminder:
    """Say it differently. The public sees that it was changed and when; the earlier text stays in the audit trail."""
    reminder = _open(reminder_id, version)
    STEPS.check(reminder.state, "revise", actor, queries.scope_of(reminder_id))
    shop = check(draft, actor)
    before, earlier_shop = _facts(reminder), reminder.shop_id
    _write(reminder, draft, shop)
    if _facts(reminder) == before:
        return reminder
    reminder.changed_at = now
    _flush()
    _record(reminder, "revise", actor, now, old=before)
    if reminder.shop_id is not None and earlier_shop != reminder.shop_id:
        feed.publish("reminder.revise", now=now, shop_id=earlier_shop, reminder_id=reminder.id)
    return reminder


def withdraw(reminder_id: int, reason: str, actor: Actor, now: datetime, version: int) -> Reminder:
    """Take it back with a reason; the text is gone from all public pages at once."""
    reminder = _open(reminder_id, version)
    STEPS.check(reminder.state, "withdraw", actor, queries.scope_of(reminder_id), reason)
    if len(reason.strip()) > REASON_LONGEST:
        raise Invalid("reminder_too_long", field="reason", longest=REASON_LONGEST, length=len(reason.strip()))
    reminder.withdrawn_at, reminder.withdrawn_reason = now, reason.strip()
    _flush()
    _record(reminder, "withdraw", actor, now, old=None, reason=reason.strip())
    return reminder


def _open(reminder_id: int, version: int) -> Reminder:
    reminder = queries.get(reminder_id)
    if reminder.version != version:
        raise Conflict("changed_meanwhile")
    return reminder


def _flush() -> None:
    try:
        db.session.flush()
    except StaleDataError as error:
        raise Conflict("changed_meanwhile") from error


def _write(reminder: Reminder, draft: Draft, shop: Shop | None) -> None:
    reminder.kind, reminder.title, reminder.body = draft.kind, draft.title.strip(), draft.body.strip()
    reminder.shop, reminder.shop_id = shop, None if shop is None else shop.id
    reminder.region_code = draft.region_code if shop is None else shop.region_code[:6]
    reminder.category = draft.category if shop is None else None
    reminder.industry_code = draft.industry_code if shop is None else None


def _facts(reminder: Reminder) -> dict[str, object]:
    names = ("title", "body", "region_code", "category", "industry_code", "shop_id")
    return {"kind": reminder.kind.value} | {name: getattr(reminder, name) for name in names}


def _record(
    reminder: Reminder,
    action: str,
    actor: Actor,
    now: datetime,
    *,
    old: dict[str, object] | None,
    reason: str | None = None,
) -> None:
    audit.record(
        actor,
        f"reminder.{action}",
        "reminder",
        reminder.id,
        now=now,
        shop_id=reminder.shop_id,
        old=old,
        new=_facts(reminder) | {"state": reminder.state.value},
        reason=reason,
    )
    feed.publish(f"reminder.{action}", now=now, shop_id=reminder.shop_id, reminder_id=reminder.id)
