"""The rules of the lists: every step, every ground, terms by the calendar."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.actor import Actor, Post, Role, Scope
from webapp.core.errors import Forbidden, Invalid, StepRefused
from webapp.listings import grounds, rules
from webapp.listings.rules import STEPS, Colour, ListingState

SCOPE = Scope("130606003", station_id=7)
BUREAU = Actor(1, "b", Role.BUREAU_OFFICER, (Post(Role.BUREAU_OFFICER, "130606"),))
STATION = Actor(2, "s", Role.STATION_OFFICER, (Post(Role.STATION_OFFICER, "130606", station_id=7),))
ELSEWHERE = Actor(3, "e", Role.BUREAU_OFFICER, (Post(Role.BUREAU_OFFICER, "130602"),))
SYSTEM = Actor(None, "system", Role.SYSTEM)
L = ListingState

OPEN = {
    (L.PROPOSED, "confirm"): L.CONFIRMED,
    (L.CONFIRMED, "publish"): L.PUBLISHED,
    (L.CONFIRMED, "drop"): L.REFUSED,
    (L.PROPOSED, "refuse"): L.REFUSED,
    (L.PUBLISHED, "expire"): L.EXPIRED,
    (L.PUBLISHED, "repair"): L.REPAIRED,
    (L.PUBLISHED, "strike"): L.STRUCK,
}
ACTIONS = sorted({action for _, action in OPEN})


@pytest.mark.parametrize(("state", "action"), list(product(ListingState, ACTIONS)))
def test_every_state_and_action(state: ListingState, action: str) -> None:
    actor = SYSTEM if action == "expire" else BUREAU
    if (state, action) in OPEN:
        assert STEPS.check(state, action, actor, SCOPE, "because").target is OPEN[state, action]
        with pytest.raises(Invalid, match="reason_required"):
            STEPS.check(state, action, actor, SCOPE, "  ")
    else:
        with pytest.raises(StepRefused):
            STEPS.check(state, action, actor, SCOPE, "because")


@pytest.mark.parametrize(("state", "action"), list(OPEN))
def test_who_may(state: ListingState, action: str) -> None:
    allowed = {"expire": {SYSTEM}, "strike": {BUREAU, SYSTEM}, "publish": {BUREAU, SYSTEM}}.get(
        action, {BUREAU}
    )
    for actor in (BUREAU, STATION, ELSEWHERE, SYSTEM):
        if actor in allowed:
            STEPS.check(state, action, actor, SCOPE, "because")
        else:
            with pytest.raises(Forbidden):
                STEPS.check(state, action, actor, SCOPE, "because")


def test_what_has_ended_stays_ended() -> None:
    assert STEPS.ends() == {L.REFUSED, L.EXPIRED, L.REPAIRED, L.STRUCK, L.WITHDRAWN}


@pytest.mark.parametrize("colour", Colour)
def test_grounds_belong_to_their_colour(colour: Colour) -> None:
    other = Colour.RED if colour is Colour.BLACK else Colour.BLACK
    assert grounds.of_colour(colour.value)
    for ground in grounds.of_colour(colour.value):
        assert grounds.get(colour.value, ground.code) is ground
        assert (ground.severity is None) is (colour is Colour.RED)
        assert ground.law, "a ground names its law or rule"
        assert ground.source, "and where that was read"
        with pytest.raises(Invalid, match="listing_ground"):
            grounds.get(other.value, ground.code)


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 120))
def test_the_latest_term_is_that_many_months_away(today: date, months: int) -> None:
    latest = rules.latest_term(today, months)
    assert (latest.year * 12 + latest.month) - (today.year * 12 + today.month) == months
    last_of_month = calendar.monthrange(latest.year, latest.month)[1]
    assert latest.day == min(today.day, last_of_month)


@pytest.mark.parametrize(
    ("today", "months", "latest"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 36, date(2027, 2, 28)),
        (date(2026, 12, 5), 1, date(2027, 1, 5)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 5, 6), 0, date(2026, 5, 6)),
    ],
)
def test_terms_by_hand(today: date, months: int, latest: date) -> None:
    assert rules.latest_term(today, months) == latest


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(1, 48), st.integers(-2000, 2000))
def test_a_term_is_taken_exactly_between_tomorrow_and_the_latest(today: date, months: int, days: int) -> None:
    asked, latest = today + timedelta(days=days), rules.latest_term(today, months)
    for colour in Colour:
        if today < asked <= latest:
            rules.check_term(colour, asked, today, months)
        else:
            with pytest.raises(Invalid, match="listing_term"):
                rules.check_term(colour, asked, today, months)


def test_only_black_must_have_a_term() -> None:
    rules.check_term(Colour.RED, None, date(2026, 5, 6), 36)
    with pytest.raises(Invalid, match="listing_term"):
        rules.check_term(Colour.BLACK, None, date(2026, 5, 6), 36)


def test_texts_are_there_and_not_too_long() -> None:
    rules.check_texts(a=("x" * 5, 5), b=("y", 5))
    with pytest.raises(Invalid, match="required") as empty:
        rules.check_texts(a=("x", 5), b=(" \n", 5))
    assert empty.value.field == "b"
    with pytest.raises(Invalid, match="listing_text_too_long") as long:
        rules.check_texts(a=("x" * 6, 5))
    assert long.value.details == {"longest": 5, "length": 6}


@pytest.mark.parametrize("state", ListingState)
def test_the_public_sees_published_entries_until_their_last_day(state: ListingState) -> None:
    today, shown = date(2026, 5, 6), state is L.PUBLISHED
    assert rules.visible(state, None, today) is shown
    assert rules.visible(state, today, today) is shown
    assert not rules.visible(state, today - timedelta(days=1), today)


def test_a_severe_ground_has_a_shortest_term() -> None:
    today = date(2026, 5, 6)
    rules.check_term(Colour.BLACK, date(2027, 5, 6), today, 36, 12)
    with pytest.raises(Invalid, match="listing_term_short"):
        rules.check_term(Colour.BLACK, date(2027, 5, 5), today, 36, 12)


@pytest.mark.parametrize("state", ListingState)
def test_the_merchant_is_heard_until_the_last_moment(state: ListingState) -> None:
    until = datetime(2026, 5, 13, 16, tzinfo=UTC)
    assert rules.hearing_open(state, until, until - timedelta(seconds=1)) is (state is L.CONFIRMED)
    assert not rules.hearing_open(state, until, until)
    assert not rules.hearing_open(state, None, until)
