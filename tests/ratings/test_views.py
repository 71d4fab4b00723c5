"""Rating without an account and without JavaScript; reading and replying."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import complaints as people
from tests.factories import ratings as make
from tests.factories.complaints import make_filing
from tests.factories.files import picture
from tests.factories.merchants import NOW
from tests.support.street import HEADER, Street
from webapp.complaints import intake as complaint_intake
from webapp.complaints import operations as complaint_operations
from webapp.core import receipts
from webapp.core.actor import CONSUMER, Role
from webapp.core.db import db
from webapp.merchants.queries import get_shop
from webapp.ratings import moderating, opendata, operations, queries, records, watching
from webapp.ratings.models import Origin, Rating, RatingSignal
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


# --- photos, filters, reports, removal and objection ------------------------------------------------------------------


def picture_field(page: TestResponse, **more: Any) -> dict[str, Any]:
    return fields(page, photos=[(io.BytesIO(picture()), "a.jpg")], **more)


def test_photos_come_along_and_outlive_a_mistake(app: Flask, visit: FlaskClient, street: Street) -> None:
    address = f"/s/{street.shop_id}/rate"
    wrong = visit.post(address, data=picture_field(visit.get(address), price=""))
    assert wrong.status_code == 422
    kept = re.search(r'name="photos_kept" value="([^"]+)"', wrong.text)
    assert kept
    again = visit.post(address, data=fields(wrong, photos_kept=html.unescape(kept[1])))
    assert again.status_code == 303
    page = visit.get(again.location)
    (address,) = set(re.findall(r'href="(/media/[^"]+)"', page.text))
    assert visit.get(address).status_code == 200
    for query, seen in (("photos=1", True), ("stars=4", True), ("stars=5", False), ("origin=other", True)):
        assert ("很好" in visit.get(f"/s/{street.shop_id}/ratings?{query}").text) == seen
    none = visit.get(f"/s/{street.shop_id}/ratings?origin=complaint").text
    assert "没有符合条件的评价" in none
    assert visit.get(f"/s/{street.shop_id}/ratings?origin=x&stars=9&photos=x").status_code == 200
    with app.app_context():
        rating = db.session.scalars(sa.select(Rating)).one()
        file_id, key = rating.photos[0].file_id, rating.photos[0].file.key
        moderating.hide_photo(rating.id, file_id, "privacy", street.actors["station"], NOW)
        db.session.commit()
    assert visit.get(address).status_code == 404
    assert visit.get(f"/files/{key}", headers={HEADER: "station"}).status_code == 200
    assert "一张照片因“泄露个人信息”不显示" in visit.get(f"/s/{street.shop_id}/ratings").text


def test_the_shops_own_merchant_does_not_rate_it(app: Flask, visit: FlaskClient, street: Street) -> None:
    address = f"/s/{street.shop_id}/rate"
    refused = visit.post(address, data=fields(visit.get(address)), headers={HEADER: "merchant"})
    assert refused.status_code == 422
    assert "不能评价自己的店" in refused.text
    assert rows(app) == []


def voice(page: TestResponse, **more: Any) -> dict[str, Any]:
    found = re.search(r'name="device" value="([^"]+)"', page.text)
    assert found
    return {"device": html.unescape(found[1])} | more


def test_a_rating_is_reported_removed_objected_to_and_restored(
    app: Flask, visit: FlaskClient, street: Street
) -> None:
    """The whole way through the pages, by a consumer, a merchant and three officers, without JavaScript."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    with app.app_context():
        for name in ("second", "third"):
            street.actors[name] = people.make_officer(Role.BUREAU_OFFICER, "1306", name).actor()
        db.session.commit()
    rate, ratings = f"/s/{street.shop_id}/rate", f"/s/{street.shop_id}/ratings"
    assert visit.post(rate, data=fields(visit.get(rate), text="店员小王真差")).status_code == 303
    (rating,) = rows(app)
    report, case = f"/ratings/{rating.id}/report", f"/office/ratings/{rating.id}"
    empty = visit.post(report, data=voice(visit.get(report), words="写了名字"))
    assert empty.status_code == 422
    assert "请选一条理由" in empty.text
    assert "写了名字" in empty.text
    told = visit.post(report, data=voice(empty, ground="privacy", words="写了名字"))
    assert told.status_code == 303
    assert "监管人员会看这条评价" in visit.get(told.location).text
    assert "店员小王真差" in visit.get(ratings).text
    merchant = {HEADER: "merchant"}
    wrong = visit.post(f"/merchant/ratings/{rating.id}/report", data={"words": "写了人"}, headers=merchant)
    assert wrong.status_code == 422
    assert "写了人" in wrong.text
    sent = visit.post(f"/merchant/ratings/{rating.id}/report", data={"ground": "privacy"}, headers=merchant)
    assert sent.status_code == 303
    assert "举报待看" in visit.get("/merchant/ratings", headers=merchant).text

    def office(who: str, path: str, **data: Any) -> TestResponse:
        if data:
            return visit.post(path, data=data, headers={HEADER: who})
        return visit.get(path, headers={HEADER: who})

    assert "2 个举报" in office("station", "/office/ratings?state=reported").text
    bad = office("station", f"{case}/propose", ground="low", reason="分太低了")
    assert bad.status_code == 422
    assert "分太低了" in bad.text
    assert office("station", f"{case}/propose", ground="privacy", reason="写了店员").status_code == 303
    assert "等核定" in office("station", case).text
    assert "店员小王真差" in visit.get(ratings).text
    with app.app_context():
        case_id = records.live_case(rating.id).id  # type: ignore[union-attr]

    def decide(who: str, action: str, version: int, reason: str = "看过") -> TestResponse:
        return office(who, f"/office/ratings/cases/{case_id}/{action}", reason=reason, version=str(version))

    assert decide("station", "confirm", 1).status_code == 403
    assert decide("bureau", "confirm", 9).status_code == 409
    assert decide("bureau", "confirm", 1, " ").status_code == 422
    assert decide("bureau", "confirm", 1).status_code == 303
    gone = visit.get(ratings).text
    assert "此评价因“泄露个人信息”被移除" in gone
    assert "《中华人民共和国个人信息保护法》第十条" in gone
    assert "小王" not in gone
    assert "还没有评价" in gone  # the mean is of what stands
    for page in (
        visit.get(rate),
        visit.get(f"/s/{street.shop_id}"),
        visit.get("/merchant/ratings", headers=merchant),
    ):
        assert "小王" not in page.text
    assert visit.get(report).status_code == 303
    other = app.test_client()  # not the phone that rated
    object_ = f"/ratings/{rating.id}/object"
    assert visit.post(object_, data=voice(visit.get(object_), words=" ")).status_code == 422
    assert visit.post(object_, data=voice(visit.get(object_), words="那是我自己")).status_code == 303
    assert "正在重新看" in other.get(object_).text
    assert "写评价的那部手机" in office("second", case).text
    assert "这一步要由别的同事办" in office("bureau", case).text
    assert decide("bureau", "restore", 3).status_code == 403
    assert decide("second", "restore", 3).status_code == 303
    assert "店员小王真差" in visit.get(ratings).text
    assert visit.get(object_).status_code == 404


