"""Who sees the signals: the officer on the case, and nobody else anywhere."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import complaints as make
from tests.factories.files import make_file, picture
from tests.factories.merchants import NOW
from tests.support.street import HEADER, Street
from webapp.complaints import intake
from webapp.core.db import db
from webapp.files.models import FilePurpose
from webapp.merchants.queries import get_shop

#: Words of the panel. None of them may stand on any page of anybody else.
MARKS = ("关于投诉人的记录", "前后 30 天内投诉", "诉求和金额相同", "同一张照片出现在")


@pytest.fixture
def serial_claim(app: Flask, street: Street) -> tuple[int, str]:
    """The same phone against five shops: same demand, same amount, same picture. The street's is the last."""
    with app.app_context():
        shops = [make.make_shop_with_policy(f"第{n}家") for n in range(4)] + [get_shop(street.shop_id)]
        for shop in shops:
            photo = make_file(FilePurpose.COMPLAINT, data=picture(colour="#336699"))
            filing = make.make_filing(amount_fen=100000, topic="food_safety", file_ids=(photo.id,))
            complaint, receipt = intake.file(shop.id, filing, NOW)
        db.session.commit()
        return complaint.id, receipt


def test_the_officer_reads_facts_and_what_they_do_not_mean(
    client: FlaskClient, street: Street, serial_claim: tuple[int, str]
) -> None:
    page = client.get(f"/office/complaints/{serial_claim[0]}", headers={HEADER: "station"}).text
    assert "同一手机号前后 30 天内投诉 5 家店，共 5 件。" in page
    assert "5 件投诉里，5 件诉求和金额相同：退款 1,000 元，涉及 5 家店" in page.replace(
        "¥1,000.00", "1,000 元"
    )
    assert "同一张照片出现在 5 件投诉里，涉及 5 家店。" in page
    assert "不能只凭这些不予受理" in page
    assert "第0家" in page, "the others within reach are listed"


def test_nobody_else_reads_them(
    app: Flask, client: FlaskClient, street: Street, serial_claim: tuple[int, str]
) -> None:
    """Every page of the case and of its shop for every side, the open data's addresses included."""
    complaint_id, receipt = serial_claim
    values = {
        "complaint_id": complaint_id,
        "receipt": receipt,
        "shop_id": street.shop_id,
        "number": street.shop_id,
    }
    with app.test_request_context():
        addresses = [
            route.build({name: values[name] for name in route.arguments})
            for route in app.url_map.iter_rules()
            if "GET" in (route.methods or ())
            and ((route.arguments and route.arguments <= set(values)) or "complaints" in route.rule)
            and route.arguments <= set(values)
        ]
    shown = 0
    for who in ("merchant", "other", "department", "elsewhere", "admin", None):
        for address in filter(None, addresses):
            answer = client.get(address[1], headers={HEADER: who} if who else {})
            shown += answer.status_code == 200
            text = answer.get_data().decode("utf-8", "replace")
            assert not [mark for mark in MARKS if mark in text], (who, address[1])
    assert shown > 20, "the walk saw pages"


def test_they_refuse_nothing(
    app: Flask, client: FlaskClient, street: Street, serial_claim: tuple[int, str]
) -> None:
    with app.app_context():
        from webapp.complaints.queries import get

        assert get(serial_claim[0]).state.value == "settling"
    quiet = make_alone(app, street)
    assert MARKS[0] not in client.get(f"/office/complaints/{quiet}", headers={HEADER: "station"}).text


def make_alone(app: Flask, street: Street) -> int:
    """A complaint of somebody who never complained before."""
    with app.app_context():
        complaint = make.make_complaint(get_shop(street.shop_id), contact_phone="+8613911112222")
        db.session.commit()
        return complaint.id
