"""What a merchant marks in its licence's picture: kept for the officer, who finds it marked and decides."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories.accounts import make_officer, sign_in
from tests.factories.files import make_file, picture
from tests.factories.licences import NOW, make_kind, make_licence, require
from tests.factories.merchants import actor_of, make_account, make_member, make_shop
from webapp.audit.models import AuditEvent
from webapp.core import clock, policy
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.files import operations as files
from webapp.files.models import FilePurpose
from webapp.licences import covering, proposing
from webapp.licences.models import Licence

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def shop_with_licence(kind: str = "food_catering") -> tuple[Any, Licence, Any]:
    """A shop, its licence with a picture, and its merchant's account."""
    policy.sync()
    shop, merchant = make_shop(), make_account()
    make_member(shop.operator, merchant)
    make_kind(kind)
    require(kind=kind)
    owner = actor_of(merchant, shop.operator)
    file = make_file(FilePurpose.LICENCE, owner)
    files.attach([file.id], "operator", shop.operator_id, actor=owner)
    licence = make_licence(shop, kind=kind, file_id=file.id)
    db.session.commit()
    return shop, licence, merchant


def test_a_box_is_counted_as_people_do() -> None:
    assert covering.box(1, 1, 1, 1) == [0]
    assert covering.box(3, 2, 2, 1) == [10, 11, 20, 21]
    assert covering.box(1, 1, covering.ROWS, covering.COLUMNS) == list(
        range(covering.ROWS * covering.COLUMNS)
    )
    for wrong in ((0, 1, 1, 1), (1, 0, 1, 1), (1, 1, covering.ROWS + 1, 1), (1, 1, 1, covering.COLUMNS + 1)):
        with pytest.raises(ValueError, match="grid"):
            covering.box(*wrong)


@pytest.mark.each_database
def test_a_proposal_is_of_the_picture_that_it_was_made_on(context: Flask) -> None:
    shop, licence, merchant = shop_with_licence()
    owner = actor_of(merchant, shop.operator)
    assert proposing.proposed(licence) is None
    proposing.propose(licence, shop, [4, 3, 4], owner, NOW)
    proposing.propose(licence, shop, [3, 4], owner, NOW)
    assert proposing.proposed(licence) == [3, 4]
    told = db.session.query(AuditEvent).filter_by(action="licence.propose_cover").all()
    assert [event.new for event in told] == [{"kind": licence.kind_code, "cells": 2}], "the same again is one"
    proposing.propose(licence, shop, [], owner, NOW)
    assert proposing.proposed(licence) == [], "nothing to cover is an answer, too"
    licence.file_id = make_file(FilePurpose.LICENCE, owner, picture(size=(300, 200))).id
    db.session.flush()
    assert proposing.proposed(licence) is None, "another picture has other places"


def test_who_may_propose_and_what(context: Flask) -> None:
    shop, licence, merchant = shop_with_licence()
    owner = actor_of(merchant, shop.operator)
    with pytest.raises(Invalid):
        proposing.propose(licence, shop, [covering.COLUMNS * covering.ROWS], owner, NOW)
    for other in (make_officer(Role.BUREAU_OFFICER, "1306").actor(), actor_of(make_account())):
        with pytest.raises(Forbidden):
            proposing.propose(licence, shop, [1], other, NOW)
    licence.kind_code = next(iter(covering.NEVER))
    with pytest.raises(Conflict):
        proposing.propose(licence, shop, [1], owner, NOW)


def post(client: FlaskClient, path: str, **data: Any) -> TestResponse:
    found = TOKEN.search(client.get(path).text)
    assert found
    return client.post(path, data={"csrf_token": found[1], **data})


def marked(page: str) -> list[int]:
    return [int(n) for n in re.findall(r'name="cell" value="(\d+)" checked', page)]


def test_the_merchant_marks_by_figures_and_the_officer_finds_it_marked(app: Flask) -> None:
    with app.app_context():
        shop, licence, merchant = shop_with_licence()
        officer = make_officer(Role.BUREAU_OFFICER, "1306")
        db.session.commit()
        ids = shop.id, licence.id, licence.kind_code, merchant.id, officer.id
    shop_id, licence_id, kind, merchant_id, officer_id = ids
    path, client = f"/merchant/shops/{shop_id}/licences/{kind}/cover", app.test_client()
    with app.app_context():
        sign_in(client, merchant_id)
    page = client.get(path + "?next=/merchant/applications/7/licences")
    assert 'value="/merchant/applications/7/licences"' in page.text
    assert marked(page.text) == []
    corners = {"first_row": "2", "first_column": "1", "last_row": "3", "last_column": "2"}
    drawn = post(client, path, by_figures="cover", cell=["0"], **corners)
    assert (drawn.status_code, marked(drawn.text)) == (200, [0, 10, 11, 20, 21])
    opened = post(client, path, by_figures="open", cell=["0", "10"], **corners)
    assert marked(opened.text) == [0]
    wrong = post(client, path, by_figures="cover", cell=["5"], **corners | {"last_row": "15"})
    assert wrong.status_code == 422
    assert marked(wrong.text) == [5]
    assert 'value="15"' in wrong.text, "what was typed is kept"
    assert post(client, path, cell=["0", "x"]).status_code == 422
    with app.app_context():
        assert proposing.proposed(db.session.get_one(Licence, licence_id)) is None, "nothing was kept yet"
    saved = post(client, path, cell=["10", "11"], next="/merchant/applications/7/licences")
    assert (saved.status_code, saved.location) == (303, "/merchant/applications/7/licences")
    away = post(client, path, cell=["10", "11"], next="//elsewhere.test")
    assert away.location == f"/merchant/shops/{shop_id}/licences"
    assert "已标 2 格" in client.get(f"/merchant/shops/{shop_id}/licences").text
    desk = app.test_client()
    with app.app_context():
        sign_in(desk, officer_id)
    office = desk.get(f"/office/licences/{licence_id}/copy").text
    assert marked(office) == [10, 11]
    assert "商户已标了 2 格" in office
    assert "核对商户标的地方" in desk.get(f"/office/shops/{shop_id}").text


@pytest.fixture(autouse=True)
def _still() -> Any:
    with clock.use(NOW):
        yield
