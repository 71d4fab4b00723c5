"""Malls and shopping streets (商圈、商场), and the tighter time that they and industries give for a first answer.

The time is a dated policy value under ``complaint.first_answer_hours/mall:<id>`` or ``…/industry:<code>``. It begins
on a day to come, so that everybody knows it first; a complaint keeps what was promised on the day of its receipt; and
it is never looser than the city's (checked here when it is entered, and by `clocks.laws` when it is read).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from webapp import audit
from webapp.clocks import laws
from webapp.clocks import queries as clocks
from webapp.clocks.laws import Kind, Unit
from webapp.core import clock
from webapp.core.actor import Actor, Post, Role, Scope
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.core.policy import PolicyValue
from webapp.core.steps import permit
from webapp.feed import publish
from webapp.regions import queries as regions

from .models import Mall, MallTenant, Shop
from .queries import get_shop

KEY = laws.KEYS[Kind.FIRST_ANSWER]
SUBJECT = "mall"
KEEPERS = frozenset({Role.BUREAU_OFFICER})
NAME_MAX, ADDRESS_MAX, SOURCE_MAX = 80, 200, 200


@dataclass(frozen=True)
class AnswerTime:
    """How many hours a shop has for its first answer, and why: `why` is mall, industry or city."""

    hours: int
    why: str
    mall: str = ""
    source: str = ""


# --- reading ----------------------------------------------------------------------------------------------------------


def get(mall_id: int) -> Mall:
    """The mall; raises NotFound."""
    found = db.session.get(Mall, mall_id)
    if found is None:
        raise NotFound("no_such_thing")
    return found


def scope_of(mall_id: int, **_rest: object) -> Scope:
    """For access rules: where the mall lies."""
    return Scope(region_code=get(mall_id).region_code)


def listed(posts: tuple[Post, ...]) -> sa.Select[tuple[Mall]]:
    """Malls within reach, those at work first, by name, for paging."""
    reach = sa.or_(sa.false(), *(Mall.region_code.startswith(post.region_code) for post in posts))
    return sa.select(Mall).where(reach).order_by(Mall.closed_at.is_not(None), Mall.region_code, Mall.name)


def shops_in(mall_id: int) -> sa.Select[tuple[Shop]]:
    """The shops of a mall, for paging."""
    return sa.select(Shop).join(MallTenant).where(MallTenant.mall_id == mall_id).order_by(Shop.name, Shop.id)


def counts(mall_ids: list[int]) -> dict[int, int]:
    """How many shops each of these malls has."""
    statement = sa.select(MallTenant.mall_id, sa.func.count()).where(MallTenant.mall_id.in_(mall_ids))
    return dict(db.session.execute(statement.group_by(MallTenant.mall_id)).tuples().all())


def mall_of(shop_id: int) -> Mall | None:
    """The mall in which the shop lies, or None."""
    return db.session.scalar(sa.select(Mall).join(MallTenant).where(MallTenant.shop_id == shop_id))


def places(shop: Shop) -> tuple[str, ...]:
    """Where the shop lies, for periods of its own (`clocks.laws.places`)."""
    mall = mall_of(shop.id)
    return laws.places(mall=str(mall.id) if mall is not None else None, industry=shop.industry_code)


def answer_time(shop: Shop, on: date) -> AnswerTime:
    """How long the shop has for the first answer to what is received on that day, and who says so."""
    term = clocks.law_table().term(Kind.FIRST_ANSWER, on, places(shop))
    mall = mall_of(shop.id)
    name = mall.name if mall is not None and term.place.startswith("mall") else ""
    return AnswerTime(term.value, term.place.partition(":")[0] or "city", name, term.source)


def times_of(place: str) -> list[PolicyValue]:
    """Everything that was ever set for ``mall:<id>`` or ``industry:<code>``, the newest first."""
    statement = sa.select(PolicyValue).where(PolicyValue.key == f"{KEY}/{place}")
    return list(db.session.scalars(statement.order_by(PolicyValue.in_force_from.desc())))


def in_force(place: str, on: date) -> PolicyValue | None:
    """The time of that place on a day, or None: then the city's holds."""
    return next((row for row in times_of(place) if row.in_force_from <= on), None)


