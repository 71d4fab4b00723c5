"""Reads the word lists in `data/`: they are data, so that a person can change the city without touching
code.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"


@cache
def lines(name: str) -> tuple[str, ...]:
    """The non-empty lines of `data/<name>`."""
    return tuple(line for line in (DATA / name).read_text(encoding="utf-8").splitlines() if line)


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """The rows of `data/<name>`, a CSV file with a header."""
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))


@cache
def phrases() -> dict[str, str]:
    """Fixed Chinese phrases and patterns by name (`data/phrases.csv`)."""
    return {row["name"]: row["text"] for row in table("phrases.csv")}
