"""The onboarding as a browser without JavaScript meets it: each step, bad input kept, strangers kept out."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import accounts as people
from tests.factories.files import picture
from tests.factories.regions import STREET, sync_reference
from webapp.applications import operations
from webapp.applications.models import Application, ApplicationDecision
from webapp.applications.rules import ApplicationState
from webapp.commitments import operations as commitments
from webapp.commitments.models import Commitment, CommitmentTemplate
from webapp.core import clock, policy
from webapp.core.db import db
from webapp.core.identifiers import make_food_licence, make_uscc
from webapp.licences import operations as licences
from webapp.licences.models import Licence
from webapp.merchants import lookup
from webapp.merchants.lookup import RegistryFacts
from webapp.merchants.models import Operator, OperatorMember, Shop

USCC = "91371500726715726X"
UNKNOWN = make_uscc("91130606MA0000009")
FOOD = make_food_licence("catering", "130606", 7)
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
#: Pages whose forms say which version they were opened with.
VERSIONED = ("/shop", "/place", "/trade", "/hours", "/submit")
_VERSION = re.compile(r'name="version" value="([^"]+)"')


@dataclass
class Person:
    """A merchant in a browser: posts carry the token of the page, as a person's do."""

    client: FlaskClient
    account_id: int
    token: str = ""

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    def post(self, path: str, *, page: str | None = None, **data: Any) -> TestResponse:
        if not self.token or (path.endswith(VERSIONED) and "version" not in data):
            text = self.client.get(page or path).text
            if "version" not in data and (version := _VERSION.search(text)):
                data["version"] = version.group(1)
            if token := _TOKEN.search(text):
                self.token = token.group(1)
        sent = {"csrf_token": self.token, **data}
        return self.client.post(path, data=sent, content_type="multipart/form-data")


@dataclass
class Town:
    """The city's tables, two merchants and what the register says."""

    app: Flask
    register: dict[str, RegistryFacts]
    wang: Person
    zhao: Person


