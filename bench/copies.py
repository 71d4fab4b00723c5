"""How well the copy alarms find copied stickers, and how often they cry wolf, in made-up months of a city.

    make bench ARGS='--only copies'
    python -m bench.copies --write docs/copies.md

The rules are the product's own; the people are assumed (`tests.support.copied_city`). No time is measured: the figures
are the same on every machine with the same version of NumPy.
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench.readability import write
from tests.support.copied_city import WARM_DAYS, Assumptions, City, Copy, Outcome
from webapp.copies.rules import AlarmKind

NAME = "copies"
RECALL_GOAL = 0.95
FALSE_GOAL = 1.0
#: Hours after the fifth scan with consent within which a copy is to be found.
IN_TIME = 24.0
DISTANCES = (
    (0, 600, "less than 600 m"),
    (600, 2000, "600 m to 2 km"),
    (2000, 15_000, "2 to 15 km"),
    (15_000, math.inf, "farther"),
)
TRAFFIC = ((0, 10, "fewer than 10 scans a day there"), (10, 30, "10 to 30"), (30, math.inf, "more than 30"))


@dataclass(frozen=True)
class Figures:
    """What some months brought together."""

    outcomes: tuple[Outcome, ...]
    days: int

    @property
    def copies(self) -> list[Copy]:
        """All copies."""
        return [copy for outcome in self.outcomes for copy in outcome.copies]

    @property
    def judged(self) -> list[Copy]:
        """Copies with five scans with consent, early enough in the month for a day to pass after the fifth."""
        end = (WARM_DAYS + self.days) * 24.0
        return [
            copy for copy in self.copies if (fifth := copy.fifth()) is not None and fifth + IN_TIME <= end
        ]

    @property
    def false(self) -> Counter[AlarmKind]:
        """Alarms of stickers that nobody copied, by kind."""
        return Counter(raised.kind for outcome in self.outcomes for raised in outcome.false)

    @property
    def false_rate(self) -> float:
        """The same for a thousand shops in a day."""
        return 1000 * self.false.total() / sum(outcome.shop_days for outcome in self.outcomes)


def in_time(copy: Copy) -> bool:
    """Was it found within a day of the fifth scan with consent?"""
    fifth = copy.fifth()
    return fifth is not None and copy.found is not None and copy.found <= fifth + IN_TIME


def part(copies: Sequence[Copy], test: Callable[[Copy], bool] = in_time) -> float:
    """Which part of the copies passes; 1 of none."""
    return sum(map(test, copies)) / len(copies) if copies else 1.0


def months(seeds: Sequence[int], **changes: object) -> Figures:
    """So many months of a city, with other assumptions where `changes` says so."""
    assumed = replace(Assumptions(), **changes)  # type: ignore[arg-type]
    return Figures(tuple(City(assumed, seed).run() for seed in seeds), assumed.days)


#: Title -> what else is assumed: of the copies, whose stickers alone are drawn …
OTHER_COPIES: dict[str, dict[str, object]] = {
    "half as many consent at the copy (2.5 %)": {"copy_consents": 0.025},
    "a third as many report it (1 %)": {"copy_reports": 0.01},
    "nobody reports it": {"copy_reports": 0.0},
    "the copy hangs at a quiet door (median 8 scans a day)": {"copy_scans_median": 8.0},
    "every phone speaks GCJ-02": {"shifted_phones": 1.0},
}
#: … and of the honest, each in one month of the whole city.
OTHER_PEOPLE: dict[str, dict[str, object]] = {
    "twice as many odd signs (6 %)": {"odd_signs": 0.06},
    "misled by an odd sign twice as often": {"odd_sign_reports": 0.002},
    "five times as many links shared": {"shares": 0.05},
    "three times as many consent at home (3 %)": {"home_consents": 0.03},
    "three times as many wrong positions (4.5 %)": {"misplaced": 0.045},
    "officers put no cause right": {"corrected": 0.0},
}


def report(rounds: int) -> tuple[list[str], bool]:
    """Measure `rounds` months: the lines of the report, and whether both goals are reached."""
    base = months(range(rounds))
    judged, recall = base.judged, part(base.judged)
    kept = recall >= RECALL_GOAL and base.false_rate <= FALSE_GOAL
    assumed = Assumptions()
    each = [Figures((outcome,), base.days) for outcome in base.outcomes]
    recalls, rates = [part(month.judged) for month in each], [month.false_rate for month in each]
    good = (
        sum(found >= RECALL_GOAL for found in recalls),
        sum(rate <= FALSE_GOAL for rate in rates),
    )
    lines = [
        f"{rounds} months of {assumed.shops} shops, {assumed.days} days, {assumed.copies} copied stickers each",
        (
            f"found within 24 h of the 5th scan with consent  {recall:6.1%}  of {len(judged)}, "
            f"goal ≥ {RECALL_GOAL:.0%}; reached in {good[0]} of {rounds} months, worst {min(recalls):.0%}"
        ),
        (
            f"false alarms a 1000 shop-days                   {base.false_rate:6.2f}  "
            f"goal ≤ {FALSE_GOAL:g}; reached in {good[1]} of {rounds} months, worst {max(rates):.2f}"
        ),
        *_kinds(base),
        *_classes("copy hangs", DISTANCES, lambda copy: copy.metres, judged),
        *_classes("copy has", TRAFFIC, lambda copy: copy.scans_a_day, judged),
        *_delays(base),
        *_others(base),
        *_variants(),
    ]
    return lines, kept


def _kinds(base: Figures) -> list[str]:
    first = Counter(copy.by for copy in base.copies if copy.by is not None)
    shop_days = sum(outcome.shop_days for outcome in base.outcomes)
    return [
        f"alarm {kind.value:14} first to find {first[kind]:4} copies; "
        f"false alarms a 1000 shop-days {1000 * base.false[kind] / shop_days:.3f} ({base.false[kind]})"
        for kind in AlarmKind
    ]


def _classes(
    word: str,
    classes: Sequence[tuple[float, float, str]],
    size: Callable[[Copy], float],
    judged: Sequence[Copy],
) -> list[str]:
    lines = []
    for low, high, name in classes:
        those = [copy for copy in judged if low <= size(copy) < high]
        lines.append(f"{word} {name:32} {part(those):6.1%} of {len(those)}")
    return lines


def _delays(base: Figures) -> list[str]:
    found = [copy for copy in base.copies if copy.found is not None]
    days = sorted((copy.found - copy.since) / 24 for copy in found if copy.found is not None)
    after = [
        copy.found - fifth
        for copy in base.judged
        if copy.found is not None and (fifth := copy.fifth()) is not None
    ]
    return [
        (
            f"days from hanging to the alarm: median {statistics.median(days):.1f}, "
            f"9 of 10 within {days[int(0.9 * len(days))]:.1f}"
        ),
        f"hours from the 5th scan with consent to the alarm: median {statistics.median(after):.0f} (below 0: earlier)",
    ]


def _others(base: Figures) -> list[str]:
    judged = {id(copy) for copy in base.judged}
    few = [copy for copy in base.copies if id(copy) not in judged]
    old = [copy for outcome in base.outcomes for copy in outcome.old]
    left, left_found = (
        sum(getattr(outcome, name) for outcome in base.outcomes) for name in ("left", "left_found")
    )
    scans, kept, reports = (
        sum(getattr(outcome, name) for outcome in base.outcomes) for name in ("scans", "kept", "reports")
    )
    return [
        (
            f"copies without five scans with consent in the month: {len(few)}, "
            f"found all the same: {sum(copy.found is not None for copy in few)}"
        ),
        f"copies of replaced papers: {len(old)}, found {sum(copy.found is not None for copy in old)}",
        (
            f"replaced papers left hanging by mistake (work for the shop; no copy, no false alarm): {left}, "
            f"found {left_found}"
        ),
        f"{scans:,} scans in the months; kept with those of four weeks before: {kept:,} cells, {reports:,} reports",
    ]


def _variants() -> list[str]:
    """The figures under other assumptions: of 400 copies each, and of the honest in the same month."""
    lines = ["if instead …, found in time"]
    alone: dict[str, object] = {"shops": 20, "copied_old": 0, "replaced": 0.0}
    for title, changes in ({"(as assumed)": {}} | OTHER_COPIES).items():
        figures = months(range(100, 120), **(alone | changes))
        lines.append(f"  {title:54} {part(figures.judged):6.1%} of {len(figures.judged)}")
    lines.append("if instead …, false alarms a 1000 shop-days in one month")
    for title, changes in ({"(as assumed)": {}} | OTHER_PEOPLE).items():
        lines.append(f"  {title:54} {months([0], **changes).false_rate:6.2f}")
    return lines


def run(rounds: int = 5) -> tuple[str, bool]:
    """For `make bench`: (readable lines, whether the goals are reached)."""
    lines, kept = report(rounds)
    head = f"{'reached' if kept else 'MISSED '}  {NAME}: {lines[0]}"
    return "\n".join([head, *(f"           {line}" for line in lines[1:])]), kept


def main() -> int:
    """Measure and print, or write into the document."""
    parser = argparse.ArgumentParser(prog="python -m bench.copies", description=__doc__)
    parser.add_argument("--months", type=int, default=10)
    parser.add_argument("--write", type=Path, help="the document whose figures are to be written anew")
    options = parser.parse_args()
    lines, kept = report(options.months)
    text = "\n".join(
        [
            "",
            "```",
            *lines,
            "```",
            "",
            f"NumPy {np.__version__}; goals {'reached' if kept else 'MISSED'}.",
            "",
            "<!-- figures: end -->",
        ]
    )
    print(text)
    if options.write:
        write(options.write, text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
