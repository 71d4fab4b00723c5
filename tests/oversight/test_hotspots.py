"""Hot spots in the office, and the draft that one click makes."""

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
from tests.factories.complaints import make_complaint
from tests.factories.merchants import NOW, make_shop
from tests.factories.regions import make_street
from tests.factories.tips import make_tip
from webapp.complaints.rules import ComplaintState
from webapp.core import clock, policy
from webapp.core.actor import Role
from webapp.core.transaction import unit
from webapp.oversight import hotspots
from webapp.reminders import queries as reminders
from webapp.reminders.rules import ReminderState

TODAY = clock.day_of(NOW)
PAGE = "/office/hotspots"


@pytest.fixture(autouse=True)
def _city(app: Flask, freeze: Callable[[datetime], datetime]) -> None:
    """Six complaints (one not accepted) and one tip on an eating place in thirty days, two in the thirty before."""
    freeze(NOW)
    with app.app_context(), unit():
        policy.sync()
        make_street()
        make_street("130602001", "竞秀区先锋市场监管所")
        shop, away = make_shop(), make_shop(name="外区店", region_code="130602001")
        for days in (1, 2, 3, 4, 5, 30):
            make_complaint(shop, NOW - timedelta(days=days))
        refused = make_complaint(shop, NOW - timedelta(days=5))
        refused.refuse_ground, refused.state = "other_law", ComplaintState.REFUSED
        make_tip(shop, NOW - timedelta(days=6))
        for days in (31, 60, 61):
            make_complaint(shop, NOW - timedelta(days=days))
        make_complaint(shop, NOW)
        make_complaint(away, NOW - timedelta(days=1))


@pytest.fixture
def officer(app: Flask, client: FlaskClient) -> FlaskClient:
    with app.app_context(), unit():
        account = make_officer()
    sign_in(client, account.id)
    return client


def send(client: FlaskClient, page: str, path: str, **data: Any) -> TestResponse:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert found, page
    return client.post(path, data={"csrf_token": found.group(1), **data})


@pytest.mark.each_database
def test_what_is_counted(app: Flask) -> None:
    """Whole days before today, the period and the one before; never what was not accepted; only within reach."""
    with app.app_context():
        looked_at = hotspots.period(TODAY)
        assert (looked_at.days, looked_at.last) == (30, TODAY - timedelta(days=1))
        county, city = make_officer().actor(), make_officer(region_code="1306").actor()
        [spot] = hotspots.found(county.posts, looked_at, TODAY)
        assert (spot.complaints, spot.tips, spot.before, spot.hot) == (6, 1, 2, True)
        assert {one.region_code for one in hotspots.found(city.posts, looked_at, TODAY)} == {
            "130606",
            "130602",
        }
        [(shop, count)] = hotspots.shops_of(county.posts, "130606", "eat", looked_at)
        assert (shop.name, count) == ("老槐树面馆", 7)


def test_one_click_to_a_draft_and_back_to_the_cases(app: Flask, officer: FlaskClient) -> None:
    text = officer.get(PAGE).text
    assert "比再往前 30 天的 2 件多 5 件（250%）" in text
    assert "突出" in text
    cases = officer.get(f"{PAGE}/130606/eat").text
    assert cases.count("/office/complaints/") == 6
    assert cases.count("/office/tips/") >= 1
    done = send(officer, PAGE, f"{PAGE}/130606/eat/draft", kind="warning", until="2026-05-05")
    assert done.status_code == 303
    form = officer.get(done.location).text
    assert "反映最多的是" in form
    number = int(done.location.split("/")[3])
    with app.app_context():
        made = reminders.get(number)
        assert (made.state, made.ground, made.category) == (ReminderState.DRAFT, "complaint_hotspot", "eat")
        assert made.figures is not None
        assert (made.figures["count"], made.figures["before"], made.figures["until"]) == (7, 2, "2026-05-05")
        version = str(made.version)
    case = officer.get(f"/office/reminders/{number}").text
    assert f"{PAGE}/130606/eat?until=2026-05-05" in case.replace("&amp;", "&")
    early = send(
        officer, f"/office/reminders/{number}", f"/office/reminders/{number}/propose", version=version
    )
    assert (early.status_code, "没有补上" in early.text) == (422, True)


def test_out_of_reach_and_nonsense(
    app: Flask, officer: FlaskClient, make_client: Callable[[], FlaskClient]
) -> None:
    for address in ("130602/eat", "999999/eat", "130606/fly", "130606/stay"):
        assert officer.get(f"{PAGE}/{address}").status_code == 404, address
        assert send(officer, PAGE, f"{PAGE}/{address}/draft").status_code == 404, address
    for until in ("x", "2999-01-01", "1066-01-01"):
        assert officer.get(f"{PAGE}/130606/eat?until={until}").status_code == 200
    with app.app_context(), unit():
        station = make_officer(Role.STATION_OFFICER, station_id=make_street().station_id).id
    other = make_client()
    sign_in(other, station)
    assert other.get(PAGE).status_code == 403


def test_nothing_to_count(app: Flask, officer: FlaskClient, freeze: Callable[[datetime], datetime]) -> None:
    freeze(NOW + timedelta(days=200))
    with app.app_context(), unit():
        account = make_officer()
    sign_in(officer, account.id)
    assert "没有投诉举报" in officer.get(PAGE).text


def test_from_a_hot_spot_to_the_draft_of_a_talk(app: Flask, officer: FlaskClient) -> None:
    """The shop's complaints are filled in, tips are not told of; what was found out is the officer's to write."""
    assert "起草约谈" in officer.get(PAGE).text
    cases = officer.get(f"{PAGE}/130606/eat?until=2026-05-05").text.replace("&amp;", "&")
    [link] = re.findall(r'href="(/office/oversight/new\?kind=talk[^"]+)"', cases)
    text = officer.get(link).text
    assert "收到消费者投诉 6 件" in text
    assert "举报 1 件" not in text
    assert "7 件" not in text
    form = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', text))
    facts = re.search(r'<textarea[^>]* name="facts"[^>]*>([^<]+)<', text)
    assert facts is not None
    given = {
        "kind": "talk",
        "shop": form["shop"],
        "source": "hotspot",
        "source_ref": form["source_ref"],
        "ground": "complaints_many",
        "public_summary": "投诉较多。",
        "talk_at": "2026-05-20T10:00",
        "place": "三楼会议室",
        "do": "propose",
    }
    early = send(officer, link, "/office/oversight/new", facts=facts[1], **given)
    assert (early.status_code, "没有补上" in early.text) == (422, True)
    done = send(officer, link, "/office/oversight/new", facts="六件都没有在规定时间内答复。", **given)
    assert done.status_code == 303
    assert f"{PAGE}/130606/eat?until=2026-05-05" in officer.get(done.location).text.replace("&amp;", "&")
    for ref in ("x", "130606/eat/yesterday", "130606/fly/2026-05-05", "999999/eat/2026-05-05"):
        plain = officer.get(f"/office/oversight/new?kind=talk&shop={form['shop']}&source=hotspot&ref={ref}")
        assert (plain.status_code, "收到消费者投诉" in plain.text) == (200, False), ref