@pytest.fixture
def town(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Town:
    facts = RegistryFacts(
        USCC, "保定老槐树餐饮有限公司", "enterprise", "王建国", "保定市莲池区裕华东路128号", "莲池区市场监督管理局",
        date(2015, 4, 1), "active", abnormal=False, serious_violation=False, as_of=date(2026, 5, 1),
    )  # fmt: skip
    register = {USCC: facts}
    monkeypatch.setattr(lookup, "_provider", register.get)
    with app.app_context():
        policy.sync()
        sync_reference()
        licences.sync()
        commitments.sync()
        ids = [people.make_merchant(name).id for name in ("王芳", "赵六")]
        db.session.commit()
    browsers = [Person(app.test_client(), account_id) for account_id in ids]
    for browser in browsers:
        people.sign_in(browser.client, browser.account_id)
    return Town(app, register, *browsers)


def photo(name: str = "门头.jpg", data: bytes | None = None) -> tuple[io.BytesIO, str]:
    return io.BytesIO(data or picture(size=(160, 120))), name


def claimed(town: Town) -> int:
    """王芳 has claimed the operator; returns its id."""
    answer = town.wang.post(f"/merchant/apply/{USCC}", representative="王建国")
    assert answer.status_code == 303
    with town.app.app_context():
        return db.session.query(Operator).one().id


def started(town: Town, name: str = "老槐树面馆", **more: str) -> str:
    """A draft with its shop's name; returns the application's address."""
    operator = claimed(town) if not _operators(town) else 1
    answer = town.wang.post(f"/merchant/apply/operators/{operator}/shop", name=name, **more)
    assert answer.status_code == 303, answer.text
    return answer.location.removesuffix("/place")


def _operators(town: Town) -> int:
    with town.app.app_context():
        return db.session.query(Operator).count()


def fill_shop(town: Town, at: str) -> None:
    """Everything up to the photos."""
    wang = town.wang
    place = {"region_code": STREET, "address": "裕华东路128号", "lat": "38.8621", "lng": "115.4932"}
    assert wang.post(f"{at}/place", **place).location == f"{at}/trade"
    assert wang.post(f"{at}/trade", industry_code="6220").location == f"{at}/hours"
    hours = {"pattern": "every_day", "opens": "09:00", "closes": "21:30", "phone": "0312-5901234"}
    assert wang.post(f"{at}/hours", **hours).location == f"{at}/photos"
    assert wang.post(f"{at}/photos", photos=photo()).location == f"{at}/photos"


def fill_rest(town: Town, at: str) -> None:
    """Licences and commitments."""
    wang = town.wang
    business = {"number": USCC, "valid_from": "2015-04-01", "long_term": "1", "photo": photo("zz.jpg")}
    assert wang.post(f"{at}/licences/business_licence", **business).location == f"{at}/licences"
    food = {"number": FOOD, "valid_from": "2024-01-01", "valid_until": "2036-12-31", "photo": photo("sp.jpg")}
    assert wang.post(f"{at}/licences/food_catering", **food).location == f"{at}/licences"
    with town.app.app_context():
        required = [str(row.id) for row in db.session.query(CommitmentTemplate).filter_by(required=True)]
    assert wang.post(f"{at}/commitments", chosen=required, name="王芳").location == f"{at}/preview"


def submitted(town: Town) -> str:
    at = started(town)
    fill_shop(town, at)
    fill_rest(town, at)
    answer = town.wang.post(f"{at}/submit", page=f"{at}/preview", declared="1")
    assert answer.location == at
    return at


def state_of(town: Town, at: str) -> ApplicationState:
    with town.app.app_context():
        return db.session.get_one(Application, int(at.rsplit("/", 1)[1])).state


# --- the whole way ----------------------------------------------------------------------------------------------------


def test_the_whole_way_without_a_script(town: Town) -> None:
    at = submitted(town)
    assert state_of(town, at) is ApplicationState.STATION_REVIEW
    page = town.wang.get(at)
    assert "所在地市场监管所正在审核，最晚答复" in page
    with town.app.app_context():
        shop = db.session.query(Shop).one()
        assert (shop.region_code, shop.industry_code, shop.phone) == (STREET, "6220", "+863125901234")
        assert shop.opening_hours["7"] == [["09:00", "21:30"]]
        assert shop.station_id is not None
        stated = db.session.query(Application).one().statement
        assert stated["licences"]["food_catering"]["number"] == FOOD
        assert stated["commitments"]["integrity"]["signed_name"] == "王芳"
        assert {check["result"] for check in db.session.query(Application).one().checks} == {"passed"}


def test_one_can_leave_and_go_on_where_one_was(town: Town) -> None:
    at = started(town)
    page = town.wang.get(at)
    assert "还没有在地图上标出位置" in page
    assert f'href="{at}/place"' in page
    fill_shop(town, at)
    assert f'href="{at}/licences/business_licence"' in town.wang.get(at)
    assert at in town.wang.get("/merchant/applications")


# --- the operator -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "请填写营业执照上的统一社会信用代码"),
        ("9137150072671572", "您填了 16 位"),
        ("91371500726715726Z", "第 18 位“Z”"),
        ("91371500726715726A", "校验位对不上"),
        ("91ABC500726715726X", "第 3 位“A”应当是数字"),
    ],
)
def test_a_bad_code_is_named_exactly_and_kept(town: Town, typed: str, words: str) -> None:
    answer = town.wang.post("/merchant/apply", uscc=typed)
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{typed}"' in answer.text or not typed


def test_blanks_and_small_letters_are_forgiven(town: Town) -> None:
    answer = town.wang.post("/merchant/apply", uscc=" 9137 1500 7267 1572 6x")
    assert answer.location == f"/merchant/apply/{USCC}"


