"""Reading reminders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from webapp.core import clock
from webapp.core.actor import Post, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.merchants.models import Shop
from webapp.merchants.queries import covered, within
from webapp.regions import queries as regions
from webapp.regions.models import Region
from webapp.regions.rules import lineage

from .models import Reminder, ReminderShop
from .rules import ReminderKind, ReminderState

#: On a shop's page the newest few; the whole list is one tap away.
SHOP_MOST = 3

#: What the office's list may be narrowed to.
OPEN = (ReminderState.DRAFT, ReminderState.PROPOSED, ReminderState.REFUSED)


@dataclass(frozen=True)
class Asked:
    """What the public list is narrowed to; empty: everything."""

    region: str = ""
    category: str = ""
    industry: str = ""
    kind: str = ""
    text: str = ""


def get(reminder_id: int) -> Reminder:
    """The reminder in whatever state; raises NotFound."""
    reminder = db.session.get(Reminder, reminder_id)
    if reminder is None:
        raise NotFound("no_such_thing")
    return reminder


def get_public(reminder_id: int) -> Reminder:
    """The reminder if the public may know of it, or might once; raises NotFound for what was never published."""
    reminder = get(reminder_id)
    if reminder.published_at is None:
        raise NotFound("no_such_thing")
    return reminder


def scope_of(reminder_id: int, **_rest: object) -> Scope:
    """For access rules: the region that it is for, and the operator of the shop that it names, if it names one only.

    With several, the operation asks for each of them.
    """
    reminder = get(reminder_id)
    place = scope_of_region(reminder.region_code)
    operators = {shop.operator_id for shop in reminder.shops}
    return Scope(
        place.region_code,
        place.station_id,
        operator_id=next(iter(operators)) if len(operators) == 1 else None,
    )


def scope_of_region(code: str) -> Scope:
    """A region as a scope; a street with the station that serves it."""
    region = regions.find(code)
    return Scope(code, None if region is None else region.station_id)


def successor_of(reminder_id: int) -> Reminder | None:
    """The published one that took its place, through all later versions, or None."""
    found: Reminder | None = None
    wanted = reminder_id
    while True:
        statement = sa.select(Reminder).where(
            Reminder.replaces_id == wanted, Reminder.published_at.is_not(None)
        )
        newer = db.session.scalar(statement.order_by(Reminder.id.desc()).limit(1))
        if newer is None:
            return found
        found, wanted = newer, newer.id


def waiting_successor(reminder_id: int) -> Reminder | None:
    """The version that somebody is writing to take its place, or None."""
    return db.session.scalar(
        sa.select(Reminder).where(Reminder.replaces_id == reminder_id, Reminder.state.in_(OPEN))
    )


def for_shop(shop: Shop, today: date, limit: int = SHOP_MOST) -> list[Reminder]:
    """What the shop's page shows: about this shop first, then for its region and trade; warnings before hints.

    The same as rules.concerns, for the database.
    """
    about = Reminder.id.in_(sa.select(ReminderShop.reminder_id).where(ReminderShop.shop_id == shop.id))
    everybody = sa.and_(
        ~_names_shops(),
        Reminder.region_code.in_(lineage(shop.region_code)),
        _none_or(Reminder.category, shop.category.value if shop.category else None),
        _none_or(Reminder.industry_code, shop.industry_code),
    )
    statement = (
        sa.select(Reminder)
        .where(sa.or_(about, everybody), *_shown(today))
        .order_by(
            sa.case((about, 0), else_=1),
            sa.case((Reminder.kind == ReminderKind.WARNING, 0), else_=1),
            Reminder.published_at.desc(),
            Reminder.id.desc(),
        )
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def newest(today: date, limit: int = 3, region: str = "") -> list[Reminder]:
    """The newest ones for everybody (not about named shops), in the city or for one region."""
    statement = public_list(today, Asked(region=region)).where(~_names_shops())
    return list(db.session.scalars(statement.limit(limit)))


def public_list(today: date, asked: Asked = Asked()) -> sa.Select[tuple[Reminder]]:
    """The public list, newest first, for paging. A region shows also what is for the whole city, and the like."""
    conditions = _shown(today)
    if asked.region:
        below = Reminder.region_code.startswith(asked.region, autoescape=True)
        conditions.append(sa.or_(Reminder.region_code.in_(lineage(asked.region)), below))
    if asked.category:
        named = _names_shops(Shop.category == asked.category)
        conditions.append(
            sa.or_(sa.and_(~_names_shops(), _none_or(Reminder.category, asked.category)), named)
        )
    if asked.industry:
        named = _names_shops(Shop.industry_code == asked.industry)
        conditions.append(
            sa.or_(sa.and_(~_names_shops(), _none_or(Reminder.industry_code, asked.industry)), named)
        )
    if asked.kind:
        conditions.append(Reminder.kind == asked.kind)
    if asked.text:
        matches = [column.contains(asked.text, autoescape=True) for column in (Reminder.title, Reminder.body)]
        conditions.append(sa.or_(*matches, _names_shops(Shop.name.contains(asked.text, autoescape=True))))
    return (
        sa.select(Reminder)
        .where(*conditions)
        .options(selectinload(Reminder.named))
        .order_by(Reminder.published_at.desc(), Reminder.id.desc())
    )


def office_list(posts: tuple[Post, ...], *, state: str = "") -> sa.Select[tuple[Reminder]]:
    """Reminders for regions within reach, newest first, for paging. `state`: one; empty: what waits and stands."""
    statement = _reached(posts).options(selectinload(Reminder.named))
    if state in set(ReminderState):
        statement = statement.where(Reminder.state == state)
    elif not state:
        statement = statement.where(Reminder.state.in_((*OPEN, ReminderState.PUBLISHED)))
    return statement.order_by(Reminder.written_at.desc(), Reminder.id.desc())


def waiting_count(posts: tuple[Post, ...], account_id: int | None) -> int:
    """How many wait for a second officer and were neither written nor proposed by this one."""
    mine = [
        sa.or_(column.is_(None), column != account_id)
        for column in (Reminder.written_by_id, Reminder.proposed_by_id)
    ]
    found = _reached(posts).where(Reminder.state == ReminderState.PROPOSED, *mine).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(found)) or 0


def ended_terms(today: date) -> list[Reminder]:
    """Published ones whose last day has passed."""
    over = (Reminder.state == ReminderState.PUBLISHED, Reminder.term_until < today)
    return list(db.session.scalars(sa.select(Reminder).where(*over).order_by(Reminder.id)))


def shops_named(posts: tuple[Post, ...], text: str, limit: int = 20) -> list[Shop]:
    """Shops within reach by number, or by a part of name, branch or address, for choosing one."""
    matches = [column.contains(text, autoescape=True) for column in (Shop.name, Shop.branch, Shop.address)]
    if text.isascii() and text.isdigit() and len(text) <= 10:
        matches.append(Shop.id == int(text))
    statement = sa.select(Shop).where(within(posts), sa.or_(*matches)).order_by(Shop.id).limit(limit)
    return list(db.session.scalars(statement))


def _reached(posts: tuple[Post, ...]) -> sa.Select[tuple[Reminder]]:
    reach = covered(posts, Reminder.region_code, Region.station_id, sa.null())
    return sa.select(Reminder).outerjoin(Region, Region.code == Reminder.region_code).where(reach)


def _names_shops(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Does it name a shop (of which these hold)?"""
    rows = sa.select(ReminderShop.id).where(ReminderShop.reminder_id == Reminder.id)
    if conditions:
        rows = rows.join(Shop, Shop.id == ReminderShop.shop_id).where(*conditions)
    return rows.exists()


def _none_or(column: sa.orm.InstrumentedAttribute[str | None], value: str | None) -> sa.ColumnElement[bool]:
    return column.is_(None) if value is None else sa.or_(column.is_(None), column == value)


def _shown(today: date) -> list[sa.ColumnElement[bool]]:
    return [
        Reminder.state == ReminderState.PUBLISHED,
        Reminder.published_at < clock.end_of_day(today),
        Reminder.term_until >= today,
    ]
