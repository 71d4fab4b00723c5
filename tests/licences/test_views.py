"""Licences in the browser: an officer verifies or refuses a renewal; others find nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import accounts as people
from tests.factories import licences as make
from tests.factories import merchants
from webapp.core import policy
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.licences.models import Licence
from webapp.licences.rules import LicenceState

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Desk:
    """A renewal that waits, and the people around it."""

    app: Flask
    licence_id: int
    officer_id: int
    elsewhere_id: int
    merchant_id: int

    def browser(self, account_id: int) -> FlaskClient:
        client = self.app.test_client()
        people.sign_in(client, account_id)
        return client

    def state(self) -> LicenceState:
        with self.app.app_context():
            return db.session.get_one(Licence, self.licence_id).state


@pytest.fixture
def desk(app: Flask, freeze: Callable[[datetime], datetime]) -> Desk:
    freeze(make.NOW)
    with app.app_context():
        policy.sync()
        shop = merchants.make_shop()
        make.make_kind()
        make.require()
        make.make_licence(shop)
        licence = make.make_licence(shop, verified=False, number="JY2130606")
        merchant = merchants.make_account()
        merchants.make_member(shop.operator, merchant)
        ids = (
            licence.id,
            people.make_officer(Role.STATION_OFFICER, shop.region_code[:6], station_id=shop.station_id).id,
            people.make_officer(Role.BUREAU_OFFICER, "130602").id,
            merchant.id,
        )
        db.session.commit()
    return Desk(app, *ids)


def post(client: FlaskClient, path: str, **data: str) -> TestResponse:
    token = _TOKEN.search(client.get("/office/licences").text) or _TOKEN.search(
        client.get("/account/password").text
    )
    assert token is not None
    return client.post(path, data={"csrf_token": token.group(1), **data})


def test_the_renewal_waits_with_its_checks(desk: Desk) -> None:
    page = desk.browser(desk.officer_id).get("/office/licences").text
    assert "JY2130606" in page
    assert "不是 16 位" in page


def test_verify(desk: Desk) -> None:
    officer = desk.browser(desk.officer_id)
    assert post(officer, f"/office/licences/{desk.licence_id}/verify").status_code == 303
    assert desk.state() is LicenceState.VERIFIED
    assert "没有等待核验的新证" in officer.get("/office/licences").text


def test_refusing_needs_a_reason_and_keeps_what_was_typed(desk: Desk) -> None:
    officer = desk.browser(desk.officer_id)
    empty = post(officer, f"/office/licences/{desk.licence_id}/refuse", reason=" ")
    assert empty.status_code == 422
    long = post(officer, f"/office/licences/{desk.licence_id}/refuse", reason="长" * 501)
    assert long.status_code == 422
    assert "长" * 501 in long.text
    assert desk.state() is LicenceState.STATED
    assert post(officer, f"/office/licences/{desk.licence_id}/refuse", reason="反光").status_code == 303
    assert desk.state() is LicenceState.REFUSED
    merchant = desk.browser(desk.merchant_id)
    assert "反光" in merchant.get("/merchant/shops/1/licences/food_catering").text


def test_others_find_nothing(desk: Desk) -> None:
    elsewhere = desk.browser(desk.elsewhere_id)
    assert "JY2130606" not in elsewhere.get("/office/licences").text
    for action in ("verify", "refuse"):
        assert post(elsewhere, f"/office/licences/{desk.licence_id}/{action}", reason="x").status_code == 404
    assert desk.browser(desk.merchant_id).get("/office/licences").status_code == 403
    assert desk.state() is LicenceState.STATED


def test_the_shops_list_shows_what_holds_and_what_waits(desk: Desk) -> None:
    page = desk.browser(desk.merchant_id).get("/merchant/shops/1/licences").text
    assert "新证待核验" in page


def test_the_daily_commands(desk: Desk) -> None:
    done = desk.app.test_cli_runner().invoke(args=["licences", "sweep"])
    assert done.exit_code == 0, done.output
    assert "shops told: 0" in done.output


@pytest.mark.parametrize(
    ("typed", "status", "kept"),
    [("9999-12-31", 303, None), ("2999-12-31", 422, "unchanged"), ("2031-05-01", 303, date(2031, 5, 1))],
)
def test_a_last_day_that_means_no_end(desk: Desk, typed: str, status: int, kept: object) -> None:
    """Registers write 长期 as a day of the year 9999; no day can be reckoned from it, so it is kept as none."""
    with desk.app.app_context():
        licence = db.session.get_one(Licence, desk.licence_id)
        path, before = f"/merchant/shops/{licence.shop_id}/licences/{licence.kind_code}", licence.valid_until
    client = desk.browser(desk.merchant_id)
    given = {"number": "JY21306060012345", "scope": "", "valid_from": "2024-05-01", "valid_until": typed}
    answer = post(client, path, **given)
    assert answer.status_code == status
    with desk.app.app_context():
        found = db.session.get_one(Licence, desk.licence_id).valid_until
    assert found == (before if kept == "unchanged" else kept)
