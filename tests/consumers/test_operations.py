"""Accounts on both databases: joined once, linked, merged, emptied, tidied; shops and ratings kept together."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories.complaints import make_complaint, make_shop_with_policy
from tests.factories.consumers import APP, make_consumer
from tests.factories.merchants import NOW
from tests.factories.ratings import make_rating, marks
from webapp.audit.models import AuditEvent
from webapp.consumers import operations, queries
from webapp.consumers.models import Consumer, ConsumerRating, ConsumerSession, ConsumerShop
from webapp.consumers.rules import Kept, Link, Way
from webapp.core import clock
from webapp.core.db import db
from webapp.core.errors import Conflict
from webapp.merchants.scanning import EndedComplaint
from webapp.ratings import operations as ratings
from webapp.ratings.models import Origin, Rating

PHONE = "+8613987654321"
SECONDS = int(NOW.timestamp())


def key(openid: str) -> str:
    return queries.wechat_key(APP, openid)


def actions() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.id)))


def count(model: type) -> int:
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0)


def test_a_life(app_on: Flask) -> None:
    with app_on.app_context(), clock.use(NOW):
        shop = make_shop_with_policy()
        me = make_consumer(PHONE)
        again, is_new = operations.enter(Way.PHONE, queries.phone_key(PHONE), PHONE, NOW)
        assert (again.id, is_new) == (me.id, False)
        assert db.session.execute(sa.text("select phone from consumer")).scalar_one() != PHONE.encode()

        # WeChat was used before, alone: its shops and ratings come along when it is linked.
        other = make_consumer(None, "oLi")
        operations.sync(other, {5: Kept("乙", "", SECONDS), 6: Kept("丙", "", SECONDS, gone=True)}, NOW)
        operations.sync(me, {5: Kept("甲", "", SECONDS - 9), 7: Kept("丁", "", SECONDS)}, NOW)
        rated = make_rating(shop, 4, device="my-own-device-mark-xx")
        assert operations.claim(other, "my-own-device-mark-xx", NOW) == 1
        token = operations.begin(other, "wechat android", NOW)
        assert operations.link(me, Way.WECHAT, key("oLi"), None, NOW) is Link.MERGE
        db.session.commit()
        assert count(Consumer) == 1
        found = queries.of_token(token, NOW)
        assert found is not None
        assert found[0].id == me.id
        assert {n: (k.name, k.gone) for n, k in queries.kept_shops(me.id).items()} == {
            5: ("乙", False),
            6: ("丙", True),
            7: ("丁", False),
        }
        assert [one.id for one in db.session.scalars(queries.ratings_of(me, None, NOW))] == [rated.id]
        assert operations.link(me, Way.WECHAT, key("oLi"), None, NOW) is Link.ALREADY

        # Another WeChat is refused until the first is off; then the last way in stays.
        with pytest.raises(Conflict, match="consumer_has_another"):
            operations.link(me, Way.WECHAT, key("oWang"), None, NOW)
        operations.unlink(me, Way.PHONE, NOW)
        assert (me.phone, me.phone_hash) == (None, None)
        with pytest.raises(Conflict, match="consumer_last_way"):
            operations.unlink(me, Way.WECHAT, NOW)

        operations.erase(me, operations.CONSUMER, NOW)
        db.session.commit()
        assert [count(model) for model in (Consumer, ConsumerSession, ConsumerShop, ConsumerRating)] == [
            0
        ] * 4
        assert count(Rating) == 1, "the rating stays, anonymous as before"
        assert [one for one in actions() if one.startswith("consumer.")] == [
            *["consumer.join"] * 2,
            "consumer.merge",
            "consumer.link",
            "consumer.unlink",
            "consumer.erase",
        ]
        trail = " ".join(str(row) for row in db.session.execute(sa.text("select * from audit_event")).all())
        assert "3987654321" not in trail
        assert "oLi" not in trail


def test_two_full_accounts_are_not_mixed(app_on: Flask) -> None:
    with app_on.app_context(), clock.use(NOW):
        full, mine = make_consumer(PHONE, "oLi"), make_consumer("+8613900000001")
        with pytest.raises(Conflict, match="consumer_taken"):
            operations.link(mine, Way.WECHAT, key("oLi"), None, NOW)
        assert {full.wechat_hash, mine.wechat_hash} == {key("oLi"), None}


def test_the_database_wants_a_way_in(app_on: Flask) -> None:
    with app_on.app_context():
        db.session.add(Consumer(created_at=NOW, seen_at=NOW))
        with pytest.raises(sa.exc.IntegrityError):
            db.session.flush()
        db.session.rollback()


def test_ratings_are_found_by_the_device_and_by_the_phones_complaints_and_belong_to_one(
    app_on: Flask,
) -> None:
    with app_on.app_context(), clock.use(NOW):
        shop, second = make_shop_with_policy(), make_shop_with_policy("别家")
        mine = make_rating(shop, 5, device="device-of-mine-000000")
        make_rating(second, 1, device="device-of-a-stranger-0")
        complaint = make_complaint(second, contact_phone=PHONE)
        ended = EndedComplaint(second.id, complaint.id, complaint.number, complaint.contact_phone_hash)
        who = ratings.raters("another-phone-00000000", second.id, NOW, ended)
        settled, _new = ratings.rate(second.id, marks(2), "", Origin.COMPLAINT, who, NOW)
        me = make_consumer(PHONE)

        def shown(device: str | None) -> set[int]:
            return {one.id for one in db.session.scalars(queries.ratings_of(me, device, NOW))}

        assert shown("device-of-mine-000000") == {mine.id, settled.id}
        assert shown(None) == {settled.id}
        assert operations.claim(me, "device-of-mine-000000", NOW) == 2
        assert operations.claim(me, "device-of-mine-000000", NOW) == 0
        assert shown(None) == {mine.id, settled.id}
        # The next person who signs in on this device does not get them.
        family = make_consumer("+8613900000002")
        assert operations.claim(family, "device-of-mine-000000", NOW) == 0
        assert list(db.session.scalars(queries.ratings_of(family, "device-of-mine-000000", NOW))) == []
        # The mark of the device is erased after its term; what is in the account stays there.
        ratings.forget_marks(NOW + timedelta(days=400))
        assert shown(None) == {mine.id, settled.id}


def test_sessions_end_and_idle_accounts_go_by_themselves(app_on: Flask) -> None:
    with app_on.app_context(), clock.use(NOW):
        make_shop_with_policy()
        idle, used = make_consumer(), make_consumer()
        token = operations.begin(idle, "chrome android", NOW)
        assert queries.of_token(token, NOW + timedelta(days=89)) is not None
        assert queries.of_token(token, NOW + timedelta(days=91)) is None
        used.seen_at = NOW + timedelta(days=600)
        db.session.commit()
        assert operations.tidy(NOW + timedelta(days=100)) == 1
        assert operations.tidy(NOW + timedelta(days=800)) == 1
        assert [one.id for one in db.session.scalars(sa.select(Consumer))] == [used.id]
        assert operations.tidy(NOW + timedelta(days=800)) == 0


def test_cases_come_in_pages_newest_first(app_on: Flask) -> None:
    with app_on.app_context(), clock.use(NOW):
        shop = make_shop_with_policy()
        numbers = [
            make_complaint(shop, NOW + timedelta(minutes=n), contact_phone=PHONE).number for n in range(5)
        ]
        make_complaint(shop, contact_phone="+8613900000003")
        phone = queries.phone_key(PHONE)
        pages = [[one.number for one in queries.cases_page(phone, page, 2)[0]] for page in (1, 2, 3, 4)]
        assert pages == [numbers[4:2:-1], numbers[2:0:-1], numbers[:1], numbers[:1]]
        assert queries.cases_page(phone, 1, 2)[2] == 5
