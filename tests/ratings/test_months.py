"""Stars by month: which months, what they come to, and what is said of them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from tests.factories.merchants import make_operator, make_shop
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.ratings import months
from webapp.ratings.models import Origin, Rating
from webapp.ratings.months import Month, firsts, turn

TODAY = date(2026, 11, 28)


def month(number: int, *means: int) -> Month:
    return Month(date(2026, number, 1), len(means), 5 * sum(means))


def test_twelve_months_end_with_this_one_over_the_turn_of_the_year() -> None:
    assert firsts(date(2026, 3, 31))[0] == date(2025, 4, 1)
    assert firsts(TODAY)[-1] == date(2026, 11, 1)
    assert len(firsts(TODAY)) == 12


@pytest.mark.parametrize(
    ("given", "whole", "lately", "step"),
    [
        ([month(1, 3), month(2), month(3), month(4, 5)], 4.0, 5.0, 2.0),
        ([month(1, 4, 4), month(2, 4), month(3, 4), month(4, 4)], 4.0, 4.0, 0.0),
        ([month(1), month(2, 4), month(3), month(4, 5)], 4.5, 4.5, None),  # nothing before
        ([month(1, 4), month(2), month(3), month(4)], 4.0, None, None),  # nothing lately
    ],
)
def test_the_last_three_months_are_held_against_those_before(
    given: list[Month], whole: float, lately: float | None, step: float | None
) -> None:
    found = turn(given)
    assert (found.all, found.lately, found.step) == (whole, lately, step)


def test_a_rating_counts_in_its_month_of_china(app_on: Flask) -> None:
    with app_on.app_context():
        with unit():
            shop = make_shop(make_operator("某店"))
            other = make_shop(shop.operator, "别店")
            for number, (where, at, hearts) in enumerate(
                [
                    (shop, datetime(2026, 10, 31, 15, 59, tzinfo=UTC), 5),  # 23:59 on 31 October there
                    (shop, datetime(2026, 10, 31, 16, 0, tzinfo=UTC), 3),  # midnight, November
                    (shop, datetime(2026, 11, 20, tzinfo=UTC), 4),
                    (shop, datetime(2025, 11, 30, 15, 59, tzinfo=UTC), 1),  # too long ago
                    (other, datetime(2026, 11, 20, tzinfo=UTC), 1),
                ]
            ):
                same = dict.fromkeys(("environment", "quality", "price", "service", "redress"), hearts)
                db.session.add(
                    Rating(
                        shop_id=where.id, origin=Origin.OTHER, rater_hash=str(number), created_at=at, **same
                    )
                )
            shop_id = shop.id
        found = {one.first: one for one in months.of_shops([shop_id], TODAY)}
        assert found[date(2026, 10, 1)].mean == 5
        assert (found[date(2026, 11, 1)].count, found[date(2026, 11, 1)].mean) == (2, 3.5)
        assert sum(one.count for one in found.values()) == 3
