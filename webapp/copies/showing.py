"""An alarm as the office sees it: places with numbers, the map, rows of the evidence. Words come from the catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from webapp.core import workdays
from webapp.core.actor import Post
from webapp.merchants.models import Shop
from webapp.regions import queries as regions
from webapp.web.filters import short_day
from webapp.web.words import label

from . import outlines, plot, queries
from .facts import cell_in
from .geography import Cell, Point
from .models import CopyAlarm
from .rules import STANDING, AlarmKind, AlarmState, Limits

TONES = {
    AlarmState.OPEN: "caution",
    AlarmState.LOOKING: "info",
    AlarmState.CONFIRMED: "stop",
    AlarmState.FALSE_ALARM: "quiet",
    AlarmState.CLOSED: "quiet",
}
#: Far places whose registered shops are looked up, and shops named of each.
PLACES_LOOKED_UP, SHOPS_NAMED = 6, 5


@dataclass(frozen=True)
class Place:
    """One cell of the map. `metres`: the least distance to the shop when it was seen; `devices` summed over days."""

    number: int
    cell: Cell
    far: bool
    metres: int | None
    wind: str
    devices: int
    days: int
    first: datetime
    last: datetime
    shops: tuple[Shop, ...] = ()


def address(shop: Shop) -> str:
    """County, street and address as the public sees them, each once: merchants often write the county as well."""
    names, written = regions.path_names(shop.public_region)[2:], shop.public_address
    if names and names[0] in written:
        return written[written.index(names[0]) :]
    return "".join(names) + written


def days_left(alarm: CopyAlarm, today: date) -> int:
    """Working days until it is due; negative when overdue."""
    return workdays.between(today, alarm.due_on)


def places(alarm: CopyAlarm, limits: Limits, posts: tuple[Post, ...]) -> list[Place]:
    """The cells where the sticker was scanned, those far from the shop first, the busiest first; with shops near by."""
    shop = queries.position_of(alarm.shop)
    gathered: dict[Cell, list[dict[str, Any]]] = {}
    for entry in alarm.facts.get("cells", ()):
        gathered.setdefault(cell_in(entry), []).append(entry)
    rows = [(cell, entries, _is_far(entries, limits)) for cell, entries in gathered.items()]
    rows.sort(
        key=lambda row: (not row[2], -sum(entry["devices"] for entry in row[1]), row[0].south, row[0].west)
    )
    looked_up = [cell for cell, _, far in rows if far][:PLACES_LOOKED_UP]
    near = queries.shops_in(looked_up, posts, SHOPS_NAMED, other_than=alarm.shop_id)
    return [
        _place(number, cell, entries, shop, tuple(near.get(cell, ())), far=far)
        for number, (cell, entries, far) in enumerate(rows, 1)
    ]


def _is_far(entries: Iterable[dict[str, Any]], limits: Limits) -> bool:
    known = [entry["metres"] for entry in entries if entry["metres"] is not None]
    return bool(known) and min(known) > limits.far_metres


def _place(
    number: int,
    cell: Cell,
    entries: list[dict[str, Any]],
    shop: Point | None,
    near: tuple[Shop, ...],
    *,
    far: bool,
) -> Place:
    known = [entry["metres"] for entry in entries if entry["metres"] is not None]
    return Place(
        number=number,
        cell=cell,
        far=far,
        metres=min(known) if known else None,
        wind=label(f"copy.wind.{plot.wind(shop, cell.centre)}") if shop is not None and far else "",
        devices=sum(entry["devices"] for entry in entries),
        days=len({entry["day"] for entry in entries}),
        first=min(_moment(entry["first"]) for entry in entries),
        last=max(_moment(entry["last"]) for entry in entries),
        shops=near,
    )


def picture(alarm: CopyAlarm, found: list[Place], limits: Limits) -> plot.Plot | None:
    """The map; None when there is neither a shop's position nor a cell."""
    shop = queries.position_of(alarm.shop)
    if shop is None and not found:
        return None
    cells = [(place.cell, place.far) for place in found]
    return plot.draw(shop, cells, outlines.counties(), limits.far_metres)


def sentence(alarm: CopyAlarm, limits: Limits) -> str:
    """What happened, in one sentence with its figures."""
    facts = alarm.facts
    devices = facts.get("devices", {"least": 0, "most": 0})
    details: dict[str, Any] = {
        "least": devices["least"],
        "most": devices["most"],
        "metres": limits.far_metres,
    }
    if not facts:
        return label("copy.says.forgotten")
    if alarm.kind is AlarmKind.WRONG_SHOP:
        details["days"] = len(facts["reports"])
    elif alarm.kind is AlarmKind.TWO_PLACES:
        details |= {"times": len(facts["pairs"]), "metres": max(pair["metres"] for pair in facts["pairs"])}
    elif alarm.kind is AlarmKind.SCAN_RATE:
        top = max(facts["hours"], key=lambda hour: float(hour["count"]))
        details |= {
            "count": top["count"],
            "usual": round(top["usual"], 1),
            "day": _day_words(top["day"]),
            "hour": top["hour"],
        }
        details["times"] = round(top["count"] / top["usual"])
    elif alarm.kind is AlarmKind.STILL_SCANNED:
        late = [one for one in facts["days"] if one["day"] > facts["replaced_on"]]
        details |= {
            "count": sum(one["count"] for one in late),
            "days": len(late),
            "since": _day_words(facts["replaced_on"]),
        }
    return label(f"copy.says.{alarm.kind.value}", **details)


def hour_rows(alarm: CopyAlarm) -> list[tuple[str, int, float]]:
    """(day and hour, scans, usual) of an alarm about the rate."""
    return [
        (label("copy.hour", day=_day_words(one["day"]), hour=one["hour"]), one["count"], one["usual"])
        for one in alarm.facts.get("hours", ())
    ]


def pair_rows(alarm: CopyAlarm, found: list[Place]) -> list[dict[str, Any]]:
    """Scans at two places at the same time, with the numbers of the places."""
    numbers = {place.cell: place.number for place in found}
    return [
        {
            "first": _moment(pair["first"]),
            "last": _moment(pair["last"]),
            "places": [numbers.get(Cell(*cell)) for cell in pair["cells"]],
            "metres": pair["metres"],
        }
        for pair in alarm.facts.get("pairs", ())
    ]


def report_rows(alarm: CopyAlarm) -> list[dict[str, Any]]:
    """Reports by day."""
    return [
        {
            "day": date.fromisoformat(one["day"]),
            "devices": one["devices"],
            "first": _moment(one["first"]),
            "last": _moment(one["last"]),
        }
        for one in alarm.facts.get("reports", ())
    ]


def view(alarm: CopyAlarm, limits: Limits, today: date) -> dict[str, Any]:
    """What a row of a list needs."""
    standing = alarm.state in STANDING
    return {
        "alarm": alarm,
        "kind": label(f"copy.kind.{alarm.kind.value}"),
        "says": sentence(alarm, limits),
        "state": label(f"copy.state.{alarm.state.value}"),
        "tone": TONES[alarm.state],
        "standing": standing,
        "days": days_left(alarm, today) if standing else None,
    }


def _day_words(text: str) -> str:
    return short_day(date.fromisoformat(text))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
