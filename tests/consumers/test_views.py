"""The door, WeChat over real HTTP, the pages of 我的, and who does not get in."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories.complaints import make_complaint, make_merchant, make_shop_with_policy
from tests.factories.consumers import make_consumer, sign_in_consumer
from tests.factories.merchants import NOW
from tests.factories.tips import make_tip
from webapp.complaints.models import Complaint
from webapp.consumers.models import Consumer, ConsumerSession
from webapp.consumers.simulator import APP_ID, APP_SECRET, AUTHORIZE, TOKEN, Simulator, serve
from webapp.core import clock, policy
from webapp.core.db import db
from webapp.core.language import Language
from webapp.core.transaction import unit
from webapp.notices.models import OutboxMessage
from webapp.settings import Settings, SettingsError
from webapp.tips.models import Tip

PHONE, E164 = "139 8765 4321", "+8613987654321"
WECHAT_AGENT = "Mozilla/5.0 (Linux; Android 12) MicroMessenger/8.0.40"


@pytest.fixture(autouse=True)
def _still(freeze: Callable[..., object]) -> None:
    freeze(NOW)


@pytest.fixture(scope="module")
def wechat() -> Iterator[tuple[Simulator, str]]:
    simulator = Simulator()
    with serve(simulator) as address:
        yield simulator, address


@pytest.fixture
def here(make_app: Callable[..., Flask], wechat: tuple[Simulator, str]) -> Flask:
    """The application with the simulated WeChat."""
    simulator, address = wechat
    simulator.broken = ""
    app = make_app(
        wechat_app_id=APP_ID,
        wechat_app_secret=APP_SECRET,
        wechat_authorize_url=address + AUTHORIZE,
        wechat_token_url=address + TOKEN,
    )
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context(), unit():
        policy.sync()
    return app


def code_in_outbox() -> str:
    text = db.session.scalar(sa.select(OutboxMessage.text).order_by(OutboxMessage.id.desc()).limit(1))
    found = re.search(r"\d{6}", text or "")
    assert found
    return found[0]


def hidden(page: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, f"no field {name}"
    return html.unescape(found[1])


def by_phone(app: Flask, visitor: FlaskClient, path: str = "/me/login", **more: str) -> TestResponse:
    asked = visitor.post(path, data={"phone": PHONE, **more})
    assert asked.status_code == 200, asked.text
    with app.app_context():
        code = code_in_outbox()
    return visitor.post(path, data={"phone": PHONE, "asked": hidden(asked, "asked"), "code": code, **more})


def to_wechat(visitor: FlaskClient, openid: str, start: str = "/me/wechat") -> str:
    """Go to the simulated WeChat, choose who we are; returns the path that it leads back to."""
    gone = visitor.get(start)
    assert gone.status_code == 302, gone.text
    page = requests.get(gone.location, timeout=5)
    assert page.status_code == 200
    links = [html.unescape(link) for link in re.findall(r'href="([^"]+)"', page.text)]
    back = links[["oDemoLi", "oDemoWang"].index(openid)]
    assert back.startswith("http://codes.test/me/wechat/back?")
    return back.removeprefix("http://codes.test")


def test_a_phone_signs_in_and_finds_what_was_filed_with_it(here: Flask) -> None:
    with here.app_context(), unit():
        shop = make_shop_with_policy()
        number = make_complaint(shop, contact_phone=E164).number
        tip = make_tip(shop, reporter_phone=E164).number
        others = make_complaint(shop, contact_phone="+8613900000009").number
    visitor = here.test_client()
    door = visitor.get("/me")
    assert (door.status_code, door.location) == (302, "/me/login?next=/me")
    assert "不登录也能投诉" in visitor.get("/me/login").text
    wrong = visitor.post("/me/login", data={"phone": "123"})
    assert wrong.status_code == 422
    assert 'value="123"' in wrong.text
    asked = visitor.post("/me/login", data={"phone": PHONE})
    bad = visitor.post("/me/login", data={"phone": PHONE, "asked": hidden(asked, "asked"), "code": "000000"})
    assert bad.status_code == 422
    assert visitor.post("/me/login", data={"phone": PHONE}).status_code == 429, "one a minute"
    with here.app_context():
        code = code_in_outbox()
    typed = {"phone": "13900000009", "asked": hidden(asked, "asked"), "code": code}
    assert visitor.post("/me/login", data=typed).status_code == 422, "the code proves its own phone only"

    with clock.use(NOW + timedelta(minutes=2)):
        done = by_phone(here, visitor, next="https://evil.example/")
        assert (done.status_code, done.location) == (303, "/me")
        cookies = [line for line in done.headers.getlist("Set-Cookie") if line.startswith("ydym-me=")]
        assert all(part in cookies[0] for part in ("HttpOnly", "SameSite=Lax", "Path=/me"))
        page = visitor.get("/me")
        assert page.headers["Cache-Control"] == "no-store"
        assert number in page.text
        assert tip in page.text
        assert others not in page.text
        assert "139****4321" in page.text
        link = re.search(r'class="casecard" href="([^"]+)"', page.text)
        assert link
        assert visitor.get(link[1]).status_code == 200
        copy = json.loads(visitor.get("/me/account/copy.json").text)
        assert [one["number"] for one in copy["complaints"]] == [number]
        assert copy["account"]["phone"] == E164
        assert visitor.post("/me/logout").location == "/me/login"
        assert visitor.get("/me").status_code == 302
    with here.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(ConsumerSession)) == 0


def test_wechat_signs_in_and_out_of_its_own_browser_is_not_offered(here: Flask) -> None:
    visitor = here.test_client()
    assert "用微信登录" in visitor.get("/me/login").text, "a simulator answers anywhere"
    asked = parse_qs(urlsplit(visitor.get("/me/wechat").location).query)
    assert list(asked) == ["appid", "redirect_uri", "response_type", "scope", "state"], (
        "WeChat wants this order"
    )
    assert asked["scope"] == ["snsapi_base"]
    assert len(asked["state"][0]) >= 20
    back = to_wechat(visitor, "oDemoLi", "/me/wechat?next=/me/account")
    done = visitor.get(back)
    assert (done.status_code, done.location) == (303, "/me/account")
    assert "已绑定" in visitor.get("/me/account").text
    assert "绑定手机号，就能看到投诉和举报" in visitor.get("/me").text
    # The same address again: WeChat's browser does that. Nothing happens, nobody is frightened.
    assert visitor.get(back).location == "/me"
    with here.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Consumer)) == 1
    # Somebody else who got hold of the address: it did not begin in that browser.
    thief = here.test_client()
    stolen = thief.get(back)
    assert stolen.status_code == 422
    assert "不是从这个浏览器开始的" in stolen.text
    # With a state of its own, the code that was used is refused by WeChat.
    thief_state = parse_qs(urlsplit(thief.get("/me/wechat").location).query)["state"][0]
    code = parse_qs(urlsplit(back).query)["code"][0]
    assert "已经用过" in thief.get("/me/wechat/back", query_string={"code": code, "state": thief_state}).text
    assert thief.get("/me").status_code == 302


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"state": "forged"}, 422, "不是从这个浏览器开始的"),
        ({"code": ""}, 422, "没有点“允许”"),
        ({"code": "0" * 32}, 422, "已经用过或者过期"),
        ({"broken": "<html>bad gateway</html>"}, 503, "连不上微信"),
        ({"later": 11}, 422, "超过了 10 分钟"),
    ],
)
def test_whatever_goes_wrong_at_wechat_is_said_with_what_to_do(
    here: Flask, wechat: tuple[Simulator, str], change: dict[str, Any], status: int, says: str
) -> None:
    visitor = here.test_client()
    back = to_wechat(visitor, "oDemoLi")
    query = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    wechat[0].broken = change.get("broken", "")
    query |= {name: value for name, value in change.items() if name in query}
    with clock.use(NOW + timedelta(minutes=change.get("later", 0))):
        if "later" in change:
            _age_cookie(visitor, here)
        answer = visitor.get("/me/wechat/back", query_string=query)
    wechat[0].broken = ""
    assert (answer.status_code, says in answer.text) == (status, True), answer.text
    assert "用手机号登录" in answer.text
    assert visitor.get("/me").status_code == 302


def _age_cookie(visitor: FlaskClient, app: Flask) -> None:
    """A note signed eleven minutes ago (itsdangerous looks at the machine's own clock)."""
    from unittest import mock

    from webapp.consumers import browser

    with app.test_request_context():
        cookie = visitor.get_cookie("ydym-me-away", path="/me")
        assert cookie is not None
        signer = browser._signer("away")
        notes = signer.loads(cookie.value)
        import time

        with mock.patch("itsdangerous.timed.time.time", return_value=time.time() - 660):
            visitor.set_cookie("ydym-me-away", signer.dumps(notes), path="/me")


def test_wechat_and_phone_are_linked_and_unlinked(here: Flask) -> None:
    visitor = here.test_client()
    visitor.get(to_wechat(visitor, "oDemoLi"))
    done = by_phone(here, visitor, "/me/phone")
    assert done.location == "/me/account"
    page = visitor.get("/me/account").text
    assert "手机号绑定好了" in page
    assert "139****4321" in page
    assert visitor.post("/me/unlink/phone").status_code == 303
    last = visitor.post("/me/unlink/wechat")
    assert last.status_code == 409
    assert "唯一的登录方式" in last.text
    # An account that has a WeChat takes no second one.
    with here.app_context(), unit():
        other = make_consumer(E164, "oOther")
        sign_in_consumer(full := here.test_client(), other)
    back = to_wechat(full, "oDemoLi")
    assert "账号里已经有一个了" in full.get(back).text


def test_a_state_that_began_before_signing_in_does_not_link_afterwards(here: Flask) -> None:
    visitor = here.test_client()
    back = to_wechat(visitor, "oDemoLi")
    by_phone(here, visitor)
    assert visitor.get(back).status_code == 422
    with here.app_context():
        assert [one.wechat_hash for one in db.session.scalars(sa.select(Consumer))] == [None]


def test_without_settings_nobody_hears_of_wechat(app: Flask, client: FlaskClient) -> None:
    assert "微信" not in client.get("/me/login").text
    for path in ("/me/wechat", "/me/wechat/back?code=x&state=y"):
        assert client.get(path).location == "/me/login"


def test_wechat_itself_is_offered_in_its_own_browser_only(make_app: Callable[..., Flask]) -> None:
    app = make_app(wechat_app_id="wx0", wechat_app_secret="s")
    visitor = app.test_client()
    assert "在微信里打开本页" in visitor.get("/me/login").text
    assert visitor.get("/me/wechat").location == "/me/login"
    there = {"User-Agent": WECHAT_AGENT}
    assert "用微信登录" in visitor.get("/me/login", headers=there).text
    gone = visitor.get("/me/wechat", headers=there).location
    assert gone.startswith(
        "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx0&redirect_uri=http%3A%2F%2Fcodes.test"
    )
    assert gone.endswith("#wechat_redirect")


@pytest.mark.parametrize(
    "settings",
    [
        {"YDYM_WECHAT_APP_ID": "wx0"},
        {
            "YDYM_WECHAT_APP_ID": "wx0",
            "YDYM_WECHAT_APP_SECRET": "s",
            "YDYM_WECHAT_TOKEN_URL": "http://a.example/t",
        },
    ],
)
def test_half_an_official_account_stops_the_start(settings: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="YDYM_WECHAT"):
        Settings.from_env(settings)


def test_shops_of_the_device_and_the_account_become_one_and_a_gone_shop_is_said_to_be(here: Flask) -> None:
    with here.app_context(), unit():
        shop = make_shop_with_policy("还在的店")
        me = make_consumer()
        sign_in_consumer(visitor := here.test_client(), me)
        number = shop.id
    at = int(NOW.timestamp())
    device = {"v": 1, "shops": {str(number): {"n": "旧名", "p": "", "at": at, "gone": 0}}}
    device["shops"]["987654"] = {"n": "关了的店", "p": "莲池区", "at": at - 5, "gone": 0}
    answer = visitor.post("/me/favourites/sync", data=json.dumps(device))
    assert answer.get_json() == device
    page = visitor.get("/me/favourites").text
    assert "还在的店" in page
    assert "关了的店" in page
    assert "这家店已经不在平台公示" in page
    assert "/s/987654" not in page
    assert visitor.post("/me/favourites/drop", data={"shop": "987654"}).status_code == 303
    assert visitor.post("/me/favourites/drop", data={"shop": "x"}).status_code == 404
    assert "关了的店" not in visitor.get("/me/favourites").text.partition("已经取消")[2]
    # The device still has it, with an older mark: it hears that it was taken out.
    told = visitor.post("/me/favourites/sync", data=json.dumps(device)).get_json()
    assert told["shops"]["987654"]["gone"] == 1
    for junk in ("", "[", "[" * 100_000):
        assert visitor.post("/me/favourites/sync", data=junk).status_code == 400


def test_the_account_is_erased_and_ended_cases_lose_the_name_on_wish(here: Flask) -> None:
    with here.app_context(), unit():
        shop = make_shop_with_policy()
        make_complaint(shop, contact_phone=E164)
    visitor = here.test_client()
    by_phone(here, visitor)
    assert visitor.post("/me/account/erase").status_code == 422
    assert visitor.post("/me/account/erase", data={"sure": "yes", "cases": "yes"}).location == "/me/login"
    page = visitor.get("/me/login").text
    assert "账号已经注销" in page
    assert "1 件还没有办完" in page
    with here.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Consumer)) == 0


