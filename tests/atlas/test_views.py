"""The map: what is in view, the same filters and verdicts as in the list, and what it may fetch."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.honours import make_honour
from tests.factories.listings import make_people
from tests.factories.merchants import NOW, make_shop
from tests.factories.regions import make_street
from tests.factories.registry import make_record
from tests.factories.shopfront import make_vouched, suspend
from webapp.codes.operations import issue
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.honours.rules import HonourKind
from webapp.merchants.models import Shop

VIEW = "box=38,115,39.5,116.5"


def put(name: str, latitude: float | None, longitude: float | None, **more: object) -> int:
    shop_id = make_vouched(1, name, **more).shop_id
    with unit():
        shop = db.session.get_one(Shop, shop_id)
        shop.latitude, shop.longitude = latitude, longitude
    return shop_id


@pytest.fixture
def city(app_on: Flask) -> Flask:
    with app_on.app_context():
        for number in range(45):
            put(f"面馆{number}号", 38.87 + number / 1e5, 115.46)
        put("山里药房", 39.3, 115.2)
        put("没有位置", None, None)
        with unit():
            make_shop(name="没申报的店", latitude=38.87, longitude=115.46)
    return app_on


def test_gathered_and_one_by_one(city: Flask) -> None:
    client = city.test_client()
    wide = client.get(f"/shops/map/cells?zoom=8&{VIEW}").json
    assert wide["total"] == 46
    assert wide["shops"] == []
    assert sorted(cell[2] for cell in wide["cells"]) == [1, 45]
    south, west, north, east = wide["cells"][0][3]
    assert south < north
    assert west == east == 115.46
    near = client.get("/shops/map/cells?zoom=16&box=39.2,115.1,39.4,115.3").json
    assert [(one["name"], one["at"], one["verdict"], one["word"]) for one in near["shops"]] == [
        ("山里药房", [39.3, 115.2], "trusted", "放心")
    ]
    assert client.get("/shops/map/cells?zoom=16&box=10,10,11,11").json == {
        "total": 0,
        "cells": [],
        "shops": [],
    }


def test_the_filters_of_the_list(city: Flask) -> None:
    client = city.test_client()
    found = client.get(f"/shops/map/cells?zoom=8&q=药房&{VIEW}").json
    assert [one["name"] for one in found["shops"]] == ["山里药房"]
    assert client.get(f"/shops/map/cells?zoom=8&category=stay&{VIEW}").json["total"] == 0
    assert client.get(f"/shops/map/cells?zoom=8&district=130606&category=eat&{VIEW}").json["total"] == 46
    with city.app_context():
        shop_id = db.session.query(Shop.id).filter_by(name="山里药房").scalar()
        suspend(shop_id)
    shown = client.get(f"/shops/map/cells?zoom=9&q=药房&{VIEW}").json["shops"]
    assert [one["verdict"] for one in shown] == ["suspended"]
    assert client.get(f"/shops/map/cells?zoom=9&q=药房&trusted=1&{VIEW}").json["total"] == 0


def test_a_change_reaches_a_kept_grid(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter([100.0, 101.0, 102.0, 107.0])
    monkeypatch.setattr("webapp.atlas.gathering.time.monotonic", lambda: next(moments))
    with app.app_context():
        put("山里药房", 39.3, 115.2)
    assert client.get(f"/shops/map/cells?zoom=8&{VIEW}").json["total"] == 1
    with app.app_context():
        put("山外药房", 39.2, 115.2)
    assert client.get(f"/shops/map/cells?zoom=8&{VIEW}").json["total"] == 1  # kept
    app.extensions["ydym.grids"].changed(1, None)
    assert client.get(f"/shops/map/cells?zoom=8&{VIEW}").json["total"] == 1  # for some seconds more
    assert client.get(f"/shops/map/cells?zoom=8&{VIEW}").json["total"] == 2


def test_the_page_says_the_same_without_a_map(city: Flask) -> None:
    page = city.test_client().get("/shops/map?q=药房").text
    assert "莲池区" in page
    assert "1 家" in page
    assert "/shops?q=" in page
    assert "district=130606" in page
    nothing = city.test_client().get("/shops/map?q=没有这家").text
    assert "没有符合条件的店" in nothing


@pytest.mark.parametrize("query", ["", "box=", "box=1,2,3", "box=a,b,c,d", "zoom=8"])
def test_no_view_is_a_bad_request(client: FlaskClient, query: str) -> None:
    assert client.get(f"/shops/map/cells?{query}").status_code == 400


def test_tiles_are_fetched_only_where_the_city_says_so(
    client: FlaskClient, make_app: Callable[..., Flask]
) -> None:
    assert "img-src 'self' data:" in client.get("/shops/map").headers["Content-Security-Policy"]
    other = make_app(tiles="amap").test_client()
    page = other.get("/shops/map")
    assert "https://webrd01.is.autonavi.com" in page.headers["Content-Security-Policy"]
    assert "高德地图" in page.text
    assert "autonavi" not in other.get("/shops").headers["Content-Security-Policy"]


def test_on_to_a_map_app(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        here, nowhere = put("山里药房", 39.3, 115.2), put("没有位置", None, None)
    answer = client.get(f"/s/{here}/go/amap")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("https://uri.amap.com/navigation?to=115.2")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    for address in (f"/s/{nowhere}/go/amap", "/s/999999/go/baidu", f"/s/{here}/go/other"):
        assert client.get(address).status_code == 404


def test_the_layer_of_stations_is_in_the_address_and_in_words(app: Flask, client: FlaskClient) -> None:
    from tests.factories.mediation import make_body

    with app.app_context(), unit():
        make_street()
        make_body(
            "裕华路服务站", latitude=38.87, longitude=115.49, phone="0312-2012315", address="裕华路12号"
        )
        make_body("没有位置的站")
        make_body("停用的站", closed_at=NOW)
        make_body("别区的站", "130602", latitude=38.88, longitude=115.44)
    plain = client.get("/shops/map?trusted=1").text
    assert "裕华路服务站" not in plain
    assert 'href="/shops/map?trusted=1&amp;stations=1"' in plain
    shown = client.get("/shops/map?trusted=1&stations=1&district=130606").text
    assert 'data-at="38.87,115.49" data-name="裕华路服务站"' in shown
    for said in (
        "没有位置的站",
        'href="tel:0312-2012315"',
        "裕华路12号",
        "/go/amap",
        'name="stations" value="1"',
    ):
        assert said in shown, said
    for silent in ("停用的站", "别区的站"):
        assert silent not in shown
    assert 'href="/shops/map?district=130606&amp;trusted=1"' in shown, "the switch turns it off again"
    assert "stations=1" in shown.split("只看放心")[0].rpartition("href=")[2], "filters keep the layer"


def test_the_layer_of_return_points_is_in_the_address_and_in_words(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        here = put("山里药房", 39.3, 115.2)
        with unit():
            people = make_people("退货店")
            people.shop.latitude, people.shop.longitude = 39.2, 115.2
            make_record(uscc=people.shop.operator.uscc)
            issue(people.shop.id, SYSTEM, NOW)
            make_honour(people, HonourKind.NO_REASON_RETURN, term_until=None)
            there = people.shop.id
    page = client.get("/shops/map?points=1").text
    assert "1 家能退货" in page
    assert '/shops?returns=1&amp;district=130606"' in page, "the list of the same shops, without a map"
    assert "points" not in client.get(f"/shops/map/cells?zoom=9&{VIEW}").json
    both = client.get(f"/shops/map/cells?zoom=9&points=1&{VIEW}").json
    assert {one["url"] for one in both["shops"]} == {f"/s/{here}", f"/s/{there}"}
    assert [(one["url"], one["returns"]) for one in both["points"]["shops"]] == [
        (f"/s/{there}", ["7 天无理由退货"])
    ]
    alone = client.get(f"/shops/map/cells?zoom=9&points=1&shops=0&{VIEW}").json
    assert (alone["total"], alone["points"]["total"]) == (0, 1)
    client.set_cookie("ydym_lang", "en")
    english = client.get(f"/shops/map/cells?zoom=9&points=1&shops=0&{VIEW}")
    assert english.json["points"]["shops"][0]["returns"] == ["No-reason return within 7 days"]
    assert {"Accept-Language", "Cookie"} <= set(english.headers["Vary"].split(", "))
    client.delete_cookie("ydym_lang")
    nothing = client.get("/shops/map?points=1&category=stay").text
    assert "没有退货点" in nothing
    assert "/shops/map?shops=0&amp;points=1" in nothing, "and where there are some"


def test_the_phones_own_map(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        here = put("山里药房", 39.3, 115.2)
    android = client.get(f"/s/{here}/go/phone", headers={"User-Agent": "Mozilla/5.0 (Linux; Android 12)"})
    assert android.headers["Location"].startswith("geo:39.300000,115.200000?q=39.300000,115.200000(")
    apple = client.get(f"/s/{here}/go/phone", headers={"User-Agent": "Mozilla/5.0 (iPhone)"})
    assert apple.headers["Location"].startswith("https://maps.apple.com/?daddr=39.30")
    assert "User-Agent" in apple.headers["Vary"]


def test_what_an_address_asks_in_vain_is_said(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), unit():
        make_street()
    for address in ("/shops/map", "/shops"):
        page = client.get(f"{address}?district=999999&category=zzz&hearts=9&mall=x")
        assert page.status_code == 200
        assert "网址里的区县、商圈、类别、评价在这里没有" in page.text
        assert "没有用上" not in client.get(f"{address}?district=130606&category=eat").text, address
