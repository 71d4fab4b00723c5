"""A shop that was never vouched for has published nothing: its number answers like one that nobody has."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.codes import make_code
from tests.factories.files import make_file
from tests.factories.merchants import make_account, make_member, make_shop
from tests.factories.shopfront import NOW, make_vouched
from webapp.codes import operations as codes
from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core import policy
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.feed import publish
from webapp.files.models import StoredFile
from webapp.merchants.models import Shop
from webapp.merchants.operations import edit_shop, set_photos

NOBODY = 987654


@pytest.fixture
def shop_id(app: Flask) -> int:
    """A shop with a name, an address and no code."""
    with app.app_context(), unit():
        policy.sync()
        return make_shop(name="没核验的店", address="保密路7号").id


def facts_of(app: Flask, shop_id: int) -> list[str]:
    with app.app_context():
        shop = db.session.get_one(Shop, shop_id)
        return [shop.name, shop.address, shop.operator.uscc, shop.operator.name]


@pytest.mark.parametrize("accept", ["text/html", "application/json", "application/linkset+json"])
@pytest.mark.parametrize("path", ["", "/complain", "/rate", "/ratings"])
def test_nothing_is_told_of_it(app: Flask, client: FlaskClient, shop_id: int, path: str, accept: str) -> None:
    answer = client.get(f"/s/{shop_id}{path}", headers={"Accept": accept})
    nobody = client.get(f"/s/{NOBODY}{path}", headers={"Accept": accept})
    assert (answer.status_code, nobody.status_code) == (404, 404)
    for fact in facts_of(app, shop_id):
        assert fact not in answer.get_data(as_text=True)
    assert answer.get_data(as_text=True).count("公示信息") == nobody.get_data(as_text=True).count("公示信息")


def test_the_page_leads_to_the_search(client: FlaskClient, shop_id: int) -> None:
    page = client.get(f"/s/{shop_id}").text
    assert "公示信息" in page
    assert 'href="/shops"' in page
    assert "noindex" in page
    # The same page for both, to the letter.
    assert page == client.get(f"/s/{NOBODY}").text


@pytest.mark.parametrize("path", ["/complain", "/rate"])
def test_no_form_takes_anything_for_it(client: FlaskClient, shop_id: int, path: str) -> None:
    assert client.post(f"/s/{shop_id}{path}", data={"story": "没有发票"}).status_code == 404


def test_it_is_in_no_list(client: FlaskClient, shop_id: int) -> None:
    for address in ("/shops", "/shops?q=没核验", f"/shops?q={shop_id}"):
        page = client.get(address).text
        assert f"/s/{shop_id}" not in page
        assert "保密路7号" not in page


def test_with_a_code_the_page_is_there_and_stays_when_it_is_revoked(
    app: Flask, client: FlaskClient, shop_id: int
) -> None:
    with app.app_context(), unit():
        code = make_code(db.session.get_one(Shop, shop_id))
    assert "没核验的店" in client.get(f"/s/{shop_id}").text
    assert client.get(f"/s/{shop_id}/complain").status_code == 200
    with app.app_context(), unit():
        row = db.session.get_one(TrustCode, code.id)
        row.state, row.revoked_at, row.revoked_ground = CodeState.REVOKED, row.issued_at, "shop_closed"
        publish("code.revoke", now=row.issued_at, shop_id=shop_id)
    for path in ("", "/complain", "/rate", "/ratings"):
        assert client.get(f"/s/{shop_id}{path}").status_code == 200, path


def test_what_a_revoked_shop_states_is_not_shown_before_it_is_vouched_for_again(
    app: Flask, client: FlaskClient
) -> None:
    with app.app_context():
        vouched = make_vouched(name="老招牌", address="旧街1号")
        with unit():
            owner = make_account()
            shop = db.session.get_one(Shop, vouched.shop_id)
            make_member(shop.operator, owner)
            reviewed = make_file(actor=owner.actor()).id
            set_photos(shop.id, [reviewed], actor=SYSTEM, now=NOW)
            codes.revoke_now(shop.id, "statement_false", "虚假承诺", SYSTEM, NOW)
        with unit():
            shop = db.session.get_one(Shop, vouched.shop_id)
            edit_shop(shop.id, name="换了名的店", address="新街9号", actor=owner.actor(), now=NOW)
            unseen = make_file(actor=owner.actor()).id
            set_photos(shop.id, [unseen, reviewed], actor=owner.actor(), now=NOW)
            keys = {file.id: file.key for file in db.session.query(StoredFile)}
    for path in ("", "/complain", "/rate", "/ratings", "/not-here"):
        for base in (vouched.plain, vouched.scan):
            page = client.get(f"{base}{path}")
            if page.status_code == 200:
                assert "老招牌" in page.text, path
                assert "换了名的店" not in page.text, path
                assert "新街9号" not in page.text, path
    page = client.get(vouched.plain).text
    assert "旧街1号" in page
    assert keys[reviewed] in page
    assert keys[unseen] not in page
    told = client.get(vouched.scan, headers={"Accept": "application/json"}).get_json()["shop"]
    assert (told["name"], told["address"]) == ("老招牌", "旧街1号")
    with app.app_context(), unit():
        codes.issue(vouched.shop_id, SYSTEM, NOW)
    page = client.get(vouched.plain).text
    assert "换了名的店" in page
    assert keys[unseen] in page


def test_a_genuine_signature_tells_nothing_of_a_shop_without_a_code(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        vouched = make_vouched(name="签过的店")
        with unit():
            db.session.query(TrustCode).filter_by(shop_id=vouched.shop_id).delete()
    for path in ("", "/not-here", "/complain", "/rate"):
        answer = client.get(f"{vouched.scan}{path}")
        assert answer.status_code == 404, path
        assert "签过的店" not in answer.text, path