def city_hours(on: date) -> int:
    """The city's own time for everybody, in hours."""
    return clocks.law_table().term(Kind.FIRST_ANSWER, on).value


# --- writing ----------------------------------------------------------------------------------------------------------


def enter(name: str, region_code: str, address: str, actor: Actor, now: datetime) -> Mall:
    """Enter a mall. Raises Invalid with the field, Forbidden outside one's region."""
    facts = _checked(name, region_code, address)
    permit(actor, KEEPERS, Scope(region_code=facts[1]))
    same = db.session.scalar(sa.select(Mall).where(Mall.name == facts[0], Mall.region_code == facts[1]))
    if same is not None and same.closed_at is None and same.address == facts[2]:
        return same  # the form was sent twice
    mall = Mall(opened_by_id=actor.account_id or 0, opened_at=now)
    _fill(mall, *facts)
    audit.record(actor, "mall.enter", SUBJECT, mall.id, now=now, new={"name": mall.name})
    return mall


def correct(
    mall_id: int, name: str, region_code: str, address: str, actor: Actor, now: datetime, version: int | None
) -> Mall:
    """Correct name and place. Raises Invalid, Conflict when somebody else was first, Forbidden."""
    mall = _open(mall_id, actor)
    if version is not None and mall.version != version:
        raise Conflict("changed_meanwhile")
    facts, old = _checked(name, region_code, address), _facts(mall)
    permit(actor, KEEPERS, Scope(region_code=facts[1]))
    _fill(mall, *facts)
    new = _facts(mall)
    differ = [fact for fact in old if old[fact] != new[fact]]
    audit.record(actor, "mall.correct", SUBJECT, mall.id, now=now,
        old={fact: old[fact] for fact in differ}, new={fact: new[fact] for fact in differ})  # fmt: skip
    return mall


def close(mall_id: int, actor: Actor, now: datetime) -> None:
    """The mall is no more: its shops have the city's time again for what is received from now on."""
    mall = _open(mall_id, actor)
    mall.closed_at = now
    shops = [shop.id for shop in db.session.scalars(shops_in(mall_id))]
    for shop_id in shops:
        publish("mall.left", now=now, shop_id=shop_id)  # its page names the service station of the mall
    db.session.execute(sa.delete(MallTenant).where(MallTenant.mall_id == mall_id))
    db.session.flush()
    audit.record(
        actor,
        "mall.close",
        SUBJECT,
        mall_id,
        now=now,
        old={"shops": shops},
        new={"name": mall.name, "shops": []},
    )


def add_shop(mall_id: int, shop_id: int, actor: Actor, now: datetime) -> Shop:
    """The shop lies in the mall. Raises Invalid (``mall_shop_unknown``, ``mall_shop_elsewhere``), Conflict."""
    mall = _open(mall_id, actor)
    try:
        shop = get_shop(shop_id)
    except NotFound:
        raise Invalid("mall_shop_unknown", field="shop") from None
    if shop.region_code[:6] != mall.region_code[:6]:
        raise Invalid("mall_shop_elsewhere", field="shop")
    permit(actor, KEEPERS, shop.scope)
    known = mall_of(shop_id)
    if known is not None and known.id != mall_id:
        raise Conflict("mall_shop_in_another", field="shop", mall=known.name)
    if known is None:
        _let_in(mall_id, shop_id, actor, now)
        publish("mall.entered", now=now, shop_id=shop_id)
        audit.record(
            actor, "mall.add_shop", SUBJECT, mall_id, now=now, shop_id=shop_id, new={"mall": mall.name}
        )
    return shop


def remove_shop(mall_id: int, shop_id: int, actor: Actor, now: datetime) -> None:
    """The shop has left the mall; nothing happens when it has already."""
    mall = _open(mall_id, actor)
    row = db.session.get(MallTenant, shop_id)
    if row is None or row.mall_id != mall_id:
        return
    permit(actor, KEEPERS, get_shop(shop_id).scope)
    db.session.delete(row)
    db.session.flush()
    publish("mall.left", now=now, shop_id=shop_id)
    audit.record(
        actor, "mall.remove_shop", SUBJECT, mall_id, now=now, shop_id=shop_id, old={"mall": mall.name}
    )


