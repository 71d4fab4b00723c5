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
from webapp.core import clock, policy
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.publiclog import sequencer
from webapp.reminders import operations, queries

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
    until = (clock.day_of(NOW) + timedelta(days=30)).isoformat()
    given = {"kind": "warning", "title": "谨防假冒", "body": "看清。\n问清。", "region_code": "130606"}
    return given | {"ground": "food_risk", "term_until": until, "do": "keep"} | more


@pytest.fixture
def second(app: Flask, make_client: Callable[[], FlaskClient]) -> FlaskClient:
    """Another bureau officer of 130606."""
    with app.app_context(), unit():
        account = make_officer()
    client = make_client()
    sign_in(client, account.id)
    return client


def version_of(app: Flask, number: int) -> str:
    with app.app_context():
        return str(queries.get(number).version)


def test_nothing_yet(client: FlaskClient) -> None:
    assert "现在没有提醒" in client.get("/reminders").text
    assert client.get("/reminders.rss").text.count("<item>") == 0


def test_write_look_propose_publish_replace_withdraw(
    app: Flask, officer: FlaskClient, second: FlaskClient, client: FlaskClient
) -> None:
    new = "/office/reminders/new"
    preview = send(officer, new, **filled(do="preview"))
    assert preview.status_code == 200
    assert "还没有发布" in preview.text
    case = send(officer, new, **filled(do="propose")).location
    number = int(case.rsplit("/", 1)[1])
    public = f"/reminders/{number}"
    assert client.get(public).status_code == 404
    assert "要由另一名同事核准" in officer.get(case).text
    assert "核准并发布" not in officer.get(case).text
    own = send(officer, case, f"{case}/publish", version=version_of(app, number))
    assert (own.status_code, "请另一位同事来办" in own.text) == (403, True)
    assert "核准并发布" in second.get(case).text
    assert send(second, case, f"{case}/publish", version=version_of(app, number)).status_code == 303
    assert public in client.get("/reminders").text
    text = client.get(public).text
    for shown in (
        "谨防假冒",
        "<p>看清。</p><p>问清。</p>",
        "消费警示",
        "莲池区",
        "2026年5月6日",
        "食品安全风险（依据《中华人民共和国食品安全法》第一百一十八条）",
        "2026年6月5日 周五",
    ):
        assert shown in text, shown
    assert "谨防假冒" in client.get("/reminders.rss?district=130606").text
    assert "谨防假冒" not in client.get("/reminders.rss?district=130602").text
    done = send(
        officer, f"{case}/edit", **filled(do="propose", title="改过的", version=version_of(app, number))
    )
    newer = int(done.location.rsplit("/", 1)[1])
    assert "谨防假冒" in client.get(public).text
    assert "这是修改稿" in second.get(done.location).text
    later = {"version": version_of(app, newer)}
    assert send(second, done.location, f"{done.location}/publish", **later).status_code == 303
    moved = client.get(public)
    assert (moved.status_code, moved.location) == (301, f"/reminders/{newer}")
    late = send(second, done.location, f"{done.location}/withdraw", reason="x", **later)
    assert late.status_code == 409
    later = {"version": version_of(app, newer)}
    empty = send(second, done.location, f"{done.location}/withdraw", reason="", **later)
    assert (empty.status_code, "请写明理由" in empty.text) == (422, True)
    gone = send(second, done.location, f"{done.location}/withdraw", reason="说法有误", **later)
    assert gone.status_code == 303
    page = client.get(f"/reminders/{newer}")
    assert page.status_code == 410
    assert "说法有误" in page.text
    assert "看清" not in page.text
    for where in ("/reminders", "/reminders.rss", "/"):
        assert "改过的" not in client.get(where).text
    assert "改过的" in officer.get("/office/reminders?state=withdrawn").text
    assert "改过的" not in officer.get("/office/reminders").text


def test_refused_and_written_better(app: Flask, officer: FlaskClient, second: FlaskClient) -> None:
    case = send(officer, "/office/reminders/new", **filled(do="propose")).location
    number = int(case.rsplit("/", 1)[1])
    bad = send(second, case, f"{case}/refuse", reason="", version=version_of(app, number))
    assert (bad.status_code, "请写明理由" in bad.text) == (422, True)
    send(second, case, f"{case}/refuse", reason="写明金额", version=version_of(app, number))
    assert "写明金额" in officer.get(case).text
    form = officer.get(f"{case}/edit")
    assert "谨防假冒" in form.text
    send(officer, f"{case}/edit", **filled(title="写好了", version=version_of(app, number)))
    assert "草稿" in officer.get(case).text
    send(officer, case, f"{case}/propose", version=version_of(app, number))
    send(officer, case, f"{case}/take_back", version=version_of(app, number))
    send(officer, case, f"{case}/drop", version=version_of(app, number))
    assert officer.get(f"{case}/edit").status_code == 409


