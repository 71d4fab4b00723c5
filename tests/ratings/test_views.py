"""Rating without an account and without JavaScript; reading and replying."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import ratings as make
from tests.factories.complaints import make_filing
from tests.factories.merchants import NOW
from tests.support.street import HEADER, Street
from webapp.complaints import intake as complaint_intake
from webapp.complaints import operations as complaint_operations
from webapp.core import receipts
from webapp.core.actor import CONSUMER
from webapp.core.db import db
from webapp.merchants.queries import get_shop
from webapp.ratings import operations, queries
from webapp.ratings.models import Origin, Rating
from webapp.ratings.rules import HEARTS
from webapp.ratings.views_public import COOKIE
from webapp.web.filters import day

SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def visit(client: FlaskClient) -> FlaskClient:
    """A browser that says where a form came from."""
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    return client


def fields(page: TestResponse, **more: Any) -> dict[str, Any]:
    found = re.search(r'name="device" value="([^"]+)"', page.text)
    assert found
    return {"device": html.unescape(found[1]), **dict.fromkeys(HEARTS, "4"), "text": "很好"} | more


def rows(app: Flask) -> list[Rating]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Rating).order_by(Rating.id)))


def test_a_rating_without_javascript(app: Flask, visit: FlaskClient, street: Street) -> None:
    address = f"/s/{street.shop_id}/rate"
    form = visit.get(address)
    assert form.status_code == 200
    assert form.headers["Cache-Control"] == "no-store"
    answer = visit.post(address, data=fields(form, text="电话 13911112222"))
    assert answer.status_code == 303
    (rating,) = rows(app)
    assert (rating.origin, rating.mean, rating.sticker_serial) == (Origin.OTHER, 4, None)
    page = visit.get(answer.location)
    assert "谢谢，您的评价已经公开" in page.text
    assert "网上浏览" in page.text
    assert "13911112222" not in page.text
    assert "电话 ****" in page.text


def test_the_second_rating_shows_the_first(app: Flask, visit: FlaskClient, street: Street) -> None:
    address = f"/s/{street.shop_id}/rate"
    form = visit.get(address)
    first, twice = (visit.post(address, data=fields(form)) for _ in range(2))
    assert first.status_code == twice.status_code == 303  # the same form again is the same rating
    other = visit.post(address, data=fields(form, price="1"))
    assert other.status_code == 409
    again = visit.get(address)
    with app.app_context():
        again_on = day(operations.next_rating_on(NOW))
    assert again.status_code == 200
    for page in (other, again):
        assert "您已经评价过这家店" in page.text
        assert "很好" in page.text
        assert f"{again_on}起可以再评价" in page.text
    assert len(rows(app)) == 1


def test_the_devices_mark_outlives_the_form(app: Flask, visit: FlaskClient, street: Street) -> None:
    visit.get(f"/s/{street.shop_id}/rate")
    cookie = visit.get_cookie(COOKIE)
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site, cookie.max_age) == (True, "Lax", 400 * 86400)
    mark = cookie.value
    form = visit.get(f"/s/{street.shop_id}/rate")
    stolen = app.test_client().get(f"/s/{street.shop_id}/rate")
    assert visit.get_cookie(COOKIE).value == mark  # type: ignore[union-attr]
    # another form's mark does not make another device of this browser
    assert visit.post(f"/s/{street.shop_id}/rate", data=fields(form)).status_code == 303
    assert visit.post(f"/s/{street.shop_id}/rate", data=fields(stolen, price="1")).status_code == 409


def test_where_cookies_are_refused_the_form_is_the_device(app: Flask, street: Street) -> None:
    client = app.test_client(use_cookies=False)
    address = f"/s/{street.shop_id}/rate"
    form = client.get(address)
    assert client.post(address, data=fields(form), headers=SAME).status_code == 303
    assert client.post(address, data=fields(form), headers=SAME).status_code == 303
    assert client.post(address, data=fields(form, price="1"), headers=SAME).status_code == 409
    assert len(rows(app)) == 1
    refused = client.post(address, data=fields(form), headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status_code == 400
    assert "很好" in refused.text


def test_missing_hearts_are_named_and_the_rest_is_kept(
    app: Flask, visit: FlaskClient, street: Street
) -> None:
    address = f"/s/{street.shop_id}/rate"
    page = visit.post(address, data=fields(visit.get(address), price="", service="9"))
    assert page.status_code == 422
    assert "请给“价格诚心”打分" in page.text
    assert "请给“服务贴心”打分" in page.text
    assert "请给“质量放心”打分" not in page.text
    assert re.search(r'name="quality" value="4"[^>]* checked', page.text)
    assert "很好" in page.text
    assert visit.post(address, data=fields(page)).status_code == 303
    long = visit.post(address, data=fields(page, text="长" * 501))
    assert long.status_code == 422
    for wrong in ({"device": "x", "text": "很好"}, {"website": "http://spam"}):
        visit.delete_cookie(COOKIE)
        refused = visit.post(address, data=fields(page, **wrong))
        assert refused.status_code == 422
        assert "很好" in refused.text


def test_after_a_complaint_and_only_after_its_end(app: Flask, visit: FlaskClient, street: Street) -> None:
    with app.app_context():
        complaint, receipt = complaint_intake.file(street.shop_id, make_filing(), NOW)
        db.session.commit()
        complaint_id, receipt = complaint.id, receipts.show(receipt)
    early = visit.get(f"/complaints/{receipt}/rate")
    assert early.status_code == 404
    assert "投诉结束以后才能评价" in early.text
    with app.app_context():
        complaint_operations.act(complaint_id, "confirm_resolved", CONSUMER, NOW)
        db.session.commit()
    visit.post(f"/s/{street.shop_id}/rate", data=fields(visit.get(f"/s/{street.shop_id}/rate")))
    assert (
        "您已经评价过这家店" in visit.get(f"/complaints/{receipt}/rate").text
    )  # one a device, whichever way
    visit.delete_cookie(COOKIE)
    form = visit.get(f"/complaints/{receipt}/rate")
    assert (form.headers["Referrer-Policy"], form.headers["X-Robots-Tag"]) == (
        "no-referrer",
        "noindex, nofollow",
    )
    assert visit.post(f"/complaints/{receipt}/rate", data=fields(form)).status_code == 303
    assert [rating.origin for rating in rows(app)] == [Origin.OTHER, Origin.COMPLAINT]
    assert "同一件投诉只评价一次" in visit.get(f"/complaints/{receipt}/rate").text
    assert visit.get("/complaints/" + "a" * 20 + "/rate").status_code == 404


def test_no_such_shop_and_no_such_code(visit: FlaskClient, street: Street) -> None:
    for address in (f"/s/{street.shop_id + 100}/rate", f"/s/{10**30}/ratings", "/c/nonsense/rate"):
        assert visit.get(address).status_code == 404


def test_too_many_ratings_keep_what_was_chosen(make_app: Callable[..., Flask], street: Street) -> None:
    app = make_app(rate_limits=True)
    address = f"/s/{street.shop_id}/rate"
    for _ in range(20):
        client = app.test_client()
        assert client.post(address, data=fields(client.get(address)), headers=SAME).status_code == 303
    client = app.test_client()
    page = client.post(address, data=fields(client.get(address)), headers=SAME)
    assert page.status_code == 429
    assert "很好" in page.text


def test_all_ratings_of_a_shop_in_pages(app: Flask, visit: FlaskClient, street: Street) -> None:
    with app.app_context():
        shop = get_shop(street.shop_id)
        for number in range(1, 23):
            make.make_rating(shop, 1 + number % 5, text=f"第{number}条<b>")
        db.session.commit()
    first = visit.get(f"/s/{street.shop_id}/ratings")
    assert "22 条评价" in first.text
    assert "第22条&lt;b&gt;" in first.text
    assert "第2条" not in first.text
    assert f'href="/s/{street.shop_id}/ratings?page=2"' in first.text
    second = visit.get(f"/s/{street.shop_id}/ratings?page=2")
    assert "第2条" in second.text
    assert "22 条评价里，8 条是四颗心以上" in first.text  # marks 4 and 5 of 1+n%5 for n in 1..22


# --- merchant and office --------------------------------------------------------------------------


@pytest.fixture
def rating_id(app: Flask, street: Street) -> int:
    """A rating; signed-in forms carry the usual token, these tests are not about it."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    with app.app_context():
        rating = make.make_rating(get_shop(street.shop_id), 2, text="上菜太慢")
        db.session.commit()
        return rating.id


