"""What one deed does to each complaint of a group, for every state."""

from __future__ import annotations

from dataclasses import replace

import pytest

from webapp.complaints import rules as complaint_rules
from webapp.complaints.rules import STEPS, ComplaintState
from webapp.core.actor import Actor, Post, Role, Scope
from webapp.joint import rules
from webapp.joint.rules import Line, Member

S = ComplaintState
HERE = Scope("130606001")
OFFICER = Actor(
    name="李警官", account_id=1, role=Role.STATION_OFFICER, posts=(Post(Role.STATION_OFFICER, "130606"),)
)


def member(number: int, state: ComplaintState, **more: object) -> Member:
    return Member(number, state, "order121", HERE, 1, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("action", rules.ACTIONS)
@pytest.mark.parametrize("state", list(ComplaintState))
def test_nothing_is_done_that_the_lifecycle_does_not_allow(action: str, state: ComplaintState) -> None:
    step_of = "end" if action == "invite" else action  # whoever ends a mediation may begin it
    allowed = step_of in {step.action for step in STEPS.open_to(state, OFFICER, HERE)}
    paused = action == "resume"
    [line] = rules.plan(action, [member(1, state, paused=paused)], OFFICER)
    assert line.done is allowed
    assert bool(line.why) is not allowed


def test_each_is_planned_by_itself() -> None:
    found = [
        member(1, S.REFERRED),
        member(2, S.MEDIATING),
        member(3, S.RESOLVED),
    ]
    assert rules.plan("accept", found, OFFICER) == [
        Line(1, True),
        Line(2, False, "accept_not_now"),
        Line(3, False, "resolved"),
    ]
    clocks = [
        member(1, S.REFERRED, paused=True),
        member(2, S.REFERRED, pauses=False),
        member(3, S.REFERRED),
    ]
    assert [line.why for line in rules.plan("pause", clocks, OFFICER)] == ["paused", "no_pause", ""]
    assert [line.why for line in rules.plan("resume", clocks, OFFICER)] == ["", "not_paused", "not_paused"]
    with pytest.raises(KeyError):
        rules.plan("settle", found, OFFICER)


def test_only_grounds_that_every_law_knows() -> None:
    old, new = (Member(n, S.REFERRED, law, HERE, 1) for n, law in ((1, "order20"), (2, "order121")))
    both, one = rules.grounds("refuse", [old, new]), rules.grounds("refuse", [new])
    assert set(both) <= set(one) & set(rules.grounds("refuse", [old]))
    assert both
    assert rules.grounds("refuse", []) == []


@pytest.mark.parametrize(
    ("text", "meant"),
    [("12:3,15:1", {12: 3, 15: 1}), ("", {}), ("x:1,2:y,3", {}), ("1:2,", {1: 2}), ("-1:2", {})],
)
def test_versions(text: str, meant: dict[int, int]) -> None:
    assert rules.read_versions(text) == meant


@pytest.mark.parametrize("action", ["refuse", "end"])
def test_each_ground_is_one_of_its_own_law(action: str) -> None:
    old, new = replace(member(1, S.REFERRED), law="order20"), replace(member(2, S.REFERRED), law="order121")
    first, second = (complaint_rules.grounds_for(action, one.law)[0].code for one in (old, new))
    assert rules.each_ground(action, [old, new], "", {1: first, 2: second}) == {1: first, 2: second}
    assert rules.each_ground(action, [new], second, {2: ""}) == {2: second}
    for common, own in (("", {}), ("", {1: first}), ("made_up", {}), ("made_up", {1: first})):
        with pytest.raises(KeyError):
            rules.each_ground(action, [old, new], common, own)


def test_who_is_in_mediation_already_is_not_invited_again() -> None:
    [line] = rules.plan("invite", [replace(member(1, S.MEDIATING), mediated=True)], OFFICER)
    assert (line.done, line.why) == (False, "mediated")
