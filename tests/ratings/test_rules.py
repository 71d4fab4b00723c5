"""Periods, marks, replies, and numbers that the public does not see."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.ratings import rules

DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2100, 1, 1))


@given(DAYS, st.integers(1, 400))
def test_periods_follow_each_other_without_gaps(day: date, length: int) -> None:
    span = rules.period(day, length)
    assert day < span.until <= day + timedelta(days=length)
    following = rules.period(span.until, length)
    assert following.number == span.number + 1
    assert rules.period(span.until - timedelta(days=1), length) == span


def test_marks_are_read_or_missing() -> None:
    typed = {"environment": "5", "quality": " 1 ", "price": "0", "service": "6", "redress": None}
    assert rules.read_marks(typed) == ({"environment": 5, "quality": 1}, ["price", "service", "redress"])
    assert rules.read_marks(dict.fromkeys(rules.HEARTS, "12"))[0] == {}
    assert rules.read_marks(dict.fromkeys(rules.HEARTS, ""))[1] == list(rules.HEARTS)


def test_the_mean_of_nothing_is_nothing() -> None:
    assert rules.mean(0, 0) is None
    assert rules.mean(9, 2) == 4.5


def test_a_reply_can_be_mended_for_a_day() -> None:
    now = datetime(2026, 5, 6, tzinfo=UTC)
    assert rules.may_mend_reply(None, now)
    assert rules.may_mend_reply(now - timedelta(hours=23, minutes=59), now)
    assert not rules.may_mend_reply(now - timedelta(hours=24), now)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("电话13911112222找我", "电话****找我"),
        ("139 1111 2222", "****"),
        ("0312-5901234", "****"),
        ("１３９１１１１２２２２", "****"),
        ("13060619800101123X！", "****！"),
        ("花了 128 元，2026年5月6日", "花了 128 元，2026年5月6日"),
        ("12 34 56", "12 34 56"),
        ("", ""),
    ],
)
def test_numbers_that_name_somebody_are_hidden(text: str, shown: str) -> None:
    assert rules.hide_numbers(text) == shown
