"""The generic table of steps, and what holds for every lifecycle of the product."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import sources
from webapp.core.actor import Actor, Post, Role, Scope
from webapp.core.commands import all_steps, drawing
from webapp.core.errors import Forbidden, Invalid, StepRefused
from webapp.core.steps import Steps, step


class Door(enum.StrEnum):
    OPEN = "open"
    SHUT = "shut"
    WALLED = "walled"


DOOR: Steps[Door] = Steps(
    "door",
    Door.OPEN,
    [
        step("shut", {Door.OPEN}, Door.SHUT, {Role.MERCHANT}),
        step("open", {Door.SHUT}, Door.OPEN, {Role.MERCHANT}),
        step("wall", {Door.SHUT, Door.OPEN}, Door.WALLED, {Role.BUREAU_OFFICER}, needs_reason=True),
    ],
)
HERE = Scope("130606003", 7, "market_supervision", 1)
OWNER = Actor(1, "owner", Role.MERCHANT, operator_ids=frozenset({1}))


def officer(role: Role, region: str = "130606", **post: Any) -> Actor:
    return Actor(2, "officer", role, (Post(role, region, **post),))


def test_a_step_needs_its_state_its_role_and_its_reason() -> None:
    assert DOOR.check(Door.OPEN, "shut", OWNER, HERE).target is Door.SHUT
    with pytest.raises(StepRefused):
        DOOR.check(Door.SHUT, "shut", OWNER, HERE)
    with pytest.raises(StepRefused):
        DOOR.check(Door.OPEN, "paint", OWNER, HERE)
    with pytest.raises(Forbidden):
        DOOR.check(Door.OPEN, "wall", OWNER, HERE, "why not")
    with pytest.raises(Invalid) as caught:
        DOOR.check(Door.OPEN, "wall", officer(Role.BUREAU_OFFICER), HERE, "  ")
    assert caught.value.field == "reason"


@pytest.mark.parametrize(
    ("actor", "allowed"),
    [
        (officer(Role.BUREAU_OFFICER), True),
        (officer(Role.BUREAU_OFFICER, "13"), True),
        (officer(Role.BUREAU_OFFICER, "130606003"), True),
        (officer(Role.BUREAU_OFFICER, "130602"), False),
        (officer(Role.BUREAU_OFFICER, station_id=7), True),
        (officer(Role.BUREAU_OFFICER, station_id=8), False),
        (officer(Role.BUREAU_OFFICER, department_code="culture"), False),
        (officer(Role.STATION_OFFICER), False),
        (Actor(3, "no post", Role.CONSUMER), False),
    ],
)
def test_officers_act_where_a_post_of_theirs_reaches(actor: Actor, *, allowed: bool) -> None:
    assert ("wall" in [s.action for s in DOOR.open_to(Door.SHUT, actor, HERE)]) is allowed


def test_a_merchant_acts_on_their_own_operator_only() -> None:
    other = Actor(1, "other", Role.MERCHANT, operator_ids=frozenset({2}))
    assert [s.action for s in DOOR.open_to(Door.SHUT, OWNER, HERE)] == ["open"]
    assert DOOR.open_to(Door.SHUT, other, HERE) == []


def test_one_action_leads_from_a_state_to_one_place() -> None:
    with pytest.raises(ValueError, match="two steps"):
        Steps("door", Door.OPEN, [*DOOR, step("shut", {Door.OPEN}, Door.WALLED, {Role.MERCHANT})])


def test_the_drawing_and_the_ends() -> None:
    assert DOOR.ends() == {Door.WALLED}
    assert DOOR.drawing().splitlines() == [
        "stateDiagram-v2",
        "    [*] --> open",
        "    open --> shut: shut",
        "    shut --> open: open",
        "    open --> walled: wall",
        "    shut --> walled: wall",
        "    walled --> [*]",
    ]


# --- every lifecycle of the product -----------------------------------------------------------------------------------

LIFECYCLES = {steps.name: steps for steps in all_steps()}


def test_the_lifecycles_are_found_and_drawn() -> None:
    assert {"application", "code", "complaint", "listing"} <= LIFECYCLES.keys()
    drawn = drawing()
    for name, steps in LIFECYCLES.items():
        assert f"## {name}\n" in drawn
        assert steps.drawing() in drawn


def test_the_command_draws(app: Flask, tmp_path: Path) -> None:
    runner, target = app.test_cli_runner(), tmp_path / "lifecycles.md"
    assert runner.invoke(args=["rules", "draw"]).output == drawing() + "\n"
    assert runner.invoke(args=["rules", "draw", "--write", str(target)]).exit_code == 0
    assert target.read_text(encoding="utf-8") == drawing()


def test_the_drawn_document_is_current() -> None:
    kept = (sources.ROOT / "docs" / "lifecycles.md").read_text(encoding="utf-8")
    assert kept == drawing(), "run: flask --app wsgi rules draw --write docs/lifecycles.md"


@pytest.mark.parametrize("name", LIFECYCLES)
def test_every_state_is_reached_from_the_first(name: str) -> None:
    steps = LIFECYCLES[name]
    reached, edge = {steps.first}, [steps.first]
    while edge:
        state = edge.pop()
        for found in steps:
            if state in found.sources and found.target not in reached:
                reached.add(found.target)
                edge.append(found.target)
    assert set(steps.states) - reached == set()


@pytest.mark.parametrize("name", LIFECYCLES)
@settings(max_examples=60)
@given(data=st.data())
def test_a_walk_never_stands_where_nobody_can_act(name: str, data: st.DataObject) -> None:
    """Wherever a random walk of permitted steps leads: it is an end, or somebody may act."""
    steps = LIFECYCLES[name]
    actors = [
        Actor(number, role.value, role, _posts(role), frozenset({1})) for number, role in enumerate(Role)
    ]
    state = steps.first
    for _ in range(data.draw(st.integers(0, 25))):
        ways = [(actor, way) for actor in actors for way in steps.open_to(state, actor, HERE)]
        if state in steps.ends():
            assert ways == []
            return
        assert ways, f"{name}: nobody can act in {state}"
        actor, way = data.draw(st.sampled_from(ways))
        state = steps.check(state, way.action, actor, HERE, "a reason").target


def _posts(role: Role) -> tuple[Post, ...]:
    officers = {Role.STATION_OFFICER, Role.BUREAU_OFFICER, Role.DEPARTMENT_OFFICER, Role.ADMINISTRATOR}
    return (Post(role, "1306"),) if role in officers else ()
