"""The catalogue of grounds on which a rating may be taken off the page (``grounds.csv``). Pure.

That a rating is bad is no ground: 《电子商务法》第三十九条 forbids to delete what consumers say. Words:
``rating.ground.<code>``. In `source` a `?` marks what was not read in the primary text.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from webapp.core.errors import Invalid

HERE: Final = Path(__file__).with_name("grounds.csv")


@dataclass(frozen=True)
class Ground:
    """One ground: the law behind it."""

    code: str
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
        return {row["code"]: Ground(**row) for row in csv.DictReader(stream)}


def check(code: str | None) -> Ground:
    """The ground of this code; raises Invalid (``rating_ground``, field ``ground``) for one that is not listed."""
    ground = catalogue().get(code or "")
    if ground is None:
        raise Invalid("rating_ground", field="ground")
    return ground
