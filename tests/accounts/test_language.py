"""In which language a merchant or an officer is written to: of the sign-in, then of what was chosen while signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.accounts import PASSWORD, make_merchant, make_officer
from tests.factories.merchants import NOW
from webapp.accounts import operations
from webapp.accounts.models import Account
from webapp.core.db import db
from webapp.core.language import Language
from webapp.core.transaction import unit
from webapp.notices.models import OutboxMessage

PHONE = "13800138000"
Post = Callable[..., object]


@pytest.fixture
def merchant(app: Flask) -> int:
    with app.app_context(), unit():
        return make_merchant(phone="+86" + PHONE, password=PASSWORD).id


def kept(app: Flask, account_id: int) -> Language:
    with app.app_context():
        account = db.session.get(Account, account_id, populate_existing=True)
        assert account is not None
        return account.language


def test_the_language_of_the_sign_in_is_kept_and_the_switch_changes_it(
    app: Flask, client: FlaskClient, merchant: int, post: Post
) -> None:
    client.get("/view?lang=en&next=/merchant/login")
    assert kept(app, merchant) is Language.HANS, "nobody is signed in yet"
    post(client, "/merchant/login", phone=PHONE, password=PASSWORD)
    assert kept(app, merchant) is Language.EN
    client.get("/view?lang=hant&next=/merchant/me")
    assert kept(app, merchant) is Language.HANT
    client.get("/view?theme=dark&next=/merchant/me")
    assert kept(app, merchant) is Language.HANT
    client.get("/merchant/me?lang=en")
    assert kept(app, merchant) is Language.HANT, "an address that somebody passed on is no choice"


def test_the_account_page_shows_what_is_kept(
    app: Flask, client: FlaskClient, merchant: int, post: Post
) -> None:
    post(client, "/merchant/login", phone=PHONE, password=PASSWORD)
    page = client.get("/merchant/me").text
    assert "短信的语言" in page
    assert page.index('aria-current="page" translate="no">简体') > page.index("短信的语言")
    client.get("/view?lang=en&next=/merchant/me")
    assert 'aria-current="page" translate="no">English' in client.get("/merchant/me").text


def test_a_code_comes_in_the_language_of_the_page_that_it_was_asked_on(
    app: Flask, client: FlaskClient, post: Post
) -> None:
    client.get("/view?lang=hant&next=/")
    post(client, "/merchant/login/code", phone=PHONE)
    with app.app_context():
        message = db.session.query(OutboxMessage).one()
        assert message.language is Language.HANT
        assert message.text.startswith("驗證碼")


def test_an_officer_is_written_to_in_chinese(app: Flask) -> None:
    with app.app_context(), unit():
        officer = make_officer()
        operations.write_in(officer, Language.EN, NOW)
        assert officer.language is Language.HANS, "the office has no English"
        operations.write_in(officer, Language.HANT, NOW)
        assert officer.language is Language.HANT
