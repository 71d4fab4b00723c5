"""The officers' door: password, authenticator, first sign-in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.accounts import PASSWORD, TOTP, make_officer, sign_in
from tests.factories.regions import make_street
from webapp.accounts import operations, queries
from webapp.core.actor import SYSTEM, Role
from webapp.core.transaction import unit

NOW = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
Post = Callable[..., object]


@pytest.fixture
def officer(app: Flask, freeze: Callable[[datetime], datetime]) -> int:
    freeze(NOW)
    with app.app_context(), unit():
        make_street()
        return make_officer(username="li.wei", password=PASSWORD).id


def digits(secret: str = TOTP, now: datetime = NOW) -> str:
    return pyotp.TOTP(secret).at(int(now.timestamp()))


def test_password_and_authenticator_together_sign_in(client: FlaskClient, officer: int, post: Post) -> None:
    assert client.get("/office/me").location == "/office/login?next=/office/me"
    answer = post(client, "/office/login", username=" Li.Wei ", password=PASSWORD, next="/office/me")
    assert answer.location == "/office/login/totp"
    assert client.get("/office/me").status_code == 302  # half is not in
    assert post(client, "/office/login/totp", code="000000").status_code == 422
    answer = post(client, "/office/login/totp", code=digits())
    assert (answer.status_code, answer.location) == (303, "/office/me")
    page = client.get("/office/me").text
    assert "li.wei" in page
    assert "莲池区" in page


def test_the_digits_are_no_use_a_second_time(
    client: FlaskClient, officer: int, post: Post, make_client: Callable[[], FlaskClient]
) -> None:
    for browser, status in ((client, 303), (make_client(), 422)):
        post(browser, "/office/login", username="li.wei", password=PASSWORD)
        assert post(browser, "/office/login/totp", code=digits()).status_code == status


def test_the_authenticator_is_not_asked_without_the_password(client: FlaskClient, officer: int) -> None:
    for path in ("/office/login/totp", "/office/login/enrol", "/office/login/password"):
        assert client.get(path).location == "/office/login"


def test_half_a_sign_in_is_forgotten_after_ten_minutes_and_by_a_reset(
    client: FlaskClient, officer: int, post: Post, app: Flask, freeze: Callable[[datetime], datetime]
) -> None:
    post(client, "/office/login", username="li.wei", password=PASSWORD)
    assert client.get("/office/login/totp").status_code == 200
    freeze(NOW + timedelta(minutes=10, seconds=1))
    assert client.get("/office/login/totp").status_code == 303
    freeze(NOW)
    assert client.get("/office/login/totp").status_code == 200
    with app.app_context(), unit():
        operations.reset_password(officer, SYSTEM, NOW)
    assert client.get("/office/login/totp").status_code == 303


def test_a_merchants_or_unknown_name_and_a_wrong_password_look_alike(
    client: FlaskClient, officer: int, post: Post
) -> None:
    for username in ("li.wei", "nobody", "13800138000"):
        answer = post(client, "/office/login", username=username, password="wrong-one-9")
        assert answer.status_code == 422
        assert "账号或密码不对" in answer.text
        assert f'value="{username}"' in answer.text


def test_a_disabled_officer_is_told_after_the_password(
    client: FlaskClient, officer: int, post: Post, app: Flask
) -> None:
    with app.app_context(), unit():
        operations.disable(officer, "离职", SYSTEM, NOW)
    answer = post(client, "/office/login", username="li.wei", password=PASSWORD)
    assert answer.status_code == 422
    assert "已停用" in answer.text


def test_first_sign_in_ties_an_authenticator_and_changes_the_given_password(
    client: FlaskClient, app: Flask, post: Post, freeze: Callable[[datetime], datetime]
) -> None:
    freeze(NOW)
    with app.app_context(), unit():
        make_street()
        new = make_officer(
            username="new.one", password=PASSWORD, totp_secret=None, password_temporary=True
        ).id
    assert (
        post(client, "/office/login", username="new.one", password=PASSWORD).location == "/office/login/enrol"
    )
    assert client.get("/office/login/password").location == "/office/login"  # not before the authenticator
    page = client.get("/office/login/enrol").text
    secret = page.split('aria-label="密钥">')[1].split("<")[0]
    assert len(secret) == 32
    assert secret in client.get("/office/login/enrol").text  # the same when the page is opened again
    assert post(client, "/office/login/enrol", code="000000").status_code == 422
    assert post(client, "/office/login/enrol", code=digits(secret)).location == "/office/login/password"
    assert client.get("/office/me").status_code == 302
    assert post(client, "/office/login/password", password=PASSWORD).status_code == 422
    assert post(client, "/office/login/password", password="my-own-words-9").status_code == 303
    assert client.get("/office/me").status_code == 200
    with app.app_context():
        account = queries.get_account(new)
        assert account.totp_secret == secret
        assert not account.password_temporary


def test_the_qr_code_says_the_secret_to_an_authenticator(client: FlaskClient, app: Flask, post: Post) -> None:
    import base64

    import numpy as np
    import zxingcpp

    with app.app_context(), unit():
        make_officer(username="new.one", password=PASSWORD, totp_secret=None)
    post(client, "/office/login", username="new.one", password=PASSWORD)
    page = client.get("/office/login/enrol").text
    secret = page.split('aria-label="密钥">')[1].split("<")[0]
    svg = ET.fromstring(base64.b64decode(page.split("data:image/svg+xml;base64,")[1].split('"')[0]))
    path = next(node for node in svg.iter() if node.tag.endswith("path")).attrib["d"]
    size = int(float(svg.attrib["viewBox"].split()[2]))
    picture = np.full((size, size), 255, np.uint8)
    for square in path.split("M")[1:]:
        x, y = (int(float(number)) for number in square.split("H")[0].split(","))
        picture[y, x] = 0
    [found] = zxingcpp.read_barcodes(np.kron(picture, np.ones((6, 6), np.uint8)))
    parsed = pyotp.parse_uri(found.text)
    assert parsed.secret == secret
    assert parsed.name == "new.one"


def test_an_officer_loses_a_post_with_the_next_request(client: FlaskClient, officer: int, app: Flask) -> None:
    sign_in(client, officer)
    assert client.get("/office/accounts").status_code == 403
    with app.app_context(), unit():
        queries.get_account(officer).posts[0].role = Role.ADMINISTRATOR
    assert client.get("/office/accounts").status_code == 200


def test_signing_out_leads_back_to_the_officers_door(client: FlaskClient, officer: int, post: Post) -> None:
    sign_in(client, officer)
    assert post(client, "/logout", page="/office/me").location == "/office/login"
    assert client.get("/office/me").status_code == 302


def test_an_officer_changes_the_password(client: FlaskClient, officer: int, post: Post) -> None:
    sign_in(client, officer)
    answer = post(client, "/account/password", old=PASSWORD, password="li.wei-2026")
    assert answer.status_code == 422
    assert post(client, "/account/password", old=PASSWORD, password="a-new-word-5").location == "/office/me"
    assert client.get("/account/sessions").status_code == 200
