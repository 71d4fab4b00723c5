"""The pages of reminders."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories.accounts import make_officer, sign_in
from tests.factories.merchants import NOW, make_account, make_shop
from tests.factories.regions import make_street
from tests.factories.reminders import make_reminder
from webapp.core import policy
from webapp.core.actor import Role
from webapp.core.transaction import unit
from webapp.reminders import queries

NASTY = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def _city(app: Flask, freeze: Callable[[datetime], datetime]) -> None:
    freeze(NOW)
    with app.app_context(), unit():
        policy.sync()
        make_street()
        make_street("130602001", "竞秀区先锋市场监管所")


@pytest.fixture
def officer(app: Flask, client: FlaskClient) -> FlaskClient:
    """A bureau officer of 130606 at the desk."""
    with app.app_context(), unit():
        account = make_officer()
    sign_in(client, account.id)
    return client


def send(client: FlaskClient, page: str, path: str | None = None, **data: Any) -> TestResponse:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert found, page
    return client.post(path or page, data={"csrf_token": found.group(1), **data})


def filled(**more: str) -> dict[str, str]:
    return {"kind": "warning", "title": "谨防假冒", "body": "看清。\n问清。", "region_code": "130606"} | more


def test_nothing_yet(client: FlaskClient) -> None:
    assert "现在没有提醒" in client.get("/reminders").text


def test_write_look_publish_revise_withdraw(app: Flask, officer: FlaskClient) -> None:
    new = "/office/reminders/new"
    preview = send(officer, new, **filled(do="preview"))
    assert preview.status_code == 200
    assert "还没有发布" in preview.text
    assert "谨防假冒" not in officer.get("/reminders").text
    case = send(officer, new, **filled(do="publish")).location
    number = int(case.rsplit("/", 1)[1])
    public = f"/reminders/{number}"
    assert public in officer.get("/reminders").text
    text = officer.get(public).text
    for shown in ("谨防假冒", "<p>看清。</p><p>问清。</p>", "消费警示", "莲池区", "2026年5月6日"):
        assert shown in text, shown
    with app.app_context():
        version = str(queries.get(number).version)
    done = send(officer, f"{case}/edit", **filled(do="publish", title="改过的", version=version))
    assert done.status_code == 303
    assert "2026年5月6日 周三修改" in officer.get(public).text
    late = send(officer, f"{case}/edit", **filled(do="publish", title="晚了", version=version))
    assert late.status_code == 409
    version = str(int(version) + 1)
    empty = send(officer, case, f"{case}/withdraw", version=version, reason="")
    assert (empty.status_code, "请写明理由" in empty.text) == (422, True)
    assert send(officer, case, f"{case}/withdraw", version=version, reason="说法有误").status_code == 303
    gone = officer.get(public)
    assert gone.status_code == 410
    assert "说法有误" in gone.text
    assert "看清" not in gone.text
    assert public not in officer.get("/reminders").text
    assert officer.get(f"{case}/edit").status_code == 409
    assert "改过的" in officer.get("/office/reminders?state=withdrawn").text
    assert "改过的" not in officer.get("/office/reminders?state=published").text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"title": ""}, "这一项要填写"),
        ({"kind": "rumour"}, "请选消费提醒或消费警示"),
        ({"region_code": "130602"}, "不在您的辖区内"),
        ({"shop": "4711"}, "不在您的辖区内"),
        ({"shop": "abc"}, "请写店铺编号"),
        ({"title": "长" * 61}, "最多 60 个字，现在是 61 个字"),
    ],
)
def test_a_wrong_form_keeps_what_was_typed(officer: FlaskClient, more: dict[str, str], said: str) -> None:
    answer = send(officer, "/office/reminders/new", **filled(do="publish", **more))
    assert answer.status_code == 422
    assert said in answer.text
    assert "看清。\n问清。" in answer.text


def test_for_one_shop(app: Flask, officer: FlaskClient) -> None:
    with app.app_context(), unit():
        shop_id = make_shop().id
        away = make_shop(name="外区店", region_code="130602001").id
    assert f"shop={shop_id}" in officer.get("/office/reminders/new?q=老槐树").text
    assert "外区店" not in officer.get("/office/reminders/new?q=外区").text
    assert officer.get(f"/office/reminders/new?shop={away}").status_code == 404
    case = send(
        officer, f"/office/reminders/new?shop={shop_id}", "/office/reminders/new", **filled(shop=str(shop_id))
    ).location
    assert "老槐树面馆" in officer.get(case).text
    assert f'href="/s/{shop_id}"' in officer.get(f"/reminders/{case.rsplit('/', 1)[1]}").text


def test_out_of_reach_there_is_nothing(app: Flask, officer: FlaskClient) -> None:
    with app.app_context(), unit():
        elsewhere, city = make_reminder(region_code="130602").id, make_reminder(region_code="1306").id
    for number in (elsewhere, city):
        assert officer.get(f"/office/reminders/{number}").status_code == 404
        assert officer.get(f"/office/reminders/{number}/edit").status_code == 404
        answer = send(
            officer,
            "/office/reminders/new",
            f"/office/reminders/{number}/withdraw",
            version="1",
            reason="x",
        )
        assert answer.status_code == 404
    assert "办卡先看合同" not in officer.get("/office/reminders").text


@pytest.mark.parametrize("path", ["/office/reminders", "/office/reminders/new", "/office/reminders/1"])
def test_others_do_not_come_in(app: Flask, make_client: Callable[[], FlaskClient], path: str) -> None:
    with app.app_context(), unit():
        make_reminder()
        people = [make_officer(Role.STATION_OFFICER).id, make_account().id]
    assert make_client().get(path).status_code == 302
    for account_id in people:
        client = make_client()
        sign_in(client, account_id)
        assert client.get(path).status_code == 403


def test_filters_and_pages(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), unit():
        for number in range(20):
            make_reminder(title=f"第{number:02}条", now=NOW - timedelta(days=number), region_code="1306")
        make_reminder(title="只给竞秀", region_code="130602", category="stay")

    def shown(query: str) -> int:
        return client.get(f"/reminders?{query}").text.count('class="row"')

    assert (shown(""), shown("page=2"), shown("page=9")) == (15, 6, 6)
    assert (shown("district=130606"), shown("district=130606&page=2")) == (15, 5)
    assert "只给竞秀" in client.get("/reminders?district=130602").text
    assert "只给竞秀" not in client.get("/reminders?category=eat").text
    assert shown("kind=warning") == 0
    assert "没有符合条件的提醒" in client.get("/reminders?kind=warning").text
    for nonsense in ("district=x", "category=<", "industry=%00", "kind=x", "page=x"):
        assert client.get(f"/reminders?{nonsense}").status_code == 200


def test_what_officers_write_is_text(app: Flask, officer: FlaskClient) -> None:
    case = send(officer, "/office/reminders/new", **filled(title=NASTY, body=NASTY)).location
    number = case.rsplit("/", 1)[1]
    preview = send(officer, "/office/reminders/new", **filled(title=NASTY, body=NASTY, do="preview")).text
    pages = ("/reminders", f"/reminders/{number}", "/office/reminders", case, f"{case}/edit")
    for text in (preview, *(officer.get(path).text for path in pages)):
        assert NASTY not in text
        assert "&lt;img src=x" in text


def test_no_such_reminder(client: FlaskClient) -> None:
    assert client.get("/reminders/4711").status_code == 404
