"""The front door: every link leads somewhere, nothing ended is shown, nothing typed becomes markup."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import shopfront
from tests.factories.listings import make_listing, make_people
from tests.factories.merchants import NOW, make_shop
from tests.factories.regions import make_street, sync_reference
from tests.factories.reminders import make_reminder
from tests.factories.shopfront import make_vouched
from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core import policy
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.listings import operations as listings
from webapp.listings import queries as listing_queries
from webapp.listings.rules import Colour
from webapp.merchants.models import Operator, Shop
from webapp.regions.models import Station
from webapp.registry.models import RegistryRecord
from webapp.registry.rules import RegistryStatus
from webapp.reminders import operations as reminders
from webapp.reminders import queries as reminder_queries

NASTY = '"><script>alert(1)</script>'


@pytest.fixture(autouse=True)
def _clock(app: Flask, freeze: Callable[[datetime], datetime]) -> None:
    freeze(NOW)
    with app.app_context(), unit():
        policy.sync()
        make_street()


def vouch_for(shop: Shop) -> None:
    """Give a shop what green hangs on."""
    operator = db.session.get_one(Operator, shop.operator_id)
    facts = ("uscc", "name", "legal_representative", "registered_address", "authority", "established_on")
    db.session.add(
        RegistryRecord(
            **{name: getattr(operator, name) for name in facts},
            kind=operator.kind.value,
            status=RegistryStatus.ACTIVE,
            as_of=NOW.date(),
            source="test",
            facts_hash=operator.uscc,
            imported_at=NOW,
        )
    )
    db.session.add(TrustCode(shop_id=shop.id, state=CodeState.ACTIVE, issued_at=NOW, changed_at=NOW))


def test_an_empty_city_still_has_a_front_door(client: FlaskClient) -> None:
    text = client.get("/").text
    for shown in (
        "保定市市场监督管理局",
        "我要投诉",
        "还没有店上红榜",
        "现在没有新的提醒",
        "12315",
        "一店一码",
    ):
        assert shown in text, shown


def test_the_alive_figures_and_news(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), unit():
        people = make_people("红榜面馆")
        vouch_for(people.shop)
        make_listing(people, Colour.RED)
        reminder_id = make_reminder(title="谨防假冒").id
    text = client.get("/").text
    assert re.search(r">1<small>家</small>", text)
    assert "红榜面馆" in text
    assert "谨防假冒" in text
    assert f'href="/s/{people.shop.id}"' in text
    with app.app_context(), unit():
        red = listing_queries.standing(people.shop.id, Colour.RED)
        assert red is not None
        listings.end(red.id, "strike", "有误", people.second, NOW, red.version)
        city = reminder_queries.get(reminder_id)
        from tests.factories.accounts import make_officer

        officer = make_officer(Role.BUREAU_OFFICER, "1306").actor()
        reminders.act(reminder_id, "withdraw", "有误", officer, NOW, city.version)
    text = client.get("/").text
    assert "红榜面馆" not in text
    assert "谨防假冒" not in text


def test_a_suspended_shop_is_no_example(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), unit():
        people = make_people("红榜面馆")
        vouch_for(people.shop)
        make_listing(people, Colour.RED)
    assert "红榜面馆" in client.get("/").text
    with app.app_context():
        shopfront.suspend(people.shop.id)
    assert "红榜面馆" not in client.get("/").text


def test_every_link_of_the_public_pages_leads_somewhere(app: Flask, client: FlaskClient) -> None:
    """Header, footer and everything within: no dead door, no door that fails."""
    with app.app_context(), unit():
        people = make_people("红榜面馆")
        vouch_for(people.shop)
        make_listing(people, Colour.RED)
        make_reminder()
    seen: set[str] = set()
    waiting = ["/"]
    while waiting:
        path = waiting.pop()
        answer = client.get(path)
        assert answer.status_code in {200, 302}, (path, answer.status_code)
        if path.startswith(("/merchant", "/s/", "/view", "/verify", "/complaints")):
            continue  # others' pages: that they open is enough here
        for href in re.findall(r'<a[^>]* href="(/[^"#]*)', answer.text):
            address = unescape(href)
            if address not in seen and len(seen) < 80:
                seen.add(address)
                waiting.append(address)
    wanted = {
        "/shops",
        "/lists/red",
        "/lists/black",
        "/reminders",
        "/verify",
        "/stations",
        "/about",
        "/complaints",
    }
    assert wanted <= seen


def test_the_directory_shows_standing_and_leads_to_the_shop(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        good, bad = make_vouched(1, "好面馆"), make_vouched(1, "停面馆")
        shopfront.suspend(bad.shop_id)
        with unit():
            make_shop(name="没申报的面馆")
    text = client.get("/shops?q=面馆").text
    assert "共 2 家" in text
    for vouched, seal in ((good, "印章：放心"), (bad, "印章：暂停")):
        row = re.search(rf'<a class="shopcard" href="/s/{vouched.shop_id}">.*?</a>', text, re.DOTALL)
        assert row is not None
        assert seal in row.group()
    assert "没申报的面馆" not in text
    only = client.get("/shops?q=面馆&trusted=1").text
    assert ("好面馆" in only, "停面馆" in only) == (True, False)
    complain = client.get("/shops?to=complain&q=面馆").text
    for vouched in (good, bad):
        assert f'href="/s/{vouched.shop_id}/complain"' in complain


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("", "找店"),
        ("?category=eat", "找店：吃"),
        ("?q=面馆&district=130602&trusted=1", "找店：“面馆”、竞秀区、只看放心"),
        ("?district=130602&to=complain", "投诉：先选店，竞秀区"),
        ("?category=nonsense&district=999999", "找店"),
    ],
)
def test_the_title_says_what_was_asked_for(app: Flask, client: FlaskClient, asked: str, title: str) -> None:
    with app.app_context(), unit():
        sync_reference()
    page = client.get(f"/shops{asked}").text
    assert unescape(page.split("<title>")[1].split(" · ")[0]) == title


def test_filters_are_kept_from_page_to_page(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), unit():
        for number in range(23):
            shop = make_shop(name=f"面馆{number:02}")
            db.session.add(TrustCode(shop_id=shop.id, state=CodeState.ACTIVE, issued_at=NOW, changed_at=NOW))
    first = client.get("/shops?q=面馆&to=complain&category=eat").text
    assert first.count('class="shopcard"') == 20
    found = re.search(r'rel="next" href="([^"]+)"', first)
    assert found is not None
    second = client.get(unescape(found.group(1))).text
    assert second.count('class="shopcard"') == 3
    assert "/complain" in second
    assert "共 23 家" in second
    assert client.get("/shops?q=面馆&page=77").text.count('class="shopcard"') == 3


def test_what_may_be_meant_while_typing(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        shop = make_vouched(1, "老槐树面馆")
        make_vouched(1, "新柳饭庄")
    asked = client.get("/shops/suggest?q=lhs")
    assert asked.json == {"shops": [{"name": "老槐树面馆", "place": "莲池区", "url": f"/s/{shop.shop_id}"}]}
    assert asked.headers["Cache-Control"] == "public, max-age=30"
    complain = client.get("/shops/suggest?q=%E8%80%81%E6%B7%AE%E6%A0%91&to=complain").json
    assert [one["url"] for one in complain["shops"]] == [f"/s/{shop.shop_id}/complain"]
    assert client.get("/shops/suggest?q=%20").json == client.get("/shops/suggest").json == {"shops": []}
    near = client.get("/shops?q=%E8%80%81%E6%B7%AE%E6%A0%91").text
    assert "没有“老淮树”，下面 1 家写法或读音相近" in near


def test_nothing_found_helps(client: FlaskClient) -> None:
    text = client.get("/shops?q=没有这家&category=eat&trusted=1").text
    for shown in ("没有找到“没有这家”", "少写几个字", "去掉筛选条件再找", "12315", "/stations"):
        assert shown in text, shown
    assert 'value="没有这家"' in text


@pytest.mark.parametrize(
    "query",
    [
        "district=1",
        "category=x",
        "industry='",
        "trusted=maybe",
        "to=x",
        "page=0",
        "q=%00%ff",
        "q=" + "长" * 999,
    ],
)
def test_nonsense_in_the_address_is_left_out(client: FlaskClient, query: str) -> None:
    assert client.get(f"/shops?{query}").status_code == 200


def test_what_is_typed_and_stored_is_text(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        make_vouched(1, NASTY, address=NASTY)
    for path in ("/shops", "/shops?q=script", f"/shops?q={NASTY}", f"/shops?q=none{NASTY}"):
        text = client.get(path).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text or "script" in path


def test_a_photo_is_shown_once_it_is_public(app: Flask, client: FlaskClient) -> None:
    from tests.factories.files import make_file
    from webapp.files.operations import attach
    from webapp.merchants.models import ShopPhoto

    with app.app_context():
        vouched = make_vouched(1)
        with unit():
            file = make_file()
            attach([file.id], "operator", vouched.operator_id)
            db.session.add(ShopPhoto(shop_id=vouched.shop_id, file_id=file.id))
            key = file.key
    assert f"/media/{key}?w=320" in client.get("/shops").text


def test_stations(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), unit():
        sync_reference()
        station = db.session.query(Station).filter_by(name="莲池区西关市场监管所").one()
        station.phone = "0312-5079555"
    text = client.get("/stations").text
    assert "莲池区西关市场监管所" in text
    assert 'href="tel:0312-5079555"' in text
    assert "电话请拨 12315 转接" in text
    one = client.get("/stations?district=130602").text
    assert ("莲池区西关" in one, "竞秀区先锋" in one) == (False, True)
    assert client.get("/stations?district=<x>").status_code == 200


def test_bodies_are_found_by_district_kind_and_words(app: Flask, client: FlaskClient) -> None:
    from tests.factories.mediation import make_body
    from webapp.mediation.rules import Area, MediatorKind

    with app.app_context(), unit():
        sync_reference()
        make_body(
            "莲池一站",
            phone="0312-2012315",
            opening_hours={"1": [["09:00", "17:00"]]},
            latitude=38.8,
            longitude=115.4,
        )
        make_body("莲池二站", phone="15412345678", contact="张三")
        make_body("某某解纷<b>平台", "130602", kind=MediatorKind.ODR, area=Area(frozenset({"1306"})))
        make_body("停用的站", closed_at=NOW)
    here = client.get("/stations/mediation?district=130606").text
    for said in (
        "莲池一站",
        "莲池二站",
        "某某解纷&lt;b&gt;平台",
        "周一 09:00-17:00",
        "服务：全市",
        "/go/amap",
        "stations=1",
    ):
        assert said in here, said
    for silent in ("停用的站", "张三", "15412345678", "154 1234 5678"):
        assert silent not in here, silent
    elsewhere = client.get("/stations/mediation?district=130607").text
    assert ("某某解纷" in elsewhere, "莲池一站" in elsewhere) == (True, False)
    only = client.get("/stations/mediation?kind=odr&q=解纷").text
    assert ("某某解纷" in only, "莲池一站" in only) == (True, False)


def test_about_says_what_is_not_proved(client: FlaskClient) -> None:
    text = client.get("/about").text
    for shown in ("不能证明", "怎样保护您的信息", "两名监管人员", "非本平台签发"):
        assert shown in text, shown


@pytest.mark.parametrize("path", ["/", "/shops", "/stations", "/about", "/lists/red", "/reminders"])
def test_public_pages_need_no_session(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert answer.text.count("<h1") == 1


def test_the_figures_follow_the_feed(
    app: Flask, client: FlaskClient, freeze: Callable[[datetime], datetime]
) -> None:
    app.extensions["ydym.tail"].poll()
    assert "刚刚开通，第一批店正在核验" in client.get("/").text
    with app.app_context():
        make_vouched(1)
    freeze(NOW + timedelta(seconds=6))
    assert "刚刚开通，第一批店正在核验" in client.get("/").text
    app.extensions["ydym.tail"].poll()
    assert re.search(r">1<small>家</small>", client.get("/").text)
