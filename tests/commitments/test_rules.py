"""Commitments: which pledges concern a shop, what is lacking, what is a signature. No database."""

from __future__ import annotations

from datetime import date

import pytest

from webapp.commitments import rules
from webapp.commitments.rules import Pledge
from webapp.core.checks import CheckResult

TODAY = date(2026, 5, 6)


def pledge(code: str = "a", version: int = 1, **more: object) -> Pledge:
    facts: dict[str, object] = {
        "required": True,
        "categories": frozenset(),
        "in_force_from": date(2024, 1, 1),
        "in_force_until": None,
    }
    return Pledge(code, version, **(facts | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("more", "category", "expected"),
    [
        ({}, None, True),
        ({}, "eat", True),
        ({"categories": frozenset({"eat"})}, "eat", True),
        ({"categories": frozenset({"eat"})}, "shop", False),
        ({"categories": frozenset({"eat"})}, None, False),
        ({"in_force_from": TODAY}, "eat", True),
        ({"in_force_from": date(2026, 5, 7)}, "eat", False),
        ({"in_force_until": TODAY}, "eat", False),  # the first day without it
        ({"in_force_until": date(2026, 5, 7)}, "eat", True),
    ],
)
def test_applies(more: dict[str, object], category: str | None, *, expected: bool) -> None:
    assert rules.applies(pledge(**more), category, TODAY) is expected


def test_the_newest_version_is_offered_in_the_first_place_of_its_code() -> None:
    offered = [pledge("a", 1), pledge("b", 1), pledge("a", 3), pledge("a", 2)]
    assert [(p.code, p.version) for p in rules.newest(offered)] == [("a", 3), ("b", 1)]


def test_lacking_asks_only_for_required_ones() -> None:
    offered = [pledge("a"), pledge("b", required=False), pledge("c")]
    assert rules.lacking(offered, {"c"}) == ["a"]


def test_the_check_names_one_and_counts_all() -> None:
    assert rules.check([]).result is CheckResult.PASSED
    failed = rules.check(iter(["诚信经营", "明码标价"]))
    assert (failed.result, failed.details) == (CheckResult.FAILED, {"titles": "诚信经营", "count": 2})


@pytest.mark.parametrize("name", ["王芳", "阿依古丽·买买提", "Anna Maria", " 王 芳 ", "欧阳修文"])
def test_names(name: str) -> None:
    assert rules.is_name(name)


@pytest.mark.parametrize("name", ["", "王", "王芳1", "同意!", "··", "王" * 41, "138 0013 8000"])
def test_no_names(name: str) -> None:
    assert not rules.is_name(name)
