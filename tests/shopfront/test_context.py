"""A count of complaints beside its trade: by a thousand scans, with the sample, and not at all below the least one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.complaints import make_complaint
from tests.factories.shopfront import NOW, Vouched, make_vouched
from tests.shopfront.test_views import change, text_of
from webapp.core import clock
from webapp.core.db import db
from webapp.disclosure import opendata
from webapp.merchants.models import Shop
from webapp.scans.models import ScanDay


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with clock.use(NOW):
        yield


def _scanned(shop_id: int, count: int) -> None:
    day = clock.day_of(NOW - timedelta(days=20))
    db.session.add(ScanDay(shop_id=shop_id, day=day.isoformat(), serial=1, count=count))


@pytest.fixture
def shop(app: Flask) -> Vouched:
    with app.app_context():
        mine = make_vouched()
        others = [make_vouched(name=f"{name}记面馆") for name in "甲乙丙"]

        def count() -> None:
            _scanned(mine.shop_id, 2000)
            for other in others:
                _scanned(other.shop_id, 1000)
            make_complaint(db.session.get_one(Shop, mine.shop_id), NOW - timedelta(days=10))

    change(app, mine, count)
    return mine


def test_below_the_least_sample_nothing_is_said(app: Flask, client: FlaskClient, shop: Vouched) -> None:
    change(app, shop, lambda: opendata.make(NOW) and None)
    assert "同区同行业" not in text_of(client, shop.plain), "four shops are no trade"


def test_the_rate_stands_beside_the_trades_with_both_samples(
    app: Flask, client: FlaskClient, shop: Vouched
) -> None:
    with app.app_context():
        fifth = make_vouched(name="戊记面馆")

        def count() -> None:
            _scanned(fifth.shop_id, 150)
            opendata.make(NOW)

    change(app, shop, count)
    page = text_of(client, shop.plain)
    assert '<b class="num">0.5</b> 件</td><td class="said">1 件投诉，2,000 次扫码' in page
    assert '<b class="num">0.2</b> 件</td><td class="said">5 家店，1 件投诉，5,150 次扫码' in page
    assert "统计到 2026.05.05" in page
    quiet = text_of(client, fifth.plain)
    assert '<th scope="row">这家店</th><td><b class="num">0</b> 件' in quiet
    listed = client.get("/api/v1/complaint-statistics")
    assert listed.status_code == 200
    assert "trades" not in listed.text