def test_the_facts_are_shown_but_not_the_proof(town: Town) -> None:
    page = town.wang.get(f"/merchant/apply/{USCC}")
    assert "保定老槐树餐饮有限公司" in page
    assert "王**" in page
    assert "王建国" not in page


def test_what_is_no_code_is_not_there(town: Town) -> None:
    town.wang.get("/merchant/apply/hello", 404)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": "deregistered"}, "已经注销登记"),
        ({"status": "licence_revoked"}, "营业执照已经被吊销"),
        ({"status": "closed"}, "恢复营业"),
        ({"status": "moved_out"}, "在迁入地申报"),
        ({"abnormal": True}, "申请移出"),
        ({"serious_violation": True}, "严重违法失信名单"),
    ],
)
def test_the_gate_says_why_and_what_next(town: Town, changes: dict[str, Any], words: str) -> None:
    page = town.wang.get(f"/merchant/apply/{USCC}")
    token = _TOKEN.search(page)
    assert token is not None
    town.register[USCC] = replace(town.register[USCC], **changes)
    shut = town.wang.get(f"/merchant/apply/{USCC}")
    assert words in shut
    assert 'name="representative"' not in shut
    posted = town.wang.client.post(
        f"/merchant/apply/{USCC}", data={"csrf_token": token.group(1), "representative": "王建国"}
    )
    assert posted.status_code == 422
    assert _operators(town) == 0


def test_an_unknown_operator_gets_a_way_out(town: Town) -> None:
    page = town.wang.get(f"/merchant/apply/{UNKNOWN}")
    assert "登记信息里没有查到这个代码" in page
    assert "12315" in page


def test_the_name_must_match(town: Town) -> None:
    answer = town.wang.post(f"/merchant/apply/{USCC}", representative="王建军")
    assert answer.status_code == 422
    assert "姓名和登记的法定代表人（经营者）不一致" in answer.text
    assert 'value="王建军"' in answer.text
    assert _operators(town) == 0


def test_the_city_may_do_without_the_name(town: Town) -> None:
    with town.app.app_context():
        db.session.query(policy.PolicyValue).filter_by(key="application.representative_name").update(
            {"value": "0"}
        )
        db.session.commit()
    assert 'name="representative"' not in town.wang.get(f"/merchant/apply/{USCC}")
    assert town.wang.post(f"/merchant/apply/{USCC}").status_code == 303


def test_an_operator_has_one_owner(town: Town) -> None:
    claimed(town)
    page = town.zhao.get(f"/merchant/apply/{USCC}")
    assert "已经由另一个账号绑定" in page
    token = _TOKEN.search(page)
    assert token is not None
    data = {"csrf_token": token.group(1), "representative": "王建国"}
    answer = town.zhao.client.post(f"/merchant/apply/{USCC}", data=data)
    assert answer.status_code == 422
    with town.app.app_context():
        assert [row.account_id for row in db.session.query(OperatorMember)] == [town.wang.account_id]


def test_the_owner_goes_straight_on(town: Town) -> None:
    operator = claimed(town)
    answer = town.wang.client.get(f"/merchant/apply/{USCC}")
    assert answer.location == f"/merchant/apply/operators/{operator}/shop"


def test_guessing_names_is_slowed_down(make_app: Any, town: Town) -> None:
    slow = make_app(rate_limits=True)
    browser = Person(slow.test_client(), town.zhao.account_id)
    people.sign_in(browser.client, browser.account_id)
    answers = [
        browser.post(f"/merchant/apply/{USCC}", representative=f"王某{n}").status_code for n in range(13)
    ]
    assert answers == [422] * 12 + [429]


# --- shops ------------------------------------------------------------------------------------------------------------


def test_a_shop_needs_a_name(town: Town) -> None:
    operator = claimed(town)
    answer = town.wang.post(f"/merchant/apply/operators/{operator}/shop", name=" ", branch="裕华路店")
    assert answer.status_code == 422
    assert 'value="裕华路店"' in answer.text


