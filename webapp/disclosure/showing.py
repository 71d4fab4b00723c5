"""What the pages show: figures in words, and what differs between two texts."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from webapp.web.words import label

from .models import OpenFigure


@dataclass(frozen=True)
class Piece:
    """A part of a text; `changed` where the other text says something else."""

    text: str
    changed: bool


def differences(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts cut where they differ."""
    left, right = list[Piece](), list[Piece]()
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        changed = kind != "equal"
        if before[a:b]:
            left.append(Piece(before[a:b], changed))
        if after[c:d]:
            right.append(Piece(after[c:d], changed))
    return left, right


@dataclass(frozen=True)
class Rate:
    """A share as text, or None below the sample: `part` of `whole`."""

    name: str
    part: int
    whole: int
    text: str | None


@dataclass(frozen=True)
class Shown:
    """The figures of one group for a page."""

    complaints: int
    ended: int
    scans: int
    rates: list[Rate]
    median_days: int | None
    topics: list[tuple[str, int]]  # name, count


RATES = (
    ("settlement_rate", "settled", "settle_first_ended"),
    ("mediation_rate", "mediation_agreed", "mediation_ended"),
    ("on_time_rate", "answers_on_time", "answers_due"),
)


def per_cent(myriad: int | None) -> str | None:
    """8765 per myriad as 87.7 %, half up; a round one without its zero."""
    if myriad is None:
        return None
    tenths = (myriad + 5) // 10
    return f"{tenths // 10}%" if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}%"


def shown(found: OpenFigure | None, scans: int | None = None) -> Shown:
    """A group's figures; a group without any is one of noughts. `scans` where the figure itself has none."""
    figures: dict[str, Any] = {} if found is None else found.figures
    total = figures.get("complaints", 0)
    by_topic = sorted(figures.get("by_topic", {}).items(), key=lambda pair: (-pair[1], pair[0]))
    return Shown(
        complaints=total,
        ended=figures.get("ended", 0),
        scans=scans if found is None and scans is not None else (0 if found is None else found.scans),
        rates=[
            Rate(
                label(f"disclosure.figure.{rate}"),
                figures.get(part, 0),
                figures.get(whole, 0),
                per_cent(figures.get(rate)),
            )
            for rate, part, whole in RATES
        ],
        median_days=figures.get("median_days"),
        topics=[(label(f"complaint.topic.{topic}"), count) for topic, count in by_topic],
    )
