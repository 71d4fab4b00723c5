"""Which shops are public, how they are found, what is said of them, what is counted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from tests.factories import scans, shopfront
from tests.factories.codes import make_code
from tests.factories.listings import make_listing, make_people
from tests.factories.merchants import NOW, make_shop
from tests.factories.regions import make_street
from tests.factories.shopfront import PLAIN_INDUSTRY, make_vouched
from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core import clock
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.directory import queries
from webapp.directory.figures import FigureCache
from webapp.directory.rules import read_query
from webapp.directory.standing import verdicts
from webapp.directory.wanted import Wanted
from webapp.licences.models import LicenceKind, LicenceRequirement
from webapp.merchants.models import Shop, ShopFigures
from webapp.registry.models import RegistryRecord
from webapp.shopfront.composition import compose
from webapp.shopfront.rules import Verdict


def found(text: str = "", **more: object) -> list[str]:
    wanted = Wanted(read_query(text), **more)  # type: ignore[arg-type]
    return [shop.full_name for shop in queries.listed(wanted, 1, 50).page.items]


@pytest.mark.each_database
def test_only_shops_that_ever_had_a_code_are_public(context: Flask, each_database: str) -> None:
    make_vouched(1, "放心店")
    suspended, revoked = make_vouched(1, "暂停店"), make_vouched(1, "下架店")
    shopfront.suspend(suspended.shop_id)
    with unit():
        make_shop(name="没申报的店")
        code = db.session.query(TrustCode).filter_by(shop_id=revoked.shop_id).one()
        code.state, code.revoked_at, code.revoked_ground = CodeState.REVOKED, NOW, "shop_closed"
    assert found() == ["下架店", "暂停店", "放心店"]
    assert found(trusted=True) == ["放心店"]
    assert found("店") == ["下架店", "暂停店", "放心店"]


@pytest.mark.each_database
def test_finding(context: Flask, each_database: str) -> None:
    make_street("130602001", "竞秀区先锋市场监管所")
    first = make_vouched(1, "小张烩面", branch="裕华路店", address="裕华东路128号")
    make_vouched(1, "张记烩面", address="东风路7号", region_code="130602001")
    make_vouched(1, "100%果汁", address="张庄", industry_code="6239")
    make_vouched(1, "ABC Café", address="")
    assert found("张记") == ["张记烩面"]
    assert found("张") == ["张记烩面", "小张烩面（裕华路店）", "100%果汁"]  # begins with, contains, elsewhere
    assert found("小张烩面（裕华路店）") == ["小张烩面（裕华路店）"]
    assert found("烩面 裕华") == ["小张烩面（裕华路店）"]
    assert found("烩面 火锅") == []
    assert found("裕华东路128号") == ["小张烩面（裕华路店）"]
    assert found("100%") == ["100%果汁"]
    assert found("%") == []  # nothing that could be looked for
    assert found("_") == []
    assert found("abc") == found("cafe") == found("Café") == ["ABC Café"]
    assert found(f"{first.shop_id:06}")[0] == "小张烩面（裕华路店）"
    assert found(f"No.{first.shop_id:08}-1")[0] == "小张烩面（裕华路店）"
    assert found(district="130602") == ["张记烩面"]
    assert found("烩面", district="130602") == ["张记烩面"]
    assert found(category="stay") == []
    assert len(found(category="eat")) == 4
    assert found(category="eat", industry="6239") == ["100%果汁"]


@pytest.mark.each_database
def test_the_verdict_in_a_list_is_that_of_the_shops_own_page(context: Flask, each_database: str) -> None:
    """Every kind of standing; a list that is kinder than the page would be a lie."""
    shops = {name: make_vouched(1, name) for name in ("ok", "suspended", "revoked", "no record", "abnormal")}
    shopfront.suspend(shops["suspended"].shop_id)
    with unit():
        shops_by_id = {v.shop_id: name for name, v in shops.items()}
        make_people_shop = make_people("black")
        make_listing(make_people_shop)
        shops_by_id[make_people_shop.shop.id] = "black"
        shops_by_id[make_shop(name="never").id] = "never"
        code = db.session.query(TrustCode).filter_by(shop_id=shops["revoked"].shop_id).one()
        code.state, code.revoked_at, code.revoked_ground = CodeState.REVOKED, NOW, "shop_closed"
        for name in ("no record", "abnormal"):
            operator = db.session.get_one(Shop, shops[name].shop_id).operator
            record = db.session.query(RegistryRecord).filter_by(uscc=operator.uscc).one()
            if name == "abnormal":
                record.abnormal = True
            else:
                db.session.delete(record)
    rows = list(db.session.query(Shop).order_by(Shop.id))
    given = verdicts(rows, clock.day_of(NOW))
    assert {shops_by_id[number]: verdict for number, verdict in given.items()} == {
        "ok": Verdict.TRUSTED,
        "suspended": Verdict.SUSPENDED,
        "revoked": Verdict.REVOKED,
        "no record": Verdict.UNCERTAIN,
        "abnormal": Verdict.UNCERTAIN,
        "black": Verdict.BLACK,
        "never": Verdict.NOT_VOUCHED,
    }
    for number, verdict in given.items():
        page = compose(number, None, NOW)
        assert page is not None
        assert page.shop is verdict, shops_by_id[number]


def test_a_missing_licence_is_no_green_in_the_list(context: Flask) -> None:
    vouched = make_vouched(1)
    with unit():
        kind = LicenceKind(code="food", name="食品经营许可证", number_hint="")
        db.session.add(kind)
        db.session.flush()
        db.session.add(
            LicenceRequirement(industry_code=PLAIN_INDUSTRY, kind_code="food", required=True, source="test")
        )
    shop = db.session.get_one(Shop, vouched.shop_id)
    assert verdicts([shop], NOW.date()) == {shop.id: Verdict.UNCERTAIN}


def test_no_shops_no_queries(context: Flask) -> None:
    assert verdicts([], NOW.date()) == {}


def test_stars_are_the_mean_of_five_hearts(context: Flask) -> None:
    with unit():
        shop, silent = make_shop(), make_shop(name="新店")
        figures = db.session.get_one(ShopFigures, shop.id)
        figures.ratings = 2
        figures.hearts_environment = figures.hearts_quality = figures.hearts_price = 10
        figures.hearts_service = figures.hearts_redress = 5
    assert queries.stars_of([shop.id, silent.id]) == {shop.id: (4.0, 2)}


@pytest.mark.each_database
def test_figures_are_counted_from_the_tables(context: Flask, each_database: str) -> None:
    vouched = make_vouched(1)
    shopfront.suspend(make_vouched(1, "暂停店").shop_id)
    scans.count({(vouched.shop_id, 1, "2026-05-01", hour): 10 for hour in range(6)})
    scans.count({(vouched.shop_id, 1, "2026-04-30", 0): 999})
    figures = queries.count_figures(NOW)
    assert (figures.vouched, figures.scans) == (1, 60)


def test_figures_are_kept_for_seconds_and_dropped_by_the_feed(context: Flask) -> None:
    cache, start = FigureCache(), datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
    with clock.use(start):
        assert cache.get().vouched == 0
    make_vouched(1)
    with clock.use(start + timedelta(seconds=4)):
        cache.changed(1, None)
        assert cache.get().vouched == 0  # changed, but counted a moment ago
    with clock.use(start + timedelta(seconds=5)):
        assert cache.get().vouched == 1
    make_vouched(1, "第二家")
    with clock.use(start + timedelta(seconds=64)):
        assert cache.get().vouched == 1  # nobody said that anything changed
    with clock.use(start + timedelta(seconds=65)):
        assert cache.get().vouched == 2
    make_vouched(1, "第三家")
    with clock.use(start - timedelta(days=1)):
        assert cache.get().vouched == 3  # a clock that went back keeps nothing


def test_the_red_list_is_newest_first(context: Flask) -> None:
    from webapp.listings.rules import Colour

    with unit():
        for minutes, name in ((0, "先上榜"), (5, "后上榜")):
            people = make_people(name)
            make_code(people.shop)
            make_listing(people, Colour.RED, now=NOW + timedelta(minutes=minutes))
    assert [entry.shop.name for entry in queries.newest_red(date(2026, 5, 6), 3)] == ["后上榜", "先上榜"]
    assert [entry.shop.name for entry in queries.newest_red(date(2026, 5, 6), 1)] == ["后上榜"]
