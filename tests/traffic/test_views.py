"""The pages: what they say in words, whom they are for, and what a spreadsheet gets."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.accounts import make_merchant, make_officer, sign_in
from tests.factories.merchants import make_member, make_shop
from tests.factories.shopfront import Vouched
from tests.traffic.conftest import NOW, Scan
from webapp.core import policy
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.merchants.models import Operator, Shop
from webapp.stickers.models import Sticker, StickerPlace, StickerState
from webapp.traffic import views_merchant


@pytest.fixture
def context(app: Flask, freeze: Callable[..., None]) -> Iterator[Flask]:
    """SQLite only: the queries' tests run on both."""
    freeze(NOW)
    with app.app_context():
        yield app


@pytest.fixture
def owner(context: Flask, shop: Vouched, client: FlaskClient) -> FlaskClient:
    """The shop's owner, signed in."""
    with unit():
        account = make_merchant("店主")
        make_member(db.session.get_one(Operator, shop.operator_id), account)
        account_id = account.id
    sign_in(client, account_id)
    return client


def branch(shop: Vouched, name: str, *, stickers: int = 1) -> int:
    """The number of another shop of the same operator."""
    with unit():
        made = make_shop(db.session.get_one(Operator, shop.operator_id), name)
        for serial in range(1, stickers + 1):
            db.session.add(
                Sticker(
                    shop_id=made.id, serial=serial, kid=1, token=f"{made.id}.{serial}", issued_at=NOW,
                    place=StickerPlace.DOOR,
                )
            )  # fmt: skip
        return made.id


def words(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split()).replace("， ", "，")  # phrases


