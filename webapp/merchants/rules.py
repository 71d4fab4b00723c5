"""What a shop may say of itself (pure): opening hours, position, lengths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from webapp.core import clock
from webapp.core.errors import Invalid

from . import spoken_times

NAME_MAX: Final = 60
BRANCH_MAX: Final = 40
ADDRESS_MAX: Final = 120
PHOTOS_MAX: Final = 6
SPANS_MAX: Final = 3
DAYS: Final = tuple("1234567")  # Monday to Sunday, as ISO 8601 counts
#: WGS-84 degrees around China's land: a pin outside is a slip of the finger or swapped numbers.
LATITUDES: Final = (3.0, 54.0)
LONGITUDES: Final = (73.0, 136.0)

#: A street's GB/T 2260 code; its first six digits are the district's (county's).
STREET_DIGITS: Final = 9
DISTRICT_DIGITS: Final = 6
#: What a shop may say anew at any time, also while the bureau vouches for it: it deceives nobody about who it is.
FREE: Final = frozenset({"phone", "opening_hours"})

Hours = dict[str, list[list[str]]]

_TIME: Final = re.compile(r"([01]?[0-9]|2[0-4])[:：]([0-5][0-9])\Z")
#: Between two times of a span: dashes of every kind, and the words for "to".
_TO: Final = re.compile("\\s*(?:[-~\u2010-\u2015\uff0d\uff5e\u301c\u2212]+|\u81f3|\u5230)\\s*")
#: Between two spans: blanks, commas, semicolons, the enumeration comma.
_BETWEEN: Final = re.compile("[\\s,;\uff0c\u3001\uff1b]+")
_HALF_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF1A)}


def plain_text(text: str | None, field: str, longest: int, *, required: bool) -> str:
    """`text` without outer blanks and control characters; Invalid when it is missing or longer than `longest`."""
    kept = "".join(c if c.isprintable() else " " for c in text or "").strip()
    kept = re.sub(r" {2,}", " ", kept)
    if required and not kept:
        raise Invalid("required", field=field)
    if len(kept) > longest:
        raise Invalid("too_long", field=field, longest=longest, length=len(kept))
    return kept


def leaves_district(before: str, after: str) -> bool:
    """Does a shop that moves from region `before` to `after` come into another district, to other officers?"""
    return before[:DISTRICT_DIGITS] != after[:DISTRICT_DIGITS]


def needs_review(changed: Iterable[str]) -> bool:
    """Is one of the `changed` facts among those that an officer has to look at once the bureau vouches?"""
    return not set(changed) <= FREE


def position(latitude: float | None, longitude: float | None) -> tuple[float, float] | None:
    """WGS-84 degrees rounded to six places (0.1 m), None when both are missing; Invalid when half or outside China."""
    if latitude is None and longitude is None:
        return None
    if latitude is None or longitude is None:
        raise Invalid("position_half", field="lat" if latitude is None else "lng")
    inside = LATITUDES[0] <= latitude <= LATITUDES[1] and LONGITUDES[0] <= longitude <= LONGITUDES[1]
    if not inside:  # also false for NaN
        raise Invalid("position_outside", field="lat")
    return round(latitude, 6), round(longitude, 6)


def minutes(text: str) -> int:
    """Minutes after midnight of "HH:MM" (full-width digits and colon forgiven, "24:00" is 1440); Invalid otherwise."""
    match = _TIME.match(text.strip().translate(_HALF_WIDTH))
    value = int(match[1]) * 60 + int(match[2]) if match else 1441
    if value > 1440:
        raise Invalid("time_unreadable", field="hours", text=text.strip()[:20])
    return value


def time_text(value: int) -> str:
    """Minutes after midnight as "HH:MM"."""
    return f"{value // 60:02}:{value % 60:02}"


def opening_hours(raw: Mapping[str, Sequence[Sequence[str]]]) -> Hours:
    """Checked opening hours: weekday "1".."7" to at most three spans ["HH:MM", "HH:MM"], sorted; closed days left out.

    A span whose end is not after its start runs past midnight (18:00–02:00). Spans of a day, and one that runs into the
    next day, must not overlap. Invalid with field "hours" otherwise.
    """
    found: dict[int, list[tuple[int, int]]] = {}
    for day, spans in raw.items():
        if day not in DAYS:
            raise Invalid("weekday_unknown", field="hours", text=str(day)[:10])
        if len(spans) > SPANS_MAX:
            raise Invalid("hours_too_many", field="hours", most=SPANS_MAX)
        read = sorted(_span(span) for span in spans)
        if read:
            found[int(day)] = read
    _refuse_overlaps(found)
    return {str(day): [[time_text(a), time_text(b)] for a, b in found[day]] for day in sorted(found)}


def read_spans(text: str) -> list[list[str]]:
    """A day's hours as typed, "09:00-12:00 14:00-21:00"; nothing means closed. Invalid when it cannot be read.

    Full-width marks, the words between two times that people use, 24:00, and hours as they are said
    (:mod:`.spoken_times`) are understood; checked as a single day.
    """
    plain = spoken_times.written(_TO.sub("-", text.translate(_HALF_WIDTH).replace("\uff1a", ":")))
    spans = [part.split("-") for part in _BETWEEN.split(plain) if part]
    checked = opening_hours({"1": spans})
    return checked.get("1", [])


def spans_text(spans: Sequence[Sequence[str]]) -> str:
    """Hours of a day as they are typed: "09:00-12:00 14:00-21:00"."""
    return " ".join(f"{start}-{end}" for start, end in spans)


def _span(span: Sequence[str]) -> tuple[int, int]:
    if len(span) != 2:
        raise Invalid("time_unreadable", field="hours", text="")
    start, end = minutes(span[0]), minutes(span[1])
    if start in {1440, end}:
        raise Invalid("hours_empty", field="hours", text=f"{span[0]}–{span[1]}"[:20])
    return start, end


def _refuse_overlaps(days: dict[int, list[tuple[int, int]]]) -> None:
    """All spans laid out on one week of minutes, Sunday's night running into Monday."""
    week = 7 * 1440
    line = []
    for day, spans in days.items():
        for start, end in spans:
            base = (day - 1) * 1440
            line.append((base + start, base + (end if end > start else end + 1440), day))
    line.sort()
    for (_, end, day), (start, _, _) in pairwise(line):
        if start < end:
            raise Invalid("hours_overlap", field="hours", day=day)
    if line and line[-1][1] > week + line[0][0]:
        raise Invalid("hours_overlap", field="hours", day=7)