def test_the_same_form_twice_is_one_shop(town: Town) -> None:
    operator = claimed(town)
    first = town.wang.post(f"/merchant/apply/operators/{operator}/shop", name="面馆")
    second = town.wang.post(f"/merchant/apply/operators/{operator}/shop", name="面馆")
    assert first.location == second.location
    with town.app.app_context():
        assert db.session.query(Shop).count() == 1


def test_a_name_that_is_handed_in_is_not_given_twice(town: Town) -> None:
    submitted(town)
    answer = town.wang.post("/merchant/apply/operators/1/shop", name="老槐树面馆")
    assert answer.status_code == 422
    assert "请写上分店名" in answer.text


def test_another_shop_copies_what_is_the_same(town: Town) -> None:
    at = started(town)
    fill_shop(town, at)
    with town.app.app_context():
        first = db.session.query(Shop).one().id
    other = started(town, name="老槐树面馆", branch="东风路店", like=str(first))
    with town.app.app_context():
        shop = db.session.get_one(Application, int(other.rsplit("/", 1)[1])).shop
        assert (shop.industry_code, shop.phone) == ("6220", "+863125901234")
        assert shop.opening_hours["1"] == [["09:00", "21:30"]]
        assert (shop.address, shop.latitude) == ("", None)


def test_a_strangers_shop_is_not_copied(town: Town) -> None:
    at = started(town, like="999")
    assert state_of(town, at) is ApplicationState.DRAFT


def test_the_county_is_guessed_from_the_registered_address(town: Town) -> None:
    at = started(town)
    page = town.wang.get(f"{at}/place")
    assert "区县：莲池区" in page
    assert STREET in page
    assert 'value="裕华东路128号"' in page, "what the register knows is not typed again"
    assert "按登记地址填好了" in page
    other = town.wang.get(f"{at}/place?county=130602")
    assert "区县：竞秀区" in other
    assert "裕华东路128号" not in other.replace('placeholder="例如：裕华东路128号一层"', "")
    assert "区县：莲池区" in town.wang.get(f"{at}/place?county=999999")


@pytest.mark.parametrize(
    ("step", "data", "words"),
    [
        ("shop", {"name": ""}, "要填写"),
        (
            "place",
            {"region_code": "", "address": "某街一号", "lat": "38.8", "lng": "115.4"},
            "请选择街道（乡镇）",
        ),
        ("place", {"region_code": STREET, "address": "某街一号", "lat": "", "lng": ""}, "请在地图上点一下"),
        (
            "place",
            {"region_code": STREET, "address": "某街一号", "lat": "北", "lng": "115"},
            "请在地图上点一下",
        ),
        ("place", {"region_code": STREET, "address": "", "lat": "38.8", "lng": "115.4"}, "请填写详细地址"),
        ("trade", {}, "请选择行业"),
        (
            "hours",
            {"pattern": "every_day", "opens": "09:00", "closes": "", "phone": "13800138000"},
            "请填写开门和关门的时间",
        ),
        ("hours", {"pattern": "custom", "day-1": "九点到五点", "phone": "13800138000"}, "没有看懂“九点”"),
        ("hours", {"pattern": "custom", "phone": "13800138000"}, "请填写开门和关门的时间"),
        ("hours", {"pattern": "always", "phone": ""}, "请填写门店电话"),
    ],
)
def test_bad_input_is_named_and_kept(town: Town, step: str, data: dict[str, str], words: str) -> None:
    at = started(town)
    answer = town.wang.post(f"{at}/{step}", **data)
    assert answer.status_code == 422
    assert words in answer.text
    for name, typed in data.items():
        if typed and name not in {"region_code", "pattern"}:
            assert f'value="{typed}"' in answer.text, name


