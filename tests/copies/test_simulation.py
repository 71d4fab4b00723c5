"""A small share of `make bench ARGS='--only copies'`: the rules against made-up months, always the same ones."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.copies import FALSE_GOAL, RECALL_GOAL, Figures, in_time, months, part
from tests.support.copied_city import WARM_DAYS, Assumptions, City, Copy, limits
from webapp.copies.rules import AlarmKind

SMALL = {"shops": 60, "copies": 20, "copied_old": 3}


@pytest.fixture(scope="module")
def small() -> Figures:
    """Two months of sixty shops, a third of which are copied."""
    return months(range(2), **SMALL)


def test_copies_are_found(small: Figures) -> None:
    assert len(small.judged) > 30
    assert part(small.judged) >= RECALL_GOAL - 0.05
    assert {copy.by for copy in small.copies} >= {AlarmKind.WRONG_SHOP, AlarmKind.FAR_AWAY}
    old = [copy for outcome in small.outcomes for copy in outcome.old]
    assert [copy.by for copy in old] == [AlarmKind.STILL_SCANNED] * len(old)


def test_an_honest_city_is_left_in_peace() -> None:
    quiet = months([0], shops=250, copies=0, copied_old=0)
    assert quiet.copies == []
    assert quiet.false_rate <= FALSE_GOAL
    assert sum(outcome.kept for outcome in quiet.outcomes) > 5000  # people did consent


def test_the_same_seed_is_the_same_month(small: Figures) -> None:
    again = City(replace(Assumptions(), **SMALL), 0).run()
    assert [(copy.since, copy.found, copy.by) for copy in again.copies] == [
        (copy.since, copy.found, copy.by) for copy in small.outcomes[0].copies
    ]
    assert again.false == small.outcomes[0].false


def test_rules_that_never_fire_find_nothing() -> None:
    """What is measured is the rules: without them nothing is found."""
    deaf = replace(
        limits(),
        report_devices=999,
        far_devices=999,
        far_slow_devices=999,
        apart_metres=10**9,
        rate_times=10**6,
        replaced_scans=10**9,
    )
    outcome = City(replace(Assumptions(), **SMALL), 0, deaf).run()
    assert outcome.false == []
    assert {copy.found for copy in [*outcome.copies, *outcome.old]} == {None}


def test_rules_without_the_second_condition_cry_wolf() -> None:
    """Two reports alone, however busy the shop is, and two far phones: the figures of the honest notice."""
    jumpy = replace(limits(), report_scans=10**9, far_devices=2, calm_times=1)
    assumed = replace(Assumptions(), shops=250, copies=0, copied_old=0)
    assert len(City(assumed, 0, jumpy).run().false) > 2 * len(City(assumed, 0).run().false)


@pytest.mark.parametrize(
    ("consents", "found", "passes"),
    [
        ([0, 1, 2, 3, 4], 28.0, True),
        ([0, 1, 2, 3, 4], 28.1, False),
        ([0, 1, 2, 3, 4], None, False),
        ([0, 1, 2, 3], 5.0, False),
    ],
)
def test_what_counts_as_found_in_time(consents: list[float], found: float | None, *, passes: bool) -> None:
    copy = Copy(since=0, scans_a_day=10, metres=900, consents=consents, found=found)
    assert in_time(copy) is passes
    assert WARM_DAYS == 28
