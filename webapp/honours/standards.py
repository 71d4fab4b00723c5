"""The standard of a demonstration unit by its sector: number, part and title, dated policy rows.

DB37/T 3698 has parts by sector. Which part is a sector's was not read in the primary text ?: a part of 0 is printed
without one. An administrator's row ``honour.part.<sector>`` (a whole number) holds from its day on; what was published
before keeps what it says.
"""

from __future__ import annotations

from datetime import date

from webapp.core import policy
from webapp.web.words import label

from .rules import SECTORS


def part_of(sector: str | None, on: date) -> int | None:
    """The part that is in force for the sector on that day; None when there is none, or no such sector."""
    if sector not in SECTORS:
        return None
    return policy.get_int(f"honour.part.{sector}", on) or None


def words_of(sector: str | None, on: date, part: int | None = None) -> str:
    """The standard as it is printed, with the sector's part, or the one given."""
    return words(policy.get_int("honour.standard_number", on), part or part_of(sector, on))


def words(number: int, part: int | None) -> str:
    """``DB37/T 3698.4《…》``, without a part ``DB37/T 3698《…》``."""
    return label("honour.standard", number=f"{number}.{part}" if part else str(number))


def table(on: date) -> list[tuple[str, str]]:
    """Every sector with its standard, for the form: (code, words)."""
    found = policy.get_ints([f"honour.part.{sector}" for sector in SECTORS], on)
    number = policy.get_int("honour.standard_number", on)
    return [(sector, words(number, found[f"honour.part.{sector}"] or None)) for sector in SECTORS]