def test_a_position_far_away_is_refused(town: Town) -> None:
    at = started(town)
    answer = town.wang.post(f"{at}/place", region_code=STREET, address="裕华路", lat="115.4", lng="38.8")
    assert answer.status_code == 422
    assert 'value="115.4"' in answer.text


def test_quick_patterns_and_each_day_by_itself(town: Town) -> None:
    at = started(town)
    town.wang.post(f"{at}/hours", pattern="monday_off", opens="10:00", closes="02:00", phone="13800138000")
    page = town.wang.get(f"{at}/hours")
    assert 'value="138 0013 8000"' in page
    assert re.search(r'value="monday_off"[^>]*checked', page)
    assert 'value="02:00"' in page
    town.wang.post(
        f"{at}/hours", **{"pattern": "custom", "day-6": "10:00-12:00 14:00-20:00", "phone": "13800138000"}
    )
    page = town.wang.get(f"{at}/hours")
    assert re.search(r'value="custom"[^>]*checked', page)
    assert 'value="10:00-12:00 14:00-20:00"' in page


def test_two_tabs_do_not_overwrite_each_other(town: Town) -> None:
    at = started(town)
    with town.app.app_context():
        old = db.session.query(Shop).one().version
    assert town.wang.post(f"{at}/shop", name="新名").status_code == 303
    answer = town.wang.post(f"{at}/shop", name="旧页上的名", version=str(old))
    assert answer.status_code == 409
    assert 'value="旧页上的名"' in answer.text
    with town.app.app_context():
        assert db.session.query(Shop).one().name == "新名"


# --- photos -----------------------------------------------------------------------------------------------------------


def test_photos_are_ordered_and_taken_away(town: Town) -> None:
    at = started(town)
    for colour in ("#112233", "#445566"):
        assert (
            town.wang.post(
                f"{at}/photos", photos=photo(data=picture(size=(160, 120), colour=colour))
            ).status_code
            == 303
        )
    with town.app.app_context():
        first, second = [p.file_id for p in db.session.query(Shop).one().photos]
    town.wang.post(f"{at}/photos", first=str(second))
    with town.app.app_context():
        assert [p.file_id for p in db.session.query(Shop).one().photos] == [second, first]
    town.wang.post(f"{at}/photos", remove=str(second))
    with town.app.app_context():
        assert [p.file_id for p in db.session.query(Shop).one().photos] == [first]


def test_a_broken_photo_does_not_cost_the_good_one(town: Town) -> None:
    at = started(town)
    answer = town.wang.post(f"{at}/photos", photos=[photo(), photo("坏.jpg", b"no picture at all")])
    assert answer.status_code == 422
    assert "坏.jpg" in answer.text
    with town.app.app_context():
        assert len(db.session.query(Shop).one().photos) == 1


def test_nothing_chosen_is_said(town: Town) -> None:
    at = started(town)
    answer = town.wang.post(f"{at}/photos")
    assert answer.status_code == 422
    assert "请先选一张照片" in answer.text


def test_no_seventh_photo(town: Town) -> None:
    at = started(town)
    many = [photo(data=picture(size=(160, 120), colour=f"#{n}0{n}0{n}0")) for n in range(7)]
    assert town.wang.post(f"{at}/photos", photos=many).status_code == 422
    with town.app.app_context():
        assert len(db.session.query(Shop).one().photos) == 6


# --- licences and commitments -----------------------------------------------------------------------------------------


def test_the_licences_of_the_trade_are_listed(town: Town) -> None:
    at = started(town)
    assert "先选行业" in town.wang.get(f"{at}/licences")
    fill_shop(town, at)
    page = town.wang.get(f"{at}/licences")
    assert "还有 2 张证照要传" in page
    assert "食品经营许可证（餐饮服务）" in page
    town.wang.get(f"{at}/licences/drug", 404)
    town.wang.get(f"{at}/licences/nonsense", 404)


