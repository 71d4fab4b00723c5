"""What leaves the queries: sums as they should be, and nothing finer than a merchant may see."""

from __future__ import annotations

from datetime import UTC, date, datetime

import sqlalchemy as sa
from flask import Flask

from tests.factories import scans
from tests.factories.shopfront import Vouched, make_vouched
from tests.traffic.conftest import TODAY, Scan
from webapp.core import policy
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.merchants.models import Shop
from webapp.stickers.models import Sticker, StickerState
from webapp.traffic import queries
from webapp.traffic.rules import Period, Span

#: Tuesday of last week.
ENDED = datetime(2026, 11, 17, 4, 0, tzinfo=UTC)


def test_a_shop_that_nobody_scanned(shop: Vouched) -> None:
    traffic = queries.of_shop(shop.shop_id, Period.WEEK, TODAY)
    assert (traffic.first_day, traffic.total, traffic.before, traffic.weeks) == (None, 0, None, None)
    assert (traffic.now.so_far, traffic.now.yesterday) == (0, 0)


def test_days_and_the_time_before(shop: Vouched, scan: Scan) -> None:
    scan(0, 9)
    scan(1, 4, serial=2)
    scan(1, 3, hour=18)
    scan(7, 10)
    scan(8, 2)
    traffic = queries.of_shop(shop.shop_id, Period.WEEK, TODAY)
    assert [count for _, count in traffic.columns] == [10, 0, 0, 0, 0, 0, 7]
    assert (traffic.now.so_far, traffic.now.yesterday) == (5, 7), "the running day is rounded down"
    assert traffic.before is None, "not all of the week before lies after the first scan"
    scan(14, 1)
    assert queries.of_shop(shop.shop_id, Period.WEEK, TODAY).before == 3


def test_months(shop: Vouched, scan: Scan) -> None:
    scan(1, 5)
    scan(28, 6)  # the last day of October
    scan(400, 7)
    traffic = queries.of_shop(shop.shop_id, Period.YEAR, TODAY)
    assert [count for _, count in traffic.columns] == [*[0] * 10, 6, 5]
    assert traffic.columns[-1][0] == Span(date(2026, 11, 1), date(2026, 11, 27))
    assert traffic.before is None


def test_hours_and_stickers_are_rounded_sums_of_whole_weeks(shop: Vouched, scan: Scan) -> None:
    scan(33, 1)  # Monday, four whole weeks ago
    scan(8, 11, hour=12)
    scan(9, 6, hour=18, serial=2)
    scan(10, 2, hour=9)
    scan(3, 100, hour=3)  # this week has not ended
    weeks = queries.of_shop(shop.shop_id, Period.MONTH, TODAY).weeks
    assert weeks is not None
    assert weeks.span == Span(date(2026, 10, 26), date(2026, 11, 22))
    assert (weeks.total, weeks.enough) == (20, True)
    shown = {hour: count for hour, count in enumerate(weeks.hours) if count}
    assert shown == {12: 10, 18: 5}, "12 and 6; two at nine are too few, this week's are not in it"
    assert [(paper.sticker.serial, paper.count) for paper in weeks.papers] == [(1, 15), (2, 5)]
    assert weeks.weekdays == [0.25, 0, 0.5, 1.5, 2.75, 0, 0]


def test_below_the_sample_no_hour_and_no_sticker_is_told(shop: Vouched, scan: Scan) -> None:
    scan(33, 1)
    scan(8, 18)
    weeks = queries.of_shop(shop.shop_id, Period.MONTH, TODAY).weeks
    assert weeks is not None
    assert (weeks.total, weeks.enough, weeks.hours, weeks.papers) == (19, False, [], [])
    assert weeks.weekdays == []
    scan(8, 1)
    assert queries.of_shop(shop.shop_id, Period.MONTH, TODAY).weeks.enough  # type: ignore[union-attr]


def test_one_week_has_no_days_of_the_week_and_a_begun_one_nothing(shop: Vouched, scan: Scan) -> None:
    scan(12, 30)  # Monday of last week
    weeks = queries.of_shop(shop.shop_id, Period.WEEK, TODAY).weeks
    assert weeks is not None
    assert (weeks.weekdays, weeks.enough) == ([], True)
    newer = make_vouched(1, "新店")
    scan(4, 50, shop_id=newer.shop_id)
    assert queries.of_shop(newer.shop_id, Period.WEEK, TODAY).weeks is None


def test_a_replaced_sticker_stays_in_the_list_while_it_is_scanned(context: Flask) -> None:
    papers = make_vouched(3)
    states = {1: StickerState.REPLACED, 2: StickerState.DESTROYED, 3: StickerState.SUSPENDED}
    with unit():
        for sticker in db.session.scalars(sa.select(Sticker).where(Sticker.shop_id == papers.shop_id)):
            sticker.state, sticker.ended_at = states[sticker.serial], ENDED
    monday = "2026-11-16"
    scans.count({(papers.shop_id, serial, monday, 12): times for serial, times in ((1, 30), (2, 2), (3, 8))})
    weeks = queries.of_shop(papers.shop_id, Period.WEEK, TODAY).weeks
    assert weeks is not None
    assert [(paper.sticker.serial, paper.count, paper.stands, paper.strays) for paper in weeks.papers] == [
        (1, 30, False, False),
        (3, 10, True, False),
    ]
    scans.count({(papers.shop_id, serial, "2026-11-18", 12): 3 for serial in (1, 2, 3)})
    weeks = queries.of_shop(papers.shop_id, Period.WEEK, TODAY).weeks
    assert weeks is not None
    assert [paper.sticker.serial for paper in weeks.papers if paper.strays] == [1, 2], "after their end"


def test_the_steps_are_policy_values(shop: Vouched, scan: Scan) -> None:
    with unit():
        for key, value in (("scan.round_to", "1"), ("scan.sample_min", "1")):
            row = db.session.query(policy.PolicyValue).filter_by(key=key).one()
            row.value = value
    scan(0, 2)
    scan(14, 1)
    scan(8, 2)
    traffic = queries.of_shop(shop.shop_id, Period.WEEK, TODAY)
    assert traffic.now.so_far == 2
    assert traffic.weeks is not None
    assert traffic.weeks.hours[12] == 2


def test_several_shops(context: Flask, shop: Vouched, scan: Scan) -> None:
    other, silent = make_vouched(1, "二店"), make_vouched(1, "三店")
    scan(0, 4)
    scan(0, 4, shop_id=other.shop_id)
    scan(1, 6)
    scan(2, 9, shop_id=other.shop_id)
    scan(9, 3, shop_id=other.shop_id)
    shops = [db.session.get_one(Shop, made.shop_id) for made in (shop, other, silent)]
    lines = queries.of_shops(shops, TODAY)
    assert [
        (line.shop.id, line.week, line.week_before, line.now.so_far, line.now.yesterday) for line in lines
    ] == [
        (other.shop_id, 9, 3, 0, 0),
        (shop.shop_id, 6, 0, 0, 6),
        (silent.shop_id, 0, 0, 0, 0),
    ]
    together = queries.now_of([shop.shop_id, other.shop_id], TODAY)
    assert (together.so_far, together.yesterday) == (5, 6), "rounded once, over all shops"
    assert queries.with_stickers([shop.shop_id, 999_999]) == {shop.shop_id}
    assert queries.with_stickers([]) == set()
