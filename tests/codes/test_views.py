"""The officer's pages of shops and codes, in a browser without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import merchants, regions
from tests.factories.codes import Town, make_code, send, token
from tests.factories.merchants import NOW
from webapp.audit import queries as audit_queries
from webapp.codes import operations, queries
from webapp.codes.rules import CodeState
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.merchants.queries import get_shop

Browser = Callable[[int], FlaskClient]


def code_of(app: Flask, town: Town) -> queries.Standing:
    with app.app_context():
        return queries.facts(town.shop)


def suspend(client: FlaskClient, town: Town, **data: str) -> TestResponse:
    fields = {"ground": "inspection_failed", "reason": "价目表不符"} | data
    return send(client, f"/office/shops/{town.shop}/suspend", f"/office/shops/{town.shop}", **fields)


# --- who may open what ------------------------------------------------------------------------------------------------


def test_strangers_are_sent_to_sign_in(client: FlaskClient, town: Town) -> None:
    for path in ("/office/shops", f"/office/shops/{town.shop}", "/office/revocations"):
        answer = client.get(path)
        assert answer.status_code == 302
        assert "/office/login" in answer.location


@pytest.mark.parametrize(
    ("who", "shop", "waiting"),
    [
        ("station", 200, 403), ("bureau", 200, 200), ("elsewhere", 404, 200), ("department", 200, 403),
        ("admin", 200, 403), ("merchant", 403, 403),
    ],
)  # fmt: skip
def test_who_sees_the_pages(town: Town, browser: Browser, who: str, shop: int, waiting: int) -> None:
    client = browser(getattr(town, who))
    assert client.get(f"/office/shops/{town.shop}").status_code == shop
    assert client.get("/office/revocations").status_code == waiting


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("department", "suspend", 403), ("admin", "suspend", 403), ("elsewhere", "suspend", 404),
        ("merchant", "suspend", 403), ("station", "restore", 403), ("station", "revocation", 403),
        ("elsewhere", "revocation", 404), ("elsewhere", "take-back", 404),
    ],
)  # fmt: skip
def test_who_may_not_act(app: Flask, town: Town, browser: Browser, who: str, path: str, status: int) -> None:
    client = browser(getattr(town, who))
    page = "/office/shops" if who != "merchant" else "/merchant/"
    data = {"csrf_token": token(client.get(page).text), "ground": "other", "reason": "x", "version": "1"}
    assert client.post(f"/office/shops/{town.shop}/{path}", data=data).status_code == status
    assert code_of(app, town).is_active


def test_without_a_token_nothing_happens(app: Flask, town: Town, browser: Browser) -> None:
    data = {"ground": "other", "reason": "x", "version": "1"}
    assert browser(town.bureau).post(f"/office/shops/{town.shop}/suspend", data=data).status_code == 400
    assert code_of(app, town).is_active


def test_buttons_are_those_that_work(town: Town, browser: Browser) -> None:
    page = f"/office/shops/{town.shop}"
    assert "提议下架" not in browser(town.station).get(page).text
    assert "暂停诚信码" in browser(town.station).get(page).text
    assert "提议下架" in browser(town.bureau).get(page).text
    assert "暂停诚信码" not in browser(town.department).get(page).text


# --- the story --------------------------------------------------------------------------------------------------------


def test_suspend_and_restore(app: Flask, town: Town, browser: Browser) -> None:
    client = browser(town.bureau)
    answer = suspend(client, town)
    assert (answer.status_code, answer.location) == (303, f"/office/shops/{town.shop}")
    page = client.get(answer.location).text
    assert "检查发现问题" in page
    assert "价目表不符" in page
    assert "印章：暂停" in page
    answer = send(
        client, f"/office/shops/{town.shop}/restore", f"/office/shops/{town.shop}",
        ground="inspection_failed", because="mended", reason="11 月 20 日复查",
    )  # fmt: skip
    assert answer.status_code == 303
    assert code_of(app, town).is_active
    assert "已整改，复查通过：11 月 20 日复查" in client.get(answer.location).text


def test_take_back(app: Flask, town: Town, browser: Browser) -> None:
    client = browser(town.station)
    suspend(client, town)
    page = f"/office/shops/{town.shop}"
    assert "撤回刚才的暂停" in client.get(page).text
    assert "撤回刚才的暂停" not in browser(town.bureau).get(page).text
    answer = send(client, f"{page}/take-back", page, ground="inspection_failed")
    assert answer.status_code == 303
    assert code_of(app, town).is_active


def test_a_fault_keeps_what_was_typed(app: Flask, town: Town, browser: Browser) -> None:
    answer = suspend(browser(town.bureau), town, ground="", reason="写了很久的说明")
    assert answer.status_code == 422
    assert "写了很久的说明" in answer.text
    assert "请从列表里选择一个依据" in answer.text
    assert '<details class="confirm confirm--danger" open>' in answer.text
    assert code_of(app, town).is_active


def test_restoring_wants_a_reason_of_the_catalogue(town: Town, browser: Browser) -> None:
    client, page = browser(town.bureau), f"/office/shops/{town.shop}"
    suspend(client, town)
    for fields, words in (({}, "请选择恢复的理由"), ({"because": "other"}, "请写明理由")):
        answer = send(client, f"{page}/restore", page, ground="inspection_failed", **fields)
        assert answer.status_code == 422
        assert words in answer.text


def test_an_old_page_is_told_so(app: Flask, town: Town, browser: Browser) -> None:
    client = browser(town.bureau)
    old = client.get(f"/office/shops/{town.shop}").text
    suspend(browser(town.second), town)
    data = {"csrf_token": token(old), "version": "1", "ground": "other", "reason": "late"}
    answer = client.post(f"/office/shops/{town.shop}/suspend", data=data)
    assert answer.status_code == 409
    assert "已有别人改过" in answer.text
    assert code_of(app, town).grounds == ("inspection_failed",)


@pytest.mark.parametrize("version", ["", "x", "-1", "²", "9" * 30])
def test_a_mangled_version_is_an_old_page(town: Town, browser: Browser, version: str) -> None:
    assert suspend(browser(town.bureau), town, version=version).status_code == 409


def test_revoking_by_two(app: Flask, town: Town, browser: Browser) -> None:
    first, second, page = browser(town.bureau), browser(town.second), f"/office/shops/{town.shop}"
    answer = send(first, f"{page}/revocation", page, ground="statement_false", reason="租赁合同系伪造")
    assert answer.status_code == 303
    assert "要由另一位同事审批" in first.get(page).text
    assert "同意下架" not in first.get(page).text
    waiting = second.get("/office/revocations").text
    assert "租赁合同系伪造" in waiting
    assert "老槐树面馆" not in browser(town.elsewhere).get("/office/revocations").text
    alone = send(first, "/office/revocations/1/decide", page, outcome="confirm", reason="我同意")
    assert alone.status_code == 403
    bare = send(second, "/office/revocations/1/decide", page, outcome="confirm", reason="")
    assert bare.status_code == 422
    assert send(second, "/office/revocations/1/decide", page, outcome="maybe", reason="x").status_code == 409
    done = send(second, "/office/revocations/1/decide", page, outcome="confirm", reason="属实")
    assert done.status_code == 303
    assert code_of(app, town).state == "revoked"
    after = second.get(page).text
    assert "申报材料虚假" in after
    assert "暂停诚信码" not in after


def test_no_proposal_elsewhere(town: Town, browser: Browser) -> None:
    client = browser(town.elsewhere)
    data = {"csrf_token": token(client.get("/office/shops").text), "outcome": "confirm", "reason": "x"}
    assert client.post("/office/revocations/77/decide", data=data).status_code == 404


# --- finding ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def street(app: Flask, town: Town) -> dict[str, int]:
    """More shops: suspended, revoked, without a code, in another district."""
    with app.app_context():
        regions.make_street("130602001", station="竞秀区东关市场监管所")
        made = {
            "suspended": merchants.make_shop(name="暂停小馆"),
            "revoked": merchants.make_shop(name="下架旅店", industry_code="6110"),
            "none": merchants.make_shop(name="新来的%店"),
            "far": merchants.make_shop(name="远方面馆", region_code="130602001"),
        }
        make_code(made["suspended"], CodeState.SUSPENDED, ("other",))
        make_code(made["revoked"], CodeState.REVOKED, ("other",))
        db.session.commit()
        return {name: shop.id for name, shop in made.items()}


def found(client: FlaskClient, **filters: str) -> set[int]:
    page = client.get("/office/shops", query_string=filters)
    assert page.status_code == 200
    return {int(number) for number in re.findall(r'href="/office/shops/(\d+)"', page.text)}


def test_searching(app: Flask, town: Town, street: dict[str, int], browser: Browser) -> None:
    client = browser(town.bureau)
    everything = {town.shop, *street.values()}
    assert found(client) == everything
    assert found(client, state="suspended") == {street["suspended"]}
    assert found(client, state="revoked") == {street["revoked"]}
    assert found(client, state="none") == {street["none"], street["far"]}
    assert found(client, state="active") == {town.shop}
    assert found(client, district="130602") == {street["far"]}
    assert found(client, q="小馆") == {street["suspended"]}
    assert found(client, q="%") == {street["none"]}
    assert found(client, q=f"No. {town.shop:06d}-01") == {town.shop}
    assert found(client, q=str(town.shop)) == {town.shop}
    assert found(client, q="没有这家店") == set()
    with app.app_context():
        uscc = get_shop(street["suspended"]).operator.uscc
    assert found(client, q=uscc.lower()) == {street["suspended"]}
    assert found(client, state="nonsense", category="nonsense", district="'") == everything


def test_reach(town: Town, street: dict[str, int], browser: Browser) -> None:
    assert found(browser(town.elsewhere)) == {street["far"]}
    assert street["far"] not in found(browser(town.station))


def test_pages(app: Flask, town: Town, browser: Browser) -> None:
    with app.app_context():
        operator = get_shop(town.shop).operator
        for number in range(25):
            merchants.make_shop(operator, name=f"连锁{number}")
        db.session.commit()
    client = browser(town.bureau)
    first, second = found(client, q="连锁"), found(client, q="连锁", page="2")
    assert (len(first), len(second), first & second) == (20, 5, set())


def test_the_menu_counts_what_waits_for_me(app: Flask, town: Town, browser: Browser) -> None:
    with app.app_context():
        operations.propose_revocation(town.shop, "other", "bad", town.actor(town.bureau), NOW)
        db.session.commit()
    assert '<span>下架审批</span><b class="num">1</b>' in browser(town.second).get("/office/shops").text
    assert "<span>下架审批</span></a>" in browser(town.bureau).get("/office/shops").text
    assert "下架审批" not in browser(town.station).get("/office/shops").text


# --- the merchant's side ----------------------------------------------------------------------------------------------


def test_the_merchant_is_told_why_and_what_to_do(app: Flask, town: Town, browser: Browser) -> None:
    client, page = browser(town.merchant), f"/merchant/shops/{town.shop}"
    assert "诚信码有效" in client.get(page).text
    with app.app_context():
        operations.suspend(town.shop, "abnormal_list", "因为", SYSTEM, NOW + timedelta(minutes=1))
        db.session.commit()
    text = client.get(page).text
    assert "诚信码已暂停" in text
    assert "申请移出经营异常名录" in text
    assert "诚信码已暂停" in client.get("/merchant/").text
    with app.app_context():
        operations.revoke_now(town.shop, "operator_deregistered", "注销", SYSTEM, NOW)
        db.session.commit()
    assert "请把门口和店里的码贴都取下来" in client.get(page).text


# --- taking a proposal back -------------------------------------------------------------------------------------------


def test_the_proposer_takes_the_proposal_back(app: Flask, town: Town, browser: Browser) -> None:
    first, second, page = browser(town.bureau), browser(town.second), f"/office/shops/{town.shop}"
    send(first, f"{page}/revocation", page, ground="statement_false", reason="租赁合同系伪造")
    assert "撤回提议" in first.get(page).text
    assert "撤回提议" not in second.get(page).text
    other = send(second, "/office/revocations/1/withdraw", page)
    assert other.status_code == 403
    assert "只有提议人本人能撤回" in other.text
    assert "租赁合同系伪造" in second.get("/office/revocations").text
    done = send(first, "/office/revocations/1/withdraw", page)
    assert done.status_code == 303
    assert "提议已撤回" in first.get(page).text
    assert "租赁合同系伪造" not in second.get("/office/revocations").text
    for client, path in ((first, "withdraw"), (second, "decide")):
        late = send(client, f"/office/revocations/1/{path}", page, outcome="confirm", reason="属实")
        assert late.status_code == 409
    assert code_of(app, town).state == "active"
    with app.app_context():
        events = {event.action: event for event in audit_queries.shop_history(town.shop)}
        assert events["code.withdraw_revocation"].actor_id == town.bureau
        assert not events["code.withdraw_revocation"].public
    again = send(first, f"{page}/revocation", page, ground="statement_false", reason="补充了证据")
    assert again.status_code == 303
