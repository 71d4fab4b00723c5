"""The map in a real browser: layers, pins and what leads on from them, somebody's tiles good, refused and dead."""

from __future__ import annotations

import contextlib
import math
import re
import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from tests.factories.honours import make_honour
from tests.factories.listings import make_people
from tests.factories.mediation import make_body
from tests.factories.merchants import NOW
from tests.factories.registry import make_record
from tests.factories.shopfront import make_vouched
from tests.support.tile_server import KEY, tile_server
from webapp.atlas import datums
from webapp.codes.operations import issue
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.honours.rules import HonourKind
from webapp.merchants.models import Shop

AT = (38.871, 115.462)


def _city(app: Flask) -> None:
    """Three vouched-for shops, the third takes goods back; two stations near each other."""
    with app.app_context():
        for number in range(2):
            shop_id = make_vouched(1, f"面馆{number}号").shop_id
            with unit():
                shop = db.session.get_one(Shop, shop_id)
                shop.latitude, shop.longitude = AT[0] + number / 100, AT[1]
        with unit():
            people = make_people("面馆2号")
            people.shop.latitude, people.shop.longitude = AT[0] + 0.02, AT[1]
            make_record(uscc=people.shop.operator.uscc)
            issue(people.shop.id, SYSTEM, NOW)
            make_honour(people, HonourKind.NO_REASON_RETURN, term_until=None)
            for number in range(2):
                make_body(f"服务站{number}", latitude=AT[0] + 0.02 + number / 1e4, longitude=AT[1] + 0.03)


