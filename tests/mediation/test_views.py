"""The four sides' pages of a mediation: the office, the body's people, the consumer, the merchant."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import complaints as make
from tests.factories import files
from tests.factories import mediation as mediations
from tests.factories.complaints import NAME, PHONE
from tests.factories.merchants import NOW
from tests.support.street import HEADER, Street
from webapp.complaints import intake
from webapp.complaints import queries as complaints
from webapp.complaints.rules import ComplaintState
from webapp.core import receipts
from webapp.core.db import db
from webapp.files import operations as file_operations
from webapp.mediation.models import Mediation
from webapp.merchants.queries import get_shop

DAY = timedelta(days=1)


@dataclass
class Dispute:
    """A complaint in the authority's mediation, with the addresses of its pages."""

    complaint_id: int
    body_id: int
    receipt: str

    @property
    def office(self) -> str:
        return f"/office/complaints/{self.complaint_id}"

    @property
    def consumer(self) -> str:
        return f"/complaints/{self.receipt}/mediation"

    @property
    def merchant(self) -> str:
        return f"/merchant/complaints/{self.complaint_id}/mediation"


@pytest.fixture
def dispute(app: Flask, street: Street) -> Dispute:
    with app.app_context():
        complaint, receipt = intake.file(street.shop_id, make.make_filing(consent_entrust=True), NOW)
        make.move(complaint, ("refer", street.actors["station"]), ("accept", street.actors["station"]))
        body = mediations.make_body("裕华路消费维权服务站")
        street.actors["mediator"] = mediations.make_mediator(body).actor()
        street.actors["stranger"] = mediations.make_mediator(mediations.make_body(), "别的站").actor()
        db.session.commit()
        return Dispute(complaint.id, body.id, receipts.show(receipt))


def as_(who: str) -> dict[str, str]:
    return {HEADER: who}


def version(page: TestResponse) -> str:
    found = re.search(r'name="version" value="(\d+)"', page.text)
    assert found, page.text[-3000:]
    return found[1]


def start(client: FlaskClient, dispute: Dispute, who: str = "") -> int:
    """Entrust the body (or, without one, begin the authority's own); the mediation's number."""
    done = client.post(
        f"{dispute.office}/mediation", data={"body": who or str(dispute.body_id)}, headers=as_("station")
    )
    found = re.search(r"/office/mediations/(\d+)", done.location)
    assert found, done.location
    return int(found[1])


def the_state(app: Flask, dispute: Dispute) -> ComplaintState:
    with app.app_context():
        return complaints.get(dispute.complaint_id).state


