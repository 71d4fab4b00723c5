"""The lifecycle of a trust code, whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from webapp.codes.rules import (
    AUTOMATIC_GROUNDS,
    AUTOMATIC_REVOCATIONS,
    REVOKE_GROUNDS,
    STEPS,
    SUSPEND_GROUNDS,
    CodeState,
    may_take_back,
)
from webapp.core.actor import SYSTEM, Actor, Post, Role, Scope
from webapp.core.errors import Forbidden, Invalid, StepRefused

C, R = CodeState, Role
SCOPE = Scope("130606003", 1, "market_supervision", 7)
ACTIONS = ("suspend", "restore", "take_back", "revoke")
#: (state, action) → (target, who may), everything else is refused.
TABLE = {
    (C.ACTIVE, "suspend"): (C.SUSPENDED, {R.STATION_OFFICER, R.BUREAU_OFFICER, R.SYSTEM}),
    (C.SUSPENDED, "suspend"): (C.SUSPENDED, {R.STATION_OFFICER, R.BUREAU_OFFICER, R.SYSTEM}),
    (C.SUSPENDED, "restore"): (C.ACTIVE, {R.BUREAU_OFFICER, R.SYSTEM}),
    (C.SUSPENDED, "take_back"): (C.ACTIVE, {R.STATION_OFFICER, R.BUREAU_OFFICER}),
    (C.ACTIVE, "revoke"): (C.REVOKED, {R.BUREAU_OFFICER, R.SYSTEM}),
    (C.SUSPENDED, "revoke"): (C.REVOKED, {R.BUREAU_OFFICER, R.SYSTEM}),
}


def actor_with(role: Role) -> Actor:
    if role is R.SYSTEM:
        return SYSTEM
    if role in {R.MERCHANT, R.CONSUMER}:
        return Actor(5, "x", role, operator_ids=frozenset({7}))
    return Actor(5, "x", role, (Post(role, "1306"),))


@pytest.mark.parametrize(("state", "action", "role"), list(product(C, ACTIONS, R)))
def test_every_step_for_everybody(state: CodeState, action: str, role: Role) -> None:
    expected = TABLE.get((state, action))
    if expected is None:
        with pytest.raises(StepRefused):
            STEPS.check(state, action, actor_with(role), SCOPE, "why")
    elif role not in expected[1]:
        with pytest.raises(Forbidden):
            STEPS.check(state, action, actor_with(role), SCOPE, "why")
    else:
        assert STEPS.check(state, action, actor_with(role), SCOPE, "why").target is expected[0]


def test_the_table_names_every_step() -> None:
    assert {(source, step.action) for step in STEPS for source in step.sources} == set(TABLE)
    assert STEPS.first is C.ACTIVE
    assert STEPS.ends() == {C.REVOKED}


@pytest.mark.parametrize("action", ["suspend", "restore", "revoke"])
def test_weighty_steps_want_a_reason(action: str) -> None:
    with pytest.raises(Invalid) as caught:
        STEPS.check(C.SUSPENDED, action, actor_with(R.BUREAU_OFFICER), SCOPE, "  ")
    assert caught.value.code == "reason_required"


def test_an_officer_of_another_place_may_nothing() -> None:
    other = Actor(5, "x", R.BUREAU_OFFICER, (Post(R.BUREAU_OFFICER, "130602"),))
    with pytest.raises(Forbidden):
        STEPS.check(C.ACTIVE, "suspend", other, SCOPE, "why")


def test_what_the_system_raises_no_officer_can() -> None:
    assert not AUTOMATIC_GROUNDS & set(SUSPEND_GROUNDS)
    assert not AUTOMATIC_REVOCATIONS & set(REVOKE_GROUNDS)


def test_taking_back_is_for_oneself_and_soon() -> None:
    began = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
    at = [began + timedelta(minutes=10), began + timedelta(minutes=10, seconds=1)]
    assert may_take_back(5, began, 5, at[0], 10)
    assert not may_take_back(5, began, 5, at[1], 10)
    assert not may_take_back(5, began, 6, at[0], 10)
    assert not may_take_back(None, began, None, at[0], 10)