def is_open(hours: Mapping[str, Any], at: datetime) -> bool:
    """Is a shop with these hours open at the instant `at` (China's time)? A span past midnight counts for its start."""
    local = at.astimezone(clock.SHANGHAI)
    minute = local.hour * 60 + local.minute
    for start, end in _spans(hours, local.isoweekday()):
        if start <= minute < (end if end > start else 1441):
            return True
    yesterday = (local - timedelta(days=1)).isoweekday()
    return any(end <= start and minute < end for start, end in _spans(hours, yesterday))


def _spans(hours: Mapping[str, Any], day: int) -> list[tuple[int, int]]:
    return [(minutes(start), minutes(end)) for start, end in hours.get(str(day), [])]


@dataclass(frozen=True)
class HoursLine:
    """Neighbouring weekdays with the same hours: days 1..7 from `first` to `last`; no `spans` means closed."""

    first: int
    last: int
    spans: tuple[tuple[str, str], ...]


def grouped(hours: Mapping[str, Any]) -> list[HoursLine]:
    """The week as few lines for showing; empty when no hours were given at all."""
    lines: list[HoursLine] = []
    if not hours:
        return lines
    for day in range(1, 8):
        spans = tuple((start, end) for start, end in hours.get(str(day), []))
        if lines and lines[-1].spans == spans:
            lines[-1] = HoursLine(lines[-1].first, day, spans)
        else:
            lines.append(HoursLine(day, day, spans))
    return lines
