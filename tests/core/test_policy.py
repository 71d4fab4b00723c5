"""Policy values are looked up by the day that the rule names."""

from __future__ import annotations

import csv
from datetime import date

import pytest
from flask import Flask

from webapp.core import policy
from webapp.core.db import db
from webapp.core.policy import DEFAULTS, NoPolicy, PolicyValue


def test_the_defaults_are_written_once(context: Flask) -> None:
    with DEFAULTS.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert policy.sync() == len(rows)
    assert policy.sync() == 0
    for row in rows:
        assert row["source"].strip(), row["key"]
        assert policy.get_int(row["key"], date.fromisoformat(row["from"])) == int(row["value"])


def test_a_later_value_wins_from_its_day_on(context: Flask) -> None:
    policy.sync()
    key = "application.station_review_days"
    db.session.add(
        PolicyValue(
            key=key,
            value="3",
            unit="working days",
            source="city",
            in_force_from=date(2027, 1, 1),
            in_force_until=None,
        )
    )
    assert policy.get_int(key, date(2026, 12, 31)) == 5
    assert policy.get_int(key, date(2027, 1, 1)) == 3


def test_a_value_out_of_force_is_none(context: Flask) -> None:
    db.session.add(
        PolicyValue(
            key="x",
            value="1",
            unit="days",
            source="law",
            in_force_from=date(2026, 1, 1),
            in_force_until=date(2026, 2, 1),
        )
    )
    assert policy.get_int("x", date(2026, 1, 31)) == 1
    for day in (date(2025, 12, 31), date(2026, 2, 1)):
        with pytest.raises(NoPolicy):
            policy.get_int("x", day)
    with pytest.raises(NoPolicy):
        policy.get_int("y", date(2026, 1, 1))