@contextlib.contextmanager
def _served(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()


@pytest.fixture
def opened(browser: Browser, make_app: Callable[..., Flask]) -> Iterator[Callable[..., Page]]:
    """Open an address of a small city with these settings on a phone; script errors fail the test."""
    with contextlib.ExitStack() as stack:
        errors: list[str] = []

        def open_page(address: str, *, agent: str = "", **settings: object) -> Page:
            app = make_app(**settings)
            _city(app)
            origin = stack.enter_context(_served(app))
            context = browser.new_context(
                base_url=origin,
                viewport={"width": 390, "height": 844},
                locale="zh-CN",
                reduced_motion="reduce",
                service_workers="block",
                user_agent=agent or None,
            )
            stack.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.goto(address)
            return page

        yield open_page
        assert not errors


def test_three_layers_each_in_its_shape_in_the_address_and_in_words(opened: Callable[..., Page]) -> None:
    page = opened("/shops/map#12/38.88/115.46", agent="Mozilla/5.0 (Linux; Android 12) Chrome/110")
    expect(page.locator(".atlas__map .spot--trusted")).to_have_count(3)
    expect(page.locator(".atlas__map .spot--station")).to_have_count(0)
    page.locator("[data-layer=points]").click()
    expect(page).to_have_url(re.compile(r"points=1#12/38\.88\d*/115\.46\d*$"))  # where the map stood is kept
    expect(page.locator(".atlas__map .spot--point")).to_have_count(1)
    expect(page.locator(".atlas__map .spot--trusted")).to_have_count(
        2
    )  # the third is drawn as what it also is
    expect(page.locator(".atlas__say-points")).to_have_text("这里有 1 个退货点，地图上画成六角形")
    expect(page.locator(".atlas__point-list li")).to_contain_text("面馆2号")
    expect(page.locator(".atlas__point-list li")).to_contain_text("7 天无理由退货")
    page.locator("[data-layer=stations]").click()
    expect(page.locator(".atlas__map .spot--station .spot__count")).to_have_text("2")  # two near each other
    page.locator("[data-layer=shops]").click()
    expect(page).to_have_url(re.compile(r"shops=0&stations=1&points=1"))
    expect(page.locator(".atlas__map .spot--point")).to_have_count(1)
    expect(page.locator(".atlas__map .spot--trusted")).to_have_count(0)
    page.locator(".atlas__map .leaflet-marker-icon", has=page.locator(".spot--point")).dispatch_event("click")
    card = page.locator(".leaflet-popup")
    expect(card.get_by_role("link", name="面馆2号")).to_be_visible()
    for words, app in (
        ("高德导航", "amap"),
        ("百度导航", "baidu"),
        ("腾讯导航", "tencent"),
        ("手机自带地图", "phone"),
    ):
        expect(card.get_by_role("link", name=words)).to_have_attribute(
            "href", re.compile(rf"/s/\d+/go/{app}$")
        )
    expect(card.get_by_role("button", name="关闭")).to_be_visible()


def test_a_circle_is_a_button_that_the_keyboard_reaches(opened: Callable[..., Page]) -> None:
    page = opened("/shops/map?shops=0&points=1&stations=1")
    place = page.locator(".atlas__map")
    expect(place).to_have_attribute("role", "application")
    expect(page.locator(".atlas__map .spot--point")).to_have_count(1)
    place.focus()
    before = page.url
    page.keyboard.press("+")
    expect(page).not_to_have_url(before)  # it zoomed, and the address says where it stands
    zoomed = page.url
    page.keyboard.press("ArrowLeft")
    expect(page).not_to_have_url(zoomed)


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_circle_opens_by_the_keyboard(
    opened: Callable[..., Page], monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setattr("webapp.atlas.rules.SINGLE_MOST", 2)
    page = opened("/shops/map#8/38.87/115.46")
    circle = page.get_by_role("button", name="这里有 3 家店")
    circle.focus()
    page.keyboard.press(key)
    expect(circle).to_have_count(0)
    expect(page.locator(".atlas__map .gather")).to_have_count(3)
    expect(page.locator(".atlas__map")).to_be_focused()  # the next tab leads to what is there now


@pytest.mark.parametrize("datum", ["wgs84", "gcj02"])
def test_somebodys_tiles_in_their_own_system(opened: Callable[..., Page], datum: str) -> None:
    with tile_server() as tiles:
        page = opened("/shops/map#15/38.871/115.462", tiles=tiles.url, tiles_datum=datum)
        expect(page.locator(".leaflet-tile-loaded").first).to_be_visible()
        expect(page.locator(".atlas__map .spot--trusted").first).to_be_visible()
        origin = page.url.partition("/shops")[0]
        # Who shows the tiles is told, the page is not: providers ask for it, and keys are bound to it.
        assert {referer for *_place, referer in tiles.asked} == {f"{origin}/"}
        shown = datums.convert(AT, datums.Datum.WGS84, datums.Datum(datum))
        pin = page.evaluate(
            """() => { const map = document.querySelector(".atlas__map").getBoundingClientRect();
            const tile = document.querySelector(".leaflet-tile-loaded"), box = tile.getBoundingClientRect();
            const path = tile.src.match(/tiles\\/(\\d+)\\/(\\d+)\\/(\\d+)/).slice(1).map(Number);
            const spots = [...document.querySelectorAll(".atlas__map .leaflet-marker-icon")].map(one => {
                const at = one.getBoundingClientRect();  // the pin's foot
                return [path[1] + (at.left + 18 - box.left) / 256, path[2] + (at.top + 42 - box.top) / 256]; });
            return { zoom: path[0], spots }; }"""
        )
        wide = 2 ** pin["zoom"]
        x = (shown[1] + 180) / 360 * wide
        y = (1 - math.asinh(math.tan(math.radians(shown[0]))) / math.pi) / 2 * wide
        # Half a kilometre lies between the systems: at this zoom half a tile. A dot is a 256th.
        assert min(math.hypot(x - left, y - top) for left, top in pin["spots"]) < 0.01


@pytest.mark.parametrize("kind", ["refused", "dead"])
def test_without_their_tiles_the_outlines_stand_in(opened: Callable[..., Page], kind: str) -> None:
    with contextlib.ExitStack() as stack:
        tiles = stack.enter_context(tile_server(key="wrong" if kind == "refused" else KEY))
        if kind == "dead":
            stack.close()  # nobody listens there any more
        page = opened("/shops/map", tiles=tiles.url)
        expect(page.locator(".atlas__tiles")).to_contain_text("底图暂时打不开")
        expect(
            page.locator(".atlas__map path.leaflet-interactive, .atlas__map svg path").first
        ).to_be_attached()
        filled = page.locator(".leaflet-overlay-pane path").first
        expect(filled).to_have_attribute("fill-opacity", "1")
        expect(page.locator(".leaflet-tile")).to_have_count(0)
        expect(page.locator(".atlas__map .spot--trusted")).to_have_count(3)
        expect(page.locator(".atlas__shop-list li")).to_have_count(3)
