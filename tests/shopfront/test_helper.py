"""The service station on a shop's page: who, when, how to get there; at no query more, and new within a poll."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from tests.factories.accounts import make_officer
from tests.factories.shopfront import NOW, Vouched, make_vouched
from tests.shopfront.test_views import counted, reads
from webapp import feed
from webapp.core import clock
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.mediation import bodies
from webapp.mediation.bodies import BodyFacts
from webapp.merchants.models import Shop

FACTS = BodyFacts(
    "station",
    "裕华路消费维权服务站",
    "130606",
    "裕华路12号",
    38.87,
    115.49,
    "0312-2012315",
    opening_hours={"1": [["09:00", "17:30"]]},
)


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with clock.use(NOW):
        yield


@pytest.fixture
def shop(app: Flask) -> Vouched:
    with app.app_context():
        return make_vouched()


@pytest.fixture
def bureau(app: Flask, shop: Vouched) -> Actor:
    with app.app_context(), unit():
        return make_officer(Role.BUREAU_OFFICER, "1306").actor()


def test_it_is_named_with_hours_phone_and_the_way(app: Flask, shop: Vouched, bureau: Actor) -> None:
    client = app.test_client()
    client.get(shop.scan)  # the connection's own start
    with app.app_context(), unit():
        feed.publish("test", now=NOW, shop_id=shop.shop_id)
    app.extensions["ydym.tail"].poll()
    with counted() as statements:
        assert "消费维权服务站" not in client.get(shop.scan).text
    without = len(reads(statements))
    with app.app_context(), unit():
        body_id = bodies.add(FACTS, bureau, NOW).id
        bodies.add(
            replace(FACTS, kind="odr", name="某某平台", phone="4008123123", latitude=None, longitude=None),
            bureau,
            NOW,
        )
    app.extensions["ydym.tail"].poll()
    with counted() as statements:
        page = client.get(shop.scan, headers={"Accept-Encoding": "gzip"})
    assert 4 < len(reads(statements)) <= without, "as many as without: it comes with the first query"
    html = gzip.decompress(page.data).decode()
    for said in (
        "裕华路消费维权服务站",
        "裕华路12号",
        "周一 09:00-17:30",
        'href="tel:0312-2012315"',
        "某某平台",
    ):
        assert said in html
    assert f'href="/stations/{body_id}/go/amap"' in html
    assert len(page.data) <= 14 * 1024
    with counted() as statements:
        client.get(shop.scan)
    assert reads(statements) == []
    facts = client.get(shop.plain, headers={"Accept": "application/json"}).get_json()
    assert facts["service_station"]["opening_hours"] == {"1": [["09:00", "17:30"]]}
    assert facts["online_resolution"]["latitude"] is None
    way = client.get(f"/stations/{body_id}/go/amap")
    assert way.status_code == 302
    assert way.location.startswith("https://uri.amap.com/navigation?")
    assert way.headers["Referrer-Policy"] == "no-referrer"
    with app.app_context(), unit():
        bodies.close(body_id, bureau, NOW)
    assert client.get(f"/stations/{body_id}/go/amap").status_code == 404
    assert client.get("/stations/99/go/amap").status_code == 404


def test_whatever_becomes_of_it_the_page_follows(
    app: Flask, make_app: Callable[..., Flask], shop: Vouched, bureau: Actor
) -> None:
    other = make_app()
    workers = [(one, one.test_client()) for one in (app, other)]

    def looks() -> list[str]:
        """The page in two workers after a poll, once rendered and once stored by the first."""
        found = []
        for worker, client in workers:
            worker.extensions["ydym.tail"].poll()
            found.append(client.get(shop.plain).text)
            worker.extensions["ydym.background"].flush()
        assert found[0] == found[1]
        return found

    assert FACTS.name not in looks()[0]
    with app.app_context(), unit():
        body_id = bodies.add(FACTS, bureau, NOW).id
    assert FACTS.name in looks()[0]
    with app.app_context(), unit():
        bodies.edit(body_id, replace(FACTS, phone="0312-5900000"), bureau, NOW)
    assert "0312-5900000" in looks()[0]
    with app.app_context(), unit():
        bodies.close(body_id, bureau, NOW)
    assert FACTS.name not in looks()[0]
    with app.app_context(), unit():
        bodies.reopen(body_id, bureau, NOW)
    assert FACTS.name in looks()[0]
    with app.app_context(), unit():
        db.session.get_one(Shop, shop.shop_id).region_code = "130602001"
    with app.app_context(), unit():  # said by whoever moves a shop; here the body leaves instead
        bodies.edit(body_id, replace(FACTS, phone="0312-5900001"), bureau, NOW)
        feed.publish("shop_changed", now=NOW, shop_id=shop.shop_id)
    assert FACTS.name not in looks()[0]
