"""When the use of a sticker looks as if it had been copied, and the life of the alarm that says so. Pure.

An alarm opens a task for an officer. It never suspends anything by itself.

Devices are keyed hashes with a salt of the day: the same phone has another mark tomorrow. What is counted over several
days is therefore a range (:class:`Devices`): surely so many, at most so many.
"""

from __future__ import annotations

import enum
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Final, TypeAlias

from webapp.core.actor import Role
from webapp.core.steps import Steps, step
from webapp.stickers.rules import StickerPlace

from .geography import Cell, Datum, Point, least_apart, least_metres


class AlarmKind(enum.StrEnum):
    """What looks wrong."""

    WRONG_SHOP = "wrong_shop"  # several devices say: this is another shop
    FAR_AWAY = "far_away"  # several devices scanned far from the shop
    TWO_PLACES = "two_places"  # one serial at two places at the same time
    SCAN_RATE = "scan_rate"  # scanned many times as often as usual
    STILL_SCANNED = "still_scanned"  # replaced, and still in use


class AlarmState(enum.StrEnum):
    """Where the officers stand with it."""

    OPEN = "open"
    LOOKING = "looking"
    CONFIRMED = "confirmed"
    FALSE_ALARM = "false_alarm"
    CLOSED = "closed"


S = AlarmState
_OFFICERS = {Role.STATION_OFFICER, Role.BUREAU_OFFICER}
#: States in which the alarm is a task; new evidence goes into it.
STANDING: Final = frozenset({S.OPEN, S.LOOKING})

STEPS: Steps[AlarmState] = Steps(
    "copy_alarm",
    S.OPEN,
    [
        step("look", {S.OPEN}, S.LOOKING, _OFFICERS),
        step("put_back", {S.LOOKING}, S.OPEN, _OFFICERS),
        # A copy is confirmed only by somebody who has taken the case on.
        step("confirm", {S.LOOKING}, S.CONFIRMED, _OFFICERS, needs_reason=True),
        step("dismiss", STANDING, S.FALSE_ALARM, _OFFICERS, needs_reason=True),
        step("close", STANDING, S.CLOSED, _OFFICERS, needs_reason=True),
        step("reopen", {S.CONFIRMED, S.FALSE_ALARM, S.CLOSED}, S.LOOKING, _OFFICERS, needs_reason=True),
        # Whoever reported took it back before any officer looked.
        step("lapse", {S.OPEN}, S.CLOSED, {Role.SYSTEM}, needs_reason=True),
    ],
)

#: By action: why it is taken. Words: ``copy.reason.<action>.<code>``. ``other`` wants words of one's own.
REASONS: Final[dict[str, tuple[str, ...]]] = {
    "confirm": ("seen", "verified", "admitted", "other"),
    "dismiss": ("position", "shop_position", "opened_elsewhere", "mistaken", "busy", "other"),
    "close": ("taken_down", "no_trace", "handled", "other"),
}


class Remedy(enum.StrEnum):
    """What the officer who confirms a copy does with that one sticker."""

    SUSPEND = "suspend"
    REPLACE = "replace"
    NONE = "none"


REASON_LONGEST: Final = 500
#: Stickers that hang where they are: what is scanned elsewhere is another paper, or a picture.
FIXED: Final = frozenset({StickerPlace.DOOR, StickerPlace.TILL, StickerPlace.TABLE})


@dataclass(frozen=True, slots=True)
class Limits:
    """The policy values, each under its key ``copy.<name>`` (see ``policy_defaults.csv`` for units and sources)."""

    report_days: int
    report_devices: int
    report_scans: int
    far_metres: int
    far_hours: int
    far_devices: int
    far_slow_days: int
    far_slow_devices: int
    far_slow_metres: int
    apart_metres: int
    apart_minutes: int
    rate_times: int
    rate_days: int
    rate_days_least: int
    rate_scans_least: int
    calm_days: int
    calm_times: int
    replaced_days: int
    replaced_window_days: int
    replaced_scans: int
    cell_size: int
    accuracy_most_metres: int
    near_metres: int
    sharp_metres: int
    datum_north_metres: int
    datum_east_metres: int
    datum_slack_metres: int
    evidence_days: int
    alarm_days: int
    look_days: int

    @property
    def datum(self) -> Datum:
        """The shift between the two reference systems."""
        return Datum(self.datum_north_metres, self.datum_east_metres, self.datum_slack_metres)

    @property
    def look_back(self) -> timedelta:
        """How much evidence the rules need."""
        return timedelta(days=max(self.report_days, self.far_slow_days), hours=self.far_hours)


