"""A campaign from the officer's form to the front page and off it again."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories.accounts import make_officer, sign_in
from tests.factories.files import picture
from tests.factories.merchants import NOW
from tests.factories.regions import make_street
from webapp.campaigns import operations, queries
from webapp.campaigns.models import Campaign
from webapp.campaigns.operations import Draft
from webapp.campaigns.rules import CampaignState
from webapp.core import clock, policy
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.core.transaction import unit
from webapp.files import operations as files
from webapp.files.models import FilePurpose

TODAY = clock.day_of(NOW)


@dataclass
class Desk:
    """Two officers of the county and one of another."""

    app: Flask
    first: FlaskClient
    second: FlaskClient
    elsewhere: FlaskClient


@pytest.fixture
def desk(app: Flask, make_client: Callable[[], FlaskClient], freeze: Callable[..., None]) -> Desk:
    freeze(NOW)
    with app.app_context(), unit():
        policy.sync()
        make_street()
        make_street("130602001", "竞秀区先锋市场监管所")
        ids = [make_officer(), make_officer(), make_officer(Role.BUREAU_OFFICER, "130602")]
        ids = [account.id for account in ids]
    clients = [make_client() for _ in ids]
    for client, account_id in zip(clients, ids, strict=True):
        sign_in(client, account_id)
    return Desk(app, *clients)


def filled(**more: str) -> dict[str, str]:
    return {
        "title": "年货节",
        "title_en": "New Year market",
        "link": "/shops?trusted=1",
        "region_code": "130606",
        "starts_on": TODAY.isoformat(),
        "ends_on": (TODAY + timedelta(days=10)).isoformat(),
    } | more


def send(client: FlaskClient, page: str, path: str = "", *, photo: bool = False, **data: Any) -> TestResponse:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert found, page
    if photo:
        data["picture"] = (io.BytesIO(picture(size=(1280, 480))), "a.jpg")
    return client.post(
        path or page, data={"csrf_token": found[1], **data}, content_type="multipart/form-data"
    )


def proposed(desk: Desk) -> str:
    answer = send(desk.first, "/office/campaigns/new", photo=True, **filled())
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def version(client: FlaskClient, page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', client.get(page).text)
    assert found
    return found[1]


def home(app: Flask, language: str = "hans") -> str:
    visitor = app.test_client()
    visitor.set_cookie("ydym_lang", language)
    return visitor.get("/").text


def test_two_officers_bring_it_to_the_front_page_and_one_takes_it_off(desk: Desk) -> None:
    assert "campaign" not in home(desk.app)
    page = proposed(desk)
    number = int(page.rpartition("/")[2])
    assert "年货节" not in home(desk.app)
    assert desk.app.test_client().get(f"/campaigns/{number}/picture").status_code == 404
    assert "核准" not in desk.first.get(page).text.partition("decision")[2]
    assert send(desk.first, page, f"{page}/approve", version="1").status_code == 403
    answer = send(desk.second, page, f"{page}/approve", version=version(desk.second, page))
    assert answer.status_code == 303
    text = home(desk.app)
    assert "年货节" in text
    assert 'href="/shops?trusted=1"' in text
    assert "New Year market" in home(desk.app, "en")
    assert "年貨節" in home(desk.app, "hant")
    shown = desk.app.test_client().get(f"/campaigns/{number}/picture?w=320")
    assert (shown.status_code, shown.mimetype) == (200, "image/webp")
    answer = send(desk.first, page, f"{page}/withdraw", version=version(desk.first, page))
    assert answer.status_code == 422
    answer = send(desk.first, page, f"{page}/withdraw", version=version(desk.first, page), reason="改期")
    assert answer.status_code == 303
    assert "年货节" not in home(desk.app)
    assert desk.app.test_client().get(f"/campaigns/{number}/picture").status_code == 404


def test_what_was_typed_and_the_picture_outlive_a_mistake(desk: Desk) -> None:
    answer = send(desk.first, "/office/campaigns/new", photo=True, **filled(title_en="", link="/nowhere"))
    assert answer.status_code == 422
    kept = re.search(r'name="picture_kept" value="([^"]+)"', answer.text)
    assert kept
    assert 'value="年货节"' in answer.text
    answer = send(desk.first, "/office/campaigns/new", **filled(link="/nowhere", picture_kept=kept[1]))
    assert "没有这个网址" in answer.text
    answer = send(desk.first, "/office/campaigns/new", **filled(picture_kept=kept[1], ends_on="soon"))
    assert "请按 2026-11-28 这样写日期" in answer.text
    answer = send(desk.first, "/office/campaigns/new", **filled(picture_kept=kept[1], region_code="130602"))
    assert answer.status_code == 422
    assert "请选您辖区内的地区" in answer.text
    answer = send(desk.first, "/office/campaigns/new", **filled(picture_kept=kept[1]))
    assert answer.status_code == 303


def test_an_officer_of_another_county_sees_nothing_of_it(desk: Desk) -> None:
    page = proposed(desk)
    assert desk.elsewhere.get(page).status_code == 404
    assert "年货节" not in desk.elsewhere.get("/office/campaigns").text
    assert "年货节" in desk.second.get("/office/campaigns?state=proposed").text
    assert "年货节" not in desk.second.get("/office/campaigns?state=refused").text


def test_a_stale_page_cannot_decide(desk: Desk) -> None:
    page = proposed(desk)
    old = version(desk.second, page)
    assert send(desk.second, page, f"{page}/refuse", version=old, reason="图不清楚").status_code == 303
    assert send(desk.second, page, f"{page}/approve", version=old).status_code == 409


# --- operations, on both databases ------------------------------------------------------------------------------------


@pytest.fixture
def context(app_on: Flask, freeze: Callable[..., None]) -> Iterator[Flask]:
    freeze(NOW)
    with app_on.app_context():
        with unit():
            policy.sync()
            make_street()
        yield app_on


def draft(file_id: int, **more: Any) -> Draft:
    facts = {
        "title": "年货节",
        "title_en": "Market",
        "link": "/shops",
        "region_code": "130606",
        "starts_on": TODAY,
        "ends_on": TODAY,
        "file_id": file_id,
    }
    return Draft(**(facts | more))


def test_the_database_and_the_operations_hold_two_people(context: Flask) -> None:
    with unit():
        first, second = make_officer().actor(), make_officer().actor()
        file = files.store_upload(io.BytesIO(picture()), "a.jpg", FilePurpose.EVIDENCE, first, NOW)
        made = operations.propose(draft(file.id), first, NOW)
        with pytest.raises(Forbidden):
            operations.decide(made.id, "approve", "", first, NOW, made.version)
        with pytest.raises(Conflict):
            operations.decide(made.id, "approve", "", second, NOW, made.version + 1)
        operations.decide(made.id, "approve", "", second, NOW, made.version)
        assert [one.id for one in queries.shown(TODAY)] == [made.id]
        assert queries.shown(TODAY + timedelta(days=1)) == []
    with pytest.raises(sa.exc.IntegrityError), unit():
        db.session.execute(sa.update(Campaign).values(decided_by_id=Campaign.proposed_by_id))
    with pytest.raises(sa.exc.IntegrityError), unit():
        db.session.execute(sa.update(Campaign).values(link="//elsewhere.example"))


def test_what_is_past_when_it_is_looked_at_is_not_approved(context: Flask) -> None:
    with unit():
        first, second = make_officer().actor(), make_officer().actor()
        file = files.store_upload(io.BytesIO(picture()), "a.jpg", FilePurpose.EVIDENCE, first, NOW)
        made = operations.propose(draft(file.id), first, NOW)
        with pytest.raises(Invalid, match="campaign_past"):
            operations.decide(made.id, "approve", "", second, NOW + timedelta(days=1), made.version)
        assert made.state is CampaignState.PROPOSED
