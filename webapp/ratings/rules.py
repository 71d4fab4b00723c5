"""Ratings (评价) by the five hearts (五心), one per device, shop and period. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

#: The five hearts: 环境舒心, 质量放心, 价格诚心, 服务贴心, 维权省心.
HEARTS: Final = ("environment", "quality", "price", "service", "redress")
LOWEST, HIGHEST = 1, 5
TEXT_MAX: Final = 500
REPLY_MAX: Final = 500
#: A reply may be mended for so long after it was first given.
REPLY_EDITABLE: Final = timedelta(hours=24)
#: A device's mark: at least this long, at most that.
DEVICE_CHARS: Final = (20, 64)


@dataclass(frozen=True)
class Period:
    """The span in which one device rates a shop once: the `number`-th of `days` days. `until` is excluded."""

    days: int
    number: int
    until: date


@dataclass(frozen=True)
class Raters:
    """By what whoever rates is told from others: keyed hashes of the device, phone and complaint (None: not known).

    `mark` joins the device's ratings of several shops for the signals.
    """

    device: str
    phone: str | None = None
    complaint: str | None = None
    mark: str | None = None


def period(day: date, days: int) -> Period:
    """The period of `days` (≥ 1) days that `day` lies in. Periods follow each other without gaps, the same for all."""
    number = day.toordinal() // days
    return Period(days, number, date.fromordinal((number + 1) * days))


def read_marks(typed: Mapping[str, str | None]) -> tuple[dict[str, int], list[str]]:
    """Marks 1 to 5 by heart, and the hearts that are missing or nonsense."""
    marks = {heart: int(text) for heart in HEARTS if (text := (typed.get(heart) or "").strip()) in {*"12345"}}
    return marks, [heart for heart in HEARTS if heart not in marks]


def mean(total: int, count: int) -> float | None:
    """The mean of `count` marks that sum to `total`; None for none."""
    return total / count if count else None


def may_mend_reply(replied_at: datetime | None, now: datetime) -> bool:
    """May the merchant write or change the reply now?"""
    return replied_at is None or now - replied_at < REPLY_EDITABLE


_NUMBERS = re.compile(r"[0-9０-９][0-9０-９ \-]{5,}[0-9０-９xXＸ]")


def hide_numbers(text: str) -> str:
    """A public text without what could be a phone, identity or card number: runs of seven and more digits."""
    return _NUMBERS.sub(lambda found: "****" if _digits(found.group()) >= 7 else found.group(), text)


def _digits(text: str) -> int:
    return sum(char.isdigit() for char in text)