def test_a_licence_with_a_fault_keeps_what_was_typed_and_the_photo(town: Town) -> None:
    at = started(town)
    fill_shop(town, at)
    path = f"{at}/licences/food_catering"
    bad = {"number": FOOD, "valid_from": "2024-01-01", "valid_until": "2023-01-01", "photo": photo("sp.jpg")}
    answer = town.wang.post(path, **bad)
    assert answer.status_code == 422
    assert "到期日比开始的日子还早" in answer.text
    assert f'value="{FOOD}"' in answer.text
    kept = re.search(r'name="photo_kept" value="([^"]+)"', answer.text)
    assert kept is not None
    again = town.wang.post(
        path, number=FOOD, valid_from="2024-01-01", valid_until="2036-01-01", photo_kept=kept.group(1)
    )
    assert again.status_code == 303
    with town.app.app_context():
        assert db.session.query(Licence).one().file_id is not None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "请照着证上填写号码"),
        ({}, "请拍一张证照的照片"),
        ({"valid_from": "后天"}, "请填写从哪一天开始有效"),
        ({"valid_from": "2024-01-01"}, "长期有效的请勾选"),
        ({"number": "1" * 61}, "号码最多 60 个字"),
        ({"scope": "x" * 501}, "经营项目最多 500 个字"),
    ],
)
def test_what_a_licence_needs(town: Town, data: dict[str, str], words: str) -> None:
    at = started(town)
    fill_shop(town, at)
    answer = town.wang.post(f"{at}/licences/food_catering", **data)
    assert answer.status_code == 422
    assert words in answer.text


def test_an_odd_number_is_taken_and_doubted(town: Town) -> None:
    at = started(town)
    fill_shop(town, at)
    data = {"number": "JY21306060000011", "valid_from": "2024-01-01", "long_term": "1", "photo": photo()}
    assert town.wang.post(f"{at}/licences/food_catering", **data).status_code == 303
    assert "校验位对不上" in town.wang.get(f"{at}/licences/food_catering")


def test_required_commitments_and_a_name(town: Town) -> None:
    at = started(town)
    fill_shop(town, at)
    page = town.wang.get(f"{at}/commitments")
    assert "一、我店依法取得并在店内亮出营业执照" in page
    with town.app.app_context():
        ids = {row.code: str(row.id) for row in db.session.query(CommitmentTemplate)}
    less = town.wang.post(f"{at}/commitments", chosen=[ids["integrity"]], name="王芳")
    assert less.status_code == 422
    assert "写着“必签”的承诺都要勾上" in less.text
    required = [ids[code] for code in ("integrity", "clear_prices", "answer_24h", "food_safety")]
    unsigned = town.wang.post(f"{at}/commitments", chosen=required, name="1")
    assert unsigned.status_code == 422
    assert "请用您的真实姓名签名" in unsigned.text
    with town.app.app_context():
        assert db.session.query(Commitment).count() == 0
    other = town.wang.post(f"{at}/commitments", chosen=[*required, ids["return_7_days"]], name="王芳")
    assert other.status_code == 422  # for shops, not for restaurants


def test_a_voluntary_pledge_can_be_taken_back(town: Town) -> None:
    at = started(town)
    fill_shop(town, at)
    fill_rest(town, at)
    with town.app.app_context():
        ids = {row.code: str(row.id) for row in db.session.query(CommitmentTemplate)}
    required = [ids[code] for code in ("integrity", "clear_prices", "answer_24h", "food_safety")]
    town.wang.post(f"{at}/commitments", chosen=[*required, ids["advance_compensation"]], name="王芳")
    assert "先行赔付" in town.wang.get(f"{at}/preview")
    town.wang.post(f"{at}/commitments", chosen=required, name="王芳")
    assert "先行赔付" not in town.wang.get(f"{at}/preview")


# --- handing in -------------------------------------------------------------------------------------------------------


