"""Inspections: what is taken, who enters them, the file, and how the shop's page and the log follow."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from flask import Flask

from tests.factories.accounts import make_officer, sign_in
from tests.factories.shopfront import NOW, Vouched, make_vouched
from webapp.core import clock
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, StepRefused
from webapp.core.transaction import unit
from webapp.inspections import operations
from webapp.inspections.models import Inspection
from webapp.inspections.rules import Facts, InspectionKind, InspectionResult, problems
from webapp.publiclog.models import LogLeaf

TODAY = date(2026, 5, 6)
GOOD = Facts(date(2026, 5, 4), "routine", "passed", "检〔2026〕7号", "")


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with clock.use(NOW):
        yield


@dataclass(frozen=True)
class Case:
    """A vouched shop, an officer of its city and one of another."""

    shop: Vouched
    officer: Actor
    stranger: Actor


@pytest.fixture
def case(app: Flask) -> Case:
    with app.app_context():
        shop = make_vouched()
        with unit():
            officer, stranger = (
                make_officer(Role.BUREAU_OFFICER, "1306"),
                make_officer(Role.BUREAU_OFFICER, "1301"),
            )
        return Case(shop, officer.actor(), stranger.actor())


def enter(case: Case, facts: Facts = GOOD, actor: Actor | None = None) -> int:
    with unit():
        return operations.enter(case.shop.shop_id, facts, actor or case.officer, NOW)[0].id


@pytest.mark.parametrize("kind", list(InspectionKind))
@pytest.mark.parametrize("result", list(InspectionResult))
def test_every_kind_and_result_is_taken(kind: InspectionKind, result: InspectionResult) -> None:
    told = replace(GOOD, kind=kind.value, result=result.value, summary="秤不准")
    assert problems(told, TODAY, 100) == {}
    assert bool(problems(replace(told, summary=" "), TODAY, 100)) == (result.value in {"ordered", "failed"})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"inspected_on": None}, "inspected_on"),
        ({"inspected_on": TODAY + timedelta(days=1)}, "inspected_on"),
        ({"inspected_on": TODAY - timedelta(days=101)}, "inspected_on"),
        ({"kind": "x"}, "kind"),
        ({"result": ""}, "result"),
        ({"number": " "}, "number"),
        ({"number": "一" * 61}, "number"),
        ({"summary": "一" * 201}, "summary"),
        ({"note": "一" * 501}, "note"),
    ],
)
def test_what_is_wrong_is_said_by_field(change: dict[str, object], field: str) -> None:
    assert list(problems(replace(GOOD, **change), TODAY, 100)) == [field]  # type: ignore[arg-type]


def test_it_stands_on_the_page_and_leaves_it(app: Flask, case: Case) -> None:
    client, tail = app.test_client(), app.extensions["ydym.tail"]
    assert "最近一次检查" not in client.get(case.shop.plain).text
    with app.app_context():
        number = enter(case, replace(GOOD, result="failed", summary="电子秤少称", note="老板态度不好"))
    tail.poll()
    page = client.get(case.shop.plain).text
    for words in ("最近一次检查：不合格（5月4日）", "电子秤少称", "文书 检〔2026〕7号"):
        assert words in page
    assert "老板态度不好" not in page
    facts = client.get(case.shop.plain, headers={"Accept": "application/json"}).get_json()
    assert facts["inspections"][0]["result"] == "failed"
    with app.app_context():
        leaf = db.session.query(LogLeaf).filter_by(kind="inspection.enter").one()
        assert b"failed" not in leaf.data, "sealed: a withdrawn result must not be read from the log for ever"
        assert leaf.about is not None
        with pytest.raises(Invalid, match="reason_too_long"):
            operations.withdraw(number, "错" * 501, case.officer, NOW, 1)
        with unit():
            operations.withdraw(number, "录错了店", case.officer, NOW, 1)
        db.session.expire_all()
        assert db.session.query(LogLeaf).filter_by(kind="inspection.enter").one().about is None
    tail.poll()
    page = client.get(case.shop.plain).text
    assert "电子秤少称" not in page
    assert "撤回检查结果" in page


def test_the_same_again_is_one_and_other_facts_under_its_number_are_refused(app: Flask, case: Case) -> None:
    with app.app_context():
        first = enter(case)
        assert enter(case) == first
        with pytest.raises(Invalid, match="inspection_same_number"):
            enter(case, replace(GOOD, result="mended"))
        with pytest.raises(Forbidden):
            enter(case, replace(GOOD, number="检2"), case.stranger)
        with pytest.raises(Conflict), unit():
            operations.withdraw(first, "错", case.officer, NOW, 9)
        with pytest.raises(Invalid), unit():
            operations.withdraw(first, " ", case.officer, NOW, 1)
        with unit():
            operations.withdraw(first, "录错了", case.officer, NOW, 1)
        with pytest.raises(StepRefused), unit():
            operations.withdraw(first, "录错了", case.officer, NOW, 2)
        assert enter(case, replace(GOOD, result="mended")) != first, "a withdrawn one gives its number back"


HEAD = "门店编号,检查日期,检查类别,检查结果,文书编号,公开说明\n"


def test_a_file_is_taken_as_a_whole_or_not_at_all(app: Flask, case: Case) -> None:
    shop = case.shop.shop_id
    good = f"{HEAD}{shop},2026/5/4,日常检查,未发现问题,检1,\n{shop},2026-05-03,抽样检验,不合格,检2,菌落超标\n"
    good = good.replace("2026/5/4", "2026/05/04")
    with app.app_context():
        with unit():
            assert operations.take_file(good.encode("gb18030"), case.officer, NOW) == 2
        with unit():
            assert operations.take_file(good.encode(), case.officer, NOW) == 0, "the same file again"
        for rows, line in ((f"{shop},2026-05-04,复查,未发现问题,检3,\n999999,2026-05-04,复查,未发现问题,检4,\n", 3),
                           (f"{shop},昨天,复查,未发现问题,检5,\n", 2)):  # fmt: skip
            with pytest.raises(Invalid) as refused, unit():
                operations.take_file((HEAD + rows).encode(), case.officer, NOW)
            assert refused.value.details["line"] == line
        for nothing in (b"", b"\x00\x01", b"a,b\n1,2\n", HEAD.encode()):
            with pytest.raises(Invalid, match="inspection_file"), unit():
                operations.take_file(nothing, case.officer, NOW)
        assert db.session.query(Inspection).count() == 2


def test_an_officer_enters_imports_and_withdraws_in_the_browser(app: Flask, case: Case) -> None:
    client = app.test_client()
    with app.app_context():
        with unit():
            officer = make_officer(Role.BUREAU_OFFICER, "1306")
        sign_in(client, officer.id)
    path = f"/office/shops/{case.shop.shop_id}/inspections"

    def post(to: str, **data: object) -> str:
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
        assert token
        return client.post(to, data={"csrf_token": token[1], **data}, follow_redirects=True).text

    kept = post(
        path, inspected_on="2026-05-04", kind="routine", result="failed", number="检9", note="备注在此"
    )
    assert "发现了什么问题" in kept
    assert "备注在此" in kept, "what was typed is kept"
    assert "已公布" in post(path, inspected_on="2026-05-04", kind="routine", result="passed", number="检9")
    assert "检查结果" in client.get(f"/office/shops/{case.shop.shop_id}").text
    file = (io.BytesIO(f"{HEAD}{case.shop.shop_id},2026-05-01,复查,当场改正,检10,\n".encode()), "x.csv")
    assert "新增 1 条" in post("/office/inspections/import", file=file)
    wrong = (io.BytesIO(f"{HEAD}7,2026-05-01,复查,当场改正,检11,\n".encode()), "x.csv")
    assert "第 2 行：没有这家店" in post("/office/inspections/import", file=wrong)
    with app.app_context():
        number = db.session.query(Inspection).filter_by(number="检9").one().id
    assert "已撤回" in post(f"/office/inspections/{number}/withdraw", reason="录错了", version="1")
