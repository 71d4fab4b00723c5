"""The onboarding's rules and the statement's diff. No database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from webapp.applications import onboarding_rules as rules
from webapp.applications import rules as application_rules
from webapp.applications import statement
from webapp.applications.onboarding_rules import ShopFacts
from webapp.merchants.lookup import RegistryFacts

FACTS = RegistryFacts(
    uscc="91371500726715726X",
    name="保定老槐树餐饮有限公司",
    kind="enterprise",
    legal_representative="王建国",
    registered_address="保定市莲池区裕华东路128号",
    authority="莲池区市场监督管理局",
    established_on=date(2015, 4, 1),
    status="active",
    abnormal=False,
    serious_violation=False,
    as_of=date(2026, 5, 1),
)
SHOP = ShopFacts(
    "老槐树",
    "130606003",
    "裕华路1号",
    38.8,
    115.4,
    "eat",
    "6220",
    "+8613800138000",
    {"1": [["09:00", "21:00"]]},
    1,
)


def test_a_registered_address_gives_street_and_the_rest() -> None:
    streets = {"130602001": "先锋街道", "130602002": "新市场街道"}
    for registered, found in (
        ("河北省保定市竞秀区新市场街道江城路344号", ("130602002", "江城路344号")),
        ("竞秀区江城路344号", ("", "江城路344号")),
        ("河北省保定市莲池区裕华路1号", ("", "")),
        ("", ("", "")),
    ):
        assert rules.place_in(registered, "竞秀区", streets) == found


def test_the_gate_is_open_to_an_active_operator() -> None:
    assert rules.gate(FACTS) == []


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"status": "moved_out"}, ["moved_out"]),
        ({"status": "closed"}, ["closed"]),
        ({"status": "licence_revoked"}, ["licence_revoked"]),
        ({"status": "deregistered", "abnormal": True}, ["deregistered", "abnormal"]),
        ({"abnormal": True}, ["abnormal"]),
        ({"serious_violation": True}, ["serious_violation"]),
    ],
)
def test_the_gate_says_each_reason(changes: dict[str, object], faults: list[str]) -> None:
    assert rules.gate(replace(FACTS, **changes)) == faults  # type: ignore[arg-type]


def test_an_operator_that_the_register_does_not_know_stays_out() -> None:
    assert rules.gate(None) == ["unknown"]


@pytest.mark.parametrize("typed", ["王建国", " 王 建国 ", "王建国\u3000"])
def test_the_same_name(typed: str) -> None:
    assert rules.same_name(typed, "王建国")


def test_dots_of_transcribed_names_are_forgiven() -> None:
    assert rules.same_name("阿依古丽•买买提", "阿依古丽·买买提")


@pytest.mark.parametrize(
    ("typed", "registered"), [("王建", "王建国"), ("", "王建国"), ("", ""), ("王*国", "王建国")]
)
def test_another_name(typed: str, registered: str) -> None:
    assert not rules.same_name(typed, registered)


def test_a_masked_name_tells_only_its_beginning() -> None:
    assert rules.mask_name("王建国") == "王**"
    assert rules.mask_name("") == ""


def test_nothing_is_missing_of_a_whole_shop() -> None:
    assert rules.missing_of_shop(SHOP) == []


@pytest.mark.parametrize(
    ("changes", "step", "word"),
    [
        ({"name": " "}, "shop", "name"),
        ({"region_code": "130606"}, "place", "street"),
        ({"address": ""}, "place", "address"),
        ({"longitude": None}, "place", "position"),
        ({"industry_code": None}, "trade", "industry"),
        ({"opening_hours": {"1": []}}, "hours", "opening_hours"),
        ({"phone": ""}, "hours", "phone"),
        ({"photos": 0}, "photos", "photos"),
    ],
)
def test_each_thing_that_is_missing_names_its_step(changes: dict[str, object], step: str, word: str) -> None:
    (lack,) = rules.missing_of_shop(replace(SHOP, **changes))  # type: ignore[arg-type]
    assert (lack.step, lack.word) == (step, f"onboarding.missing.{word}")


def test_one_goes_on_at_the_first_step_that_lacks_something() -> None:
    lacks = rules.missing_of_shop(replace(SHOP, photos=0, address=""))
    assert rules.first_open_step([*rules.SHOP_STEPS, "licences"], lacks) == "place"
    assert rules.first_open_step(rules.SHOP_STEPS, []) is None


def test_neighbours() -> None:
    assert rules.neighbours(["a", "b", "c"], "a") == (None, "b")
    assert rules.neighbours(["a", "b", "c"], "c") == ("b", None)


def test_every_part_that_an_officer_can_ask_for_has_a_step() -> None:
    assert set(application_rules.FIELDS) == set(rules.STEP_OF_PART)


@pytest.mark.parametrize("pattern", ["every_day", "workdays", "monday_off", "always"])
def test_a_week_is_recognised_by_its_pattern(pattern: str) -> None:
    spans = [["00:00", "24:00"]] if pattern == "always" else [["09:00", "12:00"], ["14:00", "21:00"]]
    assert rules.pattern_of(rules.week(pattern, spans)) == (pattern, spans)


def test_a_week_of_its_own_is_custom_and_nothing_yet_is_every_day() -> None:
    hours = rules.week("custom", [], {"6": [["10:00", "16:00"]]})
    assert rules.pattern_of(hours)[0] == "custom"
    assert rules.pattern_of({}) == ("every_day", [])


BEFORE = {
    "shop": {"facts": {"name": "老槐树", "phone": "1"}},
    "photos": {"aa": {"file": "k1", "position": "0"}, "bb": {"file": "k2", "position": "1"}},
    "licences": {"food": {"number": "JY1"}},
}


def test_the_diff_names_what_changed_came_and_went() -> None:
    after = {
        "shop": {"facts": {"name": "老槐树面馆", "phone": "1"}},
        "photos": {"aa": {"file": "new key, same picture", "position": "0"}},
        "licences": {"food": {"number": "JY1"}, "fire": {"number": "F1"}},
    }
    found = {(c.section, c.item, c.field): (c.before, c.after) for c in statement.diff(BEFORE, after)}
    assert found == {
        ("shop", "facts", "name"): ("老槐树", "老槐树面馆"),
        ("licences", "fire", "number"): (None, "F1"),
        ("photos", "bb", "position"): ("1", None),
    }


def test_the_diff_knows_the_part_of_each_change() -> None:
    changes = statement.diff(
        BEFORE, {**BEFORE, "shop": {"facts": {"name": "新", "phone": "2"}}, "photos": {}}
    )
    assert [change.part for change in changes] == ["name", "phone", "photos", "photos"]


def test_without_a_previous_statement_nothing_has_changed() -> None:
    assert statement.diff(None, BEFORE) == []
    assert statement.diff(BEFORE, BEFORE) == []


def test_hours_are_one_line_to_compare() -> None:
    assert (
        statement.hours_text({"2": [["09:00", "12:00"], ["14:00", "20:00"]], "1": []})
        == "2 09:00-12:00,14:00-20:00"
    )
