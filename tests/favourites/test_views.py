"""How kept shops stand: told of public ones only, by a posted list that is kept nowhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.merchants import make_shop
from tests.factories.shopfront import NOW, make_vouched, suspend
from webapp.core import clock
from webapp.core.transaction import unit


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with clock.use(NOW):
        yield


def test_each_public_shop_is_told_as_on_its_own_page(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        green, amber = make_vouched(), make_vouched(name="西关书店")
        with app.app_context(), unit():
            hidden = make_shop(name="没有核验过的店").id
        suspend(amber.shop_id)
    asked = [("shop", str(n)) for n in (green.shop_id, amber.shop_id, hidden, green.shop_id, 999)]
    answer = client.post("/favourites/standing", data={"shop": [number for _, number in asked] + ["x", "-1"]})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert [(one["number"], one["name"], one["says"], one["tone"]) for one in answer.get_json()["shops"]] == [
        (green.shop_id, "老槐树面馆", "放心", "good"),
        (amber.shop_id, "西关书店", "已暂停", "caution"),
    ]


def test_the_page_is_the_same_for_everybody_and_says_what_to_do_without_scripts(client: FlaskClient) -> None:
    page = client.get("/favourites")
    assert "只存在这部手机的浏览器里" in page.text
    assert "浏览器没有打开它" in page.text
    again = client.get("/favourites", headers={"If-None-Match": page.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/favourites/standing").status_code == 405
