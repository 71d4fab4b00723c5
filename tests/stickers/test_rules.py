"""A sticker's life, the printed number as people type it, the verdict on a scanned code."""

from __future__ import annotations

from itertools import product

import pytest

from webapp.core.actor import SYSTEM, Actor, Post, Role, Scope
from webapp.core.errors import Forbidden, StepRefused
from webapp.stickers.rules import (
    AT_ONCE_MAX,
    REASONS,
    STEPS,
    Printed,
    StickerState,
    Verdict,
    judge,
    natural,
    parse_printed,
    parse_spots,
)

S, R = StickerState, Role
SCOPE = Scope("130606003", 1, "market_supervision", 7)
PEOPLE = {R.MERCHANT, R.STATION_OFFICER, R.BUREAU_OFFICER}
OFFICERS = PEOPLE - {R.MERCHANT}
ENDS = {
    "replace": (S.REPLACED, PEOPLE),
    "report_lost": (S.LOST, PEOPLE),
    "destroy": (S.DESTROYED, PEOPLE | {R.SYSTEM}),
}
TABLE = {
    (S.VALID, "suspend"): (S.SUSPENDED, OFFICERS),
    (S.SUSPENDED, "resume"): (S.VALID, OFFICERS),
    **{(state, action): end for state in (S.VALID, S.SUSPENDED) for action, end in ENDS.items()},
}


def actor_with(role: Role) -> Actor:
    if role is R.SYSTEM:
        return SYSTEM
    if role in {R.MERCHANT, R.CONSUMER}:
        return Actor(5, "x", role, operator_ids=frozenset({7}))
    return Actor(5, "x", role, (Post(role, "1306"),))


@pytest.mark.parametrize(("state", "action", "role"), list(product(S, ("suspend", "resume", *ENDS), R)))
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
        (S.SUSPENDED, "active", Verdict.SUSPENDED),
        (S.SUSPENDED, "revoked", Verdict.REVOKED),
        (S.REPLACED, "active", Verdict.REPLACED),
        (S.LOST, "active", Verdict.ENDED),
        (S.DESTROYED, "active", Verdict.ENDED),
        (None, "active", Verdict.UNKNOWN),
        (S.VALID, None, Verdict.UNKNOWN),
    ],
)
def test_verdicts(state: StickerState | None, code: str | None, verdict: Verdict) -> None:
    assert judge(state, code) is verdict


def test_every_step_has_its_reasons() -> None:
    assert set(REASONS) == {step.action for step in STEPS}


@pytest.mark.parametrize(
    ("text", "spots"),
    [
        ("", ()),
        ("  、 ,", ()),
        ("8号桌", ("8号桌",)),
        ("1-3号桌", ("1号桌", "2号桌", "3号桌")),
        ("１号桌－３号桌", ("1号桌", "2号桌", "3号桌")),
        ("A1至A3", ("A1", "A2", "A3")),
        ("A1~3", ("A1", "A2", "A3")),
        ("01到03", ("01", "02", "03")),
        ("包间A、包间B，大厅\n包间A", ("包间A", "包间B", "大厅")),
        ("1-2号桌；吧台", ("1号桌", "2号桌", "吧台")),
        ("冀F·A1234", ("冀F·A1234",)),
        ("3-2", ("3-2",)),
        ("A1-B3", ("A1-B3",)),
        ("1桌-3间", ("1桌-3间",)),
        (f"1-{AT_ONCE_MAX}", tuple(str(n) for n in range(1, AT_ONCE_MAX + 1))),
        (f"1-{AT_ONCE_MAX + 1}", None),
        (f"1-{AT_ONCE_MAX}、吧台", None),
        ("一二三四五六七八九十一二", ("一二三四五六七八九十一二",)),
        ("一二三四五六七八九十一二三", None),
        ("桌\u202e1", None),
    ],
)
def test_labels_as_typed(text: str, spots: tuple[str, ...] | None) -> None:
    assert parse_spots(text) == spots


def test_two_stands_before_ten() -> None:
    assert sorted(["10号桌", "2号桌", "吧台", "A10", "A9"], key=natural) == [
        "2号桌",
        "10号桌",
        "A9",
        "A10",
        "吧台",
    ]
