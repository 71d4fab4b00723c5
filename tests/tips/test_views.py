"""The office's pages of tips and the reporter's, and everything that the merchant must not see."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import complaints as make
from tests.factories import tips
from tests.factories.accounts import sign_in
from tests.factories.merchants import NOW
from tests.factories.regions import make_street
from tests.support.street import HEADER, Street
from webapp.audit.models import AuditEvent
from webapp.core import receipts
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.filing import words
from webapp.merchants.models import Recusal
from webapp.merchants.queries import get_shop
from webapp.tips import intake, queries
from webapp.tips.models import Tip

DAY = timedelta(days=1)
SECRETS = (tips.NAME, tips.PHONE[3:], "139 1234 5678")


def as_(who: str) -> dict[str, str]:
    return {HEADER: who}


def filed(app: Flask, street: Street, **more: Any) -> tuple[int, str, str]:
    """A tip in the database: its id, address in the office and shown receipt."""
    with app.app_context():
        tip, receipt = intake.file(street.shop_id, tips.make_filing(**more), NOW)
        db.session.commit()
        return tip.id, f"/office/tips/{tip.id}", receipts.show(receipt)


def version(page: TestResponse) -> str:
    found = re.search(r'name="version" value="(\d+)"', page.text)
    assert found
    return found[1]


def the_tip(app: Flask, tip_id: int) -> Tip:
    with app.app_context():
        return queries.get(tip_id)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("station", 200),
        ("bureau", 200),
        ("department", 403),
        ("elsewhere", 404),
        ("admin", 403),
        ("merchant", 403),
    ],
)
def test_who_sees_a_tip(app: Flask, client: FlaskClient, street: Street, who: str, status: int) -> None:
    _id, address, _receipt = filed(app, street)
    page = client.get(address, headers=as_(who))
    assert page.status_code == status
    assert (tips.STORY in page.text) == (status == 200)
    listed = client.get("/office/tips", headers=as_(who))
    assert listed.status_code == (403 if status == 403 else 200)
    assert (address in listed.text) == (status == 200)
    for post in ("contact", "note", "file_case", "extension/ask", "registration"):
        answer = client.post(f"{address}/{post}", data={"text": "x"}, headers=as_(who))
        assert (answer.status_code not in {403, 404}) == (status == 200), post


def test_the_reporter_is_shown_on_request_and_that_is_written_down(
    app: Flask, client: FlaskClient, street: Street
) -> None:
    _id, address, receipt = filed(app, street)
    page = client.get(address, headers=as_("station"))
    assert page.headers["Cache-Control"] == "no-store"
    for secret in (*SECRETS, receipt):
        assert secret not in page.text
    refused = client.post(f"{address}/contact", headers=as_("station"))
    assert refused.status_code == 422
    assert tips.NAME not in refused.text
    shown = client.post(f"{address}/contact", data={"purpose": "call"}, headers=as_("station"))
    assert tips.NAME in shown.text
    assert "139 1234 5678" in shown.text
    with app.app_context():
        event = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert event is not None
        assert (event.action, event.actor_name) == ("tip.view_contact", "station")


def test_from_the_queue_to_the_reporter_told(app: Flask, client: FlaskClient, street: Street) -> None:
    tip_id, address, receipt = filed(app, street)
    queue = client.get("/office/tips", headers=as_("station"))
    assert address in queue.text
    assert re.search(r'href="/office/tips"[^>]*><span>举报</span><b class="num">1</b>', queue.text)
    page = client.get(address, headers=as_("station"))
    assert re.search(r"请在[^<]+前核查并决定是否立案", page.text)
    typed = {"version": version(page), "text": "现场查到过期面粉"}
    none = client.post(f"{address}/file_case", data=typed, headers=as_("station"))
    assert none.status_code == 422
    assert "请选一条法定事由" in none.text
    assert "现场查到过期面粉" in none.text
    assert 'href="#f-ground-file_case"' in none.text
    assert client.post(
        f"{address}/file_case", data=typed | {"ground": "conditions_met"}, headers=as_("station")
    ).location.endswith(address)
    stale = client.post(
        f"{address}/file_no_case", data=typed | {"ground": "no_evidence"}, headers=as_("bureau")
    )
    assert stale.status_code == 409
    assert "现场查到过期面粉" in stale.text, "what was typed is kept"
    page = client.get(address, headers=as_("station"))
    assert "短信告知" in page.text
    assert address in client.get("/office/tips?state=told", headers=as_("station")).text
    done = client.post(f"{address}/tell", data={"version": version(page)}, headers=as_("station"))
    assert done.status_code == 303
    page = client.get(address, headers=as_("station"))
    assert "举报处理结果告知书" in page.text
    assert address not in client.get("/office/tips", headers=as_("station")).text
    letter = re.search(rf'action="({address}/letters/\d+)"', page.text)
    assert letter
    paper = client.post(letter[1], headers=as_("station"))
    assert paper.mimetype == "application/pdf"
    follow = client.get(f"/tips/{receipt}")
    assert "现场查到过期面粉" in follow.text
    assert "李警官" not in follow.text
    mine = re.search(r'href="(/tips/[^"]+/letters/\d+)"', follow.text)
    assert mine
    assert client.get(html.unescape(mine[1])).mimetype == "application/pdf"
    other, _, other_receipt = filed(app, street)
    assert other != tip_id
    assert client.get(mine[1].replace(receipt, other_receipt)).status_code == 404


def test_more_time_on_the_pages(app: Flask, client: FlaskClient, street: Street) -> None:
    _id, address, receipt = filed(app, street)
    page = client.get(address, headers=as_("bureau"))
    ask = {"version": version(page), "text": "等检验报告"}
    assert client.post(f"{address}/extension/ask", data=ask, headers=as_("bureau")).status_code == 303
    own = client.get(address, headers=as_("bureau"))
    assert f"{address}/extension/withdraw" in own.text
    assert f"{address}/extension/approve" not in own.text
    word = {"version": version(own), "text": "同意"}
    assert client.post(f"{address}/extension/approve", data=word, headers=as_("bureau")).status_code == 403
    assert client.post(f"{address}/extension/approve", data=word, headers=as_("station")).status_code == 403
    assert "等审批延期" in client.get("/office/tips", headers=as_("station")).text
    assert "等检验报告" not in client.get(f"/tips/{receipt}").text, "a mere request is the office's affair"
    with app.app_context():
        street.actors["second"] = make.make_officer(Role.BUREAU_OFFICER, "130606", "王局").actor()
        db.session.commit()
    page = client.get(address, headers=as_("second"))
    assert f"{address}/extension/approve" in page.text
    empty = client.post(
        f"{address}/extension/approve", data={"version": version(page)}, headers=as_("second")
    )
    assert empty.status_code == 422
    assert client.post(f"{address}/extension/approve", data=word, headers=as_("second")).status_code == 303
    for shown in (client.get(address, headers=as_("station")), client.get(f"/tips/{receipt}")):
        assert "期限的变动" in shown.text
        assert "负责人批准延长" in shown.text
    assert "extension/ask" not in client.get(address, headers=as_("station")).text, "once only"


def test_pause_transfer_and_handing_outside(app: Flask, client: FlaskClient, street: Street) -> None:
    with app.app_context():
        make_street("130602001", "竞秀区市场监管所")
        db.session.commit()
    _id, address, receipt = filed(app, street)

    def post(action: str, who: str = "station", **typed: str) -> TestResponse:
        page = client.get(address, headers=as_(who))
        return client.post(
            f"{address}/{action}", data={"version": version(page), "text": "理由"} | typed, headers=as_(who)
        )

    assert post("pause", ground="testing").status_code == 303
    assert "正在检测鉴定" in client.get(f"/tips/{receipt}").text
    assert f'action="{address}/pause"' not in client.get(address, headers=as_("station")).text
    assert post("resume").status_code == 303
    assert post("transfer", handler="999999").status_code == 422
    moved = post("transfer", handler="130602")
    assert moved.location.endswith("/office/tips"), "the case has left this officer's reach"
    assert client.get(address, headers=as_("station")).status_code == 404
    nameless = post("transfer_out", "elsewhere")
    assert nameless.status_code == 422
    assert 'href="#f-addressee-transfer_out"' in nameless.text
    assert post("transfer_out", "elsewhere", addressee="市农业农村局").status_code == 303
    assert "已移送" in client.get(f"/tips/{receipt}").text


def test_the_queue_is_ordered_filtered_and_paged(
    app: Flask, client: FlaskClient, street: Street, freeze: Callable[..., object]
) -> None:
    with app.app_context():
        for day in range(31):
            tips.make_tip(get_shop(street.shop_id), NOW - day * DAY / 4, named=False)
        db.session.commit()
    first = client.get("/office/tips", headers=as_("station"))
    found = [int(one) for one in re.findall(r'href="/office/tips/(\d+)"', first.text)]
    assert len(found) == 30
    with app.app_context():
        dues = [queries.get(one).next_due_at for one in found]
    assert dues == sorted(dues, key=lambda due: (due is None, due))
    second = client.get("/office/tips?page=2", headers=as_("station"))
    assert len(re.findall(r'href="/office/tips/\d+"', second.text)) == 1
    assert "没有符合条件" in client.get("/office/tips?due=late", headers=as_("station")).text
    with app.app_context():
        last = dues[0]
    assert last is not None
    freeze(last + DAY)
    late = client.get("/office/tips?due=late", headers=as_("station"))
    assert f'href="/office/tips/{found[0]}"' in late.text
    for nonsense in ("state=x", "shop=x", "page=-1", "text=%25", "shop=" + "9" * 30, "due=x", "text=%00"):
        assert client.get(f"/office/tips?{nonsense}", headers=as_("station")).status_code == 200


def test_who_must_stand_aside_finds_nothing(app: Flask, client: FlaskClient, street: Street) -> None:
    _id, address, _receipt = filed(app, street)
    with app.app_context():
        account = make.make_officer(Role.BUREAU_OFFICER, "1306", "亲戚")
        db.session.add(
            Recusal(account_id=account.id, operator_id=get_shop(street.shop_id).operator_id, declared_at=NOW)
        )
        db.session.flush()
        street.actors["tied"] = account.actor()
        db.session.commit()
    assert client.get(address, headers=as_("tied")).status_code == 404
    queue = client.get("/office/tips", headers=as_("tied"))
    assert address not in queue.text
    assert "<span>举报</span><b" not in queue.text


def test_the_merchant_never_learns_of_a_tip(app: Flask, client: FlaskClient, street: Street) -> None:
    tip_id, address, receipt = filed(app, street)
    for action, ground in (("file_case", "conditions_met"), ("tell", "")):
        page = client.get(address, headers=as_("station"))
        done = client.post(
            f"{address}/{action}",
            data={"version": version(page), "text": "现场查到过期面粉", "ground": ground},
            headers=as_("station"),
        )
        assert done.status_code == 303
    number = the_tip(app, tip_id).number
    planted = (*SECRETS, tips.STORY, "过期面粉", number, receipt)
    seen = 0
    merchant = street.actors["merchant"].account_id
    assert merchant is not None
    sign_in(client, merchant)
    with app.test_request_context():
        addresses = {
            rule.rule.replace("<int:shop_id>", str(street.shop_id)).replace(
                "<int:number>", str(street.shop_id)
            )
            for rule in app.url_map.iter_rules()
            if "GET" in (rule.methods or set())
            and rule.arguments <= {"shop_id", "number"}
            and not rule.rule.startswith(("/office", "/static"))
        }
    for one in sorted(addresses):
        page = client.get(one, headers=as_("merchant"))
        if page.status_code == 200 and not (page.mimetype or "").startswith(("image/", "text/event-stream")):
            seen += 1
            body = page.get_data(as_text=False).decode("utf-8", "replace")
            assert not [secret for secret in planted if secret in body], one
        page.close()
    assert seen > 20, "the walk met pages"
    office = client.get(f"/office/shops/{street.shop_id}", headers=as_("station"))
    assert "提交举报" not in office.text, "the shop's page is read by more officers than the tips"


def test_a_form_for_both_shows_both_receipts(app: Flask, visit: FlaskClient, street: Street) -> None:
    address = f"/s/{street.shop_id}/complain"
    form = visit.get(address)
    submission = re.search(r'name="submission" value="([^"]*)"', form.text)
    assert submission
    typed = {
        "submission": html.unescape(submission[1]),
        "wish": "both",
        "topic": "food_safety",
        "story": "两斤酱肉回家一称只有一斤七两。",
        "demand": "refund",
        "contact_name": tips.NAME,
        "contact_phone": "",
    }
    answer = visit.post(address, data=typed)
    assert answer.status_code == 303, answer.text[:3000]
    page = visit.get(answer.location)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    with app.app_context():
        tip = db.session.scalars(sa.select(Tip)).one()
        key = re.search(r"/filed/([a-z2-7-]+)/([a-z2-7-]+)", answer.location)
        assert key
        for receipt in key.groups():
            for group in receipt.split("-"):
                assert f"<span>{group}</span>" in page.text
        assert words.of_receipt(receipts.tidy(key[1]) or "") in page.text
        assert queries.by_receipt(key[2]).id == tip.id
        number = tip.number
    follow = visit.get(f"/complaints/{key[1]}")
    assert number in follow.text
    assert "正在核查" in follow.text
    assert key[2] not in follow.text, "who holds one receipt need not hold the other"
    again = visit.post(address, data=typed | {"story": "改写过的内容，没有另外提交。"})
    assert "没有另外提交" in visit.get(again.location).text
    swapped = visit.get(f"/filed/{key[2]}/{key[1]}")
    assert swapped.status_code == 404
    _other, _address, other_receipt = filed(app, street)
    assert visit.get(f"/filed/{key[1]}/{other_receipt}").status_code == 404
