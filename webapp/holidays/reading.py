"""Reading a holiday notice as it is published, or a plain list of dates. Speaks the notices' Chinese.

The State Council writes 「二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日
（周六）、2月28日（周六）上班。」. Dates before 放假 are days off, dates before 上班 are worked; the weekdays and the
number of days that stand beside them must be right, so that a slip of the finger is found. A list has one date or one
span a line: ``2027-02-05 休``, ``2027-02-05 至 2027-02-11 休``, ``2027-01-30 班``, with blanks, tabs or commas.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from webapp.core.errors import Invalid
from webapp.core.workdays import Notice

from .rules import SPAN_LONGEST, TEXT_LONGEST

_DATE = re.compile(r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:\(([^)]*)\))?")
_SPAN = re.compile(r"[至到~—–-]+")
_CLAUSE = re.compile(r"(.*?)(放假|补休|休息|上班)(?:调休)?,?(?:共?(\d{1,2})天)?")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_LINE = re.compile(r"((?:\d{4}年\d{1,2}月\d{1,2}日[,至到~—–-]*)+)(\D*)")
_YEAR = re.compile(r"现将(\d{4})年")
_WEEKDAY = re.compile(r"(?:周|星期)([一二三四五六日天])")
_WEEKDAYS = {character: number for number, character in enumerate("一二三四五六日")} | {"天": 6}
_NUMBER = re.compile(r"国办发明电[〔\[(]\d{4}[〕\])]\d+号")
_WORKED = frozenset({"班", "上班", "补班", "work", "W"})
_OFF = frozenset({"休", "假", "放假", "休息", "off", "H"})
#: How each festival is named in a notice, by the code of its word.
FESTIVALS = {
    "new_year": "元旦",
    "spring": "春节",
    "qingming": "清明",
    "labour": "劳动节",
    "dragon_boat": "端午",
    "mid_autumn": "中秋",
    "national": "国庆",
}


@dataclass(frozen=True)
class Reading:
    """What was read: the days, the document number if the text bears it, and festivals that are not named in it.

    `missing` is empty for a plain list, which names none. `unused` are dates that neither word follows.
    """

    notice: Notice
    number: str
    missing: tuple[str, ...]
    unused: tuple[str, ...]


def read(text: str, year: int) -> Reading:
    """Read the notice of `year`. Raises Invalid for field ``text`` with the place where reading stopped."""
    if len(text) > TEXT_LONGEST:
        raise Invalid("too_long", field="text", longest=TEXT_LONGEST, length=len(text))
    plain = unicodedata.normalize("NFKC", text)
    if (said := _YEAR.search(re.sub(r"\s", "", plain))) and int(said[1]) != year:
        raise Invalid("holiday_other_year", field="text", said=said[1], year=year)
    off: set[date] = set()
    worked: set[date] = set()
    unused: list[str] = []
    named: set[str] = set()
    for sentence in re.split(r"[。;\n]", plain):
        line = _spelt(re.sub(r"\s", "", sentence))
        rest = _CLAUSE.sub("", line)
        if not _DATE.fullmatch(rest):  # the day of signing stands alone
            unused += [date_[0] for date_ in _DATE.finditer(rest) if date_[2]]
        for dates, what, count in _clauses(line):
            days = _days(dates, year)
            if days:
                named |= {code for code, word in FESTIVALS.items() if word in line}
            if count and days and len(days) != int(count):
                raise Invalid("holiday_count", field="text", said=count, found=len(days), at=dates[-40:])
            (worked if what == "上班" else off).update(days)
    if not off and not worked:
        raise Invalid("holiday_nothing_read", field="text")
    number = _NUMBER.search(re.sub(r"\s", "", plain))
    missing = tuple(code for code in FESTIVALS if code not in named) if named else ()
    notice = Notice(year, frozenset(off), frozenset(worked))
    return Reading(notice, number[0] if number else "", missing, tuple(unused))


def decode(data: bytes) -> str:
    """The text of an uploaded file: UTF-8 with or without a mark, or GB 18030. Raises Invalid for field ``file``."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Invalid("holiday_file", field="file")


def _spelt(line: str) -> str:
    """A line of a list said as a notice would: 2027-02-05休 becomes 2027年2月5日放假."""
    said = _ISO.sub(r"\1年\2月\3日", line)
    found = _LINE.fullmatch(said)
    if found is None:
        return said
    word = found[2].strip(",|")
    if word in _WORKED:
        return f"{found[1].rstrip(',')}上班"
    if word in _OFF:
        return f"{found[1].rstrip(',')}放假"
    if _ISO.match(line):
        raise Invalid("holiday_line", field="text", at=line[:40])
    return said


def _clauses(sentence: str) -> Iterator[tuple[str, str, str]]:
    """(dates, 放假 or 上班, number of days or ""): what stands before each of the two words."""
    for clause in _CLAUSE.finditer(sentence):
        yield clause[1], clause[2], clause[3] or ""


def _days(text: str, year: int) -> list[date]:
    """The days that a clause names, spans filled. A month or year that is not repeated goes on."""
    days: list[date] = []
    month: int | None = None
    ended = 0
    for found in _DATE.finditer(text):
        month = int(found[2]) if found[2] else month
        if month is None:
            raise Invalid("holiday_date", field="text", at=found[0])
        day = _date(int(found[1] or year), month, int(found[3]), found[0])
        _check_weekday(day, found[4] or "")
        if days and _SPAN.fullmatch(text[ended : found.start()]):
            days = _filled(days, day, found[0])
        else:
            days.append(day)
        ended = found.end()
    return days


def _filled(days: list[date], last: date, at: str) -> list[date]:
    """The days with all up to `last`. A span from December into January began in the year before."""
    first = days[-1]
    if first > last and (first.month, last.month) == (12, 1):
        first = first.replace(year=last.year - 1)
    length = (last - first).days
    if not 0 < length < SPAN_LONGEST:
        raise Invalid("holiday_span", field="text", at=at)
    return days[:-1] + [first + timedelta(days=n) for n in range(length + 1)]


def _date(year: int, month: int, day: int, at: str) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Invalid("holiday_date", field="text", at=at) from error


def _check_weekday(day: date, note: str) -> None:
    said = _WEEKDAY.search(note)
    if said and _WEEKDAYS[said[1]] != day.weekday():
        raise Invalid("holiday_weekday", field="text", day=day.isoformat(), said=said[0])