def table(client: FlaskClient, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer.mimetype == "text/csv"
    assert answer.headers["Cache-Control"] == "private, no-store"
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"), newline="")))


def page_of(shop: Vouched, period: str = "") -> str:
    return f"/merchant/shops/{shop.shop_id}/scans" + (f"?period={period}" if period else "")


def busy(scan: Scan) -> None:
    """Four weeks and a bit: Saturdays at noon at the door, a few at the till."""
    for back in range(34):
        scan(back, 40 if (back % 7) == 0 else 6, hour=12)
        scan(back, 1, hour=9, serial=2)


def test_the_empty_page_says_what_to_do(owner: FlaskClient, shop: Vouched) -> None:
    said = words(owner, page_of(shop))
    assert "还没有人扫过" in said
    assert "把码贴在门口和收银台" in said
    assert "今天到现在" not in said
    bare = branch(shop, "没有码贴的店", stickers=0)
    assert "还没有码贴" in words(owner, f"/merchant/shops/{bare}/scans")


def test_charts_say_their_message_and_have_a_table(owner: FlaskClient, shop: Vouched, scan: Scan) -> None:
    busy(scan)
    said = words(owner, page_of(shop, "30d"))
    assert "最近 30 天扫了 346 次" in said
    assert "周六扫得最多，平均 41 次" in said
    assert "12 点到 13 点扫得最多" in said
    assert "扫得最多的是“门口”这张贴" in said
    assert "40 次以上 今天到现在" in said
    assert "7 次 昨天" in said
    page = owner.get(page_of(shop, "30d")).text
    assert page.count("<figure") == page.count("看数据表") == 4
    assert "2026年11月21日 周六" in page
    assert "style=" not in page
    assert "<script>" not in page


def test_the_period_stands_in_the_address(owner: FlaskClient, shop: Vouched, scan: Scan) -> None:
    busy(scan)
    assert "最近 7 天扫了 83 次，和之前 7 天一样多" in words(owner, page_of(shop, "7d"))
    assert (
        words(owner, page_of(shop)) == words(owner, page_of(shop, "7d")) == words(owner, page_of(shop, "x"))
    )
    assert "最近 12 个月扫了" in words(owner, page_of(shop, "12m"))
    assert "，11月最多" in words(owner, page_of(shop, "12m"))


def test_nothing_finer_than_it_may_be(owner: FlaskClient, shop: Vouched, scan: Scan) -> None:
    """One scan in an hour, at one table, today: none of them is told."""
    scan(33, 1)
    scan(8, 30, hour=12)
    scan(8, 1, hour=21, serial=2)
    scan(0, 1)
    said = words(owner, page_of(shop, "30d"))
    assert "不到 5 次 今天到现在" in said
    assert "21:00—22:00 不到 3" in said
    assert "收银台 不到 3" in said
    by = {
        (row[0], row[1]): row[4:]
        for row in table(owner, page_of(shop).replace("scans", "scans.csv?period=30d"))
    }
    assert by["时段", "21:00"] == ["0", "取整到 5；0 表示不到 3"]
    assert by["时段", "12:00"][0] == "30"


def test_few_scans_are_told_by_day_only(owner: FlaskClient, shop: Vouched, scan: Scan) -> None:
    scan(33, 1)
    scan(3, 9)
    said = words(owner, page_of(shop, "30d"))
    assert "时段和码贴的数字先不显示" in said
    assert "点扫得最多" not in said
    rows = table(owner, page_of(shop).replace("scans", "scans.csv?period=30d"))
    assert {row[0] for row in rows[1:]} == {"日期"}
    scan(0, 4, shop_id=(new := branch(shop, "新店")))
    assert "时段和码贴的数字还要等几天" in words(owner, f"/merchant/shops/{new}/scans")


def test_papers_to_look_after(owner: FlaskClient, shop: Vouched, scan: Scan) -> None:
    with unit():
        db.session.query(Sticker).filter_by(shop_id=shop.shop_id, serial=1).update(
            {"state": StickerState.LOST, "ended_at": NOW - timedelta(days=20)}
        )
    scan(12, 30, serial=1)
    said = words(owner, page_of(shop))
    assert f"失效的贴还有人扫：{shop.shop_id:06d}-01" in said
    assert "几乎没人扫的贴" in said
    assert "门口（已报失）" in said


def test_the_file_for_a_spreadsheet(owner: FlaskClient, shop: Vouched, scan: Scan) -> None:
    with unit():
        db.session.query(Sticker).filter_by(shop_id=shop.shop_id, serial=2).update({"spot": "=1+1"})
    busy(scan)
    rows = table(owner, page_of(shop).replace("scans", "scans.csv?period=30d"))
    assert rows[0] == ["统计方式", "项目", "从", "到", "扫码次数", "准确程度"]
    days = [row for row in rows if row[0] == "日期"]
    assert len(days) == 30
    assert days[-1] == ["日期", "五", "2026-11-27", "2026-11-27", "7", "准数"]
    assert len([row for row in rows if row[0] == "时段"]) == 24
    papers = [row for row in rows if row[0] == "码贴"]
    assert papers[0][:2] == ["码贴", f"门口 {shop.shop_id:06d}-01"]
    assert len(table(owner, page_of(shop).replace("scans", "scans.csv?period=12m"))) == 1 + 12 + 24 + 2


def test_who_has_one_shop_is_led_there(owner: FlaskClient, shop: Vouched) -> None:
    assert owner.get("/merchant/scans").location == page_of(shop)


def test_the_list_of_a_chain(
    owner: FlaskClient, shop: Vouched, scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = branch(shop, "二店")
    scan(1, 9)
    scan(1, 20, shop_id=second)
    scan(9, 25, shop_id=second)
    said = words(owner, "/merchant/scans")
    assert "最近 7 天，2 家店扫了 29 次，二店最多" in said
    assert "比之前 7 天少 5 次" in said
    assert "29 次 昨天" in said
    assert table(owner, "/merchant/scans.csv")[1] == [
        "二店",
        str(second),
        "2026-11-21",
        "2026-11-27",
        "20",
        "25",
    ]
    monkeypatch.setattr(views_merchant, "SHOPS_A_PAGE", 1)
    assert "第 2 / 2 页" in words(owner, "/merchant/scans?page=2")
    assert "第 2 / 2 页" in words(owner, "/merchant/scans?page=99")


def test_who_has_no_shop_is_told_how_to_begin(context: Flask, client: FlaskClient) -> None:
    with unit():
        policy.sync()
        account_id = make_merchant("新人").id
    sign_in(client, account_id)
    assert "还没有门店" in words(client, "/merchant/scans")
    assert len(table(client, "/merchant/scans.csv")) == 1


def test_home_and_the_shop_lead_here(owner: FlaskClient, shop: Vouched, scan: Scan) -> None:
    scan(0, 12)
    scan(1, 3)
    home = owner.get("/merchant/").text
    assert 'href="/merchant/scans"' in home
    assert "10+ 次 今天扫码 昨天 3 次" in words(owner, "/merchant/")
    assert "最近七天扫码 3 次" in words(owner, "/merchant/")
    assert "扫码情况 今天到现在 10 次以上" in words(owner, f"/merchant/shops/{shop.shop_id}")
    back = re.search(r'm-top__back" href="([^"]+)"', owner.get(page_of(shop)).text)
    assert back is not None
    assert back[1] == f"/merchant/shops/{shop.shop_id}"


def test_the_officer_sees_the_same(context: Flask, shop: Vouched, scan: Scan, client: FlaskClient) -> None:
    busy(scan)
    with unit():
        account_id = make_officer(
            Role.BUREAU_OFFICER, db.session.get_one(Shop, shop.shop_id).region_code[:6]
        ).id
    sign_in(client, account_id)
    said = words(client, f"/office/shops/{shop.shop_id}")
    assert "最近 30 天扫了 346 次" in said
    assert "12 点到 13 点扫得最多" in said
    assert client.get(page_of(shop)).status_code == 403


def test_another_merchant_finds_nothing(context: Flask, shop: Vouched, client: FlaskClient) -> None:
    with unit():
        account_id = make_merchant("别家店主").id
    sign_in(client, account_id)
    assert client.get(page_of(shop)).status_code == 404
    assert client.get(page_of(shop).replace("scans", "scans.csv")).status_code == 404
