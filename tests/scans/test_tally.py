"""Counting exactly once: hours and days grow together, and a batch that comes again does nothing."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.db import db, may_write
from webapp.core.errors import Conflict
from webapp.core.transaction import unit
from webapp.scans.models import ScanCount, ScanDay, ScanWriter
from webapp.scans.tally import Batch, Tally, write_batch

NOW = datetime(2026, 5, 6, 4, 30, tzinfo=UTC)  # 12:30 in China


@pytest.fixture
def context(app_on: Flask) -> Iterator[Flask]:
    with app_on.app_context():
        yield app_on


def flush(tally: Tally) -> None:
    while tally.waits:
        with db.engine.begin() as connection:
            tally.write(connection, NOW)
        tally.written()


def rows(table: type[ScanCount | ScanDay], *names: str) -> list[tuple[Any, ...]]:
    columns = [table.__table__.c[name] for name in names]
    with db.engine.connect() as connection:  # gone again, so that no writer need wait for us
        return [tuple(row) for row in connection.execute(sa.select(*columns).order_by(*columns))]


def hours() -> list[tuple[Any, ...]]:
    return rows(ScanCount, "shop_id", "serial", "day", "hour", "count")


def days() -> list[tuple[Any, ...]]:
    return rows(ScanDay, "shop_id", "day", "serial", "count")


def test_hours_and_days_in_china_grow_together(context: Flask) -> None:
    tally = Tally()
    tally.add({(7, 1): 3, (7, 2): 1}, NOW)
    flush(tally)
    tally.add({(7, 1): 2}, NOW)
    tally.add({(7, 1): 1}, NOW + timedelta(hours=1))
    tally.add({(7, 1): 4}, NOW + timedelta(hours=12))  # half past midnight there, the same day in UTC
    flush(tally)
    assert hours() == [
        (7, 1, "2026-05-06", 12, 5), (7, 1, "2026-05-06", 13, 1), (7, 1, "2026-05-07", 0, 4),
        (7, 2, "2026-05-06", 12, 1),
    ]  # fmt: skip
    assert days() == [(7, "2026-05-06", 1, 6), (7, "2026-05-06", 2, 1), (7, "2026-05-07", 1, 4)]


def test_an_empty_tally_has_nothing_to_write() -> None:
    tally = Tally()
    tally.add({}, NOW)
    assert not tally.waits


def test_a_batch_that_comes_again_counts_once(context: Flask) -> None:
    batch = Batch(1, {(7, 1, "2026-05-06", 12): 3})
    written = []
    for _ in range(3):
        with db.engine.begin() as connection:
            written.append(write_batch(connection, "w", batch, NOW))
    assert written == [True, False, False]
    with db.engine.begin() as connection:
        assert write_batch(connection, "another", batch, NOW)
        assert write_batch(connection, "w", Batch(2, batch.counts), NOW)
        assert not write_batch(connection, "w", batch, NOW), "an older one neither"
    assert [row[-1] for row in hours()] == [9]
    assert [row[-1] for row in days()] == [9]


def test_what_is_undone_is_written_the_next_time(context: Flask) -> None:
    tally = Tally()
    tally.add({(7, 1): 3}, NOW)
    with db.engine.connect() as connection, connection.begin() as transaction:
        tally.write(connection, NOW)
        transaction.rollback()
    tally.add({(7, 1): 2}, NOW)
    flush(tally)
    assert [row[-1] for row in hours()] == [5]
    assert db.session.scalar(sa.select(ScanWriter.batch)) == 2


def test_workers_at_once_lose_nothing(context: Flask) -> None:
    """Two workers with the same stickers in opposite order, many batches each."""
    engine = db.engine

    def work(scans: dict[tuple[int, int], int]) -> None:
        may_write.set(True)
        tally = Tally()
        for _ in range(15):
            tally.add(scans, NOW)
            while tally.waits:
                with engine.begin() as connection:
                    tally.write(connection, NOW)
                tally.written()

    stickers = [(7, 1), (7, 2), (8, 1)]
    threads = [
        threading.Thread(target=work, args=(dict.fromkeys(order, 1),)) for order in (stickers, stickers[::-1])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row[-1] for row in hours()] == [30, 30, 30]
    assert [row[-1] for row in days()] == [30, 30, 30]


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.integers(1, 2), st.integers(0, 30), st.integers(1, 9)), max_size=20
    )
)
def test_a_tally_holds_what_was_added(scans: list[tuple[int, int, int, int]]) -> None:
    tally, expected = Tally(), Counter[tuple[int, int, date]]()
    for shop_id, serial, later, count in scans:
        moment = NOW + timedelta(hours=later)
        tally.add({(shop_id, serial): count}, moment)
        expected[shop_id, serial, (moment + timedelta(hours=8)).date()] += count
    held: Counter[tuple[int, int, date]] = Counter()
    for (shop_id, serial, day, _), count in tally._next.items():
        held[shop_id, serial, date.fromisoformat(day)] += count
    assert held == expected


@pytest.mark.parametrize(
    "row",
    [
        ScanCount(shop_id=1, serial=1, day="2026-05-06", hour=24, count=1),
        ScanCount(shop_id=1, serial=1, day="2026-05-06", hour=-1, count=1),
        ScanCount(shop_id=1, serial=1, day="2026-05-06", hour=1, count=0),
        ScanDay(shop_id=1, serial=1, day="2026-05-06", count=0),
    ],
)
def test_the_database_refuses_counts_that_are_none(context: Flask, row: ScanCount | ScanDay) -> None:
    with pytest.raises(Conflict), unit():
        db.session.add(row)