POLICIES: Final = tuple(f"copy.{one.name}" for one in fields(Limits))


@dataclass(frozen=True, slots=True)
class Report:
    """Somebody said that the sticker hangs at another shop."""

    at: datetime
    day: date
    device: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """Somebody scanned it, and let the position be kept."""

    at: datetime
    day: date
    device: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class Devices:
    """How many devices: `least` are surely different (marks of one day), `most` when nobody came on two days."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Paper:
    """The sticker that is judged: where it should be. No `shop`: the shop's position is not known."""

    place: StickerPlace
    shop: Point | None

    @property
    def is_fixed(self) -> bool:
        """True when it hangs at one place that is known."""
        return self.place in FIXED and self.shop is not None


def count_devices(seen: Iterable[Report | Sighting]) -> Devices:
    """How many devices are behind these."""
    by_day: dict[date, set[str]] = defaultdict(set)
    for one in seen:
        by_day[one.day].add(one.device)
    sizes = [len(marks) for marks in by_day.values()]
    return Devices(max(sizes, default=0), sum(sizes))


# --- the five rules: each gives the instant at which its evidence begins, or None -----------------------------------


def wrong_shop(
    reports: Iterable[Report], scans: int, now: datetime, limits: Limits, times: int = 1
) -> datetime | None:
    """Alarm 1: two or more devices report the wrong shop in 7 days, and not fewer than one in 200 of its scans then.

    `scans`: how often the sticker was scanned in those days; without the second condition the mistakes of a few among
    the thousands who scan at a busy shop would be an alarm there every month.

    Marks of different days are counted as different devices: whoever has reported is kept from a second report on a
    later day by a mark on the own phone, not by one that we keep.
    """
    recent = [one for one in reports if now - timedelta(days=limits.report_days) < one.at <= now]
    wanted = max(limits.report_devices, scans / limits.report_scans) * times
    return _first(recent) if count_devices(recent).most >= wanted else None


def far_away(
    sightings: Iterable[Sighting], paper: Paper, now: datetime, limits: Limits, times: int = 1
) -> datetime | None:
    """Alarm 2: positions more than 500 m from the shop for three or more devices in 24 hours.

    A copy at a quiet door has no three in a day: four devices in 14 days at one and the same far place raise it too.
    Pages opened at home are far as well, but not all at one place.
    """
    if paper.shop is None or not paper.is_fixed:
        return None
    shop = paper.shop
    known = [one for one in sightings if now - timedelta(days=limits.far_slow_days) < one.at <= now]
    far = [one for one in known if is_far(one.cell, shop, limits)]
    recent = [one for one in far if one.at > now - timedelta(hours=limits.far_hours)]
    if count_devices(recent).most >= limits.far_devices * times:
        return _first(recent)
    return _one_place(far, limits.far_slow_devices * times, limits)


def _one_place(sightings: Iterable[Sighting], devices: int, limits: Limits) -> datetime | None:
    """Since when so many devices were seen in one cell and those around it; None when there are none such."""
    by_cell: dict[Cell, list[Sighting]] = defaultdict(list)
    for one in sightings:
        by_cell[one.cell].append(one)
    for cell in by_cell:
        around = [
            other for other in by_cell if least_apart(cell, other, limits.datum) <= limits.far_slow_metres
        ]
        near = [one for other in around for one in by_cell[other]]
        if count_devices(near).most >= devices:
            return _first(near)
    return None


def is_far(cell: Cell, shop: Point, limits: Limits) -> bool:
    """Is every position in `cell` more than the limit away from the shop, however it is read?"""
    return least_metres(cell, shop, limits.datum) > limits.far_metres


def two_places(sightings: Iterable[Sighting], paper: Paper, now: datetime, limits: Limits) -> datetime | None:
    """Alarm 3: one serial at two places more than 2 km apart within 10 minutes, by two devices.

    One device alone may drive, or be moved by a false position.
    """
    if paper.place not in FIXED:
        return None
    recent = [one for one in sightings if now - limits.look_back < one.at <= now]
    found = pairs(recent, limits)
    return min((min(one.at, other.at) for one, other in found), default=None)


