"""A sticker's life, the printed number as people type it, the verdict on a scanned code."""

from __future__ import annotations

from itertools import product

import pytest

from webapp.core.actor import SYSTEM, Actor, Post, Role, Scope
from webapp.core.errors import Forbidden, StepRefused
from webapp.stickers.rules import STEPS, Printed, StickerState, Verdict, judge, parse_printed

S, R = StickerState, Role
SCOPE = Scope("130606003", 1, "market_supervision", 7)
PEOPLE = {R.MERCHANT, R.STATION_OFFICER, R.BUREAU_OFFICER}
TABLE = {
    (S.VALID, "replace"): (S.REPLACED, PEOPLE),
    (S.VALID, "report_lost"): (S.LOST, PEOPLE),
    (S.VALID, "destroy"): (S.DESTROYED, PEOPLE | {R.SYSTEM}),
}


def actor_with(role: Role) -> Actor:
    if role is R.SYSTEM:
        return SYSTEM
    if role in {R.MERCHANT, R.CONSUMER}:
        return Actor(5, "x", role, operator_ids=frozenset({7}))
    return Actor(5, "x", role, (Post(role, "1306"),))


@pytest.mark.parametrize(
    ("state", "action", "role"), list(product(S, ("replace", "report_lost", "destroy"), R))
)
def test_every_step_for_everybody(state: StickerState, action: str, role: Role) -> None:
    expected = TABLE.get((state, action))
    if expected is None:
        with pytest.raises(StepRefused):
            STEPS.check(state, action, actor_with(role), SCOPE, "worn")
    elif role not in expected[1]:
        with pytest.raises(Forbidden):
            STEPS.check(state, action, actor_with(role), SCOPE, "worn")
    else:
        assert STEPS.check(state, action, actor_with(role), SCOPE, "worn").target is expected[0]


def test_the_table_names_every_step() -> None:
    assert {(source, step.action) for step in STEPS for source in step.sources} == set(TABLE)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("000123-04", Printed(123, 4)),
        (" No. 000123-04 ", Printed(123, 4)),
        ("ｎｏ．０００１２３－０４", Printed(123, 4)),
        ("123 — 4", Printed(123, 4)),
        ("4294967295-65535", Printed(4294967295, 65535)),
        ("4294967296-1", None),
        ("1-65536", None),
        ("0-1", None),
        ("1-0", None),
        ("123", None),
        ("", None),
        ("1-1-1", None),
        ("١٢٣-٤", None),
        ("123-4\n5", Printed(123, 45)),
    ],
)
def test_printed_numbers(text: str, found: Printed | None) -> None:
    assert parse_printed(text) == found


@pytest.mark.parametrize(
    ("state", "code"), list(product([None, *S], [None, "active", "suspended", "revoked"]))
)
def test_only_one_combination_is_good(state: StickerState | None, code: str | None) -> None:
    good = state is S.VALID and code == "active"
    assert (judge(state, code) is Verdict.GENUINE) == good


@pytest.mark.parametrize(
    ("state", "code", "verdict"),
    [
        (S.VALID, "suspended", Verdict.SUSPENDED),
        (S.VALID, "revoked", Verdict.REVOKED),
        (S.REPLACED, "active", Verdict.REPLACED),
        (S.LOST, "active", Verdict.ENDED),
        (S.DESTROYED, "active", Verdict.ENDED),
        (None, "active", Verdict.UNKNOWN),
        (S.VALID, None, Verdict.UNKNOWN),
    ],
)
def test_verdicts(state: StickerState | None, code: str | None, verdict: Verdict) -> None:
    assert judge(state, code) is verdict
