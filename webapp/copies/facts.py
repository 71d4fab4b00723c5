"""The evidence of an alarm as counts without any mark of a device, made to be kept and shown. Pure.

The shape, all JSON; every list is in order of time, instants are ISO 8601 in UTC, days YYYY-MM-DD in China::

    reports   [{day, devices, first, last}]
    cells     [{day, south, west, size, devices, first, last, metres}]   metres: the least to the shop, None unknown
    pairs     [{day, first, last, cells: [[south, west, size] × 2], metres}]
    hours     [{day, hour, count, usual}]
    days      [{day, count}]              scans of a replaced serial
    replaced_on, devices: {"least", "most"}
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, TypeAlias

from .geography import Cell, Point, least_apart, least_metres
from .rules import AlarmKind, Burst, Limits, Report, Sighting, count_devices, is_far, pairs

Facts: TypeAlias = dict[str, Any]
LISTS: Final = ("reports", "cells", "pairs", "hours", "days")
#: Cells, pairs and hours of an alarm at most; the newest are kept.
MOST: Final = 200


def of_people(
    kind: AlarmKind,
    reports: Sequence[Report],
    sightings: Sequence[Sighting],
    shop: Point | None,
    limits: Limits,
) -> Facts:
    """What people reported and where they were, for an alarm of `kind` (all of it serves to find the place)."""
    facts: Facts = {"reports": _reports(reports), "cells": _cells(sightings, shop, limits)}
    if kind is AlarmKind.WRONG_SHOP:
        facts["devices"] = _devices(reports)
    elif kind is AlarmKind.FAR_AWAY and shop is not None:
        facts["devices"] = _devices([one for one in sightings if is_far(one.cell, shop, limits)])
    elif kind is AlarmKind.TWO_PLACES:
        facts["pairs"] = _pairs(sightings, limits)
    return facts


def of_bursts(bursts: Iterable[Burst]) -> Facts:
    """The hours with far more scans than usual."""
    hours = [
        {"day": one.day.isoformat(), "hour": one.hour, "count": one.count, "usual": one.usual}
        for one in bursts
    ]
    return {"hours": hours[-MOST:]}


def of_late_scans(days: Mapping[date, int], replaced_on: date) -> Facts:
    """How often a replaced serial was scanned, from the day of its replacement on."""
    counted = [
        {"day": day.isoformat(), "count": count}
        for day, count in sorted(days.items())
        if count and day >= replaced_on
    ]
    return {"days": counted[-MOST:], "replaced_on": replaced_on.isoformat()}


def merged(old: Facts, new: Facts, kept_from: date) -> Facts:
    """`new`, with what `old` knows of days before `kept_from`, whose evidence may have been deleted meanwhile."""
    first = kept_from.isoformat()
    facts = old | new
    for name in LISTS:
        if name in old or name in new:
            before = [one for one in old.get(name, ()) if one["day"] < first]
            facts[name] = (before + [one for one in new.get(name, ()) if one["day"] >= first])[-MOST:]
    if "devices" in old and "devices" in new:
        facts["devices"] = {
            side: max(old["devices"][side], new["devices"][side]) for side in ("least", "most")
        }
    return facts


def cell_in(entry: Mapping[str, Any]) -> Cell:
    """The cell of an entry of `cells`."""
    return Cell(entry["south"], entry["west"], entry["size"])


def _devices(seen: Iterable[Report | Sighting]) -> dict[str, int]:
    found = count_devices(seen)
    return {"least": found.least, "most": found.most}


def _reports(reports: Iterable[Report]) -> list[Facts]:
    by_day: dict[date, list[Report]] = defaultdict(list)
    for one in reports:
        by_day[one.day].append(one)
    return [{"day": day.isoformat(), **_span(found)} for day, found in sorted(by_day.items())][-MOST:]


def _cells(sightings: Iterable[Sighting], shop: Point | None, limits: Limits) -> list[Facts]:
    by_cell: dict[tuple[date, Cell], list[Sighting]] = defaultdict(list)
    for one in sightings:
        by_cell[one.day, one.cell].append(one)
    entries = [
        {
            "day": day.isoformat(),
            "south": cell.south,
            "west": cell.west,
            "size": cell.size,
            **_span(found),
            "metres": None if shop is None else round(least_metres(cell, shop, limits.datum)),
        }
        for (day, cell), found in by_cell.items()
    ]
    return sorted(entries, key=lambda entry: (entry["first"], entry["south"], entry["west"]))[-MOST:]


def _pairs(sightings: Iterable[Sighting], limits: Limits) -> list[Facts]:
    return [
        {
            "day": one.day.isoformat(),
            "first": _instant(one.at),
            "last": _instant(other.at),
            "cells": [[cell.south, cell.west, cell.size] for cell in (one.cell, other.cell)],
            "metres": round(least_apart(one.cell, other.cell, limits.datum)),
        }
        for one, other in pairs(sightings, limits)
    ][-MOST:]


def _span(found: Sequence[Report | Sighting]) -> Facts:
    moments = [one.at for one in found]
    devices = len({one.device for one in found})
    return {"devices": devices, "first": _instant(min(moments)), "last": _instant(max(moments))}


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="minutes")
