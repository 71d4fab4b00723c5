"""A shop does not leave the officers who have dealt with it by editing a draft."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.applications.conftest import NOW, Bureau
from tests.factories.accounts import sign_in
from tests.factories.codes import make_code, send
from tests.factories.regions import make_street
from webapp.applications import operations
from webapp.applications.models import Application
from webapp.codes.rules import CodeState
from webapp.core.db import db
from webapp.core.errors import Invalid
from webapp.merchants import operations as shops
from webapp.merchants import status

AWAY, NEAR = "130602001", "130606001"


def move(bureau: Bureau, region: str) -> str:
    make_street(AWAY, "竞秀区市场监管所")
    make_street(NEAR, "莲池区另一所")
    shops.edit_shop(bureau.shop.id, actor=bureau.merchant, now=NOW, region_code=region)
    return bureau.shop.region_code


def returned(bureau: Bureau) -> Application:
    application = bureau.submitted()
    return operations.decide(
        application.id,
        "return",
        bureau.station.actor(),
        NOW,
        application.version,
        "address_mismatch",
        fields=("address",),
    )


def test_a_first_draft_may_lie_anywhere(bureau: Bureau) -> None:
    operations.start(bureau.shop.id, bureau.merchant, NOW)
    assert move(bureau, AWAY) == AWAY


def test_a_returned_application_stays_with_its_officers(bureau: Bureau) -> None:
    returned(bureau)
    assert move(bureau, NEAR) == NEAR  # within the district
    with pytest.raises(Invalid) as refused:
        move(bureau, AWAY)
    assert (refused.value.code, refused.value.field) == ("district_fixed", "region_code")
    assert refused.value.details["district"] == "莲池区"
    assert bureau.shop.region_code == NEAR


def test_withdrawing_does_not_set_it_free(bureau: Bureau) -> None:
    application = bureau.submitted()
    operations.withdraw(application.id, bureau.merchant, NOW)
    operations.start(bureau.shop.id, bureau.merchant, NOW)
    with pytest.raises(Invalid, match="district_fixed"):
        move(bureau, AWAY)


def test_a_shop_whose_code_was_revoked_stays_too(bureau: Bureau) -> None:
    make_code(bureau.shop, CodeState.REVOKED, ("shop_closed",))
    operations.start(bureau.shop.id, bureau.merchant, NOW)
    assert status.is_bound(bureau.shop)
    with pytest.raises(Invalid, match="district_fixed"):
        move(bureau, AWAY)


def test_the_draft_says_whom_to_ask(app: Flask, town: Bureau, client: FlaskClient) -> None:
    application = returned(town)
    make_street(AWAY, "竞秀区市场监管所")
    db.session.commit()
    sign_in(client, town.owner.id)
    url = f"/merchant/applications/{application.id}/place"
    page = client.get(f"{url}?county=130602").text
    assert f"/merchant/shops/{town.shop.id}/changes/place" in page
    assert AWAY not in page
    place = {"region_code": AWAY, "address": "七一中路1号", "lat": "38.88", "lng": "115.48"}
    answer = send(client, url, url, **place)
    assert answer.status_code == 422
    for said in ("已经由莲池区受理过", "变更申请", "七一中路1号"):
        assert said in answer.text
    assert app.name
