"""The table of steps and the rules beside it."""

from __future__ import annotations

import pytest

from webapp.changes.rules import FIELDS, NEEDS_TEXT, REASONS, STEPS, ChangeState, Part, may_move
from webapp.core.actor import SYSTEM, Actor, Post, Role, Scope
from webapp.core.errors import Forbidden, Invalid, StepRefused
from webapp.merchants.rules import leaves_district, needs_review

HERE = Scope("130606003", 1, "market_supervision", 7)
STATION = Actor(1, "a", Role.STATION_OFFICER, (Post(Role.STATION_OFFICER, "130606003", 1),))
AWAY = Actor(2, "b", Role.BUREAU_OFFICER, (Post(Role.BUREAU_OFFICER, "130602"),))
OWNER = Actor(3, "c", Role.MERCHANT, operator_ids=frozenset({7}))


def test_only_what_waits_is_decided_and_every_end_is_an_end() -> None:
    assert STEPS.ends() == frozenset(ChangeState) - {ChangeState.WAITING}
    for action in ("approve", "refuse"):
        assert STEPS.check(ChangeState.WAITING, action, STATION, HERE, "seen_on_site").needs_reason
        for state in STEPS.ends():
            with pytest.raises(StepRefused):
                STEPS.check(state, action, STATION, HERE, "seen_on_site")


def test_who_may_take_which_step() -> None:
    with pytest.raises(Forbidden):
        STEPS.check(ChangeState.WAITING, "approve", AWAY, HERE, "seen_on_site")
    with pytest.raises(Forbidden):
        STEPS.check(ChangeState.WAITING, "approve", OWNER, HERE, "seen_on_site")
    with pytest.raises(Forbidden):
        STEPS.check(ChangeState.WAITING, "withdraw", STATION, HERE)
    with pytest.raises(Invalid):
        STEPS.check(ChangeState.WAITING, "refuse", STATION, HERE, " ")
    assert STEPS.check(ChangeState.WAITING, "withdraw", OWNER, HERE).target is ChangeState.WITHDRAWN
    assert STEPS.check(ChangeState.WAITING, "lapse", SYSTEM).target is ChangeState.LAPSED


@pytest.mark.parametrize(
    ("part", "facts", "expected"),
    [
        (Part.NAME, "reviewed bound", True),
        (Part.NAME, "bound", False),
        (Part.PLACE, "leaves bound", True),
        (Part.PLACE, "bound", False),
        (Part.PLACE, "leaves", False),
        (Part.PHOTOS, "leaves bound", False),
    ],
)
def test_when_a_request_is_the_way(part: Part, facts: str, expected: object) -> None:
    given = {name: name in facts.split() for name in ("reviewed", "leaves", "bound")}
    assert may_move(part, **given) is expected


def test_a_street_of_the_same_county_is_the_same_district() -> None:
    assert not leaves_district("130606003", "130606001")
    assert not leaves_district("130606", "130606001")
    assert leaves_district("130606003", "130602001")


def test_hours_and_phone_are_free_and_nothing_else_is() -> None:
    assert not needs_review(["phone", "opening_hours"])
    for part, fields in FIELDS.items():
        for field in fields:
            assert needs_review([field]), part


def test_every_step_of_an_officer_has_reasons_and_one_that_asks_for_words() -> None:
    for step in STEPS:
        if step.needs_reason:
            assert NEEDS_TEXT & set(REASONS[step.action])
