"""The shop's phone page from the notice to the printed paper, and the office's list and answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import Flask
from flask.testing import FlaskClient

from tests.factories.codes import Town, send
from tests.factories.merchants import NOW
from webapp.core.db import db
from webapp.reprints.models import ReprintTask

Browser = Callable[[int], FlaskClient]


def make_task(app: Flask, town: Town, cause: str = "moved") -> int:
    with app.app_context():
        task = ReprintTask(
            shop_id=town.shop,
            causes=[{"cause": cause, "old": "裕华东路128号", "new": "东风路9号", "on": "2026-05-06"}],
            serials=[1, 2],
            opened_at=NOW,
            due_on=date(2026, 5, 20),
        )
        db.session.add(task)
        db.session.commit()
        return task.id


def state_of(app: Flask, task_id: int) -> str:
    with app.app_context():
        return db.session.get_one(ReprintTask, task_id).state.value


def test_a_shop_replaces_prints_and_is_done(app: Flask, papers: Town, browser: Browser) -> None:
    task_id, shop = make_task(app, papers), browser(papers.merchant)
    where = f"/merchant/reprints/{task_id}"
    assert where in shop.get(f"/merchant/shops/{papers.shop}").text
    assert "码贴要换新" in shop.get("/merchant/").text
    page = shop.get(where).text
    assert "裕华东路128号 → 东风路9号" in page
    assert "把 2 张都换新" in page
    assert "打印新码贴" not in page
    assert shop.get(f"{where}/stickers.pdf").status_code == 409
    assert send(shop, f"{where}/replace", where).status_code == 303
    page = shop.get(where).text
    assert "打印新码贴" in page
    assert "000001-03" in page
    answer = shop.get(f"{where}/stickers.pdf")
    assert answer.data.startswith(b"%PDF")
    answer.close()
    assert state_of(app, task_id) == "done"
    assert "码贴已经换好" in shop.get(where).text
    assert "码贴要换新" not in shop.get("/merchant/").text
    assert "已换好" in shop.get("/merchant/reprints").text


def test_a_shops_own_file_of_a_sticker_counts_as_printed(app: Flask, papers: Town, browser: Browser) -> None:
    task_id, shop = make_task(app, papers), browser(papers.merchant)
    send(shop, f"/merchant/reprints/{task_id}/replace", f"/merchant/reprints/{task_id}")
    shop.get(f"/merchant/shops/{papers.shop}/stickers/3.png?preview=1").close()
    assert "打印新码贴" in shop.get(f"/merchant/reprints/{task_id}").text
    shop.get(f"/merchant/shops/{papers.shop}/stickers.pdf").close()
    page = shop.get(f"/merchant/reprints/{task_id}").text
    assert "2 / 2 张换好" in page


def test_a_new_registered_name_asks_for_the_shops_name_first(
    app: Flask, papers: Town, browser: Browser
) -> None:
    task_id = make_task(app, papers, "renamed")
    assert "先改店名，再换码贴" in browser(papers.merchant).get(f"/merchant/reprints/{task_id}").text


def test_a_shop_says_no_and_the_office_answers(app: Flask, papers: Town, browser: Browser) -> None:
    task_id = make_task(app, papers)
    where, office = f"/merchant/reprints/{task_id}", f"/office/reprints/{task_id}"
    shop, officer = browser(papers.merchant), browser(papers.station)
    wrong = send(shop, f"{where}/ask", where, reason="other", note="")
    assert wrong.status_code == 422
    send(shop, f"{where}/ask", where, reason="other", note="店还在原处")
    assert "等市场监管所答复" in shop.get(where).text
    assert "店还在原处" in officer.get(office).text
    assert "别的原因" in officer.get("/office/reprints?show=asked").text
    bare = send(officer, f"{office}/insist", office, reason="")
    assert bare.status_code == 422
    send(officer, f"{office}/waive", office, reason="现场看过，没有搬")
    assert state_of(app, task_id) == "waived"
    assert "现场看过，没有搬" in officer.get("/office/reprints?show=waived").text
    assert "现场看过，没有搬" in shop.get(where).text
    assert "换贴任务" in officer.get(f"/office/shops/{papers.shop}").text


def test_the_list_says_what_there_is_not(papers: Town, browser: Browser) -> None:
    officer = browser(papers.station)
    assert "现在没有要换的码贴" in officer.get("/office/reprints").text
    assert "没有符合条件的任务" in officer.get("/office/reprints?q=没有这家&cause=moved&show=nonsense").text


def test_another_district_and_another_shop_see_nothing(app: Flask, papers: Town, browser: Browser) -> None:
    task_id = make_task(app, papers)
    away = browser(papers.elsewhere)
    assert away.get(f"/office/reprints/{task_id}").status_code == 404
    assert "老槐树" not in away.get("/office/reprints").text
    assert away.get(f"/merchant/reprints/{task_id}").status_code in {302, 303, 403, 404}
