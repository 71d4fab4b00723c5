"""The plan's figures (三年行动方案 2023-2025 三(四)(六)): which case counts in which figure, and whether it kept it.

Every figure is a share of cases received in a period: kept ÷ counted. A case that is still in time, or that ended
without the authority's or the merchant's doing, counts in neither. Pure.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from webapp.clocks.laws import Kind
from webapp.clocks.rules import What


class Figure(enum.StrEnum):
    """What is promised. The goals are dated policy values ``target.<figure>_percent``."""

    HANDLED = "handled"  # 处置率: complaints and tips that came to the authority were decided on
    ON_TIME = "on_time"  # 按时办结率: complaints with the authority ended, and every clock of it kept
    VERIFIED = "verified"  # 举报按时核查率: tips verified within the time, its lawful extension included
    SELF_SETTLED = (
        "self_settled"  # 自行协商和解率: put to the merchant first and settled without the authority
    )


class Subject(enum.StrEnum):
    """What a case is."""

    COMPLAINT = "complaint"
    TIP = "tip"


#: The authority's clocks of a complaint: all three are kept, or it was not handled on time.
OFFICIAL: Final = frozenset({Kind.ACCEPTANCE, Kind.MEDIATION, Kind.RESULT_NOTICE})
#: The clock that the authority's first decision ends.
DECISION: Final = {Subject.COMPLAINT: Kind.ACCEPTANCE, Subject.TIP: Kind.VERIFICATION}
#: Ends that the consumer chose alone, or that nobody brought about: they say nothing of anybody's work.
SILENT: Final = frozenset({"withdrawn"})
#: Ends of a complaint that settle it or fail to, as in the public figures.
TOLD: Final = frozenset({"resolved", "closed", "lapsed"})
TRANSFERRED: Final = "transferred"


@dataclass(frozen=True)
class Ticking:
    """A clock of a case. `how`: what ended it, None while it runs; `late`: ended late, or past its due instant now."""

    kind: Kind
    how: What | None
    late: bool


@dataclass(frozen=True)
class Matter:
    """A complaint or tip as far as the figures ask. `state` is its state's value, `ended` whether that is an end.

    `settle_first`: put to the merchant first. `with_authority`: it came to the authority at some time. `accepted`:
    the authority accepted it. `region_code` and `station_id`: the office that has it now.
    """

    subject: Subject
    id: int
    number: str
    shop_id: int
    shop_name: str
    region_code: str
    station_id: int | None
    topic: str
    state: str
    ended: bool
    received_on: date
    settle_first: bool = False
    with_authority: bool = True
    accepted: bool = False
    clocks: tuple[Ticking, ...] = ()


def judge(matter: Matter, figure: Figure) -> bool | None:
    """True: counted and kept. False: counted and not kept. None: not counted."""
    return _JUDGES[figure](matter)


def _handled(matter: Matter) -> bool | None:
    if not matter.with_authority or matter.state in SILENT:
        return None
    if matter.accepted or matter.state in {"refused", "case", "no_case", TRANSFERRED}:
        return True
    decisions = [one for one in matter.clocks if one.kind is DECISION[matter.subject]]
    if any(one.how is What.MEET for one in decisions):
        return True
    if any(one.how is None and one.late for one in decisions):
        return False
    return None  # still in time, or settled by both sides before a decision was due


def _on_time(matter: Matter) -> bool | None:
    if matter.subject is not Subject.COMPLAINT or not matter.with_authority or matter.state in SILENT:
        return None
    official = [one for one in matter.clocks if one.kind in OFFICIAL]
    if any(one.late for one in official):
        return False
    return True if matter.ended and official else None


def _verified(matter: Matter) -> bool | None:
    if matter.subject is not Subject.TIP:
        return None
    found = [one for one in matter.clocks if one.kind is Kind.VERIFICATION]
    if any(one.late for one in found):
        return False
    return True if any(one.how is What.MEET for one in found) else None


def _self_settled(matter: Matter) -> bool | None:
    if matter.subject is not Subject.COMPLAINT or not matter.settle_first or matter.state not in TOLD:
        return None
    return matter.state == "resolved" and not matter.accepted


_JUDGES: Final = {
    Figure.HANDLED: _handled,
    Figure.ON_TIME: _on_time,
    Figure.VERIFIED: _verified,
    Figure.SELF_SETTLED: _self_settled,
}


@dataclass
class Share:
    """How many cases count, and how many of them kept what was promised."""

    kept: int = 0
    counted: int = 0

    @property
    def missed(self) -> int:
        """Counted and not kept."""
        return self.counted - self.kept

    @property
    def tenths(self) -> int | None:
        """Per mille of kept ones, rounded down so that a missed goal is never rounded into a reached one."""
        return None if not self.counted else self.kept * 1000 // self.counted

    def reaches(self, goal_percent: int) -> bool | None:
        """Whether the goal is reached; None without cases."""
        return None if not self.counted else self.kept * 100 >= goal_percent * self.counted


Shares = dict[Figure, Share]


def no_shares() -> Shares:
    """Every figure, nothing counted."""
    return {figure: Share() for figure in Figure}


@dataclass
class Tally:
    """The figures of a period: of everything, by month of receipt (YYYY-MM), by county, by station."""

    all: Shares = field(default_factory=no_shares)
    months: dict[str, Shares] = field(default_factory=dict)
    counties: dict[str, Shares] = field(default_factory=dict)
    stations: dict[int | None, Shares] = field(default_factory=dict)


def tally(matters: Iterable[Matter], first: date, last: date) -> Tally:
    """Count. Months are those of all `matters`; the other figures are of what was received from `first` to `last`."""
    found = Tally()
    for matter in matters:
        inside = first <= matter.received_on <= last
        month = found.months.setdefault(matter.received_on.isoformat()[:7], no_shares())
        groups = [month]
        if inside:
            county = found.counties.setdefault(matter.region_code[:6], no_shares())
            station = found.stations.setdefault(matter.station_id, no_shares())
            groups += [found.all, county, station]
        for figure in Figure:
            if (kept := judge(matter, figure)) is not None:
                for shares in groups:
                    shares[figure].counted += 1
                    shares[figure].kept += kept
    return found


@dataclass(frozen=True)
class Period:
    """Days of receipt, both included. `code` stands in addresses: 2026, 2026-Q4 or 2026-11."""

    code: str
    first: date
    last: date


def period(code: str, today: date) -> Period:
    """The period that `code` names; the year of `today` when it names none that has begun, or one before the goals."""
    head, _, tail = code.partition("-")
    year = int(head) if len(head) == 4 and head.isascii() and head.isdigit() else 0
    months = _months(tail)
    if not 2020 <= year <= today.year or months is None:
        return period(str(today.year), today)
    first, last = date(year, months[0], 1), _month_end(year, months[1])
    return Period(code, first, last) if first <= today else period(str(today.year), today)


def _months(tail: str) -> tuple[int, int] | None:
    if not tail:
        return (1, 12)
    if len(tail) == 2 and tail[0] == "Q" and tail[1] in "1234":
        return (int(tail[1]) * 3 - 2, int(tail[1]) * 3)
    if len(tail) == 2 and tail.isascii() and tail.isdigit() and 1 <= int(tail) <= 12:
        return (int(tail), int(tail))
    return None


def _month_end(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def choices(today: date, years: int = 3) -> list[str]:
    """Codes to choose from, the newest first: each year, its quarters and months as far as they have begun."""
    found = []
    for year in range(today.year, today.year - years, -1):
        codes = [
            str(year),
            *(f"{year}-Q{n}" for n in (4, 3, 2, 1)),
            *(f"{year}-{n:02}" for n in range(12, 0, -1)),
        ]
        found += [code for code in codes if period(code, today).code == code]
    return found
