"""Notices inside, the local outbox, the administrators' outbox."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.accounts import make_administrator, make_merchant, sign_in
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.core.language import USUAL
from webapp.core.transaction import unit
from webapp.notices import operations, queries, rules

NOW = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)


@pytest.fixture
def told(app: Flask) -> tuple[int, int]:
    """A merchant with two notices; the ids of the account and the first notice."""
    with app.app_context(), unit():
        merchant = make_merchant()
        first = operations.notify(merchant.id, "accounts.flash.saved", {}, "/merchant/me", NOW)
        operations.notify(merchant.id, "accounts.flash.registered", {}, "", NOW)
        db.session.flush()
        return merchant.id, first.id


def token(client: FlaskClient, path: str) -> dict[str, str]:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found
    return {"csrf_token": found.group(1)}


def test_notices_are_counted_opened_and_read(client: FlaskClient, app: Flask, told: tuple[int, int]) -> None:
    account, first = told
    sign_in(client, account)
    page = client.get("/merchant/notices").text
    assert "有 2 条消息没看" in page
    assert "已保存。" in page
    data = token(client, "/merchant/notices")
    answer = client.post(f"/merchant/notices/{first}/open", data=data)
    assert (answer.status_code, answer.location) == (303, "/merchant/me")
    with app.app_context():
        assert queries.unread(account) == 1
    assert client.post("/merchant/notices/read", data=data).status_code == 303
    with app.app_context():
        assert queries.unread(account) == 0
    assert "标为已读" not in client.get("/merchant/notices").text


def test_anothers_notice_is_not_there(app: Flask, told: tuple[int, int]) -> None:
    with app.app_context(), unit():
        other = make_merchant().id
        with pytest.raises(NotFound):
            operations.open_notice(told[1], other, NOW)
        operations.read_all(other, NOW)
        assert queries.unread(told[0]) == 2


def put(app: Flask) -> None:
    with app.app_context(), unit():
        operations.send_sms(
            "+8613800138000", rules.CODE_TEMPLATE, {"code": "762074", "minutes": 5}, "k", NOW, language=USUAL
        )


def test_the_local_outbox_shows_codes_to_copy(make_app: Callable[..., Flask]) -> None:
    app = make_app(env="development")
    client = app.test_client()
    assert "还没有短信" in client.get("/outbox").text
    app.config["TESTING"] = True  # no thread in tests
    put(app)
    page = client.get("/outbox").text
    assert 'data-copy="762074"' in page
    assert "+8613800138000" in page


@pytest.mark.parametrize(
    "changes",
    [
        {"env": "test"},
        {"env": "development", "sms_url": "http://127.0.0.1:9/"},
        {"env": "production", "public_scheme": "https", "key_passphrase": "x"},
    ],
)
def test_the_local_outbox_is_nowhere_else(make_app: Callable[..., Flask], changes: dict[str, str]) -> None:
    assert make_app(**changes).test_client().get("/outbox").status_code == 404


def test_administrators_see_messages_masked(client: FlaskClient, app: Flask) -> None:
    put(app)
    with app.app_context(), unit():
        account = make_administrator().id
    sign_in(client, account)
    page = client.get("/office/outbox").text
    assert "138****8000" in page
    assert "等待发出" in page
    assert "762074" not in page
    assert "13800138000" not in page
