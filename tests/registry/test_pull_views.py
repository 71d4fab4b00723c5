"""The register service in the office: its card, a run on its way, a run that failed, two officers, the spreadsheet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import accounts, registry
from tests.factories.registry import feed, row
from webapp.core import clock, policy
from webapp.core.actor import SYSTEM, Role
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.registry import confirming, importer, source
from webapp.registry import mapping as mappings
from webapp.registry.models import RegistryRun, RegistrySource
from webapp.registry.rules import Phase

URL = "/office/registry"


@pytest.fixture
def city(app: Flask) -> Flask:
    app.config["WTF_CSRF_ENABLED"] = False
    app.extensions["ydym.settings"] = replace(
        app.extensions["ydym.settings"],
        registry_url="http://127.0.0.1:9/changes",
        registry_token_url="http://127.0.0.1:9/token",
    )
    with app.app_context():
        policy.sync()
        db.session.commit()
    return app


def signed_in(app: Flask, role: Role = Role.BUREAU_OFFICER) -> FlaskClient:
    with app.app_context():
        account_id = accounts.make_officer(role, "1306").id
        db.session.commit()
    client = app.test_client()
    accounts.sign_in(client, account_id)
    return client


def test_offline_says_what_is_missing(app: Flask) -> None:
    with app.app_context():
        policy.sync()
        db.session.commit()
    page = signed_in(app).get(URL).text
    assert "还没有接上登记系统" in page
    assert "<button" not in page.partition("登记系统</h2>")[2].partition("导入记录")[0]


def test_asked_running_open_and_ready(city: Flask) -> None:
    client = signed_in(city)
    assert "现在取一次" in client.get(URL).text
    assert "现在取一次" not in signed_in(city, Role.STATION_OFFICER).get(URL).text
    assert client.post(f"{URL}/pull").status_code == 303
    page = client.get(URL).text
    assert "已经排上" in page
    assert 'http-equiv="refresh"' in page
    with city.app_context():
        now = clock.now()
        run = RegistryRun(source="登记系统取数", kind="pull", started_at=now, beat_at=now, phase=Phase.TAKING)
        run.done_bytes, run.total_bytes, run.rows = 25, 100, 1234
        db.session.add(run)
        db.session.flush()
        state = db.session.get_one(RegistrySource, source.ONLY)
        state.running_id, state.asked_at = run.id, None
        db.session.commit()
        run_id = run.id
    for address in (URL, f"{URL}/{run_id}"):
        page = client.get(address).text
        assert 'max="100" value="25"' in page
        assert "已处理 1,234 行" in page
    with city.app_context():
        run = db.session.get_one(RegistryRun, run_id)
        run.finished_at, run.stopped_reason, run.stopped_detail = (
            clock.now(),
            "service_unreachable",
            "HTTP 503",
        )
        state = db.session.get_one(RegistrySource, source.ONLY)
        state.running_id, state.failures, state.open_until = None, 3, clock.now() + timedelta(minutes=5)
        db.session.commit()
    page = client.get(URL).text
    assert "连续 3 次没有取成" in page
    assert "登记系统没有回应" in page
    assert client.post(f"{URL}/pull").status_code == 409
    assert "HTTP 503" in client.get(f"{URL}/{run_id}").text


def test_what_a_run_changed_is_filtered_paged_and_downloaded(city: Flask) -> None:
    with city.app_context():
        registry.make_live_operator(1)
        now, own = clock.now(), mappings.load()
        older = [row(number, as_of="2026-05-01") for number in range(2, 45)]
        importer.run_import(feed(*older), "one.csv", own, SYSTEM, now)
        newer = [row(number, name=f"=改名{number}", as_of="2026-05-02") for number in range(1, 45)]
        run = importer.run_import(feed(*newer, row(50, uscc="broken")), "two.csv", own, SYSTEM, now)
        run_id = run.id
    client = signed_in(city)
    where = f"{URL}/{run_id}"
    assert client.get(where).text.count("改名</td>") == 30
    assert client.get(f"{where}?page=2").text.count("改名</td>") == 14
    assert client.get(f"{where}?here=1").text.count("改名</td>") == 1
    assert client.get(f"{where}?q=改名44").text.count("改名</td>") == 1
    assert "没有符合条件的变更" in client.get(f"{where}?kind=moved&q=x").text
    assert "统一社会信用代码" in client.get(f"{where}?show=refused").text
    answer = client.get(f"{where}/rows.csv")
    assert answer.mimetype == "text/csv"
    lines = answer.text.splitlines()
    assert len(lines) == 1 + 44 + 1
    assert "'=改名1" in lines[1]


def test_a_pull_that_stopped_is_answered_for_by_two_on_the_page(city: Flask) -> None:
    with city.app_context():
        for number in (1, 2):
            registry.make_live_operator(number)
        now = clock.now()
        run = RegistryRun(source="登记系统取数", kind="pull", started_at=now, beat_at=now)
        db.session.add(run)
        db.session.flush()
        data = feed(*(row(number, status="注销", as_of="2026-05-03") for number in (1, 2)))
        importer.run_import(data, "登记系统取数", mappings.load(), SYSTEM, now, keep_as="default", run=run)
        run_id = run.id
    first, second = signed_in(city), signed_in(city)
    where = f"{URL}/{run_id}"
    assert "上一次取数停住了" in first.get(URL).text
    assert first.post(f"{URL}/pull").status_code == 409
    assert "我核对过，提请第二位确认" in first.get(where).text
    assert first.post(f"{where}/confirm").status_code == 403
    assert first.post(f"{where}/answer").status_code == 303
    assert second.post(f"{where}/answer").status_code == 409
    assert "您是第一位" in first.get(where).text
    assert "确认导入" in second.get(where).text
    answer = second.post(f"{where}/confirm")
    assert answer.status_code == 303
    with city.app_context(), unit():
        confirming.work(clock.now())
    assert "诚信码已撤销并下架" in second.get(answer.location).text
