"""The officers' pages of complaints handled together."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import complaints as make
from tests.factories.accounts import sign_in
from tests.factories.merchants import NOW
from webapp.complaints import intake
from webapp.complaints.models import Complaint
from webapp.complaints.rules import Route
from webapp.core.db import db
from webapp.core.transaction import unit

KEY = "the-key-of-the-form-whose-page-is-read"


@pytest.fixture
def office(app: Flask, client: FlaskClient) -> tuple[FlaskClient, int, list[int]]:
    with app.app_context():
        with unit():
            shop, account = make.make_shop_with_policy(), make.make_officer()
            found = [make.make_complaint(shop, route=Route.AUTHORITY) for _ in range(3)]
        sign_in(client, account.id)
        return client, shop.id, [one.id for one in found]


def token(client: FlaskClient, address: str) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(address).text)[1]  # type: ignore[index]


def test_from_the_case_to_a_joint_decision(app: Flask, office: tuple[FlaskClient, int, list[int]]) -> None:
    client, shop_id, ids = office
    case = client.get(f"/office/complaints/{ids[0]}").text
    assert "这家店还有 2 件投诉等着办" in case
    address = f"/office/groups/new?shop={shop_id}"
    csrf = token(client, address)
    bad = client.post(
        "/office/groups/new",
        data={"csrf_token": csrf, "shop": shop_id, "title": "酱肉", "complaints": ids[:1]},
    )
    assert bad.status_code == 422
    assert "至少选 2 件" in bad.text
    assert 'value="酱肉"' in bad.text
    made = client.post(
        "/office/groups/new",
        data={"csrf_token": csrf, "shop": shop_id, "title": "酱肉短斤少两", "complaints": ids[:2]},
    )
    assert made.status_code == 303
    group = made.headers["Location"]
    page = client.get(group).text
    assert "2 件一起办" in page
    assert "还可以加进来" in page
    versions = re.search(r'name="versions"[^>]*value="([^"]+)"', page)[1]  # type: ignore[index]
    done = client.post(
        f"{group}/accept", data={"csrf_token": csrf, "versions": versions}, follow_redirects=True
    )
    assert "办了 2 件，0 件没有动" in done.text
    again = client.post(f"{group}/accept", data={"csrf_token": csrf, "versions": versions, "text": "我写的"})
    assert again.status_code == 409
    refused = client.post(
        f"{group}/end",
        data={"csrf_token": csrf, "versions": "1:1", "ground": "no_agreement", "text": "谈不拢"},
    )
    assert refused.status_code == 409
    assert "谈不拢" in refused.text
    assert "酱肉短斤少两" in client.get(f"/office/complaints/{ids[0]}").text
    assert client.post(f"{group}/join", data={"csrf_token": csrf, "complaint": ids[2]}).status_code == 303
    assert client.post(f"{group}/join", data={"csrf_token": csrf, "complaint": ids[2]}).status_code == 409
    assert client.post(f"{group}/part", data={"csrf_token": csrf, "complaint": ids[2]}).status_code == 303
    assert client.post(f"{group}/part", data={"csrf_token": csrf, "complaint": "x"}).status_code == 409
    ended = client.post(f"{group}/dissolve", data={"csrf_token": csrf}, follow_redirects=True)
    assert "已拆开" in ended.text
    assert f"{group}/accept" not in ended.text
    with app.app_context():
        assert {one.group_id for one in db.session.query(Complaint)} == {None}


def test_nothing_to_group_is_not_found(office: tuple[FlaskClient, int, list[int]]) -> None:
    client, _shop_id, _ids = office
    assert client.get("/office/groups/new").headers["Location"] == "/office/complaints"
    assert client.get("/office/groups/new?shop=999999").status_code == 404
    assert client.get("/office/groups/1").status_code == 404


def test_the_list_of_groups_and_what_the_sides_read(
    app: Flask, office: tuple[FlaskClient, int, list[int]]
) -> None:
    client, shop_id, ids = office
    listed = client.get("/office/groups/").text
    assert "这家店有 3 件待办投诉，可并案处理" in listed
    assert 'href="/office/groups/"' in client.get("/office/complaints").text
    with app.app_context():
        receipt = intake.receipt_for(KEY)
        with unit():
            filing = make.make_filing(submission_key=KEY, route=Route.AUTHORITY)
            mine = intake.file(shop_id, filing, NOW)[0].id
    alone = client.get(f"/complaints/{receipt}").text
    assert "一起办理" not in alone
    csrf = token(client, f"/office/groups/new?shop={shop_id}")
    chosen = {"csrf_token": csrf, "shop": shop_id, "title": "内部的题目", "complaints": [mine, *ids]}
    group = client.post("/office/groups/new", data=chosen).headers["Location"]
    follow = client.get(f"/complaints/{receipt}").text
    assert "和这家店的其他投诉一起办理" in follow
    assert "内部的题目" not in follow
    with app.app_context():
        numbers = [db.session.get_one(Complaint, one).number for one in ids]
    assert not [number for number in numbers if number in follow]
    assert "待办 4 / 共 4 件" in client.get("/office/groups/").text
    page = client.get(group).text
    versions = re.search(r'name="versions"[^>]*value="([^"]+)"', page)[1]  # type: ignore[index]
    refused = client.post(
        f"{group}/refuse",
        data={
            "csrf_token": csrf,
            "versions": versions,
            f"ground-{mine}": "already_handled",
            "text": "我写的",
        },
    )
    assert refused.status_code == 422
    assert "一件都没有办" in refused.text
    assert "我写的" in refused.text
    client.post(f"{group}/dissolve", data={"csrf_token": csrf})
    assert "内部的题目" in client.get("/office/groups/?state=closed").text
