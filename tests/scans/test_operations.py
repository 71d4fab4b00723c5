"""Forgetting: hours go before days, the newest stay, and a run has its bound."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import scans
from webapp.core import policy
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.jobs.operations import all_jobs
from webapp.scans import operations
from webapp.scans.models import ScanCount, ScanDay, ScanWriter

NOW = datetime(2026, 5, 6, 4, 30, tzinfo=UTC)


@pytest.fixture
def context(app_on: Flask) -> Iterator[Flask]:
    with app_on.app_context():
        with unit():
            policy.sync()
        yield app_on


def day(back: int) -> str:
    return f"{(NOW + timedelta(hours=8)).date() - timedelta(days=back)}"


def forget(now: datetime = NOW) -> int:
    with unit():
        return operations.forget_old(now)


def left(table: type[ScanCount | ScanDay]) -> list[str]:
    return list(db.session.scalars(sa.select(table.day).order_by(table.day)))


def test_hours_go_after_92_days_and_days_after_three_years(context: Flask) -> None:
    scans.count({(7, 1, day(back), 9): 2 for back in (0, 92, 93, 1096, 1097)})
    assert forget() == 4
    assert left(ScanCount) == [day(92), day(0)]
    assert left(ScanDay) == [day(1096), day(93), day(92), day(0)]
    assert forget() == 0


def test_a_run_takes_the_oldest_and_has_its_bound(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "AT_ONCE", 2)
    scans.count({(7, serial, day(100 + serial), 9): 1 for serial in range(1, 6)})
    assert forget() == 2
    assert left(ScanCount) == [day(103), day(102), day(101)]
    assert [forget(), forget(), forget()] == [2, 1, 0]


def test_writers_that_ended_are_forgotten(context: Flask) -> None:
    scans.count({(7, 1, day(0), 9): 1})
    assert forget(NOW + timedelta(days=6)) == 0
    assert forget(NOW + timedelta(days=8)) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ScanWriter)) == 0
    assert left(ScanDay) == [day(0)]


def test_the_job_is_known(context: Flask) -> None:
    assert "scans.forget" in {job.name for job in all_jobs(context)}
