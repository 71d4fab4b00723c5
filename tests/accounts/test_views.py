"""The merchants' door and their own account, as a browser without JavaScript meets them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.accounts import PASSWORD, make_merchant, sign_in
from webapp.accounts import queries
from webapp.accounts.models import LoginSession
from webapp.core.db import db
from webapp.core.errors import DomainError
from webapp.core.transaction import unit

NOW = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
PHONE = "13800138000"
Post = Callable[..., object]


@pytest.fixture
def merchant(app: Flask) -> int:
    with app.app_context(), unit():
        return make_merchant(phone="+86" + PHONE, password=PASSWORD).id


def token_of(client: FlaskClient) -> str | None:
    with client.session_transaction() as session:
        return session.get("_user_id")


def test_a_stranger_is_sent_to_the_door_and_back(client: FlaskClient, merchant: int, post: Post) -> None:
    answer = client.get("/merchant/me")
    assert answer.status_code == 302
    assert answer.location == "/merchant/login?next=/merchant/me"
    answer = post(
        client,
        "/merchant/login",
        page=answer.location,
        phone="138 0013 8000",
        password=PASSWORD,
        next="/merchant/me",
    )
    assert (answer.status_code, answer.location) == (303, "/merchant/me")
    page = client.get("/merchant/me")
    assert page.status_code == 200
    assert "138****8000" in page.text
    assert PHONE not in page.text


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/office/",
        "/merchant//evil.example",
        "/merchant/\n",
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(
    client: FlaskClient, merchant: int, post: Post, target: str
) -> None:
    answer = post(client, "/merchant/login", phone=PHONE, password=PASSWORD, next=target)
    assert (answer.status_code, answer.location) == (303, "/merchant/")


def test_signing_in_changes_the_session_and_keeps_nothing_of_before(
    client: FlaskClient, merchant: int, post: Post
) -> None:
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    post(client, "/merchant/login", phone=PHONE, password=PASSWORD)
    first = token_of(client)
    with client.session_transaction() as session:
        assert "planted" not in session
    post(client, "/merchant/login", phone=PHONE, password=PASSWORD)
    assert token_of(client) != first
    with client.application.app_context():
        rows = db.session.query(LoginSession).order_by(LoginSession.id).all()
        assert [row.ended_at is None for row in rows] == [False, True]
        assert first not in {row.token_hash for row in rows}


def test_the_cookie_is_not_for_scripts_and_not_for_other_sites(
    client: FlaskClient, merchant: int, post: Post
) -> None:
    answer = post(client, "/merchant/login", phone=PHONE, password=PASSWORD)
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2  # the session and the device mark
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)


def test_over_https_cookies_are_secure_and_bound_to_the_host(
    make_app: Callable[..., Flask], merchant: int, post: Post
) -> None:
    client = make_app(public_scheme="https").test_client()
    options = {"base_url": "https://codes.test"}
    page = client.get("/merchant/login", **options)
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    data = {"csrf_token": token, "phone": PHONE, "password": PASSWORD}
    answer = client.post("/merchant/login", data=data, headers={"Referer": "https://codes.test/"}, **options)
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    assert all(
        cookie.startswith("__Host-") and "Secure" in cookie and "Path=/" in cookie for cookie in cookies
    )


def test_a_wrong_password_keeps_the_phone_and_is_counted_although_the_answer_is_an_error(
    client: FlaskClient, merchant: int, post: Post, freeze: Callable[[datetime], datetime]
) -> None:
    freeze(NOW)
    for _ in range(5):
        answer = post(client, "/merchant/login", phone=PHONE, password="wrong-one-9")
        assert answer.status_code == 422
        assert f'value="{PHONE}"' in answer.text
        assert "wrong-one-9" not in answer.text
    answer = post(client, "/merchant/login", phone=PHONE, password=PASSWORD)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "60"
    assert "1 分钟后再试" in answer.text
    assert "验证码登录" in answer.text
    freeze(NOW + timedelta(seconds=61))
    assert post(client, "/merchant/login", phone=PHONE, password=PASSWORD).status_code == 303


def test_a_known_device_is_not_kept_out_by_guessers(
    make_client: Callable[[], FlaskClient], merchant: int, post: Post, freeze: Callable[[datetime], datetime]
) -> None:
    freeze(NOW)
    owner, guesser = make_client(), make_client()
    post(owner, "/merchant/login", phone=PHONE, password=PASSWORD)
    post(owner, "/logout", page="/merchant/me")
    for _ in range(6):
        answer = post(guesser, "/merchant/login", phone=PHONE, password="wrong-one-9")
    assert answer.status_code == 429
    assert (
        post(owner, "/merchant/login", phone=PHONE, password=PASSWORD).status_code == 303
    )  # from the same address


def test_a_known_and_an_unknown_phone_get_the_same_answer(
    client: FlaskClient, merchant: int, post: Post
) -> None:
    known = post(client, "/merchant/login", phone=PHONE, password="wrong-one-9").text
    unknown = post(client, "/merchant/login", phone="13900139000", password="wrong-one-9").text
    assert _plain(known.replace(PHONE, "")) == _plain(unknown.replace("13900139000", ""))
    for path in ("/merchant/login/code", "/merchant/forgot", "/merchant/register"):
        answers = [post(client, path, phone=phone) for phone in (PHONE, "13900139000")]
        assert {answer.status_code for answer in answers} <= {303, 429}
        assert answers[0].status_code == answers[1].status_code
        assert answers[0].location == answers[1].location


def _plain(page: str) -> str:
    return "".join(line for line in page.splitlines() if "csrf_token" not in line)


def test_registering_in_two_pages(client: FlaskClient, post: Post, last_code: Callable[[], str]) -> None:
    answer = post(client, "/merchant/register", phone=PHONE)
    assert answer.location == "/merchant/register/finish"
    data = {"name": "张小面", "password": PASSWORD}
    answer = post(client, "/merchant/register/finish", code="12", **data)
    assert answer.status_code == 422
    assert "张小面" in answer.text
    answer = post(client, "/merchant/register/finish", code=last_code(), name="张小面", password="12345678")
    assert answer.status_code == 422
    answer = post(client, "/merchant/register/finish", code=last_code(), **data)
    assert answer.status_code == 303
    assert "张小面" in client.get("/merchant/me").text


def test_registering_a_known_phone_signs_in_and_leaves_the_password(
    client: FlaskClient,
    merchant: int,
    post: Post,
    last_code: Callable[[], str],
    make_client: Callable[[], FlaskClient],
) -> None:
    post(client, "/merchant/register", phone=PHONE)
    answer = post(
        client, "/merchant/register/finish", code=last_code(), name="别人", password="another-word-5"
    )
    assert answer.status_code == 303
    assert "张小面" in client.get("/merchant/me").text
    assert post(make_client(), "/merchant/login", phone=PHONE, password=PASSWORD).status_code == 303


def test_signing_in_by_code(
    client: FlaskClient, merchant: int, post: Post, last_code: Callable[[], str]
) -> None:
    assert client.get("/merchant/login/verify").location == "/merchant/login/code"
    post(client, "/merchant/login/code", phone=PHONE, next="/merchant/me")
    assert post(client, "/merchant/login/verify", code="abcdef").status_code == 422
    answer = post(client, "/merchant/login/verify", code=last_code())
    assert (answer.status_code, answer.location) == (303, "/merchant/me")


def test_a_code_for_a_phone_nobody_registered_leads_to_registering(
    client: FlaskClient, post: Post, last_code: Callable[[], str]
) -> None:
    post(client, "/merchant/login/code", phone=PHONE)
    assert post(client, "/merchant/login/verify", code=last_code()).location == "/merchant/register"


def test_five_wrong_codes_and_the_right_one_is_worthless(
    client: FlaskClient, merchant: int, post: Post, last_code: Callable[[], str]
) -> None:
    post(client, "/merchant/login/code", phone=PHONE)
    wrong = f"{(int(last_code()) + 1) % 10**6:06}"
    for _ in range(5):
        assert post(client, "/merchant/login/verify", code=wrong).status_code == 422
    answer = post(client, "/merchant/login/verify", code=last_code())
    assert answer.status_code == 422
    assert "重新获取" in answer.text


def test_asking_again_at_once_says_when(client: FlaskClient, post: Post) -> None:
    post(client, "/merchant/login/code", phone=PHONE)
    assert post(client, "/merchant/login/code", phone=PHONE).location == "/merchant/login/verify"
    answer = post(client, "/merchant/forgot", phone=PHONE)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60


def test_a_forgotten_password(
    client: FlaskClient,
    merchant: int,
    post: Post,
    last_code: Callable[[], str],
    make_client: Callable[[], FlaskClient],
) -> None:
    elsewhere = make_client()
    sign_in(elsewhere, merchant)
    post(client, "/merchant/forgot", phone=PHONE)
    answer = post(client, "/merchant/forgot/finish", code=last_code(), password="a-new-word-5")
    assert answer.status_code == 303
    assert client.get("/merchant/me").status_code == 200
    assert elsewhere.get("/merchant/me").status_code == 302
    assert post(elsewhere, "/merchant/login", phone=PHONE, password="a-new-word-5").status_code == 303


def test_signing_out(client: FlaskClient, merchant: int, post: Post) -> None:
    sign_in(client, merchant)
    stolen = token_of(client)
    assert post(client, "/logout", page="/merchant/me").status_code == 303
    assert client.get("/merchant/me").status_code == 302
    with client.session_transaction() as session:
        session["_user_id"] = stolen
    assert client.get("/merchant/me").status_code == 302


def test_disabling_puts_out_with_the_next_request(client: FlaskClient, app: Flask, merchant: int) -> None:
    sign_in(client, merchant)
    assert client.get("/merchant/me").status_code == 200
    with app.app_context(), unit():
        queries.get_account(merchant).disabled_at = NOW
    assert client.get("/merchant/me").status_code == 302


def test_a_session_ends_by_itself(
    client: FlaskClient, merchant: int, freeze: Callable[[datetime], datetime]
) -> None:
    freeze(NOW)
    sign_in(client, merchant)
    freeze(NOW + timedelta(hours=7, minutes=59))
    assert client.get("/merchant/me").status_code == 200
    freeze(NOW + timedelta(hours=8))
    assert client.get("/merchant/me").status_code == 302


def test_use_is_noted_once_a_minute_also_by_reading(
    client: FlaskClient, app: Flask, merchant: int, freeze: Callable[[datetime], datetime]
) -> None:
    def seen() -> datetime:
        with app.app_context():
            return db.session.get_one(LoginSession, session_id).seen_at

    freeze(NOW)
    session_id = sign_in(client, merchant)
    freeze(NOW + timedelta(seconds=59))
    client.get("/merchant/me")
    assert seen() == NOW
    freeze(NOW + timedelta(seconds=60))
    client.get("/merchant/me")
    assert seen() == NOW + timedelta(seconds=60)


def test_devices_are_listed_and_ended(
    client: FlaskClient, merchant: int, post: Post, make_client: Callable[[], FlaskClient], app: Flask
) -> None:
    second, third, other = make_client(), make_client(), make_client()
    sign_in(client, merchant)
    second_id = sign_in(second, merchant)
    sign_in(third, merchant)
    page = client.get("/account/sessions").text
    assert page.count("Chrome 浏览器") >= 3
    post(client, f"/account/sessions/{second_id}/end", page="/account/sessions")
    assert second.get("/merchant/me").status_code == 302
    assert third.get("/merchant/me").status_code == 200
    post(client, "/account/sessions/end-all", page="/account/sessions")
    assert third.get("/merchant/me").status_code == 302
    assert client.get("/merchant/me").status_code == 200
    with app.app_context(), unit():
        stranger = make_merchant().id
    theirs = sign_in(other, stranger)
    assert post(client, f"/account/sessions/{theirs}/end", page="/account/sessions").status_code == 404


def test_changing_name_password_and_phone(
    client: FlaskClient, merchant: int, post: Post, last_code: Callable[[], str]
) -> None:
    sign_in(client, merchant)
    assert post(client, "/merchant/me/name", name="").status_code == 422
    assert post(client, "/merchant/me/name", name="张大面").status_code == 303
    answer = post(client, "/account/password", old="wrong-one-9", password="a-new-word-5")
    assert answer.status_code == 422
    assert "现在的密码不对" in answer.text
    assert post(client, "/account/password", old=PASSWORD, password="a-new-word-5").status_code == 303
    assert client.get("/merchant/me/phone/finish").location == "/merchant/me/phone"
    assert post(client, "/merchant/me/phone", phone="0312-5901234").status_code == 422
    post(client, "/merchant/me/phone", phone="13900139000")
    assert post(client, "/merchant/me/phone/finish", code=last_code()).status_code == 303
    page = client.get("/merchant/me").text
    assert "张大面" in page
    assert "139****9000" in page


def test_a_form_without_its_token_changes_nothing(client: FlaskClient, merchant: int) -> None:
    assert client.post("/merchant/login", data={"phone": PHONE, "password": PASSWORD}).status_code == 400
    assert client.get("/merchant/me").status_code == 302


def test_an_expired_sign_in_at_a_form_says_so(
    client: FlaskClient, merchant: int, app: Flask, post: Post
) -> None:
    sign_in(client, merchant)
    page = client.get("/merchant/me/name").text
    with app.app_context(), unit():
        db.session.query(LoginSession).update({"ended_at": NOW})
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    answer = client.post("/merchant/me/name", data={"csrf_token": token, "name": "x"})
    assert answer.status_code == 401
    assert "请重新登录" in answer.text


def test_tries_by_one_address_are_limited(make_app: Callable[..., Flask], post: Post) -> None:
    client = make_app(rate_limits=True).test_client()
    answers = [post(client, "/merchant/forgot", phone=f"139{number:08}").status_code for number in range(21)]
    assert answers == [303] * 20 + [429]


def test_domain_errors_have_words(app: Flask) -> None:
    from webapp.web.errors import message_of

    details = {"minutes": 3, "seconds": 30, "retry_after": 30, "lifecycle": "x", "state": "y", "action": "z"}
    with app.app_context():
        for key in app.extensions["ydym.words"]:
            if key.startswith(("error.password", "error.code", "error.step")):
                assert message_of(DomainError(key.removeprefix("error."), **details))