def test_signals_are_explained_and_ended(app: Flask, client: FlaskClient, street: Street) -> None:
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    with app.app_context():
        shop = get_shop(street.shop_id)
        for number in range(7):
            make.make_rating(shop, 5, text="老板实在东西新鲜分量足，价格公道" + "！" * number)
        make.make_rating(shop, 5, own_hand=True)
        watching.watch(NOW)
        db.session.commit()
        kinds = {one.kind.value: one.id for one in db.session.scalars(sa.select(RatingSignal))}
    assert set(kinds) == {"burst", "self_praise"}
    headers = {HEADER: "station"}
    page = client.get("/office/ratings/signals", headers=headers).text
    assert "来了 8 条评价，几乎都是高分" in page
    shown = client.get(f"/office/ratings/signals/{kinds['self_praise']}", headers=headers).text
    assert "7 条高分评价的文字几乎一样" in shown
    assert "手机 A" in shown
    assert "也可能是正常的" in shown
    act = f"/office/ratings/signals/{kinds['burst']}/dismiss"
    assert client.post(act, data={"version": "1", "reason": ""}, headers=headers).status_code == 422
    assert client.post(act, data={"version": "1", "reason": "开业请客"}, headers=headers).status_code == 303
    assert client.post(act, data={"version": "1", "reason": "又一次"}, headers=headers).status_code == 409
    assert "开业请客" in client.get(f"/office/ratings/signals/{kinds['burst']}", headers=headers).text
    assert "短时间扎堆" in client.get("/office/ratings/signals?ended=1", headers=headers).text
    for who in ("elsewhere", "department"):
        answer = client.get(f"/office/ratings/signals/{kinds['burst']}", headers={HEADER: who})
        assert answer.status_code in {403, 404}


def test_the_ranking_is_explained_and_sorts_the_directory(
    app: Flask, client: FlaskClient, street: Street
) -> None:
    assert "数据还没有生成" in client.get("/ratings/how").text
    assert client.get("/open-data/ratings.csv").status_code == 404
    with app.app_context():
        make.make_rating(get_shop(street.shop_id), 5, now=NOW - timedelta(days=1))
        opendata.make(NOW)
        db.session.commit()
    page = client.get("/ratings/how").text
    assert "--half-life 180 --prior 8 --other 50" in page
    scores = client.get("/open-data/rating-scores.json")
    assert scores.json["shops"][str(street.shop_id)]["score"] == 5000  # type: ignore[index]
    etag = {"If-None-Match": scores.headers["ETag"]}
    assert client.get("/open-data/rating-scores.json", headers=etag).status_code == 304
    assert "排名分" in client.get(f"/s/{street.shop_id}/ratings").text
    ranked = client.get("/shops?sort=stars").text
    assert f'href="/s/{street.shop_id}"' in ranked
    assert "按排名分从高到低" in ranked
