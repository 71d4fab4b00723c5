"""A small city with one of everything that the interface tells, and with private facts planted all around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from flask import Flask

from tests.factories import complaints as make
from tests.factories import oversight as deeds
from tests.factories.complaints import NAME, PHONE
from tests.factories.honours import make_honour
from tests.factories.listings import People, make_listing, make_people
from tests.factories.mediation import make_body, make_mediator
from tests.factories.merchants import NOW
from tests.factories.regions import make_street
from tests.factories.reminders import make_reminder
from tests.factories.shopfront import make_vouched, suspend
from webapp.core.actor import CONSUMER, Actor, Role
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.disclosure import opendata, operations, queries
from webapp.disclosure.operations import Texts
from webapp.honours.models import ReturnChain
from webapp.honours.rules import HonourKind
from webapp.listings.rules import Colour
from webapp.mediation.rules import MediatorKind
from webapp.merchants.models import Shop
from webapp.oversight import talks
from webapp.regions.models import Station
from webapp.reminders.rules import ReminderKind

#: Nobody may read these in open data: a mobile number of each kind of body, names of people, a shop's own phone.
CONTACT, BODY_MOBILE, STATION_MOBILE = "诸葛联络", "13712340987", "13612347654"
ATTENDED = "欧阳到场"
STATION_CONTACT, SHOP_PHONE, STORY = "端木所员", "+8613800138000", "秘密的经过七四一"
PRIVATE = (
    ATTENDED,
    CONTACT,
    BODY_MOBILE,
    STATION_MOBILE,
    STATION_CONTACT,
    SHOP_PHONE[3:],
    STORY,
    NAME,
    PHONE[3:],
    "王建国",
)
LATER = NOW + timedelta(days=7)


@dataclass(frozen=True)
class City:
    """Numbers of what stands in it."""

    good: int
    black: int
    suspended: int
    red_id: int
    black_id: int
    chain_id: int
    people: People
    bureau: Actor


def of(people: People, shop_id: int, owner: int) -> People:
    """The same officers around another shop."""
    return replace(
        people,
        shop=db.session.get_one(Shop, shop_id),
        owner=replace(people.owner, operator_ids=frozenset({owner})),
    )


def disclose(shop: Shop, bureau: Actor, now: datetime = NOW) -> int:
    """A public case of the shop; what the consumer wrote is not in it."""
    complaint = make.make_complaint(shop, now, story=STORY, consent_disclosure=True)
    make.move(complaint, ("answer", make.merchant_actor(shop)), ("confirm_resolved", CONSUMER), now=now)
    draft = queries.of_complaint(complaint.id)
    assert draft is not None
    texts = Texts("少给了三两。", "已经补上。", "")
    return operations.publish(draft.id, texts, bureau, now + timedelta(days=7), draft.version).id


def build() -> City:
    """Everything, committed. Needs an application context."""
    with unit():
        people = make_people("另一家店")
        bureau = make.make_officer(Role.BUREAU_OFFICER, "1306", "局里").actor()
    good = make_vouched(stickers=1, name="=老槐树面馆")
    with unit():
        make_street("130602001", "竞秀区市场监管所")
    black = make_vouched(stickers=1, name="短斤少两铺", region_code="130602001")
    paused = make_vouched(stickers=1, name="暂停茶馆")
    suspend(paused.shop_id)
    with unit():
        mine = of(people, good.shop_id, good.operator_id)
        chain = ReturnChain(
            name="老槐树连锁",
            terms="凭小票",
            region_code="1306",
            created_by_id=bureau.account_id,
            created_at=NOW,
        )
        db.session.add(chain)
        db.session.flush()
        red = make_listing(mine, Colour.RED)
        make_honour(mine)
        make_honour(mine, HonourKind.NO_REASON_RETURN)
        make_honour(mine, HonourKind.CROSS_SHOP_RETURN, chain_id=chain.id)
        bad = replace(of(people, black.shop_id, black.operator_id), **_of_city())
        entry = make_listing(bad)
        make_reminder(people.bureau)
        make_reminder(people.bureau, kind=ReminderKind.WARNING, title="小心缺斤少两")
        body = make_body(
            "=维权站",
            contact=CONTACT,
            phone=BODY_MOBILE,
            address="裕华路1号",
            latitude=38.8,
            longitude=115.4,
            opening_hours={"1": [["09:00", "17:30"]]},
        )
        make_body("网上调解企业", kind=MediatorKind.ODR, phone="0312-1234567")
        make_mediator(body, CONTACT)
        station = db.session.get_one(Station, mine.shop.station_id)
        station.phone, station.contact = STATION_MOBILE, STATION_CONTACT
        disclose(mine.shop, bureau)
        deeds.approve(deeds.make_order(mine.shop, mine.bureau), mine.second)
        talk = deeds.approve(deeds.make_talk(bad.shop, bad.bureau), bad.second)
        talks.hold(talk.id, ATTENDED, "店长说明了情况。", "不得再犯。", bad.bureau, LATER, talk.version)
        opendata.make(LATER)
        return City(good.shop_id, black.shop_id, paused.shop_id, red.id, entry.id, chain.id, mine, bureau)


def _of_city() -> dict[str, Actor]:
    from tests.factories.accounts import make_officer

    def officer(name: str) -> Actor:
        return make_officer(region_code="1306", name=name).actor()

    return {"bureau": officer("周局"), "second": officer("吴局")}


@pytest.fixture
def city(app: Flask, freeze: Callable[[datetime], datetime]) -> City:
    """The city; the clock stands a week after NOW."""
    freeze(LATER)
    with app.app_context():
        return build()
