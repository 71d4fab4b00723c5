"""Reading reminders."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from webapp.core import clock
from webapp.core.actor import Post, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.merchants.models import Shop
from webapp.merchants.queries import within
from webapp.regions.rules import lineage

from .models import Reminder
from .rules import ReminderKind

#: On a shop's page the newest few; the whole list is one tap away.
SHOP_MOST = 3


def get(reminder_id: int) -> Reminder:
    """The reminder, withdrawn or not; raises NotFound."""
    reminder = db.session.get(Reminder, reminder_id)
    if reminder is None:
        raise NotFound("no_such_thing")
    return reminder


def scope_of(reminder_id: int, **_rest: object) -> Scope:
    """For access rules: the region that it is for, and the operator of the one shop that it is for, if any."""
    reminder = get(reminder_id)
    return Scope(
        reminder.region_code, operator_id=None if reminder.shop is None else reminder.shop.operator_id
    )


def for_shop(shop: Shop, today: date, limit: int = SHOP_MOST) -> list[Reminder]:
    """What the shop's page shows: about this shop first, then for its region and trade; warnings before hints.

    The same as rules.concerns, for the database.
    """
    everybody = sa.and_(
        Reminder.shop_id.is_(None),
        Reminder.region_code.in_(lineage(shop.region_code)),
        _none_or(Reminder.category, shop.category.value if shop.category else None),
        _none_or(Reminder.industry_code, shop.industry_code),
    )
    statement = (
        sa.select(Reminder)
        .where(sa.or_(Reminder.shop_id == shop.id, everybody), *_shown(today))
        .order_by(
            sa.case((Reminder.shop_id.is_not(None), 0), else_=1),
            sa.case((Reminder.kind == ReminderKind.WARNING, 0), else_=1),
            Reminder.published_at.desc(),
            Reminder.id.desc(),
        )
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def newest(today: date, limit: int = 3) -> list[Reminder]:
    """The newest ones for everybody (not about one shop)."""
    statement = sa.select(Reminder).where(Reminder.shop_id.is_(None), *_shown(today))
    return list(
        db.session.scalars(statement.order_by(Reminder.published_at.desc(), Reminder.id.desc()).limit(limit))
    )


def public_list(
    today: date, *, region: str = "", category: str = "", industry: str = "", kind: str = ""
) -> sa.Select[tuple[Reminder]]:
    """The public list, newest first, for paging. A `region` shows also what is for the whole city, and the like."""
    conditions = _shown(today)
    if region:
        below = Reminder.region_code.startswith(region, autoescape=True)
        conditions.append(sa.or_(Reminder.region_code.in_(lineage(region)), below))
    if category:
        conditions.append(_none_or(Reminder.category, category))
    if industry:
        conditions.append(_none_or(Reminder.industry_code, industry))
    if kind:
        conditions.append(Reminder.kind == kind)
    return sa.select(Reminder).where(*conditions).order_by(Reminder.published_at.desc(), Reminder.id.desc())


def office_list(posts: tuple[Post, ...], *, state: str = "") -> sa.Select[tuple[Reminder]]:
    """Reminders for regions within reach, newest first, for paging. `state`: published, withdrawn or all."""
    reach = [Reminder.region_code.startswith(post.region_code, autoescape=True) for post in posts]
    statement = sa.select(Reminder).where(sa.or_(*reach) if reach else sa.false())
    if state == "published":
        statement = statement.where(Reminder.withdrawn_at.is_(None))
    elif state == "withdrawn":
        statement = statement.where(Reminder.withdrawn_at.is_not(None))
    return statement.order_by(Reminder.published_at.desc(), Reminder.id.desc())


def shops_named(posts: tuple[Post, ...], text: str, limit: int = 20) -> list[Shop]:
    """Shops within reach by number, or by a part of name, branch or address, for choosing one."""
    matches = [column.contains(text, autoescape=True) for column in (Shop.name, Shop.branch, Shop.address)]
    if text.isascii() and text.isdigit() and len(text) <= 10:
        matches.append(Shop.id == int(text))
    statement = sa.select(Shop).where(within(posts), sa.or_(*matches)).order_by(Shop.id).limit(limit)
    return list(db.session.scalars(statement))


def _none_or(column: sa.orm.InstrumentedAttribute[str | None], value: str | None) -> sa.ColumnElement[bool]:
    return column.is_(None) if value is None else sa.or_(column.is_(None), column == value)


def _shown(today: date) -> list[sa.ColumnElement[bool]]:
    return [Reminder.withdrawn_at.is_(None), Reminder.published_at < clock.end_of_day(today)]
