"""What the map's script is answered, in the map's own system and the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from webapp.core import clock
from webapp.directory import queries as directory
from webapp.directory.asking import county_names
from webapp.directory.standing import verdicts
from webapp.directory.wanted import Wanted
from webapp.honours import queries as honours
from webapp.web import languages
from webapp.web.words import label

from . import datums, gathering
from .datums import Datum
from .gathering import GridCache
from .rules import Box, Cell

#: Cells in one answer; more cannot be told apart on a screen.
CELLS_MOST: Final = 400


@dataclass(frozen=True)
class View:
    """What part of the map is asked for, in WGS-84, and the system that the map draws in."""

    box: Box
    zoom: int
    datum: Datum

    @classmethod
    def of(cls, shown: Box, zoom: int, datum: Datum) -> View:
        """The view of a box in the map's own system."""
        return cls(turned(shown, datum, Datum.WGS84), zoom, datum)


def turned(box: Box, source: Datum, target: Datum) -> Box:
    """The box of one system in another."""
    south, west = datums.convert((box.south, box.west), source, target)
    north, east = datums.convert((box.north, box.east), source, target)
    return Box(south, west, north, east)


def place(latitude: float, longitude: float, datum: Datum) -> list[float]:
    """A place of WGS-84 as the map draws it."""
    return [round(part, 6) for part in datums.convert((latitude, longitude), Datum.WGS84, datum)]


def layer(wanted: Wanted, view: View, grids: GridCache) -> dict[str, Any]:
    """{"total", "cells": [[lat, lng, count, [s, w, n, e]]], "shops": […]}: gathered, or one by one when few."""
    found = gathering.cells(wanted, view.zoom, view.box, grids)
    ids = gathering.singles(wanted, found, view.box)
    return {
        "total": sum(cell.count for cell in found),
        "cells": [] if ids is not None else [_cell(cell, view.datum) for cell in found[:CELLS_MOST]],
        "shops": _shops(ids, view.datum) if ids else [],
    }


#: What a layer that is not shown answers.
NOTHING: Final[dict[str, Any]] = {"total": 0, "cells": [], "shops": []}


def _cell(cell: Cell, datum: Datum) -> list[Any]:
    box = turned(cell.box, Datum.WGS84, datum)
    return [
        *place(cell.latitude, cell.longitude, datum),
        cell.count,
        [round(part, 6) for part in (box.south, box.west, box.north, box.east)],
    ]


def _shops(ids: list[int], datum: Datum) -> list[dict[str, Any]]:
    """What a pin tells of each shop: the same verdict as in the list and on its own page."""
    found, today = directory.by_number(ids), clock.today()
    standing, stars, names = verdicts(found, today), directory.stars_of(ids), county_names()
    returns = honours.returns_of(ids, today)
    shown = []
    for shop in found:
        position = shop.public_position
        if position is None:
            continue
        verdict = standing[shop.id].value
        mean, ratings = stars.get(shop.id, (None, 0))
        one: dict[str, Any] = {
            "name": languages.shown(shop.public_full_name),
            "at": place(*position, datum),
            "verdict": verdict,
            "word": _said(label(f"directory.state.{verdict}")),
            "place": _said(names.get(shop.public_region[:6], "")),
            "stars": None if mean is None else f"{mean:.1f}",
            "ratings": ratings,
            "url": f"/s/{shop.id}",
        }
        if shop.id in returns:
            one["returns"] = [_returned(kind.value, days) for kind, days in returns[shop.id]]
        shown.append(one)
    return shown


def _said(chinese: str) -> str:
    return languages.shown(languages.translate(chinese))


def _returned(kind: str, days: int) -> str:
    return languages.shown(languages.say(f"atlas.returns.{kind}", days=days))
