"""The desk's pages of applications: what an officer sees and what a press of a button does."""

from __future__ import annotations

from contextvars import Context
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.applications.conftest import NOW, Bureau
from tests.factories import applications as make
from tests.factories.accounts import sign_in
from webapp.accounts.models import Account
from webapp.applications import operations, queries
from webapp.applications.models import Application
from webapp.applications.rules import ApplicationState as S
from webapp.core.checks import Check, CheckResult
from webapp.core.db import db, may_write


@pytest.fixture(autouse=True)
def _hold_the_clock(freeze) -> None:
    freeze(NOW)


class Browser:
    """A visitor whose requests share nothing with the context that the test has pushed."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client

    def get(self, address: str) -> TestResponse:
        return Context().run(self._client.get, address)

    def post(self, address: str, data: dict | None = None) -> TestResponse:
        return Context().run(self._client.post, address, data=data or {})


@pytest.fixture
def as_(app: Flask):
    """A browser in which an account is signed in."""

    def enter(account: Account) -> Browser:
        app.config["WTF_CSRF_ENABLED"] = False  # the token's own test is below
        client = app.test_client()
        sign_in(client, account.id)
        return Browser(client)

    return enter


def read(client: Browser, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    return answer.text


def case(application: Application) -> str:
    return f"/office/applications/{application.id}"


def send(client: Browser, application: Application, action: str, **more: object) -> TestResponse:
    data = {"action": action, "version": application.version} | more
    return client.post(f"{case(application)}/decide", data=data)


def saved(application: Application) -> Application:
    """Commit what the test made, as requests have sessions of their own; from here the test itself only reads."""
    db.session.commit()
    may_write.set(False)
    return application


def fresh(application: Application) -> Application:
    db.session.rollback()
    db.session.expire_all()
    return queries.get_application(application.id)


def test_the_queue_lists_what_waits_for_my_level(town: Bureau, as_) -> None:
    saved(town.submitted())
    assert "老槐树面馆" in read(as_(town.station), "/office/")
    assert "现在没有等您处理的申报" in read(as_(town.bureau), "/office/")
    assert "老槐树面馆" in read(as_(town.bureau), "/office/?state=running")
    assert "老槐树面馆" in read(as_(town.department), "/office/")
    assert "老槐树面馆" not in read(as_(town.elsewhere), "/office/?state=running")


def test_an_administrator_finds_a_desk_without_cases(town: Bureau, as_) -> None:
    admin = make.make_officer(operations.Role.ADMINISTRATOR, region="1306")
    application = saved(town.submitted())
    assert "您的岗位不办理申报" in read(as_(admin), "/office/")
    assert as_(admin).get(case(application)).status_code == 403


def test_the_case_shows_register_beside_statement(town: Bureau, as_) -> None:
    town.register.say(town.shop.operator.uscc, name="保定市老槐树餐饮公司")
    application = saved(town.submitted())
    page = read(as_(town.station), case(application))
    for words in (
        "保定市老槐树餐饮公司",
        "保定老槐树餐饮有限公司",
        "不一致",
        "名称或负责人与登记信息不同",
        "还有 7 天",
    ):
        assert words in page
    for button in ("报市（县）局", "退回补充", "暂缓", "不予通过"):
        assert f"<span>{button}</span>" in page
    assert "<span>通过</span>" not in page


def test_a_department_reads_and_notes_but_does_not_decide(town: Bureau, as_) -> None:
    application = saved(town.submitted())
    client = as_(town.department)
    page = read(client, case(application))
    assert "您可以查看，不作决定" in page
    assert "/decide" not in page
    assert send(client, application, "pass_on", reason_code="documents_match").status_code == 403
    answer = client.post(f"{case(application)}/notes", data={"text": "消防已查"})
    assert answer.status_code == 303
    assert "消防已查" in read(client, case(application))
    answer = client.post(f"{case(application)}/notes", data={"text": " "})
    assert answer.status_code == 422
    assert "请先写下备注内容" in answer.text


def test_another_region_and_a_draft_are_not_there(town: Bureau, as_) -> None:
    application = saved(town.submitted())
    assert as_(town.elsewhere).get(case(application)).status_code == 404
    other = make.make_member_shop(town.shop.operator, town.owner, name="分店")
    draft = saved(operations.start(other.id, town.merchant, NOW))
    assert as_(town.station).get(case(draft)).status_code == 404
    assert as_(town.station).get("/office/applications/999").status_code == 404
    assert as_(town.owner).get(case(application)).status_code == 403


def test_passing_on_and_taking_back(town: Bureau, as_) -> None:
    application = saved(town.submitted())
    client = as_(town.station)
    answer = send(client, application, "pass_on", reason_code="documents_match")
    assert answer.status_code == 303
    application = fresh(application)
    assert application.state is S.BUREAU_REVIEW
    page = read(client, case(application))
    assert "撤回刚才的决定" in page
    assert send(client, application, "take_back_pass_on").status_code == 303
    assert fresh(application).state is S.STATION_REVIEW


def test_what_was_typed_stays_when_something_is_missing(town: Bureau, as_) -> None:
    application = saved(town.submitted())
    answer = send(
        as_(town.station), application, "return", reason_code="photo_unclear", reason="夜里拍的看不清"
    )
    assert answer.status_code == 422
    assert "请勾选要商户修改哪些内容" in answer.text
    assert "夜里拍的看不清" in answer.text
    assert 'value="photo_unclear" selected' in answer.text
    answer = send(as_(town.station), application, "defer", reason_code="site_visit", deferred_until="下周")
    assert answer.status_code == 422
    assert "请填写暂缓到哪一天" in answer.text
    assert fresh(application).state is S.STATION_REVIEW


def test_the_second_officer_gets_a_page_that_says_who_was_first(town: Bureau, as_) -> None:
    application = saved(town.submitted())
    second, seen = as_(town.station2), {"version": application.version}
    answer = send(as_(town.station), application, "pass_on", reason_code="seen_on_site", reason="已看店")
    assert answer.status_code == 303
    answer = send(second, application, "reject", reason_code="other", reason="我觉得不行", **seen)
    assert answer.status_code == 409
    for words in ("所里小李", "所审核同意", "已看店", "我觉得不行", case(application)):
        assert words in answer.text
    assert fresh(application).state is S.BUREAU_REVIEW


@pytest.mark.parametrize("version", ["", "x", "-1", "９", "1" * 30])
def test_a_mangled_version_is_a_conflict_not_a_fault(town: Bureau, as_, version: str) -> None:
    application = saved(town.submitted())
    answer = send(as_(town.station), application, "pass_on", reason_code="documents_match", version=version)
    assert answer.status_code == 409


def test_an_unknown_action_is_refused(town: Bureau, as_) -> None:
    application = saved(town.submitted())
    assert send(as_(town.station), application, "enthrone").status_code == 409
    assert send(as_(town.station), application, "withdraw").status_code == 403


def test_a_shut_gate_says_which(town: Bureau, as_) -> None:
    application = saved(town.passed_on())
    town.register.say(town.shop.operator.uscc, abnormal=True)
    answer = send(as_(town.bureau), application, "approve", reason_code="requirements_met")
    assert answer.status_code == 422
    assert "有准入条件没有满足" in answer.text
    assert (
        answer.text.count("在经营异常名录（个体户为标记经营异常状态）") == 2
    )  # in the alert and among the checks
    assert fresh(application).state is S.BUREAU_REVIEW


def test_approving_tells_and_issues(town: Bureau, as_) -> None:
    application = saved(town.passed_on())
    client = as_(town.bureau)
    assert send(client, application, "approve", reason_code="requirements_met").status_code == 303
    page = read(client, case(application))
    assert "通过，发放诚信码" in page
    assert "已通过" in page
    assert "/decide" not in page


def test_a_resubmission_shows_what_was_asked_and_what_changed(town: Bureau, as_) -> None:
    application = town.submitted()
    operations.decide(
        application.id, "return", town.station.actor(), NOW, application.version,
        "address_mismatch", "门牌号不对", fields=["address"],
    )  # fmt: skip
    town.shop.address = "裕华路20号"
    saved(operations.submit(application.id, town.merchant, NOW + timedelta(hours=1)))
    page = read(as_(town.station), case(application))
    for words in (
        "要求修改：<b>经营地址</b>",
        "门牌号不对",
        "<mark>裕华路18号</mark>",
        "<mark>裕华路20号</mark>",
    ):
        assert words in page


def test_standing_aside_takes_the_buttons_away(town: Bureau, as_) -> None:
    application = saved(town.submitted())
    client = as_(town.station)
    assert client.post(f"{case(application)}/stand-aside").status_code == 303
    page = read(client, case(application))
    assert "您已回避这家经营主体" in page
    assert "/decide" not in page
    assert send(client, application, "pass_on", reason_code="documents_match").status_code == 403
    assert "由其他同事处理" in send(client, application, "pass_on", reason_code="documents_match").text


def test_the_next_case_goes_round_by_due_day(town: Bureau, as_) -> None:
    first = town.submitted()
    shops = [make.make_member_shop(town.shop.operator, town.owner, name=f"{n}店") for n in "二三"]
    second, third = (
        operations.submit(operations.start(shop.id, town.merchant, NOW).id, town.merchant, NOW)
        for shop in shops
    )
    first.due_on, second.due_on, third.due_on = date(2026, 11, 30), date(2026, 11, 20), date(2026, 11, 25)
    saved(first)
    client = as_(town.station)

    def next_after(application: Application | None) -> str:
        query = f"?after={application.id}" if application else ""
        return client.get(f"/office/applications/next{query}").headers["Location"]

    assert next_after(None) == case(second)
    assert next_after(second) == case(third)
    assert next_after(third) == case(first)
    assert next_after(first) == case(second)
    assert as_(town.bureau).get("/office/applications/next").headers["Location"] == "/office/"
    assert client.get("/office/applications/next?after=x").headers["Location"] == case(second)


def test_the_next_case_stays_within_the_filters(town: Bureau, as_) -> None:
    first = town.submitted()
    shop = make.make_member_shop(town.shop.operator, town.owner, name="二店")
    second = operations.submit(operations.start(shop.id, town.merchant, NOW).id, town.merchant, NOW)
    saved(second)
    client = as_(town.station)
    page = client.get(f"{case(second)}?q=二店").text
    assert f"/next?after={second.id}&amp;q=" in page
    answer = client.get(f"/office/applications/next?q=二店&after={first.id}")
    assert answer.headers["Location"].startswith(f"{case(second)}?q=")
    answer = client.get(f"/office/applications/next?q=二店&after={second.id}")
    assert answer.headers["Location"].startswith("/office/?q=")


def test_filters(town: Bureau, as_) -> None:
    application = town.submitted()
    application.due_on = date(2026, 11, 17)
    saved(application)
    client = as_(town.station)
    found = {
        "due=overdue": True,
        "due=today": False,
        "q=老槐树": True,
        "q=裕华路18": True,
        f"q={town.shop.operator.uscc.lower()}": True,
        "q=没有这家": False,
        "q=%25": False,
        "q=%00": True,
        "district=130606": True,
        "district=130602": False,
        f"station={town.shop.station_id}": True,
        "station=999": False,
        f"industry={town.shop.industry_code}": True,
        "industry=0000": False,
        "passed=1": True,
        "state=bureau_review": False,
        "state=draft": True,  # not to be asked for: one's own work instead
        "page=99": True,
        "page=x": True,
    }
    assert {query: "老槐树面馆" in read(client, f"/office/?{query}") for query in found} == found


def test_pages_of_the_queue(town: Bureau, as_) -> None:
    for number in range(21):
        shop = make.make_member_shop(town.shop.operator, town.owner, name=f"第{number:02}店")
        application = make.make_application(shop, town.owner, S.STATION_REVIEW)
        application.due_on = NOW.date() + timedelta(days=number)
    db.session.commit()
    client = as_(town.station)
    first, second = read(client, "/office/"), read(client, "/office/?page=2")
    assert ("第00店" in first, "第20店" in first, "共 21 件" in first) == (True, False, True)
    assert ("第00店" in second, "第20店" in second) == (False, True)


def test_many_at_once(town: Bureau, as_) -> None:
    good = town.passed_on()
    town.extra_checks.append(Check("licence_present", CheckResult.NEEDS_PERSON))
    shop = make.make_member_shop(town.shop.operator, town.owner, name="分店")
    doubtful = operations.submit(operations.start(shop.id, town.merchant, NOW).id, town.merchant, NOW)
    operations.decide(doubtful.id, "pass_on", town.station.actor(), NOW, doubtful.version, "documents_match")
    town.extra_checks.clear()
    saved(good)
    client = as_(town.bureau)
    page = read(client, "/office/applications/bulk")
    assert ("老槐树面馆" in page, "分店（" in page) == (True, False)
    answer = client.post("/office/applications/bulk", data={})
    assert answer.status_code == 422
    assert "请先勾选" in answer.text
    pair = f"{good.id}:{good.version}"
    page = client.post(
        "/office/applications/bulk", data={"chosen": [pair, f"{doubtful.id}:{doubtful.version}"]}
    ).text
    assert f'name="chosen" value="{pair}"' in page
    assert '<b class="num">1</b> 家店' in page
    address = "/office/applications/bulk/approve"
    answer = client.post(address, data={"chosen": [pair], "reason_code": "other"})
    assert answer.status_code == 422
    assert pair in answer.text
    answer = client.post(address, data={"chosen": [pair, "999:1", "x:y"], "reason_code": "requirements_met"})
    assert answer.status_code == 200
    assert "通过 1 家，没有通过 0 家" in answer.text
    assert fresh(good).state is S.APPROVED
    answer = client.post(address, data={"chosen": [pair], "reason_code": "requirements_met"})
    assert "通过 0 家，没有通过 1 家" in answer.text


def test_bulk_tells_nothing_of_other_regions(town: Bureau, as_) -> None:
    application = saved(town.passed_on())
    data = {"chosen": [f"{application.id}:{application.version}"], "reason_code": "requirements_met"}
    answer = as_(town.elsewhere).post("/office/applications/bulk/approve", data=data)
    assert answer.status_code == 200
    assert "老槐树" not in answer.text
    assert fresh(application).state is S.BUREAU_REVIEW


def test_a_decision_without_the_forms_token_is_refused(town: Bureau, as_, app: Flask) -> None:
    application = saved(town.submitted())
    client = as_(town.station)
    app.config["WTF_CSRF_ENABLED"] = True
    assert send(client, application, "pass_on", reason_code="documents_match").status_code == 400
    assert fresh(application).state is S.STATION_REVIEW


def test_the_filters_offer_places_within_reach_only(as_, town: Bureau) -> None:
    make.make_street("130602001", "竞秀区东关市场监管所")
    db.session.commit()
    page = read(as_(town.station), "/office/")
    assert "市场监管所" in page
    assert "竞秀区东关市场监管所" not in page