def test_each_sees_the_own_and_no_session_opens_another_side(here: Flask) -> None:
    with here.app_context(), unit():
        shop = make_shop_with_policy()
        number = make_complaint(shop, contact_phone=E164).number
        make_merchant(shop)
        sign_in_consumer(mine := here.test_client(), make_consumer(E164))
        sign_in_consumer(theirs := here.test_client(), make_consumer())
    assert number in mine.get("/me").text
    assert number not in theirs.get("/me").text
    assert "complaints" in json.loads(theirs.get("/me/account/copy.json").text)
    assert json.loads(theirs.get("/me/account/copy.json").text)["complaints"] == []
    for path in ("/merchant/", "/office/", "/mediation/"):
        assert "/login" in mine.get(path).location
    assert here.test_client().post("/me/account/erase").status_code == 401
    forged = here.test_client()
    forged.set_cookie("ydym-me", "guessed", path="/me")
    assert forged.get("/me").status_code == 302


def test_public_pages_neither_see_the_session_nor_set_a_cookie(here: Flask) -> None:
    with here.app_context(), unit():
        shop_id = make_shop_with_policy().id
        sign_in_consumer(visitor := here.test_client())
    for path in ("/", f"/s/{shop_id}", "/favourites"):
        signed_in, stranger = visitor.get(path), here.test_client().get(path)
        assert signed_in.data == stranger.data
        assert 'href="/me"' in stranger.text
        assert "Set-Cookie" not in stranger.headers


def test_who_signs_in_is_written_to_in_the_language_of_the_page_also_about_older_cases(here: Flask) -> None:
    with here.app_context(), unit():
        shop = make_shop_with_policy()
        complaint_id = make_complaint(shop, contact_phone=E164).id
        tip_id = make_tip(shop, reporter_phone=E164, reporter_name="王", named=True).id

    def kept() -> list[Language]:
        with here.app_context():
            complaint, tip = db.session.get(Complaint, complaint_id), db.session.get(Tip, tip_id)
            consumer = db.session.query(Consumer).one()
            assert complaint is not None
            assert tip is not None
            return [consumer.language, complaint.contact_language, tip.reporter_language]

    visitor = here.test_client()
    visitor.set_cookie("ydym_lang", "en")
    by_phone(here, visitor)
    assert kept() == [Language.EN] * 3
    visitor.get("/view?lang=hant&next=/me/account")
    assert kept() == [Language.EN] * 3, "the switch does not see who is signed in"
    assert visitor.get("/me/account").status_code == 200
    assert kept() == [Language.HANT] * 3
