"""The pages: what the public, the two sides and officers see and may do, and what stays hidden."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import complaints as make
from tests.factories.merchants import NOW
from tests.support.street import HEADER, Street
from webapp.complaints import intake
from webapp.core import receipts
from webapp.core.actor import CONSUMER
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.disclosure import opendata, operations, queries
from webapp.disclosure.operations import Texts
from webapp.merchants.models import Shop

STORY = "我叫王小明，电话13812345678，<b>少给</b>了三两。"
LATER = NOW + timedelta(days=7)
KEY = "a-random-key-of-a-form-for-disclosure"


@pytest.fixture
def case(app: Flask, street: Street) -> int:
    """A draft of the street's shop."""
    with app.app_context(), unit():
        shop = db.session.get_one(Shop, street.shop_id)
        filed = make.make_complaint(shop, story=STORY, consent_disclosure=True, submission_key=KEY)
        make.move(filed, ("answer", make.merchant_actor(shop)), ("confirm_resolved", CONSUMER))
        found = queries.of_complaint(filed.id)
        assert found is not None
        return found.id


@pytest.fixture
def public(app: Flask, street: Street, case: int, freeze: Callable[[datetime], datetime]) -> int:
    """The same, published a week later."""
    freeze(LATER)
    with app.app_context(), unit():
        draft = queries.get(case)
        operations.publish(
            case, Texts(draft.story, draft.outcome, ""), street.actors["bureau"], LATER, draft.version
        )
    return case


@pytest.fixture
def receipt() -> Callable[[Flask], str]:
    def of(app: Flask) -> str:
        with app.app_context():
            return receipts.show(intake.receipt_for(KEY))

    return of


def who(name: str) -> dict[str, str]:
    return {HEADER: name, "Sec-Fetch-Site": "same-origin"}


def post(client: FlaskClient, name: str, page: str, path: str, **data: Any) -> TestResponse:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page, headers=who(name)).text)
    assert token, page
    return client.post(path, data={"csrf_token": token[1], **data}, headers=who(name))


def version_of(app: Flask, case: int) -> int:
    with app.app_context():
        return queries.get(case).version


def test_an_empty_city_says_so(client: FlaskClient, street: Street) -> None:
    text = client.get("/disclosures").text
    assert "数字还没有生成" in text
    assert "还没有公开的案例" in text
    assert client.get("/disclosures?shop=99999").status_code == 404
    assert client.get("/disclosures?shop=nonsense").status_code == 404


def test_a_draft_is_nobodys_business(client: FlaskClient, case: int) -> None:
    assert client.get(f"/disclosures/{case}").status_code == 404
    assert "少给" not in client.get("/disclosures").text
    assert "<item>" not in client.get("/disclosures.rss").text


def test_a_published_case_everywhere_without_the_person(
    client: FlaskClient, public: int, street: Street
) -> None:
    addresses = (
        "/disclosures",
        f"/disclosures?shop={street.shop_id}",
        f"/disclosures/{public}",
        "/disclosures.rss",
    )
    for address in addresses:
        text = client.get(address).text
        assert "了三两" in text, address
        assert "王小明" not in text, address
        assert "13812345678" not in text, address
        assert "<b>少给" not in text, address
    assert "商家没有写说明" in client.get(f"/disclosures/{public}").text
    assert client.get("/disclosures?topic=prepaid").text.count("case__text") == 0


