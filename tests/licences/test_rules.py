"""Licences: validity to the day, numbers, what is lacking. No database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from webapp.core.checks import CheckResult
from webapp.core.identifiers import make_food_licence
from webapp.licences import rules
from webapp.licences.rules import Stated, Validity

TODAY = date(2026, 5, 6)
USCC = "91371500726715726X"


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (None, None, Validity.VALID),
        (date(2026, 5, 6), None, Validity.VALID),
        (date(2026, 5, 7), None, Validity.NOT_YET),
        (None, date(2026, 5, 6), Validity.ENDING),  # the last day is a good day
        (None, date(2026, 5, 5), Validity.EXPIRED),
        (None, TODAY + timedelta(days=30), Validity.ENDING),
        (None, TODAY + timedelta(days=31), Validity.VALID),
        (date(2026, 5, 7), date(2026, 5, 5), Validity.NOT_YET),
    ],
)
def test_validity_turns_at_the_day(start: date | None, end: date | None, expected: Validity) -> None:
    assert rules.validity(start, end, TODAY, 30) is expected


def test_in_force_counts_the_days_of_grace() -> None:
    end = date(2026, 5, 1)
    assert not rules.in_force(None, end, TODAY, 4)
    assert rules.in_force(None, end, TODAY, 5)
    assert not rules.in_force(TODAY + timedelta(days=1), None, TODAY, 99)


@pytest.mark.parametrize(
    ("kind", "number", "code", "result"),
    [
        ("business_licence", USCC, "licence.number_is_uscc", CheckResult.PASSED),
        ("business_licence", "91371500726715726x ", "licence.number_is_uscc", CheckResult.PASSED),
        ("business_licence", "91130606MA0000001J", "licence.number_is_uscc", CheckResult.FAILED),
        ("food_catering", make_food_licence("catering", "130606", 1), "licence.number", CheckResult.PASSED),
        ("food_catering", make_food_licence("canteen", "130606", 1), "licence.number", CheckResult.PASSED),
        (
            "food_catering",
            make_food_licence("sales", "130606", 1),
            "licence.food_other_kind",
            CheckResult.NEEDS_PERSON,
        ),
        (
            "food_filing",
            make_food_licence("sales", "130606", 1),
            "licence.food_other_kind",
            CheckResult.NEEDS_PERSON,
        ),
        (
            "food_filing",
            make_food_licence("sales", "130606", 1, form="filing"),
            "licence.number",
            CheckResult.PASSED,
        ),
        ("food_catering", "JY21306060000011", "licence.food_check_digit", CheckResult.NEEDS_PERSON),
        ("food_catering", "冀小餐饮0001", "licence.food_other_form", CheckResult.NEEDS_PERSON),
        ("food_catering", "JY2130606", "licence.food_length", CheckResult.NEEDS_PERSON),
        ("tobacco", "130606000123", "licence.number", CheckResult.PASSED),
        ("tobacco", "123", "licence.number_odd", CheckResult.NEEDS_PERSON),
        ("tobacco", "————", "licence.number_odd", CheckResult.NEEDS_PERSON),
        ("tobacco", "", "licence.number_missing", CheckResult.FAILED),
    ],
)
def test_numbers(kind: str, number: str, code: str, result: CheckResult) -> None:
    check = rules.check_number(kind, "证", number, USCC)
    assert (check.code, check.result) == (code, result)


def test_a_food_number_is_never_refused_by_the_machine() -> None:
    """Other lawful forms exist: a failure is for a person."""
    for number in ("JY", "X" * 60, "JY9" + "1" * 13, "０００"):
        assert rules.check_number("food_sales", "证", number, USCC).result is CheckResult.NEEDS_PERSON


def test_all_checks_of_one() -> None:
    stated = Stated("tobacco", "烟草证", "130606000123", date(2020, 1, 1), date(2026, 5, 5), has_file=False)
    found = {check.code: check.result for check in rules.check_stated(stated, USCC, TODAY, 30)}
    assert found == {
        "licence.number": CheckResult.PASSED,
        "licence.period_expired": CheckResult.FAILED,
        "licence.image": CheckResult.FAILED,
    }


@pytest.mark.parametrize(
    ("changes", "complete"),
    [({}, True), ({"number": ""}, False), ({"valid_from": None}, False), ({"has_file": False}, False)],
)
def test_complete(changes: dict[str, object], *, complete: bool) -> None:
    facts: dict[str, object] = {
        "kind_code": "drug",
        "kind_name": "药证",
        "number": "冀DA312000123",
        "valid_from": TODAY,
        "valid_until": None,
        "has_file": True,
    }
    assert rules.is_complete(Stated(**(facts | changes))) is complete  # type: ignore[arg-type]


def test_lacking_keeps_the_order_and_any_good_one_is_enough() -> None:
    standing = [
        ("fire", None, None),
        ("health", None, TODAY - timedelta(days=1)),
        ("health", TODAY, None),
        ("food", TODAY + timedelta(days=1), None),
    ]
    assert rules.lacking(["food", "health", "fire", "drug"], standing, TODAY, 0) == ["food", "drug"]


@pytest.mark.parametrize("text", ["2026-05-01", "2026.5.1", "2026年5月1日", "20260501", " 2026/05/01 "])
def test_days_as_people_write_them(text: str) -> None:
    assert rules.parse_day(text) == date(2026, 5, 1)


@pytest.mark.parametrize("text", ["", "2026-02-30", "5月1日", "明天", "2026-5", "26-05-01"])
def test_what_is_no_day(text: str) -> None:
    assert rules.parse_day(text) is None
