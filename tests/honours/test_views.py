"""The office's pages: two browsers name a shop, a nomination becomes a proposal, a file is done row by row."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.listings import People
from tests.factories.merchants import NOW
from tests.factories.registry import make_record
from tests.honours.test_operations import black_file, rate, row
from tests.listings.conftest import Browser
from tests.listings.test_views import send
from webapp.codes.operations import issue
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.honours import measures, nominating, queries, rules
from webapp.honours.models import Nomination
from webapp.honours.rules import HonourKind, HonourState
from webapp.merchants.models import Shop
from webapp.web.words import label


@pytest.fixture
def vouched(app: Flask, city: People) -> str:
    """The shop has its code; its operator's credit code."""
    with app.app_context(), unit():
        shop = db.session.get_one(Shop, city.shop.id)
        make_record(uscc=shop.operator.uscc)
        issue(shop.id, SYSTEM, NOW)
        return shop.operator.uscc


def test_two_browsers_name_a_return_shop(
    app: Flask, client: FlaskClient, city: People, browser: Browser, vouched: str
) -> None:
    first, second = browser(city.bureau), browser(city.second)
    page = f"/office/honours/new?shop={city.shop.id}"
    assert f"shop={city.shop.id}" in first.get("/office/honours/new?q=老槐树").text
    given = {"shop": str(city.shop.id), "kind": "no_reason_return", "terms": "凭小票退货。", "returns": "24"}
    wrong = send(first, f"{page}&kind=no_reason_return", days="3", **given)
    assert wrong.status_code == 422
    assert "凭小票退货。" in wrong.text
    assert "7 到 90 天" in wrong.text
    bare = send(first, f"{page}&kind=no_reason_return", days="7", **given)
    assert "请写近一年的笔数" in bare.text, "how many were refused is not said"
    given |= {"refused": "1", "evidence": "退货登记本"}
    done = send(first, f"{page}&kind=no_reason_return", days="7", **given)
    assert done.status_code == 303
    case = done.location
    assert "须由另一位有权限的同事确认" in first.get(case).text
    assert "退货登记本" in second.get(case).text
    assert send(first, page, f"{case}/confirm", version="1", reason="x").status_code == 403
    assert send(second, case, f"{case}/confirm", version="1", reason=" ").status_code == 422
    assert send(second, case, f"{case}/confirm", version="1", reason="属实").status_code == 303
    assert "线下无理由退货：7 天" in client.get(f"/s/{city.shop.id}").text
    assert "线下无理由退货" in second.get(f"/office/shops/{city.shop.id}").text
    assert send(second, case, f"{case}/end", version="2", reason="商户退出").status_code == 303
    assert "线下无理由退货：7 天" not in client.get(f"/s/{city.shop.id}").text
    assert "商户退出" in second.get(case).text


def test_a_chain_and_its_shop(app: Flask, city: People, browser: Browser, vouched: str) -> None:
    officer = browser(city.bureau)
    page = f"/office/honours/new?shop={city.shop.id}&kind=cross_shop_return"
    assert "先建立品牌" in officer.get(page).text
    assert send(officer, "/office/honours/chains", name="", terms="x").status_code == 422
    assert send(officer, "/office/honours/chains", name="惠友超市", terms="凭小票").status_code == 303
    again = send(officer, "/office/honours/chains", name="惠友超市", terms="别的条件")
    assert again.status_code == 422
    assert "别的条件" in again.text
    with app.app_context():
        [chain] = queries.open_chains()
    given = {"shop": str(city.shop.id), "kind": "cross_shop_return", "terms": "凭小票", "days": "7"}
    given |= {"returns": "3", "refused": "0", "evidence": "收银系统"}
    assert send(officer, page, **given).status_code == 422
    assert send(officer, page, chain=str(chain.id), **given).status_code == 303


def test_a_nomination_becomes_a_proposal(app: Flask, city: People, browser: Browser, vouched: str) -> None:
    with app.app_context(), unit():
        rate(city.shop.id, 12)
        later = NOW.replace(year=2027)
        assert nominating.nominate(later) == 1
        facts = db.session.get_one(Nomination, city.shop.id).facts
    assert facts["grounds"][0] == "high_ratings"
    officer = browser(city.station)
    assert "老槐树面馆" in officer.get("/office/nominations").text
    page = f"/office/nominations/{city.shop.id}"
    assert "近一年 12 个评价" in officer.get(page).text
    early = send(officer, page, f"{page}/take", ground="high_ratings", evidence="核实", summary="好评多。")
    assert early.status_code == 422, (
        "by today's clock its code is too young: looked at again when it is taken"
    )
    assert "好评多。" in early.text
    assert send(officer, page, f"{page}/decline", reason=" ").status_code == 422
    assert send(officer, page, f"{page}/decline", reason="再看看").status_code == 303


def test_a_file_by_two_browsers(app: Flask, city: People, browser: Browser, vouched: str) -> None:
    first, second = browser(city.bureau), browser(city.second)
    assert send(first, "/office/measures", kind="black").status_code == 422
    rubbish = (io.BytesIO(b"a,b\n1,2\n"), "a.csv")
    assert "第一行写列名" in send(first, "/office/measures", kind="black", file=rubbish).text
    data = black_file(row(vouched), row("91130606MA0000000X"))
    done = send(first, "/office/measures", kind="black", file=(io.BytesIO(data), "名单.csv"))
    assert done.status_code == 303
    page = done.location
    text = first.get(page).text
    assert "等另一位同事确认" in text
    assert "核对 18 位" in text
    assert f"{page}/confirm" not in text
    assert send(first, page, f"{page}/confirm", version="1").status_code == 403
    assert send(second, page, f"{page}/confirm", version="1").status_code == 303
    assert "正在后台办理" in second.get(page).text
    with app.app_context(), unit():
        assert measures.run(NOW) == 1
    text = second.get(page).text
    assert "已办完：1 行办成" in text
    assert re.search(r'href="/office/listings/\d+"', text)
    assert send(second, page, f"{page}/confirm", version="2").status_code == 409


def test_everything_has_words(app: Flask) -> None:
    with app.app_context():
        for kind in HonourKind:
            assert label(f"honour.kind.{kind.value}")
        for state in HonourState:
            assert label(f"honour.state.{state.value}")
        for sector in rules.SECTORS:
            assert label(f"honour.sector.{sector}")
        for step in rules.STEPS:
            assert label(f"audit.action.honour.{step.action}")
        for code in rules.ENDED_BY_ITSELF:
            assert label(f"honour.reason.{code}")
        for measure in measures.KINDS:
            assert label(f"measure.kind.{measure}")
