"""Kinds, lifecycle, numbers, check codes, dates and money in characters."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.actor import Role
from webapp.letters import numerals, rules
from webapp.letters.rules import KINDS, STEPS, Form, LetterState, Signer


def test_there_are_the_ten_statutory_kinds_and_those_of_the_lists() -> None:
    assert list(KINDS) == [
        "complaint_registration",
        "tip_registration",
        "transfer_notice",
        "identity_request",
        "acceptance",
        "refusal",
        "mediation_notice",
        "termination",
        "mediation_agreement",
        "tip_result",
        "listing_notice",
        "repair_receipt",
        "listing_decision",
        "talk_invitation",
        "talk_admonition",
        "correction_order",
    ]
    assert {kind.code for kind in KINDS.values() if kind.signer is Signer.PARTIES} == {"mediation_agreement"}


def test_no_fact_is_named_twice_or_as_what_a_document_says_by_itself() -> None:
    from webapp.letters.composing import GIVEN

    for kind in KINDS.values():
        names = [fact.name for fact in kind.facts]
        assert len(names) == len(set(names)), kind.code
        assert not GIVEN & set(names), kind.code
        assert {fact.form for fact in kind.facts} <= set(Form)


def test_the_whole_lifecycle() -> None:
    for state in LetterState:
        for action in ("replace", "withdraw"):
            if state is LetterState.ISSUED:
                step = STEPS.find(state, action)
                assert step.needs_reason
                assert step.roles == {Role.STATION_OFFICER, Role.BUREAU_OFFICER, Role.SYSTEM}
            else:
                with pytest.raises(Exception, match="step_refused"):
                    STEPS.find(state, action)
    assert STEPS.ends() == {LetterState.REPLACED, LetterState.WITHDRAWN}


@pytest.mark.parametrize(
    "pattern", ["{organisation}{kind}〔{year}〕{number}号", "{organisation}{kind}〔{year}〕第{number:04}号"]
)
def test_number_patterns(pattern: str) -> None:
    rules.check_number_pattern(pattern)
    made = rules.number_text(pattern, "冀保市监", "投受", 2026, 12)
    assert made in {"冀保市监投受〔2026〕12号", "冀保市监投受〔2026〕第0012号"}


@pytest.mark.parametrize(
    "pattern",
    ["", "{number}号", "{organisation}{kind}{year}{number}{number}", "{organisation}{kind}{year}{number}{x}"],
)
def test_patterns_that_could_give_a_number_twice(pattern: str) -> None:
    with pytest.raises(ValueError, match="once each"):
        rules.check_number_pattern(pattern)


CODE = "k3vq7h2mxwz5rjd4ptab"


@pytest.mark.parametrize(
    "typed",
    [CODE, CODE.upper(), "k3vq7-h2mxw-z5rjd-4ptab", " k3vq7 h2mxw z5rjd 4ptab\n", rules.grouped(CODE)],
)
def test_codes_as_people_type_them(typed: str) -> None:
    assert rules.read_code(typed) == CODE


def test_signs_that_look_alike() -> None:
    assert rules.read_code("0" * 10 + "1" * 5 + "8" * 5) == "o" * 10 + "l" * 5 + "b" * 5


@pytest.mark.parametrize(
    "typed", ["", CODE[:-1], CODE + "a", CODE[:-1] + "9", CODE[:-1] + "ａ", "k" * 1000, "../" + CODE]
)
def test_what_is_no_code(typed: str) -> None:
    assert rules.read_code(typed) is None


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 28), "二〇二六年十一月二十八日"),
        (date(2030, 10, 10), "二〇三〇年十月十日"),
        (date(2026, 1, 1), "二〇二六年一月一日"),
        (date(2000, 2, 29), "二〇〇〇年二月二十九日"),
        (date(2026, 12, 31), "二〇二六年十二月三十一日"),
        (date(2027, 5, 20), "二〇二七年五月二十日"),
    ],
)
def test_days_in_characters(day: date, words: str) -> None:
    assert numerals.day_in_characters(day) == words
    assert numerals.day(day) == f"{day.year}年{day.month}月{day.day}日"


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        # the first four are the examples of 《正确填写票据和结算凭证的基本规定》 as commonly printed ?
        (140950, "人民币壹仟肆佰零玖元伍角整"),
        (600714, "人民币陆仟零柒元壹角肆分"),
        (168032, "人民币壹仟陆佰捌拾元叁角贰分"),
        (32504, "人民币叁佰贰拾伍元零肆分"),
        (0, "人民币零元整"),
        (5, "人民币伍分"),
        (50, "人民币伍角整"),
        (38850, "人民币叁佰捌拾捌元伍角整"),
        (1000000, "人民币壹万元整"),
        (10000500, "人民币壹拾万零伍元整"),
        (10000050000, "人民币壹亿零伍佰元整"),
        (100000000000, "人民币壹拾亿元整"),
        (123456789012, "人民币壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元壹角贰分"),
    ],
)
def test_money_in_characters(fen: int, words: str) -> None:
    assert numerals.yuan_in_characters(fen) == words


@pytest.mark.parametrize("fen", [-1, numerals.MOST_FEN + 1])
def test_what_is_no_sum(fen: int) -> None:
    with pytest.raises(ValueError, match="no sum"):
        numerals.yuan_in_characters(fen)


def test_money_in_figures() -> None:
    assert [numerals.yuan(fen) for fen in (0, 5, 7600, 123456)] == [
        "0.00元",
        "0.05元",
        "76.00元",
        "1234.56元",
    ]


def read_back(words: str) -> int:
    """The sum in fen: a slow reading of the characters, sign by sign."""
    digits = {sign: value for value, sign in enumerate("零壹贰叁肆伍陆柒捌玖")}
    total = group = digit = 0
    for sign in words.removeprefix("人民币").removesuffix("整"):
        if sign in digits:
            digit = digits[sign]
        elif sign in "拾佰仟":
            group, digit = group + digit * 10 ** ("拾佰仟".index(sign) + 1), 0
        elif sign in "万亿元":
            group += digit
            total, group, digit = (
                (total + group) * 1 if sign == "元" else total + group * (10**4 if sign == "万" else 10**8),
                0,
                0,
            )
            if sign == "元":
                total *= 100
        else:
            total, digit = total + digit * (10 if sign == "角" else 1), 0
    return total


@given(st.integers(0, numerals.MOST_FEN))
def test_money_can_be_read_back(fen: int) -> None:
    words = numerals.yuan_in_characters(fen)
    assert "零零" not in words
    assert read_back(words) == fen