def test_a_term_that_has_passed(
    app: Flask, client: FlaskClient, freeze: Callable[[datetime], datetime]
) -> None:
    with app.app_context(), unit():
        number = make_reminder(term_until=clock.day_of(NOW) + timedelta(days=2)).id
    freeze(NOW + timedelta(days=3))
    page = client.get(f"/reminders/{number}")
    assert (page.status_code, "已过有效期" in page.text) == (410, True)
    assert "办卡先看合同" not in client.get("/reminders").text + client.get("/reminders.rss").text


def test_where_it_stands_in_the_public_log(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), unit():
        number = make_reminder().id
    assert "公示日志第" not in client.get(f"/reminders/{number}").text
    with app.app_context():
        sequencer.run(NOW)
        db.session.commit()
        assert queries.get(number)
    page = client.get(f"/reminders/{number}").text
    assert 'href="/log/1"' in page
    assert "发布消费提醒" in client.get("/log/1").text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"title": ""}, "这一项要填写"),
        ({"kind": "rumour"}, "请选消费提醒或消费警示"),
        ({"region_code": "130602"}, "不在您的辖区内"),
        ({"shops": "4711"}, "不在您的辖区内"),
        ({"shops": "abc"}, "请写店铺编号"),
        ({"shops": "4711", "title": ""}, "不在您的辖区内"),
        ({"title": "长" * 61}, "最多 60 个字，现在是 61 个字"),
        ({"ground": ""}, "请从列表里选一个缘由"),
        ({"term_until": "2026-13-40"}, "请选明天起 365 天以内的日期"),
        ({"kind": "reminder", "term_until": "2026-12-31"}, "请选明天起 180 天以内的日期"),
    ],
)
def test_a_wrong_form_keeps_what_was_typed(officer: FlaskClient, more: dict[str, str], said: str) -> None:
    answer = send(officer, "/office/reminders/new", **filled(do="propose", **more))
    assert answer.status_code == 422
    assert said in answer.text
    assert "看清。\n问清。" in answer.text


def test_about_shops(app: Flask, officer: FlaskClient, second: FlaskClient, client: FlaskClient) -> None:
    with app.app_context(), unit():
        shop_id, next_door = make_shop().id, make_shop(name="隔壁小馆").id
        away = make_shop(name="外区店", region_code="130602001").id
    assert f"shop={shop_id}" in officer.get("/office/reminders/new?q=老槐树").text
    assert "外区店" not in officer.get("/office/reminders/new?q=外区").text
    assert officer.get(f"/office/reminders/new?shop={away}").status_code == 404
    page, both = f"/office/reminders/new?shop={shop_id}", f"{shop_id}、{next_door}"
    case = send(officer, page, "/office/reminders/new", **filled(shops=both, do="propose")).location
    number = int(case.rsplit("/", 1)[1])
    assert "隔壁小馆" in officer.get(case).text
    send(second, case, f"{case}/publish", version=version_of(app, number))
    text = client.get(f"/reminders/{number}").text
    assert f'href="/s/{shop_id}"' in text
    assert f'href="/s/{next_door}"' in text
    assert "等 2 家店" in client.get("/reminders?q=隔壁").text
    assert "等 2 家店" not in client.get("/reminders?q=查无此店").text


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
        people = [make_officer(Role.DEPARTMENT_OFFICER).id, make_account().id]
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
    for nonsense in ("district=x", "category=<", "industry=%00", "kind=x", "page=x", "q=%00%25_"):
        assert client.get(f"/reminders?{nonsense}").status_code == 200


def test_what_officers_write_is_text(app: Flask, officer: FlaskClient) -> None:
    case = send(officer, "/office/reminders/new", **filled(title=NASTY, body=NASTY)).location
    number = case.rsplit("/", 1)[1]
    preview = send(officer, "/office/reminders/new", **filled(title=NASTY, body=NASTY, do="preview")).text
    with app.app_context(), unit():
        writer, second = make_officer().actor(), make_officer().actor()
        reminder = operations.act(int(number), "propose", "", writer, NOW, queries.get(int(number)).version)
        operations.act(int(number), "publish", "", second, NOW, reminder.version)
    pages = ("/reminders", f"/reminders/{number}", "/office/reminders", case, f"{case}/edit")
    feed = officer.get("/reminders.rss").text
    assert NASTY not in feed
    for text in (preview, *(officer.get(path).text for path in pages)):
        assert NASTY not in text
        assert "&lt;img src=x" in text


def test_no_such_reminder(client: FlaskClient) -> None:
    assert client.get("/reminders/4711").status_code == 404