def set_mall_time(
    mall_id: int, hours: int | None, begins: date | None, source: str, actor: Actor, now: datetime
) -> PolicyValue:
    """A mall's time from a day to come. Raises Invalid with the field."""
    mall = _open(mall_id, actor)
    row, old = _set_time(f"mall:{mall_id}", hours, begins, source, now)
    said = {"hours": row.value, "from": row.in_force_from.isoformat(), "name": mall.name}
    audit.record(
        actor, "mall.time", SUBJECT, mall_id, now=now, old={"hours": old}, new=said, reason=row.source
    )
    return row


def set_industry_time(
    code: str, hours: int | None, begins: date | None, source: str, actor: Actor, now: datetime
) -> PolicyValue:
    """An industry's time in the whole city from a day to come. Raises Invalid with the field."""
    permit(actor, frozenset({Role.ADMINISTRATOR}), None)
    industry = regions.find_industry(code)
    if industry is None:
        raise Invalid("choose_industry", field="industry")
    row, old = _set_time(f"industry:{code}", hours, begins, source, now)
    said = {"hours": row.value, "from": row.in_force_from.isoformat(), "name": industry.name}
    audit.record(
        actor,
        "mall.industry_time",
        "policy_value",
        row.id,
        now=now,
        old={"hours": old},
        new=said,
        reason=row.source,
    )
    return row


def _set_time(
    place: str, hours: int | None, begins: date | None, source: str, now: datetime
) -> tuple[PolicyValue, str]:
    """The row, and the hours that would have held on that day without it."""
    if begins is None or begins <= clock.day_of(now):
        raise Invalid("mall_from_tomorrow", field="begins")
    most = city_hours(begins)
    if hours is None or not 1 <= hours <= most:
        raise Invalid("mall_hours", field="hours", most=most)
    source = source.strip()
    if not source or len(source) > SOURCE_MAX:
        raise Invalid("mall_source", field="source", most=SOURCE_MAX)
    key = f"{KEY}/{place}"
    latest = sa.select(PolicyValue).where(PolicyValue.key == key, PolicyValue.in_force_from <= begins)
    held = db.session.scalar(latest.order_by(PolicyValue.in_force_from.desc()).limit(1))
    old = str(most) if held is None else held.value
    row = held if held is not None and held.in_force_from == begins else None
    if row is None:
        row = PolicyValue(key=key, unit=Unit.HOURS.value, in_force_from=begins)
    row.value, row.source = str(hours), source  # what has not begun may still be corrected
    db.session.add(row)
    db.session.flush()
    return row, old


def _checked(name: str, region_code: str, address: str) -> tuple[str, str, str]:
    name, address = name.strip(), address.strip()
    if not name or len(name) > NAME_MAX:
        raise Invalid("mall_name", field="name", most=NAME_MAX)
    if len(address) > ADDRESS_MAX:
        raise Invalid("text_too_long", field="address", most=ADDRESS_MAX)
    if region_code not in {county.code for county in regions.all_counties()}:
        raise Invalid("mall_region", field="region_code")
    return name, region_code, address


def _facts(mall: Mall) -> dict[str, str]:
    return {"name": mall.name, "region_code": mall.region_code, "address": mall.address}


def _fill(mall: Mall, name: str, region_code: str, address: str) -> None:
    try:
        with db.session.begin_nested():
            mall.name, mall.region_code, mall.address = name, region_code, address
            db.session.add(mall)
    except IntegrityError:
        raise Invalid("mall_name_taken", field="name") from None


def _let_in(mall_id: int, shop_id: int, actor: Actor, now: datetime) -> None:
    try:
        with db.session.begin_nested():
            db.session.add(
                MallTenant(shop_id=shop_id, mall_id=mall_id, since=now, by_id=actor.account_id or 0)
            )
    except IntegrityError:
        raise Conflict("changed_meanwhile") from None  # two officers at once


def _open(mall_id: int, actor: Actor) -> Mall:
    mall = get(mall_id)
    permit(actor, KEEPERS, Scope(region_code=mall.region_code))
    if mall.closed_at is not None:
        raise Conflict("mall_closed")
    return mall
