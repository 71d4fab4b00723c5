"""The rules of reminders."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from webapp.core.actor import Actor, Post, Role, Scope
from webapp.core.errors import Forbidden, Invalid, StepRefused
from webapp.reminders import grounds, rules
from webapp.reminders.rules import STEPS, ReminderState

BUREAU = Actor(1, "b", Role.BUREAU_OFFICER, (Post(Role.BUREAU_OFFICER, "130606"),))
STATION = Actor(2, "s", Role.STATION_OFFICER, (Post(Role.STATION_OFFICER, "130606"),))
SYSTEM = Actor(None, "system", Role.SYSTEM)
R = ReminderState
DAY = date(2026, 5, 6)

#: (state, action) → (target, may a station do it?); everything else is refused.
TABLE = {
    (R.DRAFT, "edit"): (R.DRAFT, True),
    (R.REFUSED, "edit"): (R.DRAFT, True),
    (R.DRAFT, "propose"): (R.PROPOSED, True),
    (R.PROPOSED, "take_back"): (R.DRAFT, True),
    (R.DRAFT, "drop"): (R.DROPPED, True),
    (R.REFUSED, "drop"): (R.DROPPED, True),
    (R.PROPOSED, "publish"): (R.PUBLISHED, False),
    (R.PROPOSED, "refuse"): (R.REFUSED, False),
    (R.PUBLISHED, "replace"): (R.REPLACED, False),
    (R.PUBLISHED, "withdraw"): (R.WITHDRAWN, False),
}


@pytest.mark.parametrize(
    ("state", "action"), list(product(ReminderState, sorted({step.action for step in STEPS})))
)
def test_every_state_and_action(state: ReminderState, action: str) -> None:
    scope = Scope("130606")
    if action == "expire" and state is R.PUBLISHED:
        assert STEPS.check(state, action, SYSTEM, scope).target is R.EXPIRED
        with pytest.raises(Forbidden):
            STEPS.check(state, action, BUREAU, scope)
        return
    if (state, action) not in TABLE:
        with pytest.raises(StepRefused):
            STEPS.check(state, action, BUREAU, scope, "because")
        return
    target, station_too = TABLE[state, action]
    assert STEPS.check(state, action, BUREAU, scope, "because").target is target
    for where in (Scope("1306"), Scope("130602")):
        with pytest.raises(Forbidden):
            STEPS.check(state, action, BUREAU, where, "because")
    if station_too:
        assert STEPS.check(state, action, STATION, scope, "because").target is target
    else:
        with pytest.raises(Forbidden):
            STEPS.check(state, action, STATION, scope, "because")


@pytest.mark.parametrize(("state", "action"), [(R.PUBLISHED, "withdraw"), (R.PROPOSED, "refuse")])
def test_what_needs_a_reason(state: ReminderState, action: str) -> None:
    with pytest.raises(Invalid, match="reason_required"):
        STEPS.check(state, action, BUREAU, Scope("130606"), " ")


@pytest.mark.parametrize(
    ("account", "written", "proposed", "may"),
    [(3, 1, 2, True), (1, 1, 2, False), (2, 1, 2, False), (None, 1, 2, False), (3, None, None, True)],
)
def test_who_decides(account: int | None, written: int | None, proposed: int | None, may: bool) -> None:  # noqa: FBT001
    assert rules.second_person(account, written, proposed) is may


@pytest.mark.parametrize(
    ("title", "body", "field"), [("", "b", "title"), ("t", " ", "body"), ("t" * 61, "b", "title")]
)
def test_texts(title: str, body: str, field: str) -> None:
    with pytest.raises(Invalid) as error:
        rules.check_texts(title, body)
    assert error.value.field == field
    rules.check_texts(" " + "t" * 60 + " ", "b" * 3000)


@pytest.mark.parametrize(
    ("until", "good"),
    [
        (None, False),
        (DAY, False),
        (date(2026, 5, 7), True),
        (date(2026, 5, 16), True),
        (date(2026, 5, 17), False),
    ],
)
def test_terms(until: date | None, good: bool) -> None:  # noqa: FBT001
    if good:
        rules.check_term(until, DAY, 10)
        return
    with pytest.raises(Invalid, match="reminder_term"):
        rules.check_term(until, DAY, 10)


def test_the_last_day_counts() -> None:
    assert rules.visible(R.PUBLISHED, DAY, DAY)
    assert not rules.visible(R.PUBLISHED, date(2026, 5, 5), DAY)
    assert not any(rules.visible(state, DAY, DAY) for state in R if state is not R.PUBLISHED)


@pytest.mark.parametrize(
    ("codes", "region"),
    [
        ([], ""),
        (["130606003"], "130606003"),
        (["130606003", "130606001"], "130606"),
        (["130606003", "130602001"], "1306"),
        (["130606003", "130102001"], "13"),
        (["130606003", "110101001"], ""),
        (["130606", "130606003"], "130606"),
    ],
)
def test_the_region_of_several_shops(codes: list[str], region: str) -> None:
    assert rules.common_region(codes) == region


@pytest.mark.parametrize(
    ("reminder", "expected"),
    [
        (("1306", None, None), True),
        (("130606", None, None), True),
        (("130602", None, None), False),
        (("130606003", None, None), True),
        (("1306", "eat", None), True),
        (("1306", "stay", None), False),
        (("1306", None, "6220"), True),
        (("1306", "eat", "6220"), True),
        (("1306", "eat", "6210"), False),
    ],
)
def test_whom_it_concerns(reminder: tuple[str, str | None, str | None], expected: bool) -> None:  # noqa: FBT001
    assert rules.concerns(*reminder, "130606003", "eat", "6220") is expected


def test_every_ground_tells_its_law_and_where_it_was_read() -> None:
    for ground in grounds.offered():
        assert ground.law.startswith("《"), ground
        assert ground.source, ground
    with pytest.raises(Invalid, match="reminder_ground"):
        grounds.check(grounds.EARLIER)
