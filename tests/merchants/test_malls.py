"""Malls and the time for a first answer: dated, never looser than the city's, fixed at receipt, told to merchants."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import complaints as make
from tests.factories.merchants import NOW
from tests.support.street import HEADER, Street, street
from webapp.accounts.models import Account
from webapp.audit.models import AuditEvent
from webapp.core import clock, policy
from webapp.core.actor import Role
from webapp.core.db import db, may_write
from webapp.core.errors import Conflict, DomainError, Forbidden, Invalid
from webapp.core.policy import PolicyValue
from webapp.merchants import malls
from webapp.merchants.models import Mall, Recusal, Shop

__all__ = ["street"]
TODAY = clock.day_of(NOW)
DAY = timedelta(days=1)
PAPER = "商场公约第三条"


@pytest.fixture
def shop(app_on: Flask) -> Iterator[Shop]:
    token = may_write.set(True)
    with app_on.app_context():
        yield make.make_shop_with_policy()
    may_write.reset(token)


@pytest.fixture
def bureau(shop: Shop) -> Account:
    return make.make_officer(Role.BUREAU_OFFICER, "1306")


@pytest.fixture
def mall(shop: Shop, bureau: Account) -> Mall:
    return malls.enter("万博广场", shop.region_code[:6], "朝阳大街", bureau.actor(), NOW)


def code_of(work: object, *arguments: object) -> str:
    with pytest.raises(DomainError) as caught:
        work(*arguments)  # type: ignore[operator]
    return caught.value.code


def test_a_tenants_complaints_run_on_the_malls_time_from_its_day_and_running_ones_stay(
    shop: Shop, mall: Mall, bureau: Account
) -> None:
    malls.add_shop(mall.id, shop.id, bureau.actor(), NOW)
    malls.set_mall_time(mall.id, 4, TODAY + DAY, PAPER, bureau.actor(), NOW)
    before = make.make_complaint(shop)
    assert before.answer_due_at == NOW + timedelta(hours=24), "not yet begun"
    later = NOW + DAY
    after = make.make_complaint(shop, later)
    assert after.answer_due_at == later + timedelta(hours=4)
    time = malls.answer_time(shop, TODAY + DAY)
    assert (time.hours, time.why, time.mall, time.source) == (4, "mall", "万博广场", PAPER)
    malls.remove_shop(mall.id, shop.id, bureau.actor(), later)
    db.session.refresh(after)
    assert after.answer_due_at == later + timedelta(hours=4), "what was promised stands"
    assert make.make_complaint(shop, later).answer_due_at == later + timedelta(hours=24)
    done = set(db.session.scalars(sa.select(AuditEvent.action).where(AuditEvent.subject_type == "mall")))
    assert done == {"mall.enter", "mall.add_shop", "mall.time", "mall.remove_shop"}


def test_an_industrys_time_holds_where_no_mall_has_its_own(shop: Shop, mall: Mall, bureau: Account) -> None:
    admin = make.make_officer(Role.ADMINISTRATOR, "1306").actor()
    code = shop.industry_code or ""
    with pytest.raises(Forbidden):
        malls.set_industry_time(code, 8, TODAY + DAY, PAPER, bureau.actor(), NOW)
    malls.set_industry_time(code, 8, TODAY + DAY, PAPER, admin, NOW)
    assert malls.answer_time(shop, TODAY).why == "city"
    assert malls.answer_time(shop, TODAY + DAY) == malls.AnswerTime(8, "industry", "", PAPER)
    malls.add_shop(mall.id, shop.id, bureau.actor(), NOW)
    assert malls.answer_time(shop, TODAY + DAY).hours == 8, "a mall without a time of its own"
    malls.set_mall_time(mall.id, 12, TODAY + DAY, PAPER, bureau.actor(), NOW)
    assert malls.answer_time(shop, TODAY + DAY).why == "mall"
    assert code_of(malls.set_industry_time, "0000", 8, TODAY + DAY, PAPER, admin, NOW) == "choose_industry"


def test_never_looser_than_the_city_nor_from_today_nor_without_a_paper(
    shop: Shop, mall: Mall, bureau: Account
) -> None:
    actor, tomorrow = bureau.actor(), TODAY + DAY
    for hours in (None, 0, 25):
        assert code_of(malls.set_mall_time, mall.id, hours, tomorrow, PAPER, actor, NOW) == "mall_hours"
    for day in (None, TODAY, TODAY - DAY):
        assert code_of(malls.set_mall_time, mall.id, 4, day, PAPER, actor, NOW) == "mall_from_tomorrow"
    assert code_of(malls.set_mall_time, mall.id, 4, tomorrow, " ", actor, NOW) == "mall_source"
    first = malls.set_mall_time(mall.id, 20, tomorrow, PAPER, actor, NOW)
    again = malls.set_mall_time(mall.id, 18, tomorrow, "改正", actor, NOW)
    assert (again.id, again.value) == (first.id, "18"), "what has not begun may be corrected"
    malls.add_shop(mall.id, shop.id, actor, NOW)
    db.session.add(
        PolicyValue(key=malls.KEY, value="6", unit="hours", source="市里收紧", in_force_from=TODAY + 9 * DAY)
    )
    db.session.flush()
    assert malls.answer_time(shop, TODAY + 8 * DAY).hours == 18
    tightened = malls.answer_time(shop, TODAY + 9 * DAY)
    assert (tightened.hours, tightened.why) == (6, "city")
    assert policy.get_int(malls.KEY, TODAY + 9 * DAY) == 6


def test_who_may_keep_malls_and_what_may_lie_in_them(shop: Shop, mall: Mall, bureau: Account) -> None:
    actor, county = bureau.actor(), shop.region_code[:6]
    away = make.make_officer(Role.BUREAU_OFFICER, "130602").actor()
    station = make.make_officer().actor()
    for stranger in (away, station):
        with pytest.raises(Forbidden):
            malls.add_shop(mall.id, shop.id, stranger, NOW)
    assert malls.enter("万博广场", county, "朝阳大街", actor, NOW) is mall, "the same form twice"
    assert code_of(malls.enter, "万博广场", county, "别处", actor, NOW) == "mall_name_taken"
    assert code_of(malls.enter, " ", county, "", actor, NOW) == "mall_name"
    assert code_of(malls.enter, "新", "999999", "", actor, NOW) == "mall_region"
    assert code_of(malls.add_shop, mall.id, 0, actor, NOW) == "mall_shop_unknown"
    other = malls.enter("二号商场", county, "", actor, NOW)
    malls.add_shop(mall.id, shop.id, actor, NOW)
    malls.add_shop(mall.id, shop.id, actor, NOW)
    assert code_of(malls.add_shop, other.id, shop.id, actor, NOW) == "mall_shop_in_another"
    db.session.add(Recusal(account_id=bureau.id, operator_id=shop.operator_id, declared_at=NOW))
    db.session.flush()
    db.session.expire(bureau)
    with pytest.raises(Forbidden):
        malls.remove_shop(mall.id, shop.id, bureau.actor(), NOW)
    colleague = make.make_officer(Role.BUREAU_OFFICER, "1306").actor()
    with pytest.raises(Conflict):
        malls.correct(mall.id, "改名", county, "", colleague, NOW, mall.version + 1)
    malls.correct(mall.id, "改名", county, "", colleague, NOW, mall.version)
    malls.close(mall.id, colleague, NOW)
    assert malls.mall_of(shop.id) is None
    with pytest.raises(Conflict):
        malls.set_mall_time(mall.id, 4, TODAY + DAY, PAPER, colleague, NOW)
    with pytest.raises(Invalid):
        malls.enter("改名", county, "", colleague, NOW)


def test_the_office_keeps_a_mall_and_the_merchant_sees_what_holds_and_why(
    app: Flask, client: FlaskClient, street: Street
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    office, mine = {HEADER: "bureau"}, {HEADER: "merchant"}
    assert "收到后 24 小时" in client.get("/merchant/complaints", headers=mine).text
    with app.app_context():
        shop = db.session.get_one(Shop, street.shop_id)
        county, name = shop.region_code[:6], shop.full_name
    assert client.get("/office/malls", headers=office).status_code == 200
    facts = {"name": "万博广场", "region_code": county, "address": "朝阳大街"}
    wrong = client.post("/office/malls/new", data=facts | {"name": ""}, headers=office)
    assert wrong.status_code == 422
    assert "朝阳大街" in wrong.text
    made = client.post("/office/malls/new", data=facts, headers=office)
    assert made.status_code == 303
    page = made.location
    assert client.post(f"{page}/shops", data={"shop": "7x"}, headers=office).status_code == 422
    assert client.post(f"{page}/shops", data={"shop": str(street.shop_id)}, headers=office).status_code == 303
    time = {"hours": "4", "begins": (TODAY + DAY).isoformat(), "source": PAPER}
    refused = client.post(f"{page}/time", data=time | {"hours": "30"}, headers=office)
    assert refused.status_code == 422
    assert "不能比全市的 24 小时长" in refused.text
    assert PAPER in refused.text
    assert client.post(f"{page}/time", data=time, headers=office).status_code == 303
    shown = client.get(page, headers=office).text
    assert name in shown
    assert "还没开始" in shown
    with app.app_context():
        row = db.session.scalars(sa.select(PolicyValue).where(PolicyValue.key.contains("/mall:"))).one()
        row.in_force_from = TODAY  # the day has come
        db.session.commit()
    told = client.get("/merchant/complaints", headers=mine).text
    assert "收到后 4 小时" in told
    assert f"万博广场的约定（{PAPER}）" in told
    form = client.get(f"/s/{street.shop_id}/complain").text
    assert "4 小时" in form
    assert "24 小时" not in form


def test_the_trail_says_what_was_before(shop: Shop, mall: Mall, bureau: Account) -> None:
    actor, tomorrow = bureau.actor(), TODAY + DAY
    malls.set_mall_time(mall.id, 20, tomorrow, PAPER, actor, NOW)
    malls.set_mall_time(mall.id, 18, tomorrow, "改正", actor, NOW)
    malls.correct(mall.id, mall.name, mall.region_code, "新地址", actor, NOW, mall.version)
    malls.add_shop(mall.id, shop.id, actor, NOW)
    malls.close(mall.id, actor, NOW)
    mine = sa.select(AuditEvent).where(AuditEvent.subject_type == "mall").order_by(AuditEvent.id)
    told = [(row.action, row.old, row.new) for row in db.session.scalars(mine) if row.old]
    begins = {"from": tomorrow.isoformat(), "name": mall.name}
    assert told[:2] == [
        ("mall.time", {"hours": "24"}, {"hours": "20", **begins}),
        ("mall.time", {"hours": "20"}, {"hours": "18", **begins}),
    ]
    assert (told[2][0], told[2][2]) == ("mall.correct", {"address": "新地址"})
    assert told[3] == ("mall.close", {"shops": [shop.id]}, {"name": mall.name, "shops": []})
