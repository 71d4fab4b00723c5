"""The pages of talks and orders: office, merchant's phone, public."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories.accounts import make_merchant, make_officer, sign_in
from tests.factories.codes import make_code
from tests.factories.complaints import make_complaint
from tests.factories.files import picture
from tests.factories.merchants import NOW, make_member, make_shop
from tests.factories.oversight import approve, make_order, make_talk
from tests.factories.regions import make_street
from tests.factories.tips import make_tip
from webapp.audit import wording
from webapp.codes import queries as code_queries
from webapp.core import clock, policy
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.oversight import rules
from webapp.oversight.models import OversightProposal
from webapp.publiclog import sequencer

NASTY = "<img src=x onerror=alert(1)>"


@dataclass
class Desk:
    """A shop, who acts on it, and their browsers."""

    shop: int
    complaint: str
    one: FlaskClient
    two: FlaskClient
    owner: FlaskClient
    anybody: FlaskClient
    complaint_id: int
    tip: str


@pytest.fixture
def desk(app: Flask, make_client: Callable[[], FlaskClient], freeze: Callable[[datetime], datetime]) -> Desk:
    freeze(NOW)
    with app.app_context(), unit():
        policy.sync()
        make_street()
        shop = make_shop()
        make_code(shop)
        owner = make_merchant("陈师傅")
        make_member(shop.operator, owner)
        accounts = [make_officer().id, make_officer().id, owner.id]
        complaint, tip, number = make_complaint(shop), make_tip(shop).number, shop.id
        at = (complaint.number, complaint.id)
    clients = [make_client() for _ in range(4)]
    for client, account in zip(clients, accounts, strict=False):
        sign_in(client, account)
    return Desk(number, at[0], *clients, complaint_id=at[1], tip=tip)


def send(client: FlaskClient, page: str, path: str | None = None, **data: Any) -> TestResponse:
    text = client.get(page).text
    found = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert found, page
    version = re.search(r'name="version" value="(\d+)"', text)
    given = {"csrf_token": found.group(1), "version": version.group(1) if version else ""} | data
    return client.post(path or page, data=given, content_type="multipart/form-data")


def filled(desk: Desk, kind: str = "order", **more: Any) -> dict[str, Any]:
    given = {
        "kind": kind,
        "shop": str(desk.shop),
        "source": "complaint",
        "source_ref": desk.complaint,
        "facts": "散装酱肉没有标明价格。",
        "public_summary": "散装食品没有明码标价。",
        "do": "propose",
    }
    if kind == "order":
        return given | {"ground": "general", "demand": "全部明码标价。", "days": "10"} | more
    return given | {"ground": "complaints_many", "talk_at": "2026-05-12T09:30", "place": "三楼"} | more


NEW = "/office/oversight/new"


def proposed(desk: Desk, kind: str = "order", **more: Any) -> str:
    answer = send(desk.one, f"{NEW}?shop={desk.shop}&kind={kind}", NEW, **filled(desk, kind, **more))
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def test_an_order_by_all_its_pages(app: Flask, desk: Desk, freeze: Callable[[datetime], datetime]) -> None:
    assert f"{NEW}?shop={desk.shop}" in desk.one.get(f"/office/complaints/{desk.complaint_id}").text
    preview = send(desk.one, f"{NEW}?shop={desk.shop}", NEW, **filled(desk, do="preview"))
    assert "2026年5月19日 周二" in preview.text
    case = proposed(desk)
    mine = case.replace("/office", "/merchant")
    assert desk.owner.get(mine).status_code == 404
    assert "要由另一名同事核准" in desk.one.get(case).text
    assert send(desk.one, case, f"{case}/approve").status_code == 403
    assert send(desk.two, case, f"{case}/approve").status_code == 303
    page = desk.owner.get(mine).text
    assert "还有 13 天" in page
    assert "责令改正通知书" in page
    assert desk.complaint not in page
    assert "有一项要改正" in desk.owner.get(f"/merchant/shops/{desk.shop}").text
    letter = re.search(rf'href="({mine}/letters/\d+)"', page)
    assert letter
    assert desk.owner.get(letter.group(1)).data.startswith(b"%PDF")
    for public in ("/oversight", "/oversight?district=130606&kind=order&q=老槐树", "/oversight.rss"):
        assert "散装食品没有明码标价" in desk.anybody.get(public).text, public
    assert "散装食品没有明码标价" in desk.anybody.get(f"/s/{desk.shop}").text
    assert "责令改正" in desk.anybody.get("/disclosures?district=130606").text
    empty = send(desk.owner, f"{mine}/report", text="")
    assert (empty.status_code, "这一项要填写" in empty.text) == (422, True)
    done = send(desk.owner, f"{mine}/report", text="全部标好了", photos=(io.BytesIO(picture()), "a.jpg"))
    assert done.status_code == 303
    seen = desk.two.get(case).text
    assert "全部标好了" in seen
    assert "改正照片 1" in seen
    back = send(desk.two, case, f"{case}/send_back", reason="冰柜还差")
    assert back.status_code == 303
    assert "冰柜还差" in desk.owner.get(mine).text
    early = send(desk.two, case, f"{case}/fail", reason="没改")
    assert (early.status_code, "期限还没到" in early.text) == (409, True)
    assert send(desk.two, case, f"{case}/perform", reason="").status_code == 422
    assert send(desk.two, case, f"{case}/perform", reason="现场核过").status_code == 303
    for public in ("/oversight", "/oversight.rss", f"/s/{desk.shop}", "/disclosures?district=130606"):
        assert "散装食品没有明码标价" not in desk.anybody.get(public).text, public
    assert "已经改正" in desk.owner.get(mine).text
    assert case in desk.one.get("/office/oversight?ended=1").text


def test_a_talk_by_all_its_pages(app: Flask, desk: Desk, freeze: Callable[[datetime], datetime]) -> None:
    case = proposed(desk, "talk")
    mine = case.replace("/office", "/merchant")
    send(desk.two, case, f"{case}/approve")
    assert "请您来一趟" in desk.owner.get(mine).text
    bad = send(desk.owner, mine, f"{mine}/confirm", text="")
    assert (bad.status_code, "这一项要填写" in bad.text) == (422, True)
    assert send(desk.owner, mine, f"{mine}/confirm", text="陈师傅，负责人").status_code == 303
    assert "陈师傅，负责人" in desk.one.get(case).text
    wrong = send(desk.one, case, f"{case}/postpone", talk_at="x", place="二楼", reason="会议")
    assert (wrong.status_code, "请选日期和时间" in wrong.text, "二楼" in wrong.text) == (422, True, True)
    moved = send(desk.one, case, f"{case}/postpone", talk_at="2026-05-13T15:00", place="二楼", reason="会议")
    assert moved.status_code == 303
    page = desk.owner.get(mine).text
    assert "2026年5月13日 周三" in page
    assert ">15:00<" in page
    early = send(desk.one, case, f"{case}/hold", attended="陈", minutes="说明", admonition="告诫")
    assert (early.status_code, "还没到约谈的时间" in early.text) == (409, True)
    freeze(NOW + timedelta(days=8))
    with app.app_context(), unit():
        accounts = [make_officer().id]
    sign_in(desk.one, accounts[0])
    kept = send(desk.one, case, f"{case}/hold", attended="陈师傅", minutes="说明了原因", admonition="")
    assert (kept.status_code, "说明了原因" in kept.text) == (422, True)
    held = send(
        desk.one, case, f"{case}/hold", attended="陈师傅", minutes="说明了原因", admonition="按时答复"
    )
    assert held.status_code == 303
    assert "散装食品没有明码标价" in desk.anybody.get("/oversight?kind=talk").text


def test_what_is_wrong_is_said_and_kept(desk: Desk) -> None:
    page = f"{NEW}?shop={desk.shop}"
    for more, said in (
        ({"source_ref": "TS0"}, "没有这个编号的投诉"),
        ({"ground": ""}, "请从列表里选一个事由"),
        ({"days": "900"}, "请写 1 到 60 之间的天数"),
        ({"days": "很多"}, "请写 1 到 60 之间的天数"),
        ({"source": "rumour"}, "请选来源"),
        ({"demand": ""}, "这一项要填写"),
    ):
        answer = send(desk.one, page, NEW, **filled(desk, **more))
        assert answer.status_code == 422, more
        assert said in answer.text, more
        assert "散装酱肉没有标明价格" in answer.text
    proposed(desk)
    twice = send(desk.one, page, NEW, **filled(desk))
    assert (twice.status_code, "正在办" in twice.text) == (422, True)


def test_not_performed_and_suspended_by_another(
    app: Flask, desk: Desk, freeze: Callable[[datetime], datetime]
) -> None:
    case = proposed(desk)
    send(desk.two, case, f"{case}/approve")
    freeze(NOW + timedelta(days=20))
    with app.app_context(), unit():
        first, second = make_officer().id, make_officer().id
    sign_in(desk.one, first)
    sign_in(desk.two, second)
    assert "已逾期" in desk.one.get("/office/oversight").text
    assert send(desk.one, case, f"{case}/fail", reason="没有标价").status_code == 303
    board = "/office/oversight"
    assert "建议暂停诚信码" in desk.two.get(board).text
    with app.app_context():
        [proposal] = db.session.scalars(sa.select(OversightProposal))
        take = f"{board}/proposals/{proposal.id}/take"
    assert send(desk.one, board, take, reason="没有改").status_code == 403
    assert "请写明理由" in _followed(desk.two, send(desk.two, board, take, reason=""))
    assert send(desk.two, board, take, reason="逾期没有改正").status_code == 303
    with app.app_context():
        assert code_queries.facts(desk.shop).state == "suspended"
    assert "没有按期改正" in desk.anybody.get(f"/s/{desk.shop}").text
    asks = "这家店的诚信码还因此暂停着"
    assert asks not in desk.one.get(case).text, "it was not performed: the suspension is right"
    assert send(desk.one, case, f"{case}/withdraw", reason="对象有误").status_code == 303
    page = desk.one.get(case).text
    assert asks in page
    assert f'href="/office/shops/{desk.shop}"' in page.partition(asks)[2]


def _followed(client: FlaskClient, answer: TestResponse) -> str:
    return client.get(answer.location).text


def test_more_time(desk: Desk) -> None:
    case = proposed(desk)
    mine = case.replace("/office", "/merchant")
    send(desk.two, case, f"{case}/approve")
    bad = send(desk.owner, f"{mine}/extension", text="等配件", days="99")
    assert (bad.status_code, "请写 1 到 30 之间的天数" in bad.text) == (422, True)
    assert send(desk.owner, f"{mine}/extension", text="等配件", days="5").status_code == 303
    assert "商家申请延期" in desk.one.get("/office/oversight").text
    assert send(desk.one, case, f"{case}/approve_extension", reason="情况属实").status_code == 303
    assert "5月26日" in desk.owner.get(mine).text
    assert desk.owner.get(f"{mine}/extension").status_code == 303


def test_a_tip_is_never_told(app: Flask, desk: Desk, make_client: Callable[[], FlaskClient]) -> None:
    case = proposed(desk, source="tip", source_ref=desk.tip)
    send(desk.two, case, f"{case}/approve")
    mine = case.replace("/office", "/merchant")
    assert desk.tip in desk.one.get(case).text
    for page in (desk.owner.get(mine), desk.anybody.get("/oversight")):
        assert desk.tip not in page.text
        assert "举报" not in page.text.partition("<footer")[0]
    with app.app_context(), unit():
        from webapp.merchants.queries import get_shop

        code = get_shop(desk.shop).department_code
        department = make_officer(Role.DEPARTMENT_OFFICER, department_code=code).id
    client = make_client()
    sign_in(client, department)
    assert desk.tip not in client.get(case).text
    assert client.post(f"{case}/approve").status_code in {400, 403}


def test_it_leads_to_the_public_log(app: Flask, desk: Desk) -> None:
    case = proposed(desk)
    send(desk.two, case, f"{case}/approve")
    assert "公示日志第" not in desk.anybody.get("/oversight").text
    with app.app_context():
        sequencer.run(NOW)
        db.session.commit()
    assert 'href="/log/1"' in desk.anybody.get("/oversight").text
    assert "公开责令改正" in desk.anybody.get("/log/1").text


def test_second_page_and_nonsense(app: Flask, desk: Desk) -> None:
    with app.app_context(), unit():
        one, two = make_officer().actor(), make_officer().actor()
        for number in range(17):
            approve(make_order(make_shop(name=f"第{number:02}店"), one), two)
    assert desk.anybody.get("/oversight").text.count("<article") == 15
    assert desk.anybody.get("/oversight?page=2").text.count("<article") == 2
    assert desk.anybody.get("/oversight?page=99").text.count("<article") == 2
    assert "没有符合条件的" in desk.anybody.get("/oversight?category=tour").text
    for nonsense in ("district=x", "category=<", "kind=x", "page=x", "q=%00%25_"):
        assert desk.anybody.get(f"/oversight?{nonsense}").status_code == 200


def test_what_officers_write_is_text(desk: Desk) -> None:
    case = proposed(desk, facts=NASTY, public_summary=NASTY, demand=NASTY)
    send(desk.two, case, f"{case}/approve")
    mine = case.replace("/office", "/merchant")
    pages = [desk.one.get(case), desk.owner.get(mine), desk.owner.get(f"{mine}/report")]
    pages += [desk.anybody.get(path) for path in ("/oversight", "/oversight.rss", f"/s/{desk.shop}")]
    for page in pages:
        assert NASTY not in page.text
        assert "&lt;img src=x" in page.text


def test_every_step_has_its_words(app: Flask) -> None:
    with app.app_context():
        for kind, steps in (("talk", rules.TALK_STEPS), ("order", rules.ORDER_STEPS)):
            for step in steps:
                assert wording.has_word(f"audit.action.{kind}.{step.action}"), step.action
            for state in steps.states:
                assert wording.has_word(f"oversight.state.{state}"), state
        for step in rules.PROPOSAL_STEPS:
            assert wording.has_word(f"audit.action.oversight_proposal.{step.action}")
    assert clock.day_of(NOW)


def test_others_find_nothing(app: Flask, desk: Desk, make_client: Callable[[], FlaskClient]) -> None:
    case = proposed(desk)
    send(desk.two, case, f"{case}/approve")
    mine = case.replace("/office", "/merchant")
    with app.app_context(), unit():
        make_street("130602001", "竞秀区先锋市场监管所")
        strangers = [make_officer(region_code="130602").id, make_merchant("别家").id]
        talk = make_talk(make_shop(name="隔壁"), make_officer().actor()).id
    away, rival = make_client(), make_client()
    sign_in(away, strangers[0])
    sign_in(rival, strangers[1])
    assert away.get(case).status_code == 404
    assert rival.get(mine).status_code == 404
    assert desk.owner.get(f"/merchant/talks/{talk}").status_code == 404
    assert desk.anybody.get(mine).status_code == 302
