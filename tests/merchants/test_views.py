"""The merchant's pages."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import accounts, files, merchants
from webapp.core.db import db
from webapp.merchants import queries
from webapp.merchants.models import MemberRole, OperatorInvitation, Shop
from webapp.merchants.status import ShopLink, ShopStatus
from webapp.notices import operations as notices
from webapp.web import slots


@dataclass
class Mine:
    """A signed-in owner with one shop."""

    app: Flask
    client: FlaskClient
    account_id: int
    operator_id: int
    shop_id: int

    def shop(self) -> Shop:
        return queries.get_shop(self.shop_id)


@pytest.fixture
def mine(app: Flask) -> Mine:
    app.config["WTF_CSRF_ENABLED"] = False
    for name in ("merchant.shop_status", "merchant.shop", "merchant.shop_links", "shop.frozen"):
        app.extensions["ydym.slots"].pop(name, None)
    with app.app_context():
        account = accounts.make_merchant("王芳")
        shop = merchants.make_shop()
        merchants.make_member(shop.operator, account)
        db.session.commit()
        found = Mine(app, app.test_client(), account.id, shop.operator_id, shop.id)
    accounts.sign_in(found.client, found.account_id)
    return found


def stranger(app: Flask) -> FlaskClient:
    with app.app_context():
        account_id = accounts.make_merchant().id
        db.session.commit()
    client = app.test_client()
    accounts.sign_in(client, account_id)
    return client


def addresses(mine: Mine) -> list[str]:
    shop, operator = f"/merchant/shops/{mine.shop_id}", f"/merchant/operators/{mine.operator_id}"
    return [shop, f"{shop}/contact", f"{shop}/photos", f"{operator}/members"]


def test_pages_open_for_members_only(mine: Mine) -> None:
    other = stranger(mine.app)
    for address in addresses(mine):
        assert mine.client.get(address).status_code == 200, address
        assert other.get(address).status_code == 404, address
        assert mine.app.test_client().get(address).status_code == 302, address
        assert other.post(address).status_code in {404, 405}, address


def test_home_says_where_each_shop_stands_and_what_is_next(mine: Mine) -> None:
    slots.add(
        mine.app,
        "merchant.shop_status",
        10,
        lambda shops: {
            shop.id: ShopStatus(
                "退回补充",
                "caution",
                "补拍门头照片",
                f"/x/{shop.id}",
                "去补充",
                datetime(2026, 5, 8, 1, tzinfo=UTC),
                urgent=True,
            )
            for shop in shops
        },
    )
    with mine.app.test_request_context():
        notices.notify(
            mine.account_id, "merchants.notice.joined", {"name": "李"}, "/merchant/", datetime.now(UTC)
        )
        db.session.commit()
    page = mine.client.get("/merchant/").text
    for words in (
        "王芳，",
        "老槐树面馆",
        "退回补充",
        "补拍门头照片",
        "5月8日 09:00",
        f"/x/{mine.shop_id}",
    ):
        assert words in page
    assert re.search(
        r'href="/merchant/notices".*?<[^>]*>1<', page, re.DOTALL
    )  # the bar says how many are not read
    page = mine.client.get(f"/merchant/shops/{mine.shop_id}").text
    assert "去补充" in page


def test_home_of_a_newcomer_begins_with_the_first_step(app: Flask) -> None:
    assert "开始申报" in stranger(app).get("/merchant/").text


def test_a_shop_shows_its_facts_and_what_others_add(mine: Mine) -> None:
    slots.add(
        mine.app, "merchant.shop_links", 1, lambda shop: ShopLink("证照", f"/lic/{shop.id}", "3 张有效")
    )
    page = mine.client.get(f"/merchant/shops/{mine.shop_id}").text
    for words in (
        "138 0013 8000",
        "每天",
        "09:00–21:00",
        "莲池区 西关街道",
        "91130606MA",
        f"/lic/{mine.shop_id}",
        "3 张有效",
    ):
        assert words in page


def contact(mine: Mine, **more: str) -> dict[str, str]:
    with mine.app.app_context():
        version = str(mine.shop().version)
    return {"phone": "0312-5901234", "pattern": "same", "same": "08:30-20:00", "version": version} | more


def test_contact_is_changed(mine: Mine) -> None:
    url = f"/merchant/shops/{mine.shop_id}/contact"
    assert mine.client.post(url, data=contact(mine)).status_code == 303
    with mine.app.app_context():
        shop = mine.shop()
        assert shop.phone == "+863125901234"
        assert shop.opening_hours == {str(day): [["08:30", "20:00"]] for day in range(1, 8)}
    assert "08:30-20:00" in mine.client.get(url).text
    closed = {f"day_{day}": "" for day in range(1, 8)}
    days = contact(mine, pattern="days", **(closed | {"day_6": "10:00-14:00 16:00-02:00"}))
    assert mine.client.post(url, data=days).status_code == 303
    with mine.app.app_context():
        assert mine.shop().opening_hours == {"6": [["10:00", "14:00"], ["16:00", "02:00"]]}
    page = mine.client.get(url).text
    assert 'value="10:00-14:00 16:00-02:00"' in page


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"phone": "12345"}, "f-phone-error"),
        ({"phone": ""}, "f-phone-error"),
        ({"same": "早上到晚上"}, "没有看懂"),
        ({"same": ""}, "至少写一天"),
        ({"pattern": "days", "day_3": "9点"}, "f-day_3-error"),
        ({"pattern": "days", "day_3": "18:00-05:00", "day_4": "04:00-06:00"}, "重叠"),
    ],
)
def test_what_was_typed_wrong_is_still_there(mine: Mine, wrong: dict[str, str], says: str) -> None:
    answer = mine.client.post(f"/merchant/shops/{mine.shop_id}/contact", data=contact(mine, **wrong))
    assert answer.status_code == 422
    assert says in answer.text
    for value in wrong.values():
        assert not value or f'value="{value}"' in answer.text
    with mine.app.app_context():
        assert mine.shop().phone == "+8613800138000"


def test_two_who_edit_at_once_are_told_and_nothing_typed_is_lost(mine: Mine) -> None:
    first, second = contact(mine), contact(mine, same="10:00-22:00")
    url = f"/merchant/shops/{mine.shop_id}/contact"
    assert mine.client.post(url, data=first).status_code == 303
    answer = mine.client.post(url, data=second)
    assert answer.status_code == 422
    assert "同事刚改过" in answer.text
    assert 'value="10:00-22:00"' in answer.text
    assert mine.client.post(url, data=contact(mine, same="10:00-22:00")).status_code == 303


def test_nothing_changes_while_an_application_is_reviewed(mine: Mine) -> None:
    slots.add(mine.app, "shop.frozen", 1, lambda shop: shop.id == mine.shop_id)
    page = mine.client.get(f"/merchant/shops/{mine.shop_id}").text
    assert "资料暂时不能改" in page
    assert "/contact" not in page
    for part in ("contact", "photos"):
        assert (
            mine.client.post(f"/merchant/shops/{mine.shop_id}/{part}", data=contact(mine)).status_code == 409
        )


def send(mine: Mine, *contents: tuple[bytes, str]):  # type: ignore[no-untyped-def]
    data = {"photos": [(io.BytesIO(data), name) for data, name in contents]}
    return mine.client.post(
        f"/merchant/shops/{mine.shop_id}/photos", data=data, content_type="multipart/form-data"
    )


def ids(mine: Mine) -> list[int]:
    with mine.app.app_context():
        return [photo.file_id for photo in mine.shop().photos]


def test_photos_come_in_change_places_and_go(mine: Mine) -> None:
    small = files.picture(size=(60, 40))
    assert "没有照片" in mine.client.get(f"/merchant/shops/{mine.shop_id}").text
    assert send(mine, (small, "a.jpg"), (small, "b.jpg")).status_code == 303
    first, second = ids(mine)
    url = f"/merchant/shops/{mine.shop_id}/photos"
    assert mine.client.post(url, data={"first": str(second)}).status_code == 303
    assert ids(mine) == [second, first]
    assert mine.client.post(url, data={"remove": str(second)}).status_code == 303
    assert ids(mine) == [first]
    answer = mine.client.post(url, data={"remove": str(first)})
    assert (answer.status_code, "至少保留一张" in answer.text) == (422, True)
    assert "/files/" in mine.client.get("/merchant/").text


def test_a_bad_photo_does_not_cost_the_good_one(mine: Mine) -> None:
    answer = send(mine, (files.picture(size=(60, 40)), "good.jpg"), (b"<svg/>", "bad.svg"))
    assert answer.status_code == 422
    assert "“bad.svg”不是照片" in answer.text
    assert len(ids(mine)) == 1
    answer = send(mine)
    assert (answer.status_code, "请先选一张照片" in answer.text) == (422, True)


def test_an_owner_invites_and_a_clerk_accepts(mine: Mine) -> None:
    url = f"/merchant/operators/{mine.operator_id}/members"
    answer = mine.client.post(url, data={"phone": "12"})
    assert (answer.status_code, 'value="12"' in answer.text) == (422, True)
    assert mine.client.post(url, data={"phone": "13712345678"}).status_code == 303
    assert "137****5678" in mine.client.get(url).text
    with mine.app.app_context():
        clerk_id = accounts.make_merchant("赵敏", "+8613712345678").id
        invitation_id = db.session.scalar(sa.select(OperatorInvitation.id))
        db.session.commit()
    clerk = mine.app.test_client()
    accounts.sign_in(clerk, clerk_id)
    assert "邀请您一起打理门店" in clerk.get("/merchant/").text
    answer_url = f"/merchant/invitations/{invitation_id}"
    assert mine.client.post(answer_url, data={"answer": "accept"}).status_code == 404
    assert clerk.post(answer_url, data={"answer": "accept"}).status_code == 303
    assert "老槐树面馆" in clerk.get("/merchant/").text
    page = clerk.get(url).text
    assert "邀请店员" not in page
    assert "离开" in page
    assert clerk.post(url, data={"phone": "13812345678"}).status_code == 404
    assert mine.client.post(f"{url}/{clerk_id}/remove").status_code == 303
    assert clerk.get(f"/merchant/shops/{mine.shop_id}").status_code == 404


def test_a_declined_or_taken_back_invitation_is_gone(mine: Mine) -> None:
    url = f"/merchant/operators/{mine.operator_id}/members"
    with mine.app.app_context():
        clerk_id = accounts.make_merchant("赵敏", "+8613712345678").id
        db.session.commit()
    clerk = mine.app.test_client()
    accounts.sign_in(clerk, clerk_id)
    for number in (1, 2):
        mine.client.post(url, data={"phone": "13712345678"})
        with mine.app.app_context():
            invitation_id = db.session.scalar(sa.select(sa.func.max(OperatorInvitation.id)))
        if number == 1:
            assert (
                clerk.post(f"/merchant/invitations/{invitation_id}", data={"answer": "decline"}).status_code
                == 303
            )
        else:
            back = f"/merchant/operators/{mine.operator_id}/invitations/{invitation_id}/take-back"
            assert mine.client.post(back).status_code == 303
        assert "邀请您" not in clerk.get("/merchant/").text


def test_a_clerk_sees_but_cannot_remove_the_owner(mine: Mine) -> None:
    with mine.app.app_context():
        clerk = accounts.make_merchant()
        merchants.make_member(queries.get_operator(mine.operator_id), clerk, MemberRole.CLERK)
        clerk_id = clerk.id
        db.session.commit()
    client = mine.app.test_client()
    accounts.sign_in(client, clerk_id)
    url = f"/merchant/operators/{mine.operator_id}/members/{mine.account_id}/remove"
    assert client.post(url).status_code == 404
    assert mine.client.post(url).status_code == 403


def test_invitations_are_limited(make_app) -> None:  # type: ignore[no-untyped-def]
    app = make_app(rate_limits=True)
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        account = accounts.make_merchant()
        operator = merchants.make_operator()
        merchants.make_member(operator, account)
        account_id, operator_id = account.id, operator.id
        db.session.commit()
    client = app.test_client()
    accounts.sign_in(client, account_id)
    statuses = [
        client.post(f"/merchant/operators/{operator_id}/members", data={"phone": "1"}).status_code
        for _ in range(21)
    ]
    assert statuses == [422] * 20 + [429]
