"""A small share of `make bench ARGS='--only ratings'`: the signals against a made-up month, always the same one."""

from __future__ import annotations

from dataclasses import replace

from bench.ratings import false_rate, recall
from tests.support.rated_city import Assumptions, City, limits, months
from webapp.ratings.signals import SignalKind

SMALL = {"shops": 120, "bursts": 8, "ring_count": 4, "praisers": 8}
HONEST = {"bursts": 0, "ring_count": 0, "praisers": 0, "helpers": 0}


def test_most_of_what_is_made_up_is_found() -> None:
    outcomes = months(range(2), **SMALL)
    found, of = recall(outcomes)
    assert of == 40
    assert found >= 0.65 * of
    for kind in SignalKind:
        assert recall(outcomes, kind)[0] > 0


def test_honest_people_are_left_in_peace_and_the_same_seed_is_the_same_month() -> None:
    quiet = months(range(1), shops=250, **HONEST)
    assert quiet[0].ratings > 1000
    assert false_rate(quiet) <= 15
    again = months(range(1), shops=250, **HONEST)
    assert [one.ratings for one in again[0].false] == [one.ratings for one in quiet[0].false]


def test_rules_that_never_fire_find_nothing() -> None:
    """What is measured is the rules: without them nothing is found but what the shop's own browser gives away."""
    deaf = replace(limits(), burst_least=999, ring_devices=999, alike_least=999)
    outcome = City(replace(Assumptions(), **SMALL, praise_own=0.0, helpers=0), 0, deaf).run()
    assert outcome.false == []
    assert not any(fraud.found for fraud in outcome.frauds)
