"""The order of a merchant's tasks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.merchants.at_home import greeting
from webapp.merchants.todo import ANSWER, BETTER, STAKE, Task, in_order

NOW = datetime(2026, 11, 28, 4, tzinfo=UTC)  # noon in China


def task(what: str, due: date | datetime | None = None, rank: int = BETTER) -> Task:
    return Task(what, "/x", due=due, rank=rank)


def test_what_is_late_or_soon_due_comes_first_then_stakes_then_later_dates() -> None:
    tasks = [
        task("better"),
        task("in a month", date(2026, 12, 28)),
        task("somebody waits", rank=ANSWER),
        task("today", date(2026, 11, 28)),
        task("code at stake", rank=STAKE),
        task("late", NOW - timedelta(hours=1)),
        task("in a week", date(2026, 12, 5)),
    ]
    assert [one.what for one in in_order(tasks, NOW)] == [
        "late", "today", "code at stake", "somebody waits", "in a week", "in a month", "better",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("due", "rank", "tone"),
    [
        (NOW - timedelta(seconds=1), BETTER, "stop"),
        (NOW, BETTER, "stop"),
        (NOW + timedelta(days=3), BETTER, "caution"),
        (NOW + timedelta(days=3, seconds=1), BETTER, "quiet"),
        (date(2026, 11, 28), BETTER, "caution"),  # the day counts to its end
        (date(2026, 11, 27), BETTER, "stop"),
        (None, STAKE, "caution"),
        (None, ANSWER, "quiet"),
    ],
)
def test_the_tone_says_how_near_it_is(due: date | datetime | None, rank: int, tone: str) -> None:
    assert task("x", due, rank).tone(NOW) == tone


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(-400, 400).map(lambda hours: NOW + timedelta(hours=hours))),
            st.sampled_from([STAKE, ANSWER, BETTER]),
        )
    )
)
def test_no_task_is_lost_and_dates_stand_in_order(given_: list[tuple[datetime | None, int]]) -> None:
    tasks = [task(str(number), due, rank) for number, (due, rank) in enumerate(given_)]
    ordered = in_order(tasks, NOW)
    assert sorted(ordered, key=id) == sorted(tasks, key=id)
    dated = [one.due_at for one in ordered if one.due_at is not None]
    assert dated == sorted(dated)


@pytest.mark.parametrize(
    ("hour", "word"), [(4, "morning"), (9, "day"), (13, "afternoon"), (18, "evening"), (3, "evening")]
)
def test_the_greeting_follows_the_hour_in_china(hour: int, word: str) -> None:
    assert greeting(datetime(2026, 11, 28, hour, tzinfo=UTC) - timedelta(hours=8)) == word
