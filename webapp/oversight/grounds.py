"""The catalogue of grounds (``grounds.csv``): law, article, how an order's days are counted. Pure.

Words: ``oversight.ground.<code>``. In `source` a `?` marks what was not read in the primary text.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from webapp.core.errors import Invalid

from .rules import Unit

HERE: Final = Path(__file__).with_name("grounds.csv")


@dataclass(frozen=True)
class Ground:
    """One ground `of` "talk" or "order"; `unit` only for orders."""

    code: str
    of: str
    unit: Unit | None
    law: str
    article: str
    source: str

    @property
    def basis(self) -> str:
        """Law and article as they are quoted."""
        return self.law + self.article


@lru_cache(maxsize=1)
def catalogue() -> dict[tuple[str, str], Ground]:
    """All grounds by what they are of and code, in the file's order."""
    with HERE.open(encoding="utf-8", newline="") as stream:
        return {
            (row["of"], row["code"]): Ground(
                row["code"],
                row["of"],
                Unit(row["unit"]) if row["unit"] else None,
                row["law"],
                row["article"],
                row["source"],
            )
            for row in csv.DictReader(stream)
        }


def offered(of: str) -> tuple[Ground, ...]:
    """The grounds of a talk or an order."""
    return tuple(ground for ground in catalogue().values() if ground.of == of)


def get(of: str, code: str) -> Ground:
    """The ground; raises Invalid (``oversight_ground``) when the catalogue has none such."""
    found = catalogue().get((of, code))
    if found is None:
        raise Invalid("oversight_ground", field="ground")
    return found
