"""The table of steps of an application, exhaustively, and the rules beside it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from webapp.applications import rules
from webapp.applications.rules import EDITABLE, IN_REVIEW, OPEN, REASONS, STEPS, Taken, may_take_back
from webapp.applications.rules import ApplicationState as S
from webapp.core.actor import Actor, Post, Role, Scope
from webapp.core.checks import Check, CheckResult
from webapp.core.errors import DomainError

HERE = Scope("130606003", 7, "market_supervision", 1)
M, T, B = Role.MERCHANT, Role.STATION_OFFICER, Role.BUREAU_OFFICER

#: The table written a second time, from the description of the lifecycle: (state, action) → (role, target, reason).
EXPECTED = {
    (S.DRAFT, "submit"): (M, S.STATION_REVIEW, False),
    (S.RETURNED, "resubmit"): (M, S.STATION_REVIEW, False),
    (S.STATION_REVIEW, "pass_on"): (T, S.BUREAU_REVIEW, True),
    (S.STATION_REVIEW, "return"): (T, S.RETURNED, True),
    (S.STATION_REVIEW, "defer"): (T, S.DEFERRED_STATION, True),
    (S.STATION_REVIEW, "reject"): (T, S.REJECTED, True),
    (S.DEFERRED_STATION, "resume"): (T, S.STATION_REVIEW, False),
    (S.BUREAU_REVIEW, "approve"): (B, S.APPROVED, True),
    (S.BUREAU_REVIEW, "return"): (B, S.RETURNED, True),
    (S.BUREAU_REVIEW, "defer"): (B, S.DEFERRED_BUREAU, True),
    (S.BUREAU_REVIEW, "reject"): (B, S.REJECTED, True),
    (S.DEFERRED_BUREAU, "resume"): (B, S.BUREAU_REVIEW, False),
    (S.BUREAU_REVIEW, "take_back_pass_on"): (T, S.STATION_REVIEW, False),
    (S.RETURNED, "take_back_station_return"): (T, S.STATION_REVIEW, False),
    (S.RETURNED, "take_back_bureau_return"): (B, S.BUREAU_REVIEW, False),
    **{(state, "withdraw"): (M, S.WITHDRAWN, False) for state in OPEN},
}
ACTIONS = sorted({action for _state, action in EXPECTED})


def actor_of(role: Role) -> Actor:
    officers = {Role.STATION_OFFICER, Role.BUREAU_OFFICER, Role.DEPARTMENT_OFFICER, Role.ADMINISTRATOR}
    posts = (Post(role, "1306"),) if role in officers else ()
    return Actor(1, role.value, role, posts, frozenset({1}) if role is Role.MERCHANT else frozenset())


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("state", S)
def test_every_state_action_and_role(state: S, role: Role) -> None:
    actor = actor_of(role)
    for action in ACTIONS:
        expected = EXPECTED.get((state, action))
        code = None
        try:
            target = STEPS.check(state, action, actor, HERE, "a reason").target
        except DomainError as error:
            code = error.code
        if expected is None:
            assert code == "step_refused", (state, action, role)
        elif role is not expected[0]:
            assert code == "step_forbidden", (state, action, role)
        else:
            assert (code, target) == (None, expected[1]), (state, action, role)
            blank = None
            try:
                STEPS.check(state, action, actor, HERE, " ")
            except DomainError as error:
                blank = error.code
            assert blank == ("reason_required" if expected[2] else None), (state, action)


def test_groups_of_states() -> None:
    assert set(STEPS.ends()) == {S.APPROVED, S.REJECTED, S.WITHDRAWN}
    assert set(S) - STEPS.ends() == OPEN
    assert EDITABLE | IN_REVIEW == OPEN
    assert not EDITABLE & IN_REVIEW


def test_the_catalogue_has_reasons_for_every_step_that_needs_one() -> None:
    needing = {step.action for step in STEPS if step.needs_reason}
    assert {reason.action for reason in REASONS} == needing
    for action in needing:
        assert rules.find_reason(action, "other") is not None
    keys = [(reason.action, reason.code) for reason in REASONS]
    assert len(keys) == len(set(keys))
    assert all(set(reason.fields) <= set(rules.FIELDS) for reason in REASONS)
    assert rules.find_reason("approve", "photo_unclear") is None
    assert rules.find_reason("approve", None) is None


NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("action", "taken", "by", "minutes", "allowed"),
    [
        ("take_back_pass_on", ("pass_on", "station_review", 5), 5, 10, True),
        ("take_back_pass_on", ("pass_on", "station_review", 5), 5, 11, False),
        ("take_back_pass_on", ("pass_on", "station_review", 5), 6, 0, False),
        ("take_back_pass_on", ("pass_on", "station_review", None), None, 0, False),
        ("take_back_pass_on", ("resume", "deferred_bureau", 5), 5, 0, False),
        ("take_back_station_return", ("return", "station_review", 5), 5, 0, True),
        ("take_back_station_return", ("return", "bureau_review", 5), 5, 0, False),
        ("take_back_bureau_return", ("return", "bureau_review", 5), 5, 0, True),
        ("take_back_bureau_return", None, 5, 0, False),
    ],
)
def test_taking_back(
    action: str, taken: tuple | None, by: int | None, minutes: int, *, allowed: bool
) -> None:
    last = Taken(*taken, NOW - timedelta(minutes=minutes)) if taken else None
    assert may_take_back(action, last, by, NOW, 10) is allowed


def test_all_passed_wants_some() -> None:
    good, doubt, bad = (Check(name, result) for name, result in zip("abc", CheckResult, strict=True))
    results = {check.result: check for check in (good, doubt, bad)}
    passed, failed = results[CheckResult.PASSED], results[CheckResult.FAILED]
    assert rules.all_passed([passed, passed])
    assert not rules.all_passed([])
    assert not rules.all_passed([passed, results[CheckResult.NEEDS_PERSON]])
    assert rules.failed([passed, failed]) == [failed]


def test_kilometres() -> None:
    assert rules.kilometres(38.87, 115.46, 38.87, 115.46) == 0
    # Baoding to Beijing, known to be about 140 km apart
    assert rules.kilometres(38.8738, 115.4646, 39.9042, 116.4074) == pytest.approx(140, abs=3)
