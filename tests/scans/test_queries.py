"""What can be asked of the counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask

from tests.factories import scans
from webapp.scans import queries
from webapp.scans.queries import StickerHour

MON, TUE, WED = (date(2026, 5, number) for number in (4, 5, 6))


@pytest.fixture
def context(app_on: Flask) -> Iterator[Flask]:
    with app_on.app_context():
        scans.count(
            {
                (7, 1, "2026-05-04", 9): 2,
                (7, 1, "2026-05-04", 18): 3,
                (7, 2, "2026-05-04", 18): 5,
                (7, 1, "2026-05-05", 18): 50,
                (7, 2, "2026-05-06", 9): 7,
                (8, 1, "2026-05-05", 12): 11,
            }
        )
        yield app_on


def test_by_day_shop_serial_and_hour(context: Flask) -> None:
    assert queries.by_day([7], MON, TUE) == {MON: 10, TUE: 50}
    assert queries.by_day([7, 8], TUE, WED) == {TUE: 61, WED: 7}
    assert queries.by_day([], MON, WED) == {}
    assert queries.by_shop([7, 8, 9], MON, TUE) == {7: 60, 8: 11}
    assert queries.by_serial(7, MON, WED) == {1: 55, 2: 12}
    assert queries.by_hour(7, [1, 2], MON, MON) == {9: 2, 18: 8}
    assert queries.by_hour(7, [2], MON, WED) == {9: 7, 18: 5}
    assert queries.first_day(7) == MON
    assert queries.first_day(9) is None


def test_one_sticker_hour_by_hour(context: Flask) -> None:
    assert queries.hours_of(7, 1, MON, TUE) == {(MON, 9): 2, (MON, 18): 3, (TUE, 18): 50}
    assert queries.hours_of(7, 1, WED, WED) == {}
    assert queries.busy_hours(7, MON) == [
        StickerHour(8, 1, TUE, 12, 11),
        StickerHour(7, 1, TUE, 18, 50),
        StickerHour(7, 2, WED, 9, 7),
    ]
    assert queries.busy_hours(7, WED) == [StickerHour(7, 2, WED, 9, 7)]
    assert queries.busy_hours(7, TUE, 13) == [StickerHour(7, 1, TUE, 18, 50), StickerHour(7, 2, WED, 9, 7)]
    assert queries.busy_hours(7, WED, 10) == []


def test_stickers_day_by_day(context: Flask) -> None:
    assert queries.days_of([(7, 1), (8, 1), (9, 9)], TUE) == {(7, 1): {TUE: 50}, (8, 1): {TUE: 11}}
    assert queries.days_of([], MON) == {}
