"""What an officer enters for a consumer: the day it counts from, who may, the same form once, the slip."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import complaints as make
from tests.factories.accounts import sign_in
from tests.factories.merchants import NOW
from webapp.audit.queries import history
from webapp.complaints.models import Complaint, Demand
from webapp.complaints.rules import ComplaintState, Route, Source
from webapp.core import clock
from webapp.core.db import db
from webapp.core.errors import Forbidden, Invalid
from webapp.core.transaction import unit
from webapp.filing import entering
from webapp.filing.operations import Stated
from webapp.filing.rules import Wish

STATED = Stated(
    wish=Wish.BOTH,
    submission_key="a-random-key-of-the-counter",
    topic="measure",
    story="两斤酱肉回家一称只有一斤七两。",
    demand=Demand.REFUND,
    amount_fen=3550,
    happened_on=None,
    name=make.NAME,
    phone="",
    verified_at=None,
    share_contact=False,
    named=False,
    route=Route.AUTHORITY,
    consent_disclosure=False,
    consent_entrust=False,
    file_ids=(),
    serial=None,
    source=Source.OFFICE,
)
BEFORE = NOW - timedelta(days=3)


@pytest.mark.each_database
def test_the_laws_days_count_from_the_day_it_was_handed_in(context: Flask, each_database: str) -> None:
    with unit():
        shop, officer = make.make_shop_with_policy(), make.make_officer().actor()
        filed = entering.enter(shop.id, STATED, BEFORE, "周末收到", officer, NOW)
        again = entering.enter(shop.id, STATED, BEFORE, "周末收到", officer, NOW)
    assert filed.complaint is not None
    assert filed.tip is not None
    assert again.complaint is filed.complaint
    assert filed.complaint.source is Source.OFFICE
    assert filed.complaint.state is ComplaintState.REFERRED
    assert filed.complaint.received_at == BEFORE
    assert filed.tip.received_at == BEFORE
    for subject, record in (("complaint", filed.complaint), ("tip", filed.tip)):
        [event] = [one for one in history(subject, record.id) if one.action == "filing.enter"]
        assert event.actor_id == officer.account_id
        assert event.reason == "周末收到"
        assert event.new == {"received_on": clock.day_of(BEFORE).isoformat()}


def test_the_merchants_hours_begin_when_the_merchant_can_know(context: Flask) -> None:
    with unit():
        shop, officer = make.make_shop_with_policy(), make.make_officer().actor()
        direct = replace(STATED, wish=Wish.COMPLAINT, route=Route.SETTLE_FIRST)
        filed = entering.enter(shop.id, direct, BEFORE, "周末收到", officer, NOW)
    assert filed.complaint is not None
    assert filed.complaint.received_at == NOW
    assert filed.complaint.answer_due_at > NOW


@pytest.mark.parametrize(
    ("days", "reason", "happened", "error"),
    [
        (1, "写了", None, "received_in_future"),
        (-31, "写了", None, "received_too_early"),
        (-2, "", None, "say_why_late"),
        (-2, "长" * 201, None, "text_too_long"),
        (-2, "写了", -1, "received_before_it_happened"),
    ],
)
def test_which_days_are_taken(
    context: Flask, days: int, reason: str, happened: int | None, error: str
) -> None:
    with unit():
        shop, officer = make.make_shop_with_policy(), make.make_officer().actor()
    day: date | None = None if happened is None else clock.day_of(NOW + timedelta(days=happened))
    with pytest.raises(Invalid, match=error):
        entering.enter(
            shop.id, replace(STATED, happened_on=day), NOW + timedelta(days=days), reason, officer, NOW
        )


def test_only_officers_of_the_place(context: Flask) -> None:
    with unit():
        shop, stranger = make.make_shop_with_policy(), make.make_officer(region="130602").actor()
    with pytest.raises(Forbidden):
        entering.enter(shop.id, STATED, NOW, "", stranger, NOW)


def hidden_value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


def test_the_counters_form_and_its_slip(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        with unit():
            shop, officer = make.make_shop_with_policy(), make.make_officer()
        sign_in(client, officer.id)
        address = f"/office/shops/{shop.id}/paper"
    page = client.get(address).text
    assert address in client.get(f"/office/shops/{shop.id}").text
    hidden = {
        name: re.search(rf'name="{name}"[^>]*value="([^"]+)"', page)[1]
        for name in ("csrf_token", "submission")
    }  # type: ignore[index]
    stated = hidden | {
        "wish": "both",
        "topic": "measure",
        "story": "两斤酱肉少了三两。",
        "demand": "refund",
        "route": "authority",
    }
    wrong = client.post(address, data=stated | {"received_on": "2020-01-01", "late_reason": "忘了"})
    assert wrong.status_code == 422
    assert "最多往前 30 天" in wrong.text
    assert "两斤酱肉少了三两。" in wrong.text
    assert 'value="忘了"' in wrong.text
    assert client.post(address, data=stated | {"received_on": "昨天"}).status_code == 422
    slips = [client.post(address, data=stated | {"received_on": ""}).text for _ in range(2)]
    assert "已录入" in slips[0]
    with app.app_context():
        [complaint] = db.session.query(Complaint).all()
    receipts = [re.findall(r'class="receipt__groups">(.*?)</p>', slip) for slip in slips]
    assert len(receipts[0]) == 2
    assert receipts[0] == receipts[1]
    assert complaint.number in slips[0]
    assert "口令" in slips[0]
    assert client.post(address, data=stated | {"submission": "x"}).status_code == 422


def test_a_second_paper_of_the_same_person_is_offered_as_a_supplement(
    app: Flask, client: FlaskClient
) -> None:
    with app.app_context():
        with unit():
            shop, officer = make.make_shop_with_policy(), make.make_officer()
        sign_in(client, officer.id)
        address = f"/office/shops/{shop.id}/paper"
    stated = {
        "wish": "both",
        "topic": "measure",
        "story": "两斤酱肉少了三两。",
        "demand": "refund",
        "route": "authority",
        "contact_phone": "13987654321",
    }

    def fresh() -> dict[str, str]:
        page = client.get(address).text
        return stated | {name: hidden_value(page, name) for name in ("csrf_token", "submission")}

    first = fresh()
    for _ in range(2):  # the same form again is the slip again, no question
        assert "已录入" in client.post(address, data=first).text
    second = fresh() | {"story": "老板说不认账。"}
    asked = client.post(address, data=second)
    assert "是同一件事吗" in asked.text
    assert "老板说不认账。" in asked.text
    for _ in range(2):
        slip = client.post(address, data=second | {"do": "supplement"}).text
        assert "已补充到投诉" in slip
        assert "已补充到举报" in slip
    with app.app_context():
        [complaint] = db.session.query(Complaint).all()
        assert sum("老板说不认账。" in one.text for one in complaint.messages) == 1
        entered = [
            one for one in history("complaint", complaint.id) if one.action == "filing.enter_supplement"
        ]
        assert [one.actor_id for one in entered] == [officer.id]
    other = client.post(address, data=second | {"do": "again"}).text
    assert "投诉的回执" in other
    with app.app_context():
        assert db.session.query(Complaint).count() == 2
