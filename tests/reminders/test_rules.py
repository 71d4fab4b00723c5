"""The rules of reminders."""

from __future__ import annotations

from itertools import product

import pytest

from webapp.core.actor import Actor, Post, Role, Scope
from webapp.core.errors import Forbidden, Invalid, StepRefused
from webapp.reminders import rules
from webapp.reminders.rules import STEPS, ReminderState

BUREAU = Actor(1, "b", Role.BUREAU_OFFICER, (Post(Role.BUREAU_OFFICER, "130606"),))
STATION = Actor(2, "s", Role.STATION_OFFICER, (Post(Role.STATION_OFFICER, "130606"),))
R = ReminderState


@pytest.mark.parametrize(("state", "action"), list(product(ReminderState, ["revise", "withdraw"])))
def test_every_state_and_action(state: ReminderState, action: str) -> None:
    scope = Scope("130606")
    if state is R.WITHDRAWN:
        with pytest.raises(StepRefused):
            STEPS.check(state, action, BUREAU, scope, "because")
        return
    target = {"revise": R.PUBLISHED, "withdraw": R.WITHDRAWN}[action]
    assert STEPS.check(state, action, BUREAU, scope, "because").target is target
    for actor, where in ((STATION, scope), (BUREAU, Scope("1306")), (BUREAU, Scope("130602"))):
        with pytest.raises(Forbidden):
            STEPS.check(state, action, actor, where, "because")


def test_withdrawing_needs_a_reason() -> None:
    with pytest.raises(Invalid, match="reason_required"):
        STEPS.check(R.PUBLISHED, "withdraw", BUREAU, Scope("130606"), " ")


@pytest.mark.parametrize(
    ("title", "body", "field"), [("", "b", "title"), ("t", " ", "body"), ("t" * 61, "b", "title")]
)
def test_texts(title: str, body: str, field: str) -> None:
    with pytest.raises(Invalid) as error:
        rules.check_texts(title, body)
    assert error.value.field == field
    rules.check_texts(" " + "t" * 60 + " ", "b" * 3000)


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
