"""The catalogue of grounds (``grounds.csv``): how grave each is, the law behind it, and where that was read. Pure.

Words: ``listing.ground.<colour>.<code>``; the basis in words: ``….basis``. In `source` a `?` marks what was not read
in the primary text.
"""

from __future__ import annotations

import csv
import enum
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from webapp.core.errors import Invalid

HERE: Final = Path(__file__).with_name("grounds.csv")


class Severity(enum.StrEnum):
    """轻微 / 一般 / 严重 (信用修复): how long an entry stands at most, and when repair may be asked for."""

    MINOR = "minor"
    GENERAL = "general"
    SERIOUS = "serious"


@dataclass(frozen=True)
class Ground:
    """One ground. `severity` is None on the red list."""

    colour: str
    code: str
    severity: Severity | None
    law: str
    article: str
    source: str


@lru_cache(maxsize=1)
def catalogue() -> dict[tuple[str, str], Ground]:
    """All grounds by colour and code, in the file's order."""
    with HERE.open(encoding="utf-8", newline="") as stream:
        return {
            (row["colour"], row["code"]): Ground(
                row["colour"],
                row["code"],
                Severity(row["severity"]) if row["severity"] else None,
                row["law"],
                row["article"],
                row["source"],
            )
            for row in csv.DictReader(stream)
        }


def of_colour(colour: str) -> tuple[Ground, ...]:
    """The grounds of a list."""
    return tuple(ground for ground in catalogue().values() if ground.colour == colour)


def get(colour: str, code: str) -> Ground:
    """The ground; raises Invalid (``listing_ground``) when the catalogue of `colour` has none such."""
    found = catalogue().get((colour, code))
    if found is None:
        raise Invalid("listing_ground", field="ground")
    return found