def test_what_is_missing_stops_the_submission(town: Town) -> None:
    at = started(town)
    answer = town.wang.post(f"{at}/submit", page=f"{at}/shop", declared="1", version="1")
    assert answer.status_code == 422
    for words in ("还没有选行业", "还没有门头照片", "还没有填好“营业执照”")[:2]:
        assert words in answer.text
    assert state_of(town, at) is ApplicationState.DRAFT


def test_the_declaration_must_be_ticked(town: Town) -> None:
    at = started(town)
    fill_shop(town, at)
    fill_rest(town, at)
    answer = town.wang.post(f"{at}/submit", page=f"{at}/preview")
    assert answer.status_code == 422
    assert "请勾选" in answer.text
    assert state_of(town, at) is ApplicationState.DRAFT


def test_a_register_that_changed_meanwhile_stops_it(town: Town) -> None:
    at = started(town)
    fill_shop(town, at)
    fill_rest(town, at)
    page = town.wang.get(f"{at}/preview")
    token, version = _TOKEN.search(page), _VERSION.search(page)
    assert token is not None
    assert version is not None
    town.register[USCC] = replace(town.register[USCC], abnormal=True)
    data = {"csrf_token": token.group(1), "version": version.group(1), "declared": "1"}
    answer = town.wang.client.post(f"{at}/submit", data=data)
    assert answer.status_code == 422
    assert "在经营异常名录中" in answer.text


def test_submitting_twice_is_submitting_once(town: Town) -> None:
    at = started(town)
    fill_shop(town, at)
    fill_rest(town, at)
    page = town.wang.get(f"{at}/preview")
    token, version = _TOKEN.search(page), _VERSION.search(page)
    assert token is not None
    assert version is not None
    data = {"csrf_token": token.group(1), "version": version.group(1), "declared": "1"}
    for _ in range(2):
        assert town.wang.client.post(f"{at}/submit", data=data).location == at
    assert "这次申报已经提交" in town.wang.get(at)
    with town.app.app_context():
        assert [d.action for d in db.session.query(ApplicationDecision)] == ["submit"]


def test_an_expired_form_changes_nothing(town: Town) -> None:
    at = started(town)
    answer = town.wang.client.post(f"{at}/shop", data={"name": "别的名字", "csrf_token": "old"})
    assert answer.status_code == 400
    assert "没有提交成功" in answer.text
    with town.app.app_context():
        assert db.session.query(Shop).one().name == "老槐树面馆"


def test_nothing_is_edited_while_it_is_reviewed(town: Town) -> None:
    at = submitted(town)
    for step in (
        "shop",
        "place",
        "trade",
        "hours",
        "photos",
        "licences",
        "licences/food_catering",
        "commitments",
    ):
        assert town.wang.client.get(f"{at}/{step}").status_code == 409, step
    assert town.wang.client.get(f"{at}/preview").location == at
    assert town.wang.client.get("/merchant/shops/1/licences/food_catering").status_code == 409
    assert town.wang.client.get("/merchant/shops/1/commitments").status_code == 409


# --- strangers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "step",
    ["", "/shop", "/place", "/trade", "/hours", "/photos", "/licences", "/licences/food_catering", "/commitments",
     "/preview", "/submit", "/nonsense"],
)  # fmt: skip
def test_another_merchant_finds_nothing(town: Town, step: str) -> None:
    at = started(town)
    assert town.zhao.client.get(at + step).status_code == 404
    token = _TOKEN.search(town.zhao.get("/merchant/apply"))
    assert token is not None
    posted = town.zhao.client.post(at + (step or "/withdraw"), data={"csrf_token": token.group(1)})
    assert posted.status_code in {404, 405}
    assert state_of(town, at) is ApplicationState.DRAFT