def test_from_entrusting_to_the_signed_agreement(
    app: Flask, client: FlaskClient, street: Street, dispute: Dispute
) -> None:
    page = client.get(dispute.office, headers=as_("station"))
    assert "消费维权服务站：裕华路消费维权服务站" in page.text
    number = start(client, dispute)
    case, office = f"/mediation/cases/{number}", f"/office/mediations/{number}"
    home = client.get("/merchant/", headers=as_("mediator"))
    assert (home.status_code, home.location) == (302, "/mediation/"), "no shop: the work is elsewhere"
    assert case in client.get("/mediation/", headers=as_("mediator")).text

    page = client.get(case, headers=as_("mediator"))
    for secret in (NAME, PHONE[3:], "139 8765 4321", dispute.receipt):
        assert secret not in page.text
    assert "欧**" in page.text
    typed = {"version": version(page), "at": "2026-05-08T09:30", "mode": "on_site", "place": ""}
    wrong = client.post(f"{case}/hear", data=typed, headers=as_("mediator"))
    assert wrong.status_code == 422
    assert 'href="#f-place-hear"' in wrong.text
    assert 'value="2026-05-08T09:30"' in wrong.text
    done = client.post(f"{case}/hear", data=typed | {"place": "裕华路12号"}, headers=as_("mediator"))
    assert done.status_code == 303
    for address, who in ((dispute.consumer, ""), (dispute.merchant, "merchant"), (office, "station")):
        assert "裕华路12号" in client.get(address, headers=as_(who) if who else {}).text
    follow = client.get(f"/complaints/{dispute.receipt}")
    assert "裕华路12号" in follow.text
    assert (
        "看调解的进展"
        in client.get(f"/merchant/complaints/{dispute.complaint_id}", headers=as_("merchant")).text
    )

    mine = client.get(dispute.consumer)
    assert (
        client.post(
            f"{dispute.consumer}/state", data={"version": version(mine), "text": "秤不准"}
        ).status_code
        == 303
    )
    theirs = client.get(dispute.merchant, headers=as_("merchant"))
    assert "秤不准" not in theirs.text, "what one side states is for the mediator"
    client.post(f"{dispute.merchant}/state", data={"text": "秤检定过"}, headers=as_("merchant"))
    assert "秤检定过" not in client.get(dispute.consumer).text
    page = client.get(case, headers=as_("mediator"))
    assert "秤不准" in page.text
    assert "秤检定过" in page.text

    draft = {"version": version(page), "text": "商家退款35.50元。"}
    assert client.post(f"{case}/draft", data=draft, headers=as_("mediator")).status_code == 303
    assert "看协议并签名" in client.get(f"/complaints/{dispute.receipt}").text
    mine = client.get(dispute.consumer)
    nameless = client.post(f"{dispute.consumer}/sign", data={"version": version(mine), "name": " "})
    assert nameless.status_code == 422
    assert 'href="#f-name-sign"' in nameless.text
    assert (
        client.post(f"{dispute.consumer}/sign", data={"version": version(mine), "name": NAME}).status_code
        == 303
    )
    stale = client.post(
        f"{dispute.merchant}/sign", data={"version": version(mine), "name": "陈"}, headers=as_("merchant")
    )
    assert stale.status_code == 409
    theirs = client.get(dispute.merchant, headers=as_("merchant"))
    client.post(
        f"{dispute.merchant}/sign",
        data={"version": version(theirs), "name": "陈师傅"},
        headers=as_("merchant"),
    )

    page = client.get(office, headers=as_("station"))
    assert f'action="{office}/agree"' in page.text
    assert f"{case}/agree" not in client.get(case, headers=as_("mediator")).text
    done = client.post(f"{office}/agree", data={"version": version(page)}, headers=as_("station"))
    assert done.status_code == 303
    assert the_state(app, dispute) is ComplaintState.RESOLVED
    assert "投诉调解书" in client.get(f"/complaints/{dispute.receipt}").text
    assert (
        "投诉调解书"
        in client.get(f"/merchant/complaints/{dispute.complaint_id}", headers=as_("merchant")).text
    )
    assert case in client.get("/mediation/?view=ended", headers=as_("mediator")).text


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("mediator", 200),
        ("stranger", 404),
        ("merchant", 403),
        ("other", 403),
        ("station", 403),
        ("admin", 403),
    ],
)
def test_who_sees_a_bodys_dispute(client: FlaskClient, dispute: Dispute, who: str, status: int) -> None:
    number = start(client, dispute)
    address = f"/mediation/cases/{number}"
    assert client.get(address, headers=as_(who)).status_code == status
    answer = client.post(f"{address}/state", data={"text": "x", "side": "consumer"}, headers=as_(who))
    assert answer.status_code == (303 if status == 200 else status)
    listed = client.get("/mediation/", headers=as_(who))
    assert listed.status_code == (200 if who in {"mediator", "stranger"} else 403)
    assert (address in listed.text) == (status == 200)


def test_strangers_and_other_officers_see_nothing(
    client: FlaskClient, street: Street, dispute: Dispute
) -> None:
    number = start(client, dispute)
    assert client.get(f"/office/mediations/{number}", headers=as_("elsewhere")).status_code == 404
    assert client.get(dispute.merchant, headers=as_("other")).status_code == 404
    assert client.get(f"/complaints/{'a' * 20}/mediation").status_code == 404
    assert client.get("/mediation/").location.startswith("/merchant/login?next=")


@pytest.mark.parametrize("action", ["give_back", "fail"])
def test_a_body_gives_up(app: Flask, client: FlaskClient, dispute: Dispute, action: str) -> None:
    number = start(client, dispute)
    case = f"/mediation/cases/{number}"
    page = client.get(case, headers=as_("mediator"))
    empty = client.post(f"{case}/{action}", data={"version": version(page)}, headers=as_("mediator"))
    assert empty.status_code == 422
    done = client.post(
        f"{case}/{action}", data={"version": version(page), "text": "双方谈不拢"}, headers=as_("mediator")
    )
    assert done.status_code == 303
    seen = client.get(case, headers=as_("mediator")).status_code
    assert seen == (404 if action == "give_back" else 200)
    page = client.get(dispute.office, headers=as_("station"))
    assert "开始调解" in page.text, "the officer may try again"
    assert the_state(app, dispute) is ComplaintState.MEDIATING


def test_the_authoritys_own_mediation(client: FlaskClient, dispute: Dispute) -> None:
    number = start(client, dispute, "own")
    office = f"/office/mediations/{number}"
    page = client.get(office, headers=as_("station"))
    typed = {"version": version(page), "at": "2026-05-08T09:30", "mode": "phone"}
    assert client.post(f"{office}/hear", data=typed, headers=as_("station")).status_code == 303
    assert "投诉调解通知书" in client.get(f"/complaints/{dispute.receipt}").text
    assert client.get(f"/mediation/cases/{number}", headers=as_("mediator")).status_code == 404
    second = client.post(f"{dispute.office}/mediation", data={"body": "own"}, headers=as_("station"))
    assert second.location.endswith(dispute.office)
    assert "已经有调解在进行" in client.get(dispute.office, headers=as_("station")).text


