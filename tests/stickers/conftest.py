"""A shop with an active code, its merchant, officers of two levels, and a browser for each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import accounts, merchants, stickers
from tests.factories.codes import make_code
from webapp.core import policy
from webapp.core.actor import Actor, Role
from webapp.core.db import db

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_VERSION = re.compile(r'name="version" value="(\d+)"')


@dataclass
class Town:
    """Ids of what stands in the database, committed."""

    shop: int
    merchant: int
    station: int
    bureau: int
    second: int
    elsewhere: int
    department: int
    admin: int

    def actor(self, account_id: int) -> Actor:
        """The account as an actor."""
        from webapp.accounts.models import Account

        return db.session.get_one(Account, account_id).actor()


def build() -> Town:
    """The town's rows, not committed."""
    policy.sync()
    stickers.make_key()
    shop = merchants.make_shop()
    owner = merchants.make_account()
    merchants.make_member(shop.operator, owner)
    make_code(shop)
    return Town(
        shop=shop.id,
        merchant=owner.id,
        station=accounts.make_officer(Role.STATION_OFFICER, "130606", station_id=shop.station_id).id,
        bureau=accounts.make_officer(Role.BUREAU_OFFICER, "1306", name="王海涛").id,
        second=accounts.make_officer(Role.BUREAU_OFFICER, "1306", name="赵明").id,
        elsewhere=accounts.make_officer(Role.BUREAU_OFFICER, "130602", name="孙外").id,
        department=accounts.make_officer(
            Role.DEPARTMENT_OFFICER, "1306", department_code=shop.department_code, name="刘文静"
        ).id,
        admin=accounts.make_officer(Role.ADMINISTRATOR, "1306", name="管理员").id,
    )


@pytest.fixture
def town(app: Flask) -> Town:
    """The town, committed; no context is pushed afterwards."""
    with app.app_context():
        made = build()
        db.session.commit()
    return made


@pytest.fixture
def here(app: Flask) -> Town:
    """The town with a context pushed, for operations."""
    with app.app_context():
        made = build()
        db.session.commit()
        yield made
        db.session.rollback()


@pytest.fixture
def browser(app: Flask) -> Callable[[int], FlaskClient]:
    """``browser(account_id)``: a signed-in browser."""

    def open_for(account_id: int) -> FlaskClient:
        client = app.test_client()
        accounts.sign_in(client, account_id)
        return client

    return open_for


def token(page: str) -> str:
    """The form token of a page."""
    found = _TOKEN.search(page)
    assert found, "no form on the page"
    return found.group(1)


def send(client: FlaskClient, path: str, page: str, **data: str) -> TestResponse:
    """Open `page` for its token and the version that it shows, then post `data` to `path`."""
    text = client.get(page).text
    version = _VERSION.search(text)
    fields = {"csrf_token": token(text), "version": version.group(1) if version else ""}
    return client.post(path, data=fields | data)


@pytest.fixture
def post() -> Callable[..., TestResponse]:
    """:func:`send` for tests."""
    return send
