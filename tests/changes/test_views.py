"""The pages of merchant and officer, without a script."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import accounts, files
from tests.factories.codes import _VERSION, Town, send, token
from tests.factories.merchants import NOW
from webapp.changes import operations, queries
from webapp.changes.models import ShopChange
from webapp.changes.rules import ChangeState, Part
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.merchants.models import Shop

NEW = {"name": "老槐树饺子馆", "branch": "", "note": "招牌换了"}


def enter(app: Flask, account_id: int) -> FlaskClient:
    client = app.test_client()
    accounts.sign_in(client, account_id)
    return client


def base(site: Town) -> str:
    return f"/merchant/shops/{site.shop}/changes"


def waiting(app: Flask, site: Town, part: Part = Part.NAME) -> ShopChange | None:
    with app.app_context():
        return queries.waiting(site.shop, part)


def asked(app: Flask, site: Town) -> int:
    with app.app_context(), unit():
        facts = {"name": NEW["name"], "branch": ""}
        return operations.request(site.shop, Part.NAME, facts, site.actor(site.merchant), NOW).id


def name_of(app: Flask, site: Town) -> str:
    with app.app_context():
        return db.session.get_one(Shop, site.shop).name


def photo_of(app: Flask, site: Town) -> int:
    with app.app_context():
        return db.session.get_one(Shop, site.shop).photos[0].file_id


def test_from_asking_to_the_public_page(app: Flask, site: Town, client: FlaskClient) -> None:
    owner, officer = enter(app, site.merchant), enter(app, site.station)
    answer = send(owner, f"{base(site)}/name", f"{base(site)}/name", **NEW)
    assert (answer.status_code, answer.location) == (303, base(site))
    page = owner.get(base(site)).text
    assert "老槐树饺子馆" in page
    assert "撤回这项申请" in page
    assert "老槐树饺子馆" not in client.get(f"/s/{site.shop}").text
    change = waiting(app, site)
    assert change is not None
    for address in ("/office/", "/office/changes", f"/office/shops/{site.shop}"):
        assert f"/office/changes/{change.id}" in officer.get(address).text, address
    case = f"/office/changes/{change.id}"
    page = officer.get(case).text
    assert page.index("老槐树面馆") < page.index("<mark>老槐树饺子馆</mark>")
    assert "招牌换了" in page
    decision = {"action": "approve", "reason_code": "seen_on_site", "reason": "看过现场"}
    assert send(officer, f"{case}/decide", case, **decision).status_code == 303
    assert "老槐树饺子馆" in client.get(f"/s/{site.shop}").text
    page = owner.get(base(site)).text
    assert "码贴上印的是旧店名" in page
    assert f"/merchant/shops/{site.shop}/stickers" in page
    assert "看过现场" in page


def test_what_was_typed_comes_back_with_what_is_wrong(app: Flask, site: Town) -> None:
    owner = enter(app, site.merchant)
    url = f"{base(site)}/place"
    answer = send(owner, url, url, region_code="", address="朝阳大街9号", lat="x", lng="", note="搬家")
    assert answer.status_code == 422
    for kept in ("朝阳大街9号", "搬家", "请选择街道"):
        assert kept in answer.text
    answer = send(owner, f"{base(site)}/trade", f"{base(site)}/trade", industry_code="6220")
    assert answer.status_code == 422
    assert "没有要改的内容" in answer.text
    assert waiting(app, site, Part.TRADE) is None


def test_another_district_is_chosen_without_a_script(app: Flask, site: Town) -> None:
    owner = enter(app, site.merchant)
    url = f"{base(site)}/place?county=130602"
    assert "搬到别的区县" in owner.get(url).text
    place = {
        "region_code": "130602001",
        "address": "七一中路1号",
        "lat": "38.88",
        "lng": "115.48",
        "note": "",
    }
    assert send(owner, url, url, **place).status_code == 303
    change = waiting(app, site, Part.PLACE)
    assert change is not None
    officer = enter(app, site.station)
    page = officer.get(f"/office/changes/{change.id}").text
    assert "这是迁到别的区县" in page
    assert 'data-from-lat="38.8621"' in page
    case = f"/office/changes/{change.id}"
    answer = send(officer, f"{case}/decide", case, action="approve", reason_code="seen_on_site")
    assert answer.location == "/office/changes"  # it is another district's now
    assert officer.get(case).status_code == 404


def test_photos_are_chosen_and_shown_side_by_side(app: Flask, site: Town) -> None:
    owner = enter(app, site.merchant)
    url = f"{base(site)}/photos"
    old = photo_of(app, site)
    data = {"keep": str(old), "first": "new", "photos": (io.BytesIO(files.picture()), "a.jpg")}
    answer = send(owner, url, url, **data)  # type: ignore[arg-type]
    assert answer.status_code == 303
    change = waiting(app, site, Part.PHOTOS)
    assert change is not None
    assert change.new["photos"][1] == old
    page = enter(app, site.station).get(f"/office/changes/{change.id}").text
    assert page.count("/files/") >= 6
    answer = send(owner, url, base(site), keep=str(old), first="")
    assert answer.status_code == 422  # nothing new: and one waits


def test_no_photo_left_is_refused_and_a_bad_file_keeps_the_good(app: Flask, site: Town) -> None:
    owner = enter(app, site.merchant)
    url = f"{base(site)}/photos"
    assert "至少保留一张" in send(owner, url, url, first="new").text
    data = {"first": "new", "photos": [(io.BytesIO(files.picture()), "a.jpg"), (io.BytesIO(b"no"), "b.jpg")]}
    answer = send(owner, url, url, **data)  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert 'name="photos_kept"' in answer.text


def test_the_old_pages_of_photos_lead_to_the_request(app: Flask, site: Town) -> None:
    owner = enter(app, site.merchant)
    assert f"{base(site)}/photos" in owner.get(f"/merchant/shops/{site.shop}").text
    answer = owner.get(f"/merchant/shops/{site.shop}/photos")
    assert answer.status_code == 409
    assert "变更申请" in answer.text


def test_withdrawing_leaves_the_page_as_it_was(app: Flask, site: Town) -> None:
    change_id = asked(app, site)
    owner = enter(app, site.merchant)
    answer = send(owner, f"/merchant/changes/{change_id}/withdraw", base(site))
    assert answer.status_code == 303
    assert waiting(app, site) is None
    assert name_of(app, site) == "老槐树面馆"
    assert "商户撤回" in owner.get(base(site)).text


def test_two_officers_at_once(app: Flask, site: Town) -> None:
    change_id = asked(app, site)
    case = f"/office/changes/{change_id}"
    first, second = enter(app, site.station), enter(app, site.bureau)
    version = second.get(case).text
    assert send(first, f"{case}/decide", case, action="refuse", reason_code="misleading").status_code == 303
    found = _VERSION.search(version)
    assert found
    data = {"csrf_token": token(version), "version": found.group(1), "action": "approve"}
    answer = second.post(f"{case}/decide", data={**data, "reason_code": "other", "reason": "我看行"})
    assert answer.status_code == 409
    for said in ("已经办结，您的操作没有生效", "未批准", "容易让顾客误会", "我看行"):
        assert said in answer.text, said
    assert name_of(app, site) == "老槐树面馆"


@pytest.mark.parametrize(("code", "says"), [("", "请选一个理由"), ("other", "请写明理由")])
def test_a_decision_without_its_reason_comes_back_open(app: Flask, site: Town, code: str, says: str) -> None:
    case = f"/office/changes/{asked(app, site)}"
    officer = enter(app, site.station)
    answer = send(officer, f"{case}/decide", case, action="refuse", reason_code=code)
    assert answer.status_code == 422
    assert says in answer.text
    assert "<details" in answer.text
    change = waiting(app, site)
    assert change is not None
    assert change.state is ChangeState.WAITING


def test_an_officer_of_another_district_finds_nothing(app: Flask, site: Town) -> None:
    change_id = asked(app, site)
    away = enter(app, site.elsewhere)
    assert away.get(f"/office/changes/{change_id}").status_code == 404
    assert away.get(f"/office/shops/{site.shop}/photos").status_code == 404
    assert "老槐树" not in away.get("/office/changes").text
    assert enter(app, site.department).get(f"/office/changes/{change_id}").status_code == 200


def test_next_goes_through_what_waits(app: Flask, site: Town) -> None:
    change_id = asked(app, site)
    officer = enter(app, site.station)
    assert officer.get("/office/changes/next").location == f"/office/changes/{change_id}"
    assert officer.get(f"/office/changes/next?after={change_id}").location == "/office/changes"


def test_hiding_a_photo_by_hand(app: Flask, site: Town) -> None:
    officer, url = enter(app, site.station), f"/office/shops/{site.shop}/photos"
    photo = photo_of(app, site)
    hide = f"{url}/{photo}/hide"
    answer = send(officer, hide, url, reason_code="other")
    assert answer.status_code == 422
    assert "请写明理由" in answer.text
    assert send(officer, hide, url, reason_code="not_this_shop", reason="是隔壁的门头").status_code == 303
    assert "是隔壁的门头" in officer.get(url).text
    assert "是隔壁的门头" in enter(app, site.merchant).get(base(site)).text
    assert "/media/" not in app.test_client().get(f"/s/{site.shop}").text
    assert send(officer, f"{url}/{photo}/show", url).status_code == 303
    assert "/media/" in app.test_client().get(f"/s/{site.shop}").text
