"""Talks, orders to correct and a reminder that waits, by the real operations."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core import clock
from webapp.core.db import db
from webapp.demo import words
from webapp.honours.models import Honour
from webapp.listings.models import Listing
from webapp.merchants.models import OperatorMember, Shop
from webapp.oversight import orders, talks
from webapp.oversight.models import Correction, Talk
from webapp.oversight.orders import Order
from webapp.oversight.rules import Source
from webapp.oversight.talks import Invitation
from webapp.reminders import operations as reminders
from webapp.reminders.rules import ReminderKind

from .people_writer import People

SHOPS = 4
_TEN = timedelta(hours=10)


def oversee(people: People, now: datetime) -> int:
    """One order runs, one is overdue, one waits for the second officer; one talk was held, the demo's merchant is
    invited to another; a reminder waits. Returns how many talks and orders there are.
    """
    said = words.phrases()
    shops = _shops(SHOPS)
    if len(shops) < SHOPS:
        return 0
    runs, late, waits, held = shops
    made = [
        _order(runs, said, people, now - timedelta(days=4)),
        _order(late, said, people, now - timedelta(days=25)),
        orders.propose(waits.id, _ordered(said), people.station, now),
        _held(held, said, people, now - timedelta(days=20)),
    ]
    own = _own_shop(people)
    if own is not None:
        made.append(_invited(own, said, people, now, now + timedelta(days=7)))
    _reminder(said, people, now)
    return len(made)


def _shops(count: int) -> list[Shop]:
    """The newest shops with an active code, on no list, with no honour, of no merchant who signs in here."""
    statement = (
        sa.select(Shop)
        .join(TrustCode, TrustCode.shop_id == Shop.id)
        .where(
            TrustCode.state == CodeState.ACTIVE,
            ~sa.exists().where(OperatorMember.operator_id == Shop.operator_id),
            ~sa.exists().where(Listing.shop_id == Shop.id),
            ~sa.exists().where(Honour.shop_id == Shop.id),
        )
    )
    return list(db.session.scalars(statement.order_by(Shop.id.desc()).limit(count)))


def _own_shop(people: People) -> Shop | None:
    """The newest shop of the merchant who signs in here."""
    mine = sa.select(OperatorMember.operator_id).where(OperatorMember.account_id == people.owner_id)
    statement = sa.select(Shop).where(Shop.operator_id.in_(mine)).order_by(Shop.id.desc())
    return db.session.scalars(statement.limit(1)).first()


def _told(said: dict[str, str]) -> dict[str, Any]:
    return {"source": Source.INSPECTION, "source_ref": said["oversight_record"]}


def _ordered(said: dict[str, str]) -> Order:
    return Order(
        **_told(said),
        ground="price_not_marked",
        facts=said["oversight_facts"],
        public_summary=said["oversight_summary"],
        demand=said["oversight_demand"],
        days=7,
    )


def _order(shop: Shop, said: dict[str, str], people: People, at: datetime) -> Correction:
    order = orders.propose(shop.id, _ordered(said), people.station, at)
    return orders.decide(order.id, "approve", "", people.bureau, at, order.version)


def _invited(shop: Shop, said: dict[str, str], people: People, at: datetime, day: datetime) -> Talk:
    invitation = Invitation(
        **_told(said),
        ground="complaints_unanswered",
        facts=said["talk_facts"],
        public_summary=said["talk_summary"],
        talk_at=clock.end_of_day(clock.day_of(day)) - timedelta(days=1) + _TEN,
        place=said["talk_place"],
    )
    talk = talks.propose(shop.id, invitation, people.station, at)
    return talks.decide(talk.id, "approve", "", people.bureau, at, talk.version)


def _held(shop: Shop, said: dict[str, str], people: People, at: datetime) -> Talk:
    talk = _invited(shop, said, people, at, at + timedelta(days=7))
    given = (said["talk_attended"], said["talk_minutes"], said["talk_admonition"])
    after = talk.talk_at + timedelta(hours=1)
    return talks.hold(talk.id, *given, people.station, after, talk.version)


def _reminder(said: dict[str, str], people: People, now: datetime) -> None:
    written = reminders.Draft(
        kind=ReminderKind.REMINDER,
        title=said["reminder_title"],
        body=said["reminder_body"],
        region_code="1306",
        ground="season",
        term_until=clock.day_of(now) + timedelta(days=60),
        category="eat",
    )
    made = reminders.draft(written, people.second, now)
    reminders.act(made.id, "propose", "", people.second, now, made.version)
