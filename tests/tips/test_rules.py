"""Who may take which step of a tip from where, and on what grounds."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from flask import Flask

from webapp.core.actor import Role
from webapp.tips import rules
from webapp.tips.rules import ENDED, EXTENSION_STEPS, STEPS, ExtensionState, TipState
from webapp.web.words import label

S, E = TipState, ExtensionState
OFFICERS = {Role.STATION_OFFICER, Role.BUREAU_OFFICER}
#: (action, from, to, who): the whole life, written down once more by hand.
LIFE = {
    ("supplement", S.VERIFYING, S.VERIFYING, frozenset({Role.CONSUMER})),
    ("withdraw", S.VERIFYING, S.WITHDRAWN, frozenset({Role.CONSUMER})),
    ("pause", S.VERIFYING, S.VERIFYING, frozenset(OFFICERS)),
    ("resume", S.VERIFYING, S.VERIFYING, frozenset(OFFICERS)),
    ("transfer", S.VERIFYING, S.VERIFYING, frozenset(OFFICERS)),
    ("transfer_out", S.VERIFYING, S.TRANSFERRED, frozenset(OFFICERS)),
    ("file_case", S.VERIFYING, S.CASE, frozenset(OFFICERS)),
    ("file_no_case", S.VERIFYING, S.NO_CASE, frozenset(OFFICERS)),
    ("tell", S.CASE, S.CASE, frozenset(OFFICERS)),
    ("tell", S.NO_CASE, S.NO_CASE, frozenset(OFFICERS)),
}


def test_the_life_of_a_tip() -> None:
    found = {(step.action, source, step.target, step.roles) for step in STEPS for source in step.sources}
    assert found == LIFE
    assert {S.CASE, S.NO_CASE, S.TRANSFERRED, S.WITHDRAWN} == ENDED
    assert not any(Role.MERCHANT in step.roles for step in STEPS)


def test_the_life_of_a_request_for_more_time() -> None:
    found = {(step.action, step.target) for step in EXTENSION_STEPS if step.sources == {E.ASKED}}
    assert found == {("approve", E.APPROVED), ("refuse", E.REFUSED), ("withdraw", E.WITHDRAWN)}
    deciders = {role for step in EXTENSION_STEPS if step.action != "withdraw" for role in step.roles}
    assert deciders == {Role.BUREAU_OFFICER}


@pytest.mark.parametrize("law", ["order_20", "order_121", "order20", "order121"])
def test_each_law_has_grounds_for_both_decisions(law: str) -> None:
    for kind in rules.ON_A_GROUND:
        grounds = rules.grounds_for(kind, law)
        assert grounds
        assert all(rules.find_ground(kind, law, ground.code) is ground for ground in grounds)
    assert rules.find_ground("file_case", law, "no_evidence") is None
    assert rules.grounds_for("file_case", "order_99") == []


def test_every_ground_and_state_has_words(app: Flask) -> None:
    with app.app_context():
        for ground in rules.GROUNDS:
            assert label(f"tip.ground.{ground.kind}.{ground.code}")
        for state in TipState:
            for side in ("reporter", "officer"):
                assert label(f"tip.stands.{side}.{state.value}")
        for step in STEPS:
            assert label(f"tip.done.{step.action}")
            assert label(f"audit.action.tip.{step.action}")


def test_what_was_not_read_in_the_primary_text_says_so() -> None:
    path = Path(rules.__file__).with_name("grounds.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert all("?" in row["source"] for row in rows)
    assert not any("?" in row["article"] for row in rows), "what people read has no question mark"