def pairs(sightings: Iterable[Sighting], limits: Limits) -> list[tuple[Sighting, Sighting]]:
    """Sightings by two devices of a day, too far apart for one paper in that time; in order of time."""
    ordered = sorted(sightings, key=lambda one: (one.at, one.device, one.cell.south, one.cell.west))
    found = []
    for place, one in enumerate(ordered):
        for other in ordered[place + 1 :]:
            if other.at - one.at > timedelta(minutes=limits.apart_minutes):
                break
            surely_two = one.day == other.day and one.device != other.device
            if surely_two and least_apart(one.cell, other.cell, limits.datum) > limits.apart_metres:
                found.append((one, other))
    return found


Hours: TypeAlias = Mapping[tuple[date, int], int]


@dataclass(frozen=True, slots=True)
class Burst:
    """An hour with far more scans than usual. `usual` is the median of the busiest hours of the days before."""

    day: date
    hour: int
    count: int
    usual: float


def scan_rate(hours: Hours, since: date, limits: Limits) -> list[Burst]:
    """Alarm 4: the hours from `since` on in which a sticker was scanned 20 times as often as it usually is.

    Usual is the median, over the days with scans in the four weeks before, of the day's busiest hour: a lunch hour is
    compared with lunch hours. A sticker that was hardly ever scanned before says nothing, nor does a handful of scans.
    """
    peaks: dict[date, int] = defaultdict(int)
    for (day, _), count in hours.items():
        peaks[day] = max(peaks[day], count)
    found = []
    for (day, hour), count in sorted(hours.items()):
        if day < since or count < limits.rate_scans_least:
            continue
        first = day - timedelta(days=limits.rate_days)
        before = [peak for other, peak in peaks.items() if first <= other < day and peak]
        if len(before) >= limits.rate_days_least and count >= limits.rate_times * statistics.median(before):
            found.append(Burst(day, hour, count, statistics.median(before)))
    return found


def still_scanned(
    days: Mapping[date, int], replaced_on: date, place: StickerPlace, today: date, limits: Limits
) -> date | None:
    """Alarm 5: scanned on a day later than 3 days after it was replaced; the first such day.

    Receipts live on in people's pockets: their codes are left out.
    """
    if place is StickerPlace.RECEIPT:
        return None
    first = max(
        replaced_on + timedelta(days=limits.replaced_days + 1),
        today - timedelta(days=limits.replaced_window_days - 1),
    )
    late = {day: count for day, count in days.items() if first <= day <= today and count}
    return min(late) if late and sum(late.values()) >= limits.replaced_scans else None


def weigh(
    paper: Paper,
    reports: Sequence[Report],
    sightings: Sequence[Sighting],
    scans: int,
    spent: Mapping[AlarmKind, datetime],
    now: datetime,
    limits: Limits,
) -> dict[AlarmKind, datetime]:
    """The alarms that what people reported and consented to raises for a valid sticker, and since when.

    `scans`: how often it was scanned in the days in which reports count. `spent`: by kind, the instant of the officers'
    last decision: what was seen until then has been judged, and for some days after it twice as many devices are needed
    (a shop whose sign bears another name goes on being reported until the page says it).
    """

    def unspent_reports() -> list[Report]:
        return [one for one in reports if _is_fresh(one, spent.get(AlarmKind.WRONG_SHOP))]

    def unspent(kind: AlarmKind) -> list[Sighting]:
        return [one for one in sightings if _is_fresh(one, spent.get(kind))]

    def times(kind: AlarmKind) -> int:
        is_calm = kind in spent and now - spent[kind] < timedelta(days=limits.calm_days)
        return limits.calm_times if is_calm else 1

    found = {
        AlarmKind.WRONG_SHOP: wrong_shop(unspent_reports(), scans, now, limits, times(AlarmKind.WRONG_SHOP)),
        AlarmKind.FAR_AWAY: far_away(
            unspent(AlarmKind.FAR_AWAY), paper, now, limits, times(AlarmKind.FAR_AWAY)
        ),
        AlarmKind.TWO_PLACES: two_places(unspent(AlarmKind.TWO_PLACES), paper, now, limits),
    }
    return {kind: since for kind, since in found.items() if since is not None}


def _is_fresh(one: Report | Sighting, spent: datetime | None) -> bool:
    return spent is None or one.at > spent


def _first(seen: Sequence[Report | Sighting]) -> datetime:
    return min(one.at for one in seen)
