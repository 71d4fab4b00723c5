"""How well the signals find made-up ratings, and how often they cry wolf, in made-up months of a city.

    make bench ARGS='--only ratings'
    python -m bench.ratings --write docs/ratings.md

The rules are the product's own; the people are assumed (`tests.support.rated_city`). No time is measured: the figures
are the same on every machine.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from bench.readability import write
from tests.support.rated_city import Outcome, months
from webapp.ratings.signals import SignalKind

NAME = "ratings"
RECALL_GOAL = 0.75
#: False alarms a 1 000 shop-months.
FALSE_GOAL = 10.0
MONTHS = 10


def recall(outcomes: Sequence[Outcome], kind: SignalKind | None = None) -> tuple[int, int]:
    """How many affairs a signal found, of how many (of this kind)."""
    frauds = [fraud for one in outcomes for fraud in one.frauds if kind in {None, fraud.kind}]
    return sum(fraud.found for fraud in frauds), len(frauds)


def false_rate(outcomes: Sequence[Outcome], kind: SignalKind | None = None) -> float:
    """Signals that name no made-up rating, a 1 000 shop-months."""
    found = sum(kind in {None, one.kind} for outcome in outcomes for one in outcome.false)
    return 1000 * found / sum(outcome.shop_months for outcome in outcomes)


def run(rounds: int = MONTHS) -> tuple[str, bool]:
    """The lines to print, and whether the goals are reached."""
    outcomes = months(range(max(rounds, MONTHS)))
    found, of = recall(outcomes)
    rate = false_rate(outcomes)
    lines = [
        (
            f"{len(outcomes)} months of {outcomes[0].shop_months} shops, "
            f"{sum(one.ratings for one in outcomes):,} ratings (with those of the 62 days before each)"
        ),
        f"made-up affairs found            {found / of:6.1%} of {of}, goal ≥ {RECALL_GOAL:.0%}",
        f"false alarms a 1000 shop-months  {rate:6.1f}, goal ≤ {FALSE_GOAL:.0f}",
    ]
    for kind in SignalKind:
        part, whole = recall(outcomes, kind)
        lines.append(
            f"  {kind.value:12} found {part / whole:6.1%} of {whole:3}; "
            f"false alarms a 1000 shop-months {false_rate(outcomes, kind):4.1f}"
        )
    lines.append(
        "if instead …                                                found   false a 1000 shop-months"
    )
    for title, changed in INSTEAD:
        other = months(range(3), **changed)
        part, whole = recall(other)
        lines.append(f"  {title:56} {part / whole:6.1%}   {false_rate(other):5.1f}")
    return "\n".join(lines), found / of >= RECALL_GOAL and rate <= FALSE_GOAL


INSTEAD: tuple[tuple[str, dict[str, object]], ...] = (
    ("(as assumed, three months)", {}),
    ("shops are rated three times as often", {"median": 0.15}),
    ("rings throw their cookie away at every second shop", {"ring_keeps": 0.5}),
    ("bursts are spread over two to six days", {"burst_hours": (48, 144)}),
    ("self-praise never from the shop's own browser", {"praise_own": 0.0}),
    ("self-praise always in other words, other browsers", {"praise_own": 0.0, "praise_alike": 0.0}),
    ("five times as many shops ask all guests on one day", {"opening": 0.05}),
    ("five times as many families and tours", {"outings": 30}),
)


def main() -> int:
    """Measure and print, or write into the document."""
    parser = argparse.ArgumentParser(prog="python -m bench.ratings", description=__doc__)
    parser.add_argument("--write", type=Path, help="the document whose figures are to be written anew")
    options = parser.parse_args()
    text, reached = run()
    print(text)
    if options.write is not None:
        write(options.write, f"\n```\n{text}\n```\n\n<!-- figures: end -->")
    return 0 if reached else 1


if __name__ == "__main__":
    raise SystemExit(main())
