"""Opening hours as people write them on a door: "周一至周五 09:00-12:00、14:00-17:30；周六 09:00-12:00". Pure.

Kept in the same shape as a shop's (`merchants.rules.opening_hours`). What is written here is read back as the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from webapp.core.errors import Invalid
from webapp.merchants import rules as merchants
from webapp.merchants.rules import Hours

LONGEST: Final = 300
_DAYS: Final = "一二三四五六日"
_WEEK: Final = {"每天": "1234567", "每日": "1234567", "天天": "1234567", "工作日": "12345", "周末": "67"}
_TO: Final = "[至到~—–－～-]"
_WORD: Final = "(?:周|星期|礼拜)"
_RUN: Final = f"{_WORD}?[{_DAYS}天]+(?:{_TO}{_WORD}?[{_DAYS}天])?"
_WHEN: Final = re.compile(f"({'|'.join(_WEEK)}|(?={_WORD}){_RUN}(?:[、，,和及]{_RUN})*)")
_CLOSED: Final = frozenset({"休息", "不上班", "关门", "休"})
_ALL_DAY: Final = frozenset({"全天", "24小时", "24 小时", "二十四小时"})


def read(text: str) -> Hours:
    """The hours in `text`; nothing written means that nobody said. A line without days holds for every day.

    Raises Invalid with the field "hours" (``hours_unreadable`` and those of `merchants.rules.opening_hours`).
    """
    if len(text) > LONGEST:
        raise Invalid("too_long", field="hours", longest=LONGEST, length=len(text))
    found: dict[str, list[list[str]]] = {}
    for part in re.split("[；;\n]+", text):
        if not (plain := part.strip()):
            continue
        match = _WHEN.match(plain)
        days = _days(match[1]) if match else "1234567"
        spans = _spans((plain[match.end() :] if match else plain).strip(" :：　"), plain)
        for day in days:
            if day in found:
                raise Invalid("hours_day_twice", field="hours", day=f"周{_DAYS[int(day) - 1]}")
            found[day] = spans
    return merchants.opening_hours(found)


def _days(text: str) -> str:
    if text in _WEEK:
        return _WEEK[text]
    days: list[int] = []
    for run in re.split("[、，,和及]", text):
        named = [_DAYS.index("日" if c == "天" else c) + 1 for c in run if c in f"{_DAYS}天"]
        if re.search(_TO, run):
            first, last = named[-2], named[-1]
            past = [] if first <= last else range(1, last + 1)  # from Friday to Monday
            named = [*named[:-2], *range(first, (last if first <= last else 7) + 1), *past]
        days += named
    return "".join(str(day) for day in days)


def _spans(text: str, whole: str) -> list[list[str]]:
    if text in _CLOSED:
        return []
    if text in _ALL_DAY:
        return [["00:00", "24:00"]]
    try:
        spans = merchants.read_spans(text)
    except Invalid as error:
        if error.code != "time_unreadable":
            raise
        spans = []
    if not spans:
        raise Invalid("hours_unreadable", field="hours", text=whole[:30])
    return spans


def text_of(hours: Mapping[str, Any]) -> str:
    """The hours as :func:`read` reads them, neighbouring days with the same hours together; empty for none."""
    parts = []
    for line in merchants.grouped(hours):
        first, last = _DAYS[line.first - 1], _DAYS[line.last - 1]
        days = f"周{first}" if line.first == line.last else f"周{first}至周{last}"
        days = "每天" if (line.first, line.last) == (1, 7) else days
        spans = "、".join(f"{start}-{end}" for start, end in line.spans)
        parts.append(f"{days} {spans or '休息'}")
    return "；".join(parts)
