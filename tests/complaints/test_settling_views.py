"""The sides' pages of an offer: made, signed, declined, performed; the handling rated; reopened."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import complaints as make
from tests.factories.merchants import NOW
from tests.support.street import HEADER, Street
from webapp.complaints import intake, operations
from webapp.core import clock, receipts
from webapp.core.actor import CONSUMER
from webapp.core.db import db


@pytest.fixture(autouse=True)
def _no_token(app: Flask) -> None:
    """Signed-in forms carry the usual token; these tests are not about it."""
    app.config["WTF_CSRF_ENABLED"] = False


def hidden(page: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, f"no field {name}"
    return html.unescape(found[1])


def filed(app: Flask, street: Street) -> tuple[int, str]:
    with app.app_context():
        complaint, receipt = intake.file(street.shop_id, make.make_filing(), NOW)
        db.session.commit()
        return complaint.id, receipts.show(receipt)


def offer(client: FlaskClient, complaint_id: int, **more: str) -> TestResponse:
    page = client.get(f"/merchant/complaints/{complaint_id}", headers={HEADER: "merchant"})
    typed = {
        "version": hidden(page, "version"),
        "demand": "refund",
        "amount": "35.5",
        "text": "微信原路退回",
        "perform_by": (clock.day_of(NOW) + timedelta(days=3)).isoformat(),
        "signer": "陈师傅",
    }
    address = f"/merchant/complaints/{complaint_id}/offer"
    return client.post(address, data=typed | more, headers={HEADER: "merchant"})


def test_an_offer_from_making_to_done(
    app: Flask, client: FlaskClient, visit: FlaskClient, street: Street
) -> None:
    complaint_id, receipt = filed(app, street)
    assert offer(client, complaint_id).status_code == 303
    page = visit.get(f"/complaints/{receipt}")
    assert "退款 ¥35.50" in page.text
    signing = {"version": hidden(page, "version"), "offer": hidden(page, "offer")}
    assert visit.get(f"/complaints/{receipt}/agreement.pdf").status_code == 404, "nothing is signed yet"
    unsigned = visit.post(f"/complaints/{receipt}/offer/accept", data=signing | {"name": " "})
    assert unsigned.status_code == 422
    assert "请写下姓名" in unsigned.text
    assert (
        visit.post(f"/complaints/{receipt}/offer/accept", data=signing | {"name": "王女士"}).status_code
        == 303
    )
    assert "双方已经签了和解" in visit.get(f"/complaints/{receipt}").text
    paper = visit.get(f"/complaints/{receipt}/agreement.pdf")
    theirs = client.get(f"/merchant/complaints/{complaint_id}/agreement.pdf", headers={HEADER: "merchant"})
    assert paper.mimetype == theirs.mimetype == "application/pdf"
    document = pypdfium2.PdfDocument(paper.data)
    text_page = document[0].get_textpage()
    written = text_page.get_text_range()
    text_page.close()
    document.close()
    assert all(one in written for one in ("和解协议", "¥35.50", "王女士", "陈师傅", "微信原路退回"))
    stranger = client.get(f"/merchant/complaints/{complaint_id}/agreement.pdf", headers={HEADER: "other"})
    assert stranger.status_code == 404
    mine = client.get(f"/merchant/complaints/{complaint_id}", headers={HEADER: "merchant"})
    assert "王女士" in mine.text
    done = {"version": hidden(mine, "version")}
    address = f"/merchant/complaints/{complaint_id}/performed"
    assert client.post(address, data=done, headers={HEADER: "merchant"}).status_code == 303
    page = visit.get(f"/complaints/{receipt}")
    assert "说已经做到" in page.text
    version = hidden(page, "version")
    assert visit.post(f"/complaints/{receipt}/confirm_resolved", data={"version": version}).status_code == 303
    rated = visit.post(f"/complaints/{receipt}/handling", data={"stars": "5", "text": "很快"})
    assert rated.status_code == 303
    assert "这次处理得怎么样" not in visit.get(f"/complaints/{receipt}").text
    again = visit.post(f"/complaints/{receipt}/handling", data={"stars": "1"})
    assert again.status_code == 409


def test_a_bad_offer_keeps_what_was_typed(app: Flask, client: FlaskClient, street: Street) -> None:
    complaint_id, _receipt = filed(app, street)
    for wrong, said in (
        ({"amount": ""}, "要写明金额"),
        ({"amount": "很多"}, "很多"),
        ({"perform_by": "2099-01-01"}, "履行日期"),
        ({"perform_by": "明天"}, "微信原路退回"),
        ({"signer": ""}, "请写下姓名"),
    ):
        page = offer(client, complaint_id, **wrong)
        assert page.status_code == 422
        assert said in page.text
        assert "微信原路退回" in page.text


def test_declining_and_offering_again(
    app: Flask, client: FlaskClient, visit: FlaskClient, street: Street
) -> None:
    complaint_id, receipt = filed(app, street)
    offer(client, complaint_id)
    page = visit.get(f"/complaints/{receipt}")
    old = {"version": hidden(page, "version"), "offer": hidden(page, "offer")}
    assert visit.post(f"/complaints/{receipt}/offer/decline", data=old | {"text": "太少"}).status_code == 303
    assert offer(client, complaint_id, amount="100").status_code == 303
    stale = visit.post(f"/complaints/{receipt}/offer/accept", data=old | {"name": "王"})
    assert stale.status_code == 409


def test_reopening_goes_to_the_authority(app: Flask, visit: FlaskClient, street: Street) -> None:
    complaint_id, receipt = filed(app, street)
    with app.app_context():
        operations.act(complaint_id, "confirm_resolved", CONSUMER, NOW)
        db.session.commit()
    page = visit.get(f"/complaints/{receipt}")
    version = hidden(page, "version")
    silent = visit.post(f"/complaints/{receipt}/reopen", data={"version": version, "text": ""})
    assert silent.status_code == 422
    done = visit.post(f"/complaints/{receipt}/reopen", data={"version": version, "text": "又坏了"})
    assert done.status_code == 303
    assert "已经重新打开" in visit.get(done.location).text


def test_nobody_else_offers_or_performs(app: Flask, client: FlaskClient, street: Street) -> None:
    complaint_id, _receipt = filed(app, street)
    for who in ("station", "bureau"):
        for deed in ("offer", "performed"):
            address = f"/merchant/complaints/{complaint_id}/{deed}"
            assert client.post(address, headers={HEADER: who}).status_code in {403, 404}