def test_rss_is_well_formed_and_has_a_tag(client: FlaskClient, public: int) -> None:
    answer = client.get("/disclosures.rss")
    root = ET.fromstring(answer.data)
    items = root.findall("channel/item")
    assert [item.findtext("link", "").rpartition("/")[2] for item in items] == [str(public)]
    assert answer.content_type.startswith("application/rss+xml")
    again = client.get("/disclosures.rss", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_below_the_sample_no_rate_is_shown(
    app: Flask, client: FlaskClient, public: int, street: Street
) -> None:
    with app.app_context(), unit():
        opendata.make(LATER)
    text = client.get(f"/disclosures?shop={street.shop_id}").text
    assert text.count("样本太少，不显示比例") == 3
    assert "%" not in re.sub(r"<[^>]+>", "", text)
    assert "不是对质量的评价" in text


def test_the_officer_sees_what_was_taken_out(client: FlaskClient, case: int) -> None:
    assert "等商家说明到" in client.get("/office/disclosures", headers=who("station")).text
    text = client.get(f"/office/disclosures/{case}", headers=who("station")).text
    assert "<mark>王小明</mark>" in text
    assert "电话 1 处" in text
    assert "<b>少给" not in text
    assert ">公开</span></button>" not in text  # the merchant's days, and not a bureau officer
    assert client.get(f"/office/disclosures/{case}", headers=who("elsewhere")).status_code == 404


def test_publishing_by_the_page_keeps_what_was_typed_on_a_fault(
    app: Flask, client: FlaskClient, case: int, freeze: Callable[[datetime], datetime]
) -> None:
    page, version = f"/office/disclosures/{case}", version_of(app, case)
    texts = {"story": "改过的话。", "outcome": "已经解决。", "version": version}
    early = post(client, "bureau", page, f"{page}/publish", **texts)
    assert early.status_code == 409
    assert "改过的话。" in early.text
    freeze(LATER)
    assert post(client, "station", page, f"{page}/publish", **texts).status_code == 403
    assert post(client, "bureau", page, f"{page}/publish", **texts | {"story": " "}).status_code == 422
    assert post(client, "bureau", page, f"{page}/publish", **texts).status_code == 303
    assert "改过的话。" in client.get(f"/disclosures/{case}").text
    assert (
        post(client, "bureau", page, f"{page}/correct", **texts, reason="x").status_code == 409
    )  # an old page


def test_the_merchant_replies_before_and_asks_after(app: Flask, client: FlaskClient, public: int) -> None:
    page = f"/merchant/disclosures/{public}"
    assert client.get(page, headers=who("other")).status_code == 404
    assert post(client, "merchant", page, f"{page}/reply", text="").status_code == 422
    assert (
        post(client, "merchant", page, f"{page}/reply", text="我们补了，找李经理13912345678。").status_code
        == 303
    )
    assert "我们补了" not in client.get(f"/disclosures/{public}").text
    office = f"/office/disclosures/{public}"
    assert "我们补了" in client.get(office, headers=who("bureau")).text
    admitted = post(
        client, "bureau", office, f"{office}/admit_reply", reply="我们补了。", version=version_of(app, public)
    )
    assert admitted.status_code == 303
    assert "我们补了。" in client.get(f"/disclosures/{public}").text
    assert post(client, "merchant", page, f"{page}/request", kind="hack", text="x").status_code == 422
    assert (
        post(client, "merchant", page, f"{page}/request", kind="remove", text="写错店了").status_code == 303
    )
    assert "写错店了" in client.get(office, headers=who("bureau")).text
    with app.app_context():
        request_id = queries.get(public).requests[0].id
    answered = post(
        client,
        "bureau",
        office,
        f"{office}/requests/{request_id}",
        do="grant",
        reason="核实过",
        version=version_of(app, public),
    )
    assert answered.status_code == 303
    assert client.get(f"/disclosures/{public}").status_code == 404
    assert "核实过" in client.get(page, headers=who("merchant")).text


def test_the_consumer_sees_the_preview_and_withdraws_at_once(
    app: Flask, client: FlaskClient, public: int, receipt: Callable[[Flask], str]
) -> None:
    follow = f"/complaints/{receipt(app)}"
    assert f"{follow}/disclosure" in client.get(follow).text
    page = client.get(f"{follow}/disclosure")
    assert page.headers["Cache-Control"] == "no-store"
    assert "王小明" not in page.text
    asked = client.post(f"{follow}/disclosure/request", data={"text": "是三两半"}, headers=who_consumer())
    assert asked.status_code == 303
    assert "等市场监管部门答复" in client.get(f"{follow}/disclosure").text
    foreign = client.post(f"{follow}/disclosure/withdraw", headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert client.get(f"/disclosures/{public}").status_code == 200
    assert client.post(f"{follow}/disclosure/withdraw", headers=who_consumer()).status_code == 303
    assert client.get(f"/disclosures/{public}").status_code == 404
    assert "撤回了同意" in client.get(f"{follow}/disclosure").text
    assert client.get("/complaints/AAAA-AAAA-AAAA-AAAA-AAAA/disclosure").status_code == 404


def who_consumer() -> dict[str, str]:
    return {"Sec-Fetch-Site": "same-origin"}


def test_the_form_lends_the_scrub(app: Flask) -> None:
    with app.app_context():
        shown = app.extensions["ydym.scrub"]("店在裕华西路218号，打13812345678", public=("裕华西路218号",))
    assert shown == "店在裕华西路218号，打〔电话〕"


def test_the_shop_page_leads_to_its_figures(client: FlaskClient, public: int, street: Street) -> None:
    assert f"/disclosures?shop={street.shop_id}" in client.get(f"/s/{street.shop_id}").text
