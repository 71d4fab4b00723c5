"""A shop with two stickers, and a way to have them scanned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from tests.factories import scans
from tests.factories.shopfront import Vouched, make_vouched
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.stickers.models import Sticker, StickerPlace

#: A Saturday in China, half past twelve.
NOW = datetime(2026, 11, 28, 4, 30, tzinfo=UTC)
TODAY = date(2026, 11, 28)
Scan = Callable[..., None]


@pytest.fixture
def context(app_on: Flask, freeze: Callable[[datetime], None]) -> Iterator[Flask]:
    freeze(NOW)
    with app_on.app_context():
        yield app_on


@pytest.fixture
def shop(context: Flask) -> Vouched:
    """A sticker at the door, one at the till."""
    made = make_vouched()
    with unit():
        db.session.query(Sticker).filter_by(shop_id=made.shop_id, serial=2).update(
            {"place": StickerPlace.TILL}
        )
    return made


@pytest.fixture
def scan(shop: Vouched) -> Scan:
    """``scan(back=3, hour=12, serial=1, times=4)``: so many days ago."""

    def scanned(back: int, times: int, *, hour: int = 12, serial: int = 1, shop_id: int = 0) -> None:
        day = (TODAY - timedelta(days=back)).isoformat()
        scans.count({(shop_id or shop.shop_id, serial, day, hour): times})

    return scanned
