"""An officer's e-mail address: said by the officer or an administrator, kept unreadable, told nowhere."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.accounts import make_administrator, make_merchant, make_officer, sign_in
from webapp.accounts import operations, rules
from webapp.accounts.queries import get_account
from webapp.audit.models import AuditEvent
from webapp.core import clock
from webapp.core.actor import SYSTEM, Role
from webapp.core.db import db
from webapp.core.errors import Invalid
from webapp.core.transaction import unit

TO = "Li.Ming@scjg.example.cn"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("  ", ""),
        ("  Li.Ming@SCJG.example.cn ", TO),
        ("li-ming@a-b.cn", "li-ming@a-b.cn"),
        ("ｌｉ＠example．cn", "li@example.cn"),
        ("li@example", None),
        ("li example.cn", None),
        ("li@example.cn\nBcc: x@y.cn", None),
        ("li@-example.cn", None),
        ("<li@example.cn>", None),
        ("李@example.cn", None),
        ("l" * 65 + "@example.cn", None),
    ],
)
def test_addresses(typed: str, kept: str | None) -> None:
    assert rules.tidy_email(typed) == kept


def token(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found
    return found.group(1)


def test_an_officer_says_it_and_takes_it_away(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), unit():
        officer = make_officer(Role.STATION_OFFICER, "130606").id
    sign_in(client, officer)
    path = "/office/me/email"
    data = {"csrf_token": token(client, path)}
    wrong = client.post(path, data=data | {"email": "li@example"})
    assert wrong.status_code in {400, 422}
    assert 'value="li@example"' in wrong.text
    assert "name@example.cn" in wrong.text
    assert client.post(path, data=data | {"email": TO}).status_code == 303
    assert TO in client.get("/office/me").text
    with app.app_context():
        raw = db.session.execute(
            sa.text("SELECT email FROM account WHERE id = :id"), {"id": officer}
        ).scalar_one()
        assert b"Ming" not in bytes(raw)
        [event] = db.session.scalars(
            sa.select(AuditEvent).where(AuditEvent.action == "account.email_changed")
        )
        assert "Ming" not in f"{event.old}{event.new}{event.reason}"
    client.post(path, data=data | {"email": ""})
    with app.app_context():
        assert get_account(officer).email is None


def test_an_administrator_says_it_for_an_officer_and_keeps_what_was_typed(
    app: Flask, client: FlaskClient
) -> None:
    with app.app_context(), unit():
        officer = make_officer(Role.STATION_OFFICER, "130606").id
        admin = make_administrator().id
    sign_in(client, admin)
    path = f"/office/accounts/{officer}"
    data = {"csrf_token": token(client, path)}
    wrong = client.post(f"{path}/email", data=data | {"email": "li@example"})
    assert wrong.status_code in {400, 422}
    assert 'value="li@example"' in wrong.text
    assert client.post(f"{path}/email", data=data | {"email": TO}).status_code == 303
    assert TO in client.get(path).text


def test_merchants_have_none(app: Flask) -> None:
    with app.app_context(), unit():
        merchant = make_merchant().id
        with pytest.raises(Invalid, match="officers_only"):
            operations.set_email(merchant, TO, SYSTEM, clock.now())
