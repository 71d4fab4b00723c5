"""A red entry is in force only while the bureau vouches for the shop: everywhere that the public looks, at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.codes import make_code
from tests.factories.listings import People, make_listing
from tests.factories.merchants import NOW
from tests.factories.shopfront import suspend
from tests.listings.conftest import Browser
from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.feed import publish
from webapp.listings import queries
from webapp.listings.rules import Colour
from webapp.merchants.models import Shop

TODAY = NOW.date()


@pytest.fixture
def model(app: Flask, city: People) -> People:
    """The shop on the red list, its code active."""
    with app.app_context(), unit():
        make_code(db.session.get_one(Shop, city.shop.id))
        make_listing(city, Colour.RED, term=None)
    return city


def public(client: FlaskClient, shop_id: int) -> list[bool]:
    """Is it named a model on the list, on its page, among its facts for programs?"""
    facts = client.get(f"/s/{shop_id}", headers={"Accept": "application/json"}).get_json()
    return [
        "老槐树面馆" in client.get("/lists/red").text,
        "红榜商户" in client.get(f"/s/{shop_id}").text,
        any(entry["colour"] == "red" for entry in facts["listings"]),
    ]


def test_a_suspended_shop_is_no_model_until_its_code_is_restored(
    app: Flask, client: FlaskClient, browser: Browser, model: People
) -> None:
    assert public(client, model.shop.id) == [True] * 3
    owner = browser(model.owner)
    mine = f"/merchant/shops/{model.shop.id}"
    assert "公众在红榜和您的店铺页上能看到" in owner.get(mine).text
    with app.app_context():
        suspend(model.shop.id)
        assert queries.public_counts(TODAY)[Colour.RED] == 0
    assert public(client, model.shop.id) == [False] * 3
    assert "诚信码恢复后会自动重新公示" in owner.get(mine).text
    page = client.get(f"/s/{model.shop.id}").text
    assert "列入红榜" in page, "that it was listed stays in the history, and on which list"
    with app.app_context(), unit():
        code = db.session.query(TrustCode).one()
        code.state = CodeState.ACTIVE
        for ground in code.grounds:
            ground.ended_at = NOW
        publish("code.restore", now=NOW, shop_id=model.shop.id)
    assert public(client, model.shop.id) == [True] * 3


def test_the_black_list_does_not_hang_on_a_code(app: Flask, client: FlaskClient, city: People) -> None:
    with app.app_context(), unit():
        make_listing(city, Colour.BLACK)
    assert "老槐树面馆" in client.get("/lists/black").text
    with app.app_context():
        assert queries.public_counts(TODAY) == {Colour.RED: 0, Colour.BLACK: 1}


def test_a_black_entry_is_in_no_copy_that_a_phone_keeps(
    app: Flask, client: FlaskClient, city: People
) -> None:
    """The offline worker lets lie what its own patterns name: once the entry has ended no phone still reads it."""
    script = (Path(app.static_folder or "") / "js" / "worker.js").read_text("utf-8")
    kept = re.compile(_pattern(script, "KEPT"))
    unkept = re.compile(_pattern(script, "UNKEPT"))
    assert kept.search("/lists/red")
    assert not kept.search("/lists/black")
    before = client.get(f"/s/{city.shop.id}").text
    with app.app_context(), unit():
        make_code(db.session.get_one(Shop, city.shop.id))
        publish("code.issue", now=NOW, shop_id=city.shop.id)
    green = client.get(f"/s/{city.shop.id}").text
    assert green != before
    assert not unkept.search(green)
    with app.app_context(), unit():
        make_listing(city, Colour.BLACK)
    page = client.get(f"/s/{city.shop.id}").text
    assert "黑榜" in page
    assert unkept.search(page)


def _pattern(script: str, name: str) -> str:
    found = re.search(rf"^var {name} = /(.+)/;", script, re.MULTILINE)
    assert found is not None
    return found[1].replace("\\/", "/")
