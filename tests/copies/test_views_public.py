"""「这不是这家店」 and 「我在这家店吗？」 as a visitor without JavaScript meets them, and what they leave behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories.codes import Town
from tests.factories.merchants import NOW
from webapp.copies.models import CopyAlarm, CopyEvidence, CopySalt
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.merchants.models import Shop
from webapp.stickers.models import StickerPlace, StickerState
from webapp.stickers.queries import get

HERE = {"Sec-Fetch-Site": "same-origin"}
FAR = {"latitude": "38.9021", "longitude": "115.4932", "accuracy": "20"}
NEAR = {"latitude": "38.8622", "longitude": "115.4933", "accuracy": "15"}


def tell(client: FlaskClient, paper: str, what: str = "other_shop", **headers: str) -> TestResponse:
    return client.post(f"/c/{paper}/not-here", data={"what": what}, headers=HERE | headers)


def check(client: FlaskClient, paper: str, keep: str = "yes", **fix: str) -> TestResponse:
    return client.post(f"/c/{paper}/here", data={"keep": keep} | fix, headers=HERE)


def kept(app: Flask) -> list[CopyEvidence]:
    with app.app_context():
        return list(db.session.scalars(sa.select(CopyEvidence).order_by(CopyEvidence.id)))


# --- the page behind the sticker --------------------------------------------------------------------------------------


def test_the_kept_page_leads_to_both_and_keeps_nothing_of_the_visitor(
    client: FlaskClient, paper: str
) -> None:
    for _ in range(2):
        page = client.get(f"/c/{paper}")
        assert f'href="/c/{paper}/not-here"' in page.text
        assert f'href="/c/{paper}/here"' in page.text
        assert "Set-Cookie" not in page.headers
        assert "<form" not in page.text
        assert page.text.count("<script") == page.text.count("<script defer src=")


# --- this is another shop ---------------------------------------------------------------------------------------------


def test_one_choice_and_it_is_kept(app: Flask, client: FlaskClient, paper: str) -> None:
    page = client.get(f"/c/{paper}/not-here")
    assert page.status_code == 200
    assert "老槐树面馆" in page.text
    assert "明天就认不出来" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    answer = tell(client, paper)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/c/{paper}/not-here?said=thanks"
    thanks = client.get(answer.headers["Location"]).text
    assert "谢谢" in thanks
    assert f'href="/c/{paper}/here"' in thanks
    assert "撤回" in thanks
    assert [(row.kind.value, row.serial) for row in kept(app)] == [("report", 1)]


def test_the_phone_itself_remembers_for_this_sticker_alone(
    app: Flask, client: FlaskClient, paper: str, freeze: Callable[[datetime], datetime]
) -> None:
    cookie = tell(client, paper).headers["Set-Cookie"]
    assert cookie.startswith("ydym_told=2026-05-06;")
    assert f"Path=/c/{paper}/not-here" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=604800" in cookie
    freeze(NOW + timedelta(days=2))
    assert "2026年5月6日" in client.get(f"/c/{paper}/not-here").text
    answer = tell(client, paper)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("said=before")
    assert len(kept(app)) == 1  # two days, one phone


def test_the_same_form_twice_is_one_report(app: Flask, client: FlaskClient, paper: str) -> None:
    tell(client, paper)
    other = app.test_client()  # the same phone, with its cookies refused
    assert tell(other, paper).headers["Location"].endswith("said=before")
    assert len(kept(app)) == 1


def test_two_phones_open_a_task(app: Flask, client: FlaskClient, paper: str) -> None:
    tell(client, paper)
    tell(app.test_client(), paper, **{"User-Agent": "another phone"})
    with app.app_context():
        assert db.session.scalars(sa.select(CopyAlarm.kind)).all() == ["wrong_shop"]


@pytest.mark.parametrize("what", ["out_of_date", "not_there"])
def test_what_is_no_copy_is_not_kept(app: Flask, client: FlaskClient, paper: str, what: str) -> None:
    answer = tell(client, paper, what)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"said={what}")
    assert "没有记下什么" in client.get(answer.headers["Location"]).text
    assert kept(app) == []
    assert "ydym_told" not in str(answer.headers.getlist("Set-Cookie"))


def test_taking_it_back(app: Flask, client: FlaskClient, paper: str) -> None:
    tell(client, paper)
    answer = client.post(f"/c/{paper}/not-here/undo", headers=HERE)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("said=undone")
    assert "已经撤回" in client.get(answer.headers["Location"]).text
    assert kept(app) == []
    assert client.post(f"/c/{paper}/not-here/undo", headers=HERE).headers["Location"].endswith("said=nothing")
    assert tell(client, paper).headers["Location"].endswith("said=thanks")


@pytest.mark.parametrize("what", ["", "made-up"])
def test_no_choice_is_asked_for(app: Flask, client: FlaskClient, paper: str, what: str) -> None:
    answer = tell(client, paper, what)
    assert answer.status_code == 422
    assert "请选一种情况" in answer.text
    assert kept(app) == []


def test_a_robot_that_fills_the_trap(app: Flask, client: FlaskClient, paper: str) -> None:
    answer = client.post(
        f"/c/{paper}/not-here", data={"what": "other_shop", "website": "http://x"}, headers=HERE
    )
    assert answer.status_code == 422
    assert kept(app) == []


@pytest.mark.parametrize("address", ["not-here", "not-here/undo", "here"])
def test_a_form_from_another_site_does_nothing(
    app: Flask, client: FlaskClient, paper: str, address: str
) -> None:
    answer = client.post(
        f"/c/{paper}/{address}",
        data={"what": "other_shop", "keep": "yes"} | FAR,
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 400
    assert kept(app) == []
    assert (
        client.post(f"/c/{paper}/{address}", data={"what": "other_shop"}).status_code == 400
    )  # says nothing


# --- am I at this shop? -----------------------------------------------------------------------------------------------


def test_it_says_beforehand_what_is_kept_and_asks_for_nothing(client: FlaskClient, paper: str) -> None:
    page = client.get(f"/c/{paper}/here").text
    assert "280 × 220 米的格子" in page
    assert "30 天后删除" in page
    assert "只核对，什么都不留" in page
    assert page.index("30 天后删除") < page.index("同意，核对并留个大概位置")
    assert page.count("<script") == 6  # the layout's five and the page's own


@pytest.mark.parametrize(
    ("fix", "says", "rows"),
    [
        (NEAR, "您就在这家店附近", 1),
        (FAR, "您不在这家店附近", 1),
        (FAR | {"accuracy": "400"}, "您不在这家店附近", 0),
        (NEAR | {"accuracy": "400"}, "说不准", 0),
        ({"why": "denied"}, "没有允许定位", 0),
        ({"why": "timeout"}, "等了很久", 0),
        ({"why": "<script>"}, "没有收到手机的位置", 0),
        ({}, "没有收到手机的位置", 0),
        (FAR | {"latitude": "nan"}, "说不准", 0),
    ],
)
def test_the_three_answers(
    app: Flask, client: FlaskClient, paper: str, fix: dict[str, str], says: str, rows: int
) -> None:
    answer = check(client, paper, **fix)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert says in answer.text
    assert len(kept(app)) == rows
    assert ("已按您的同意留下" in answer.text) is bool(rows)
    assert "38.9021" not in answer.text


def test_far_away_it_says_how_far_and_what_to_do(client: FlaskClient, paper: str) -> None:
    page = check(client, paper, **FAR).text
    assert "4.4 公里" in page
    assert f'href="/c/{paper}/not-here"' in page


@pytest.mark.parametrize("keep", ["no", "", "YES", "1"])
def test_without_consent_nothing_is_kept(app: Flask, client: FlaskClient, paper: str, keep: str) -> None:
    answer = check(client, paper, keep, **FAR)
    assert "4.4 公里" in answer.text
    assert "没有留下您的位置" in answer.text
    assert kept(app) == []
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(CopySalt)) == 0  # no mark was made


def test_only_a_cell_is_kept(app: Flask, client: FlaskClient, paper: str) -> None:
    check(client, paper, **FAR)
    (row,) = kept(app)
    assert (row.cell_south, row.cell_west, row.cell_size) == (389000, 1154925, 25)


@pytest.mark.parametrize(
    ("place", "says"),
    [(StickerPlace.RECEIPT, "小票"), (StickerPlace.VEHICLE, "车上"), (None, "没有登记位置")],
)
def test_what_no_position_can_tell(
    app: Flask, client: FlaskClient, town: Town, paper: str, place: StickerPlace | None, says: str
) -> None:
    with app.app_context(), unit():
        if place is None:
            db.session.get_one(Shop, town.shop).latitude = None
        else:
            get(town.shop, 1).place = place
    page = client.get(f"/c/{paper}/here").text
    assert says in page
    assert "data-here-ask" not in page
    assert says in check(client, paper, **FAR).text


@pytest.mark.parametrize("state", [StickerState.REPLACED, StickerState.SUSPENDED])
def test_a_dead_sticker_asks_where_it_hangs(
    app: Flask, client: FlaskClient, town: Town, paper: str, state: StickerState
) -> None:
    with app.app_context(), unit():
        sticker = get(town.shop, 1)
        sticker.state, sticker.ended_at, sticker.ended_reason = state, NOW, "copied"
    assert "告诉我们这张贴在哪里" in client.get(f"/c/{paper}").text
    assert "这张码贴在哪里？" in client.get(f"/c/{paper}/here").text
    check(client, paper, **FAR)
    assert len(kept(app)) == 1


# --- who is refused ---------------------------------------------------------------------------------------------------


def test_a_forged_code_and_an_unknown_paper_find_nothing(
    app: Flask, client: FlaskClient, town: Town, paper: str
) -> None:
    forged = paper[:60] + ("A" if paper[60] != "A" else "B") + paper[61:]
    for address in ("not-here", "here"):
        assert client.get(f"/c/{forged}/{address}").status_code == 404
        assert client.post(f"/c/{forged}/{address}", headers=HERE).status_code == 404
    with app.app_context(), unit():
        get(town.shop, 1).token = "another paper"
    assert client.get(f"/c/{paper}/not-here").status_code == 404
    assert "发放记录里没有" in client.get(f"/c/{paper}/here").text


def test_too_many_from_one_network(make_app: Callable[..., Flask], town: Town, paper: str) -> None:
    client = make_app(rate_limits=True).test_client()
    for number in range(20):
        assert tell(client, paper, "not_there", **{"User-Agent": f"phone {number}"}).status_code == 303
    answer = tell(client, paper)
    assert answer.status_code == 429
    assert "提交得太多" in answer.text
    assert 'value="other_shop"' in answer.text
    for _ in range(60):
        assert check(client, paper, "no", **FAR).status_code == 200
    assert check(client, paper, "no", **FAR).status_code == 429