def test_another_merchant_adds_no_shop_and_starts_no_application(town: Town) -> None:
    operator = claimed(town)
    assert town.zhao.client.get(f"/merchant/apply/operators/{operator}/shop").status_code == 404
    started(town)
    token = _TOKEN.search(town.zhao.get("/merchant/apply"))
    assert token is not None
    answer = town.zhao.client.post("/merchant/shops/1/apply", data={"csrf_token": token.group(1)})
    assert answer.status_code == 404
    assert town.zhao.client.get("/merchant/shops/1/licences/food_catering").status_code == 404
    assert town.zhao.client.get("/merchant/shops/1/commitments").status_code == 404


def test_strangers_are_sent_to_the_door(town: Town, make_client: Any) -> None:
    answer = make_client().get("/merchant/apply")
    assert answer.status_code == 302
    assert answer.location.startswith("/merchant/login")


# --- following --------------------------------------------------------------------------------------------------------


def returned(town: Town) -> str:
    """The station asks for better photos and another name."""
    at = submitted(town)
    with town.app.app_context():
        shop = db.session.query(Shop).one()
        officer = people.make_officer(
            people.Role.STATION_OFFICER, shop.region_code[:6], station_id=shop.station_id
        )
        operations.decide(
            1, "return", officer.actor(), clock.now(), db.session.get_one(Application, 1).version,
            "photo_unclear", "请拍到完整招牌", ["photos", "name"],
        )  # fmt: skip
        db.session.commit()
    return at


def test_what_was_asked_stands_at_its_steps(town: Town) -> None:
    at = returned(town)
    page = town.wang.get(at)
    assert "请拍到完整招牌" in page
    assert f'href="{at}/photos"' in page
    assert f'href="{at}/shop"' in page
    assert "请拍到完整招牌" in town.wang.get(f"{at}/photos")
    assert "请拍到完整招牌" not in town.wang.get(f"{at}/place")
    assert "还没有改动" in town.wang.get(f"{at}/preview")


def test_mending_and_handing_in_again(town: Town) -> None:
    at = returned(town)
    assert town.wang.post(f"{at}/shop", name="老槐树手擀面馆").status_code == 303
    assert "您改了" in town.wang.get(f"{at}/preview")
    assert town.wang.post(f"{at}/submit", page=f"{at}/preview", declared="1").location == at
    assert state_of(town, at) is ApplicationState.STATION_REVIEW
    page = town.wang.get(at)
    assert "商户补充后重新提交" in page
    with town.app.app_context():
        application = db.session.get_one(Application, 1)
        assert application.previous["shop"]["facts"]["name"] == "老槐树面馆"


def test_withdrawing_and_starting_again(town: Town) -> None:
    at = submitted(town)
    assert town.wang.post(f"{at}/withdraw", page=at).location == at
    assert state_of(town, at) is ApplicationState.WITHDRAWN
    page = town.wang.get(at)
    assert "填过的内容都还在" in page
    again = town.wang.post("/merchant/shops/1/apply", page=at)
    assert again.location == "/merchant/applications/2/preview"
    twice = town.wang.post(f"{at}/withdraw", page="/merchant/apply")
    assert twice.location == at  # told kindly, nothing changed


@pytest.mark.parametrize("state", list(ApplicationState))
def test_every_state_has_its_page(town: Town, state: ApplicationState) -> None:
    at = started(town)
    with town.app.app_context():
        application = db.session.get_one(Application, 1)
        application.state = state
        application.due_on = application.deferred_until = date(2026, 5, 20)
        if state is ApplicationState.APPROVED:
            application.decided_at = clock.now()
        db.session.commit()
    assert "经过" in town.wang.get(at)
    town.wang.get("/merchant/applications")


def test_a_renewal_from_the_shops_own_page(town: Town) -> None:
    at = started(town)
    fill_shop(town, at)
    path = "/merchant/shops/1/licences/food_catering"
    data = {"number": FOOD, "valid_from": "2024-01-01", "valid_until": "2036-12-31", "photo": photo()}
    assert town.wang.post(path, **data).location == "/merchant/shops/1/licences"
