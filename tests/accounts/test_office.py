"""Administrators manage accounts, and the command line does."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.accounts import (
    PASSWORD,
    make_administrator,
    make_merchant,
    make_officer,
    make_session,
    sign_in,
)
from tests.factories.regions import make_street
from webapp.accounts import passwords, queries, sessions
from webapp.accounts.models import OfficerPost
from webapp.core import clock
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.regions.models import Station

Post = Callable[..., object]


@pytest.fixture
def desk(client: FlaskClient, app: Flask) -> FlaskClient:
    """An administrator of the city, signed in."""
    with app.app_context(), unit():
        account_id = make_administrator().id
    sign_in(client, account_id)
    return client


@pytest.fixture
def officer(app: Flask) -> int:
    with app.app_context(), unit():
        make_street()
        return make_officer(username="li.wei", password=PASSWORD).id


def test_lists_and_searches(desk: FlaskClient, officer: int, app: Flask) -> None:
    with app.app_context(), unit():
        make_merchant("孙掌柜", "+8613800138000")
    assert "li.wei" in desk.get("/office/accounts").text
    assert "li.wei" not in desk.get("/office/accounts?q=王管理").text
    page = desk.get("/office/accounts?kind=merchant&q=13800138000").text
    assert "孙掌柜" in page
    assert page.count("13800138000") == 1  # in the search box alone
    assert "没有找到账号" in desk.get("/office/accounts?kind=merchant&q=13900139000").text


def test_posts_are_told_by_role_and_place(desk: FlaskClient, app: Flask) -> None:
    with app.app_context(), unit():
        station = db.session.get_one(Station, make_street().station_id)
        name = station.name
        suo = make_officer(Role.STATION_OFFICER, "130606", name="所里的", station_id=station.id)
        suo.posts.append(OfficerPost(role=Role.BUREAU_OFFICER, region_code="130606"))
    page = desk.get("/office/accounts?q=所里的").text
    assert f"市场监管所人员 · {name}" in page
    assert "市场监管局人员 · " in page


def test_pages_keep_the_search(desk: FlaskClient, app: Flask) -> None:
    with app.app_context(), unit():
        for number in range(35):
            make_officer(name=f"赵{number}")
    page = desk.get("/office/accounts?q=赵").text
    assert "第 1 / 2 页，共 35 条" in page
    link = re.search(r'href="([^"]+)"><span>下一页', page)
    assert link
    assert desk.get(link.group(1).replace("&amp;", "&")).text.count("赵") >= 5
    assert "第 2 / 2 页" in desk.get("/office/accounts?q=赵&page=99").text
    assert "第 1 / 2 页" in desk.get("/office/accounts?q=赵&page=-1").text


def test_creates_an_officer_whose_password_is_shown_once(desk: FlaskClient, app: Flask, post: Post) -> None:
    data = {"name": "李所长", "username": "li.suo", "role": "bureau_officer", "region_code": "130606"}
    answer = post(desk, "/office/accounts/new", **data)
    assert answer.status_code == 200
    found = re.search(r"[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}", answer.text)
    assert found
    with app.app_context():
        account = queries.find_officer("li.suo")
        assert passwords.matches(account.password_hash, found.group())
        assert account.password_temporary
        assert account.totp_secret is None
        assert [held.region_code for held in account.posts] == ["130606"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "请填写姓名"),
        ({"username": "李"}, "小写字母"),
        ({"role": ""}, "请选择岗位"),
        ({"role": "merchant"}, "请选择岗位"),
        ({"role": "emperor"}, "请选择岗位"),
        ({"role": "station_officer"}, "选定所在的所"),
        ({"station_id": "x"}, "请选择岗位"),
        ({"region_code": "110101"}, "请选择地区"),
    ],
)
def test_a_bad_officer_is_refused_and_what_was_typed_stays(
    desk: FlaskClient, post: Post, changes: dict[str, str], words: str
) -> None:
    data = {"name": "李所长", "username": "li.suo", "role": "bureau_officer", "region_code": "130606"}
    answer = post(desk, "/office/accounts/new", **(data | changes))
    assert answer.status_code == 422
    assert words in answer.text
    if "name" not in changes:
        assert "李所长" in answer.text


def test_a_county_administrator_stays_inside_the_county(client: FlaskClient, app: Flask, post: Post) -> None:
    with app.app_context(), unit():
        mine = make_administrator("130606").id
        outside, inside = make_officer(region_code="1306").id, make_officer(region_code="130606").id
        merchant = make_merchant().id
    sign_in(client, mine)
    assert client.get(f"/office/accounts/{inside}").status_code == 200
    for account_id in (outside, merchant, 9999):
        assert client.get(f"/office/accounts/{account_id}").status_code == 404
    data = {"name": "李", "username": "li.suo", "role": "bureau_officer", "region_code": "1306"}
    answer = post(client, "/office/accounts/new", **data)
    assert answer.status_code == 403
    assert "自己管理的地区" in answer.text


def test_everything_that_can_be_done_with_an_officer(
    desk: FlaskClient, officer: int, app: Flask, post: Post
) -> None:
    page = f"/office/accounts/{officer}"
    with app.app_context(), unit():
        _, token = make_session(officer)
    answer = post(desk, f"{page}/posts", page=page, role="administrator", region_code="130606")
    assert answer.status_code == 303
    assert (
        post(desk, f"{page}/posts", page=page, role="administrator", region_code="130606").status_code == 422
    )
    with app.app_context():
        held = [row.id for row in queries.get_account(officer).posts]
    assert post(desk, f"{page}/posts/{held[0]}/remove", page=page).status_code == 303
    assert post(desk, f"{page}/posts/{held[0]}/remove", page=page).status_code == 422
    assert post(desk, f"{page}/sessions/end", page=page).status_code == 303
    with app.app_context():
        assert sessions.find(token, clock.now()) is None
    assert "临时密码" in post(desk, f"{page}/password", page=page).text
    assert post(desk, f"{page}/totp", page=page).status_code == 303
    assert post(desk, f"{page}/disable", page=page, reason=" ").status_code == 422
    assert post(desk, f"{page}/disable", page=page, reason="调离").status_code == 303
    assert "调离" in desk.get(page).text
    assert post(desk, f"{page}/enable", page=page).status_code == 303
    shown = desk.get(page).text
    for word in (
        "停用账号",
        "恢复账号",
        "重置密码",
        "解除身份验证器",
        "退出全部设备",
        "增加岗位",
        "撤销岗位",
    ):
        assert word in shown


def test_nobody_manages_themselves(client: FlaskClient, app: Flask, post: Post) -> None:
    with app.app_context(), unit():
        own = make_administrator().id
    sign_in(client, own)
    page = f"/office/accounts/{own}"
    assert "这是您自己的账号" in client.get(page).text
    for path, data in (
        ("disable", {"reason": "x"}),
        ("posts", {"role": "bureau_officer", "region_code": "1306"}),
        ("totp", {}),
        ("password", {}),
    ):
        assert post(client, f"{page}/{path}", page="/account/password", **data).status_code == 403


# --- commands -------------------------------------------------------------------------------------


def test_the_first_administrator_is_made_on_the_command_line(app: Flask) -> None:
    with app.app_context(), unit():
        make_street()
    run = app.test_cli_runner().invoke
    words = ["users", "add", "--kind", "officer", "--name", "王管理", "--username", "admin1", "--password"]
    done = run(args=[*words, PASSWORD])
    assert done.exit_code == 0, done.output
    assert run(args=[*words, PASSWORD]).exit_code == 1
    with app.app_context():
        account = queries.find_officer("admin1")
        assert [(held.role, held.region_code) for held in account.posts] == [(Role.ADMINISTRATOR, "1306")]
    failed = run(args=[*words, "short"])
    assert failed.exit_code == 1
    assert "至少要 8 位" in failed.output


def test_the_command_line_says_which_stations_a_post_may_name(app: Flask) -> None:
    with app.app_context(), unit():
        street = make_street()
        station, county = street.station_id, street.code[:6]
    run = app.test_cli_runner().invoke
    assert f"station\t{station}\t{county}\t" in run(args=["users", "places"]).output
    words = [
        "users",
        "add",
        "--kind",
        "officer",
        "--name",
        "李所长",
        "--username",
        "suo",
        "--password",
        PASSWORD,
    ]
    post = ["--role", "station_officer", "--region", county]
    assert run(args=[*words, *post]).exit_code == 1
    done = run(args=[*words, *post, "--station", str(station)])
    assert done.exit_code == 0, done.output


def test_merchants_and_the_list_on_the_command_line(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    words = [
        "users",
        "add",
        "--kind",
        "merchant",
        "--name",
        "张小面",
        "--phone",
        "13800138000",
        "--password",
        PASSWORD,
    ]
    assert run(args=words).exit_code == 0
    assert "13800138000" not in run(args=["users", "list"]).output
    assert run(args=["users", "list", "--kind", "officer"]).output == ""
    assert run(args=["users", "disable", "13800138000", "--reason", "转让"]).exit_code == 0
    assert "disabled" in run(args=["users", "list", "--kind", "merchant"]).output
    assert run(args=["users", "enable", "138 0013 8000"]).exit_code == 0
    assert "open" in run(args=["users", "list"]).output
    assert run(args=["users", "disable", "nobody", "--reason", "x"]).exit_code == 1
