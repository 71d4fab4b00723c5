"""Who may take which step of a mediation."""

from __future__ import annotations

import pytest
from flask import Flask

from webapp.core.actor import Actor, Role, Scope
from webapp.mediation.rules import STEPS, MediationState, MediatorKind
from webapp.web.words import label

S = MediationState
OFFICERS = {Role.STATION_OFFICER, Role.BUREAU_OFFICER}
MEDIATES = OFFICERS | {Role.MEDIATOR}
PARTIES = {Role.CONSUMER, Role.MERCHANT}
#: action -> (to, who), all from open: the table written down once more by hand.
LIFE = {
    "hear": (S.OPEN, MEDIATES),
    "cancel": (S.OPEN, MEDIATES),
    "record": (S.OPEN, MEDIATES),
    "state": (S.OPEN, MEDIATES | PARTIES),
    "draft": (S.OPEN, MEDIATES),
    "sign": (S.OPEN, PARTIES),
    "agree": (S.AGREED, OFFICERS),
    "fail": (S.FAILED, MEDIATES),
    "give_back": (S.RETURNED, {Role.MEDIATOR}),
    "take_back": (S.RETURNED, OFFICERS),
    "close": (S.RETURNED, {Role.SYSTEM}),
}


def test_the_life_of_a_mediation() -> None:
    assert {step.action: (step.target, set(step.roles)) for step in STEPS} == LIFE
    assert all(step.sources == {S.OPEN} for step in STEPS)
    assert STEPS.ends() == {S.AGREED, S.FAILED, S.RETURNED}


def test_nobody_signs_for_a_party_and_no_body_settles_a_complaint() -> None:
    assert STEPS.find(S.OPEN, "sign").roles.isdisjoint(MEDIATES)
    assert Role.MEDIATOR not in STEPS.find(S.OPEN, "agree").roles


@pytest.mark.parametrize("body_id", [7, 8, None])
def test_a_mediator_reaches_what_is_entrusted_to_the_own_body(body_id: int | None) -> None:
    actor = Actor(1, "m", Role.MERCHANT, body_ids=frozenset({7}))
    scope = Scope("130606001", operator_id=3, body_id=body_id)
    offered = {step.action for step in STEPS.open_to(S.OPEN, actor, scope)}
    assert ("hear" in offered) == (body_id == 7)
    assert offered.isdisjoint({"sign", "agree", "take_back"})


def test_every_state_and_kind_has_words(app: Flask) -> None:
    with app.app_context():
        for state in S:
            assert label(f"mediation.state.{state.value}")
        for kind in MediatorKind:
            assert label(f"mediation.kind.{kind.value}")
        for step in STEPS:
            if step.action != "sign":
                assert label(f"audit.action.mediation.{step.action}")
