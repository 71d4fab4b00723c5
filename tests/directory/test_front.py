"""The front page as it is made: figures with their day, above the sample only; kept, and dropped by any change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest
from flask import Flask

from tests.factories.merchants import NOW
from tests.factories.regions import make_street
from tests.factories.reminders import make_reminder
from tests.factories.shopfront import make_vouched
from tests.shopfront.test_views import counted, reads
from webapp.core import policy
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.directory import front
from webapp.disclosure.models import OpenFigure, OpenSnapshot

DAY = date(2026, 5, 6)


@pytest.fixture
def context(app: Flask, freeze: Callable[[datetime], datetime]) -> Iterator[Flask]:
    freeze(NOW)
    with app.app_context():
        with unit():
            policy.sync()
            make_street()
        yield app


def publish(**figures: object) -> None:
    """The day's open data with these figures of the whole city."""
    facts = {
        "complaints": 12,
        "settled": 8,
        "settle_first_ended": 10,
        "settlement_rate": 8000,
        "answers_on_time": 9,
        "answers_due": 11,
        "on_time_rate": 8182,
        "by_topic": {"price": 5, "other": 6, "quality": 4, "service": 5},
    }
    nought = "0" * 64
    with unit():
        db.session.add(
            OpenSnapshot(
                day=DAY, made_at=NOW, rows=12, csv=b"", json=b"", figures=b"",
                csv_sha256=nought, json_sha256=nought, figures_sha256=nought,
            )
        )  # fmt: skip
        db.session.add(OpenFigure(kind="all", code="", figures=facts | figures, scans=0))


def test_figures_of_complaints_are_those_of_the_open_data(context: Flask) -> None:
    assert front.handled(DAY) is None
    publish()
    found = front.handled(DAY)
    assert found is not None
    assert (found.day, found.days, found.complaints) == (DAY, 365, 12)
    assert (found.settled.part, found.settled.whole, found.settled.text) == (8, 10, "80%")
    assert (found.on_time.part, found.on_time.whole, found.on_time.text) == (9, 11, "81.8%")


def test_only_topics_that_reach_the_sample_are_hot_the_rest_is_nobodys_business(context: Flask) -> None:
    publish()
    found = front.handled(DAY)
    assert found is not None
    assert [(topic.code, topic.count, topic.percent) for topic in found.hot] == [
        ("price", 5, 42),
        ("service", 5, 42),
    ]
    page = context.test_client().get("/").text
    assert "价格不对" in page
    assert "质量不好" not in page
    assert "不足 5 件的不列" in page
    assert "/disclosures?topic=price#cases" in page


def test_without_a_sample_there_is_a_count_and_no_share(context: Flask) -> None:
    publish(settlement_rate=None, settled=2, settle_first_ended=3, by_topic={"price": 3})
    page = context.test_client().get("/").text
    assert "共 3 件，太少不算比例" in page
    assert "没有哪类投诉达到 5 件" in page


def test_a_city_that_just_opened_shows_no_row_of_noughts(context: Flask) -> None:
    page = context.test_client().get("/").text
    assert "刚刚开通，第一批店正在核验" in page
    assert "店铺正在亮码" not in page
    assert "最近大家投诉什么" not in page


def test_before_the_first_day_the_page_says_when(context: Flask) -> None:
    make_vouched(1)
    page = context.test_client().get("/").text
    assert "明天凌晨第一次统计" in page
    assert 'class="campaign' not in page, "an empty slot leaves no hole"


def test_a_warm_page_costs_no_query_and_a_change_drops_it(context: Flask) -> None:
    make_vouched(1)
    visitor, tail = context.test_client(), context.extensions["ydym.tail"]
    tail.poll()
    with counted() as cold:
        first = visitor.get("/")
    assert len(reads(cold)) <= 12
    with counted() as warm:
        again = visitor.get("/?from=elsewhere")
    assert again.data == first.data
    assert reads(warm) == []
    unchanged = visitor.get("/", headers={"If-None-Match": first.headers["ETag"]})
    assert unchanged.status_code == 304
    with unit():
        make_reminder(title="谨防假冒")
    tail.poll()
    assert "谨防假冒" in visitor.get("/").text


def test_the_page_is_made_anew_after_a_minute(context: Flask, freeze: Callable[[datetime], datetime]) -> None:
    make_vouched(1)
    visitor = context.test_client()
    context.extensions["ydym.tail"].poll()
    first = visitor.get("/").text
    freeze(NOW + timedelta(seconds=59))
    context.extensions["ydym.tail"].poll()
    assert visitor.get("/").text == first
    freeze(NOW + timedelta(seconds=61))
    context.extensions["ydym.tail"].poll()
    assert visitor.get("/").text != first