def test_the_bodys_people_see_the_photos(
    app: Flask, client: FlaskClient, street: Street, dispute: Dispute
) -> None:
    with app.app_context():
        file = files.make_file()
        file_operations.attach([file.id], "complaint", dispute.complaint_id)
        db.session.commit()
        key = file.key
    assert client.get(f"/files/{key}", headers=as_("mediator")).status_code == 404
    start(client, dispute)
    assert client.get(f"/files/{key}", headers=as_("mediator")).status_code == 200
    assert client.get(f"/files/{key}", headers=as_("stranger")).status_code == 404


def test_the_register_of_bodies(app: Flask, client: FlaskClient, street: Street, dispute: Dispute) -> None:
    assert client.get("/office/bodies", headers=as_("station")).status_code == 403
    assert "裕华路消费维权服务站" in client.get("/office/bodies", headers=as_("bureau")).text
    typed = {
        "kind": "people",
        "name": "莲池人民调解委员会",
        "region_code": "130606",
        "phone": "12",
        "address": "裕华路1号",
    }
    wrong = client.post("/office/bodies/new", data=typed, headers=as_("bureau"))
    assert wrong.status_code == 422
    assert "裕华路1号" in wrong.text
    assert 'href="#f-phone"' in wrong.text
    done = client.post("/office/bodies/new", data=typed | {"phone": "0312-5551234"}, headers=as_("bureau"))
    assert done.status_code == 303
    body = done.location
    assert (
        client.post(f"{body}/people", data={"phone": "13700000009"}, headers=as_("bureau")).status_code == 422
    )
    page = client.get(body, headers=as_("bureau"))
    edited = client.post(body, data=typed | {"phone": "", "version": version(page)}, headers=as_("bureau"))
    assert edited.status_code == 303
    assert client.post(f"{body}/close", headers=as_("bureau")).status_code == 303
    assert "停用" in client.get(body, headers=as_("bureau")).text
    start(client, dispute)
    busy = f"/office/bodies/{dispute.body_id}"
    client.post(f"{busy}/close", headers=as_("bureau"))
    assert "还有 1 件纠纷" in client.get(busy, headers=as_("bureau")).text


def test_a_second_page_of_disputes(app: Flask, client: FlaskClient, street: Street, dispute: Dispute) -> None:
    with app.app_context():
        for _ in range(31):
            complaint = mediations.accepted(get_shop(street.shop_id), street.actors["station"])
            db.session.add(
                Mediation(complaint_id=complaint.id, kind="station", body_id=dispute.body_id, opened_at=NOW)
            )
        db.session.commit()
        assert db.session.scalar(sa.select(sa.func.count(Mediation.id))) == 31
    first = client.get("/mediation/", headers=as_("mediator"))
    assert first.text.count('href="/mediation/cases/') == 30
    assert (
        client.get("/mediation/?page=2", headers=as_("mediator")).text.count('href="/mediation/cases/') == 1
    )
    assert "31 件纠纷等着调解" in first.text


def test_a_hearing_is_recorded_after_it(
    client: FlaskClient, dispute: Dispute, freeze: Callable[..., object]
) -> None:
    number = start(client, dispute)
    case = f"/mediation/cases/{number}"
    page = client.get(case, headers=as_("mediator"))
    typed = {"version": version(page), "at": "2026-05-08T09:30", "mode": "phone"}
    client.post(f"{case}/hear", data=typed, headers=as_("mediator"))
    page = client.get(case, headers=as_("mediator"))
    assert "取消这次" in page.text
    assert "登记结果" not in page.text
    freeze(NOW + 3 * DAY)
    page = client.get(case, headers=as_("mediator"))
    hearing = re.search(r'name="hearing" value="(\d+)"', page.text)
    assert hearing
    done = client.post(
        f"{case}/record",
        data={"version": version(page), "hearing": hearing[1], "absent": "merchant", "text": "电话没有人接"},
        headers=as_("mediator"),
    )
    assert done.status_code == 303
    assert "电话没有人接" in client.get(case, headers=as_("mediator")).text
    mine = client.get(dispute.consumer)
    assert "商家没有到" in mine.text
    assert "电话没有人接" not in mine.text


def test_success_needs_the_agreement_that_both_sign(
    app: Flask, client: FlaskClient, dispute: Dispute
) -> None:
    """A mediation under way does not end by 调解成功 on the complaint's page; the right next step stands there."""
    address = f"/office/complaints/{dispute.complaint_id}"
    before = client.get(address, headers={HEADER: "station"}).text
    assert f'action="{address}/settle"' in before
    assert (
        client.post(f"{address}/mediation", data={"body": "own"}, headers={HEADER: "station"}).status_code
        == 303
    )
    page = client.get(address, headers={HEADER: "station"}).text
    assert f'action="{address}/settle"' not in page
    assert "去调解页" in page
    tried = client.post(f"{address}/settle", data={"text": "谈成了"}, headers={HEADER: "station"})
    assert tried.status_code == 409
    assert "双方签名" in tried.text
    assert "谈成了" in tried.text, "what was typed is kept"