def test_the_merchant_replies_in_public(
    app: Flask, client: FlaskClient, street: Street, rating_id: int
) -> None:
    headers = {HEADER: "merchant"}
    assert "上菜太慢" in client.get("/merchant/ratings", headers=headers).text
    empty = client.post(f"/merchant/ratings/{rating_id}/reply", data={"text": " "}, headers=headers)
    assert empty.status_code == 422
    assert f'href="#f-text-{rating_id}"' in empty.text
    long = client.post(f"/merchant/ratings/{rating_id}/reply", data={"text": "长" * 501}, headers=headers)
    assert long.status_code == 422
    assert "长" * 501 in long.text
    good = client.post(
        f"/merchant/ratings/{rating_id}/reply?shop=1", data={"text": "加人了"}, headers=headers
    )
    assert good.status_code == 303
    assert "加人了" in client.get(f"/s/{street.shop_id}/ratings").text
    assert "还没回复" in client.get("/merchant/ratings?unanswered=1", headers=headers).text
    with app.app_context():
        assert queries.get(rating_id).reply == "加人了"


@pytest.mark.parametrize(("who", "status"), [("other", 404), ("station", 403), (None, 401)])
def test_others_do_not_reply(client: FlaskClient, rating_id: int, who: str | None, status: int) -> None:
    headers = {HEADER: who} if who else {}
    assert (
        client.post(f"/merchant/ratings/{rating_id}/reply", data={"text": "x"}, headers=headers).status_code
        == status
    )
    if who == "other":
        assert "上菜太慢" not in client.get("/merchant/ratings", headers=headers).text


@pytest.mark.parametrize(
    ("who", "status"), [("station", 200), ("elsewhere", 200), ("department", 403), ("merchant", 403)]
)
def test_officers_read_within_their_reach(client: FlaskClient, rating_id: int, who: str, status: int) -> None:
    page = client.get("/office/ratings", headers={HEADER: who})
    assert page.status_code == status
    assert ("上菜太慢" in page.text) == (who == "station")
    for query in ("low=1", "text=%00", "shop=x", f"shop={10**30}", "page=99"):
        assert client.get(f"/office/ratings?{query}", headers={HEADER: who}).status_code == status
