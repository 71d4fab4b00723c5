"""The rules of talks and orders: tables of steps, due days, effects, grounds."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.actor import Actor, Post, Role, Scope
from webapp.core.errors import Conflict, DomainError, Invalid, StepRefused
from webapp.core.policy import DEFAULTS
from webapp.core.steps import Steps
from webapp.core.workdays import Calendar
from webapp.oversight import effects, grounds, rules
from webapp.oversight.effects import Effect, Event
from webapp.oversight.rules import OrderState, TalkState, Unit

HERE = Scope("130606003", 7, None, 9)
ACTORS = {
    "bureau": Actor(1, "b", Role.BUREAU_OFFICER, (Post(Role.BUREAU_OFFICER, "130606"),)),
    "station": Actor(2, "s", Role.STATION_OFFICER, (Post(Role.STATION_OFFICER, "130606", 7),)),
    "merchant": Actor(3, "m", Role.MERCHANT, (), frozenset({9})),
    "department": Actor(4, "d", Role.DEPARTMENT_OFFICER, (Post(Role.DEPARTMENT_OFFICER, "130606"),)),
    "system": Actor(None, "x", Role.SYSTEM),
}
BS, B, M = {"bureau", "station"}, {"bureau"}, {"merchant"}
T, D = TalkState, OrderState
#: (state, action) → (target, who); everything else is refused.
TALKS: dict[tuple[Any, str], tuple[Any, set[str]]] = {
    (T.PROPOSED, "approve"): (T.INVITED, B),
    (T.PROPOSED, "refuse"): (T.REFUSED, B),
    (T.PROPOSED, "take_back"): (T.CANCELLED, BS),
    (T.INVITED, "confirm"): (T.CONFIRMED, M),
    **{(state, "postpone"): (T.INVITED, BS) for state in (T.INVITED, T.CONFIRMED)},
    **{(state, "hold"): (T.HELD, BS) for state in (T.INVITED, T.CONFIRMED)},
    **{(state, "absent"): (T.ABSENT, BS) for state in (T.INVITED, T.CONFIRMED)},
    **{(state, "cancel"): (T.CANCELLED, B) for state in (T.INVITED, T.CONFIRMED)},
    **{(state, "withdraw"): (T.WITHDRAWN, B) for state in (T.HELD, T.ABSENT)},
}
ORDERS: dict[tuple[Any, str], tuple[Any, set[str]]] = {
    (D.PROPOSED, "approve"): (D.OPEN, B),
    (D.PROPOSED, "refuse"): (D.REFUSED, B),
    (D.PROPOSED, "take_back"): (D.CANCELLED, BS),
    **{(state, "report"): (D.REPORTED, M) for state in (D.OPEN, D.REPORTED)},
    (D.REPORTED, "send_back"): (D.OPEN, BS),
    **{(state, "perform"): (D.PERFORMED, BS) for state in (D.OPEN, D.REPORTED, D.NOT_PERFORMED)},
    **{(state, "fail"): (D.NOT_PERFORMED, BS) for state in (D.OPEN, D.REPORTED)},
    **{(state, "withdraw"): (D.WITHDRAWN, B) for state in (D.OPEN, D.REPORTED, D.PERFORMED, D.NOT_PERFORMED)},
}


@pytest.mark.parametrize(("steps", "table"), [(rules.TALK_STEPS, TALKS), (rules.ORDER_STEPS, ORDERS)])
def test_every_state_action_and_person(steps: Steps[Any], table: dict[Any, Any]) -> None:
    actions = sorted({step.action for step in steps})
    for state, action, (name, actor) in product(steps.states, actions, ACTORS.items()):
        target, who = table.get((state, action), (None, set()))
        try:
            found = steps.check(state, action, actor, HERE, "because").target
        except StepRefused:
            assert target is None, (state, action)
        except DomainError:
            assert target is not None, (state, action, name)
            assert name not in who, (state, action, name)
        else:
            assert (found, name in who) == (target, True), (state, action, name)


@pytest.mark.parametrize(
    ("steps", "state", "action"),
    [
        (rules.TALK_STEPS, T.INVITED, "absent"),
        (rules.TALK_STEPS, T.HELD, "withdraw"),
        (rules.ORDER_STEPS, D.OPEN, "perform"),
        (rules.ORDER_STEPS, D.OPEN, "fail"),
        (rules.ORDER_STEPS, D.REPORTED, "send_back"),
    ],
)
def test_what_needs_a_reason(steps: Steps[Any], state: Any, action: str) -> None:
    with pytest.raises(Invalid, match="reason_required"):
        steps.check(state, action, ACTORS["bureau"], HERE, "  ")


@pytest.mark.parametrize(
    ("start", "count", "unit", "last"),
    [
        # 1–5 May 2026 are off, 9 May (a Saturday) is worked in exchange.
        (date(2026, 4, 30), 1, Unit.WORKING_DAYS, date(2026, 5, 6)),
        (date(2026, 5, 6), 3, Unit.WORKING_DAYS, date(2026, 5, 9)),
        (date(2026, 5, 6), 4, Unit.WORKING_DAYS, date(2026, 5, 11)),
        (date(2026, 5, 6), 3, Unit.DAYS, date(2026, 5, 9)),
        (date(2026, 5, 6), 4, Unit.DAYS, date(2026, 5, 11)),
        (date(2026, 4, 24), 7, Unit.DAYS, date(2026, 5, 6)),
        (date(2026, 5, 6), 7, Unit.DAYS, date(2026, 5, 13)),
    ],
)
def test_the_last_day(start: date, count: int, unit: Unit, last: date) -> None:
    assert rules.due_on(start, count, unit, Calendar()) == last


@given(
    start=st.dates(date(2020, 1, 1), date(2030, 1, 1)), count=st.integers(1, 90), unit=st.sampled_from(Unit)
)
def test_the_last_day_is_worked_and_never_earlier_than_the_days(start: date, count: int, unit: Unit) -> None:
    calendar = Calendar()
    last = rules.due_on(start, count, unit, calendar)
    assert calendar.is_working_day(last)
    assert (last - start).days >= count


def test_overdue_is_the_day_after_the_last() -> None:
    due = date(2026, 5, 20)
    assert not rules.is_overdue(D.OPEN, due, due)
    assert rules.is_overdue(D.OPEN, due, due + timedelta(days=1))
    late = {state for state in D if rules.is_overdue(state, due, date(2027, 1, 1))}
    assert late == {D.OPEN}, "who has reported waits for the office"
    for state in rules.RUNNING:
        with pytest.raises(Conflict, match="order_has_time"):
            rules.check_over(state, due, due)
        rules.check_over(state, due, due + timedelta(days=1))


@pytest.mark.parametrize("days", [None, 0, -1, 61])
def test_days_that_an_order_cannot_give(days: int | None) -> None:
    with pytest.raises(Invalid, match="order_days"):
        rules.check_days(days, 60)


@pytest.mark.parametrize(("hours", "error"), [(None, "talk_at"), (-1, "talk_too_soon")])
def test_a_talk_leaves_time_to_come(hours: int | None, error: str) -> None:
    earliest = datetime.fromisoformat("2026-05-07T00:00:00+08:00")
    at = None if hours is None else earliest + timedelta(hours=hours)
    with pytest.raises(Invalid, match=error):
        rules.check_talk_at(at, earliest)
    assert rules.check_talk_at(earliest, earliest) == earliest


def values(**more: int) -> dict[str, int]:
    """The policy as it is delivered, with changes."""
    with DEFAULTS.open(encoding="utf-8", newline="") as stream:
        rows = {row["key"]: int(row["value"]) for row in csv.DictReader(stream) if row["key"] in effects.KEYS}
    return rows | {f"oversight.{key}": value for key, value in more.items()}


def test_the_policy_has_every_key_of_the_table() -> None:
    assert set(values()) == effects.KEYS


@pytest.mark.parametrize(
    ("event", "times", "found"),
    [
        (Event.TALK_HELD, 1, [(Effect.SHOW, 90)]),
        (Event.TALK_HELD, 3, [(Effect.SHOW, 90), (Effect.BLACK, None)]),
        (Event.TALK_ABSENT, 1, [(Effect.SHOW, 90)]),
        (Event.ORDER_ISSUED, 1, [(Effect.SHOW, None)]),
        (Event.ORDER_OVERDUE, 1, [(Effect.ESCALATE, None)]),
        (Event.ORDER_UNSEEN, 1, [(Effect.ESCALATE, None)]),
        (Event.ORDER_PERFORMED, 1, [(Effect.HIDE, 0), (Effect.SETTLE, None), (Effect.LIFT, None)]),
        (Event.ORDER_WITHDRAWN, 1, [(Effect.LIFT, None)]),
        (Event.TALK_WITHDRAWN, 1, [(Effect.LIFT, None)]),
        (Event.ORDER_FAILED, 1, [(Effect.SHOW, 180), (Effect.SUSPEND, None)]),
        (Event.ORDER_FAILED, 2, [(Effect.SHOW, 180), (Effect.SUSPEND, None), (Effect.BLACK, None)]),
    ],
)
def test_what_follows(event: Event, times: int, found: list[tuple[Effect, int | None]]) -> None:
    made = effects.of(event, values(), lambda _months: times)
    assert [(one.effect, one.days) for one in made] == found


def test_every_row_can_be_switched_off_and_on() -> None:
    for rule in effects.TABLE:
        off = effects.of(rule.event, values() | {rule.switch: 0}, lambda _months: 99)
        on = effects.of(rule.event, values() | {rule.switch: 1}, lambda _months: 99)
        assert rule.effect not in {one.effect for one in off}
        assert rule.otherwise is None or rule.otherwise in {one.effect for one in off}
        assert rule.effect in {one.effect for one in on}


def test_repetition_is_asked_for_the_months_of_the_policy() -> None:
    asked: list[int] = []

    def times(months: int) -> int:
        asked.append(months)
        return 0

    effects.of(Event.TALK_HELD, values(repeat_months=6), times)
    assert asked == [6]


def test_no_row_acts_on_a_shop_by_itself() -> None:
    """Only what shows, hides, tells or proposes."""
    assert {rule.effect for rule in effects.TABLE} == set(Effect)
    assert len({(rule.event, rule.effect) for rule in effects.TABLE}) == len(effects.TABLE)


def test_every_ground_tells_its_law_and_how_days_are_counted() -> None:
    for ground in grounds.catalogue().values():
        assert ground.law.startswith("《"), ground
        assert ground.source, ground
        assert (ground.unit is not None) == (ground.of == "order"), ground
    with pytest.raises(Invalid, match="oversight_ground"):
        grounds.get("talk", "general")
