"""The catalogue of grounds (``grounds.csv``): the law behind each, and where that was read. Pure.

Words: ``reminder.ground.<code>``. In `source` a `?` marks what was not read in the primary text.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from webapp.core.errors import Invalid

HERE: Final = Path(__file__).with_name("grounds.csv")
#: Of what was published before grounds were asked for: never offered.
EARLIER: Final = "earlier"


@dataclass(frozen=True)
class Ground:
    """One ground. `offered` is False for one that no new reminder may have."""

    code: str
    offered: bool
    law: str
    article: str
    source: str

    @property
    def basis(self) -> str:
        """Law and article as they are quoted."""
        return self.law + self.article


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Ground]:
    """All grounds by code, in the file's order."""
    with HERE.open(encoding="utf-8", newline="") as stream:
        return {
            row["code"]: Ground(
                row["code"], row["offered"] == "yes", row["law"], row["article"], row["source"]
            )
            for row in csv.DictReader(stream)
        }


def offered() -> tuple[Ground, ...]:
    """The grounds that an officer may choose."""
    return tuple(ground for ground in catalogue().values() if ground.offered)


def get(code: str) -> Ground:
    """The ground; KeyError for none such."""
    return catalogue()[code]


def check(code: str) -> Ground:
    """The ground that an officer chose; raises Invalid (``reminder_ground``) when it is not offered."""
    found = catalogue().get(code)
    if found is None or not found.offered:
        raise Invalid("reminder_ground", field="ground")
    return found
