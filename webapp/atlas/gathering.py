"""Counting shops by cells, in the database; what is counted of the whole city is kept for a while in each worker."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

from webapp.core.db import among, db
from webapp.directory import narrowing
from webapp.directory import queries as directory
from webapp.directory.wanted import Wanted
from webapp.merchants.models import Shop

from . import rules
from .rules import Box, Cell, Spot

#: Up to this zoom the whole city is counted once and kept, wider views folded from it; beyond, what is in view is
#: counted by the index.
WIDE: Final = 13
#: Seconds that a kept grid may be given out after something changed, and anyway: positions and counts, no verdicts.
STALE: Final = 5.0
OLD: Final = 120.0
KEPT: Final = 24


class Grid:
    """The whole city by the cells of zoom `WIDE`; each wider zoom is folded from it when it is first asked for."""

    def __init__(self, counted: dict[Spot, Cell]) -> None:
        self._counted = counted
        self._wider: dict[int, list[Cell]] = {}

    def at(self, zoom: int) -> list[Cell]:
        """The cells of a zoom up to `WIDE`."""
        found = self._wider.get(zoom)
        if found is None:
            found = self._wider[zoom] = rules.folded(self._counted, WIDE - zoom)
        return found


class GridCache:
    """Grids by filters, the oldest use thrown out."""

    def __init__(self) -> None:
        self._grids: OrderedDict[Wanted, tuple[float, int, Grid]] = OrderedDict()
        self._changes = 0
        self._lock = threading.Lock()

    def changed(self, _seq: int, _shop_id: int | None) -> None:
        """A feed listener."""
        self._changes += 1

    def clear(self) -> None:
        """As after a start."""
        with self._lock:
            self._grids.clear()

    def get(self, wanted: Wanted, count: Callable[[], Grid]) -> Grid:
        """The kept grid, or a new one by `count`."""
        now = time.monotonic()
        with self._lock:
            kept = self._grids.get(wanted)
            if kept is not None and now - kept[0] < (OLD if kept[1] == self._changes else STALE):
                self._grids.move_to_end(wanted)
                return kept[2]
            changes = self._changes
        grid = count()
        with self._lock:
            self._grids[wanted] = (now, changes, grid)
            while len(self._grids) > KEPT:
                self._grids.popitem(last=False)
        return grid


def cells(wanted: Wanted, zoom: int, box: Box, cache: GridCache) -> list[Cell]:
    """The cells in view, the largest first."""
    if zoom <= WIDE:
        grid = cache.get(wanted, lambda: Grid(_count(wanted, WIDE, None))).at(zoom)
    else:
        grid = list(_count(wanted, zoom, box).values())
    return rules.within(grid, box)


def singles(wanted: Wanted, found: list[Cell], box: Box) -> list[int] | None:
    """The numbers of all shops in these cells when they are few enough to be shown one by one; else None."""
    if sum(cell.count for cell in found) > rules.SINGLE_MOST:
        return None
    if all(cell.shop_id is not None for cell in found):
        return [cell.shop_id for cell in found if cell.shop_id is not None]
    statement = sa.select(Shop.id).where(*_conditions(wanted, box)).order_by(Shop.id)
    return list(db.session.scalars(statement.limit(2 * rules.SINGLE_MOST)))


def _count(wanted: Wanted, zoom: int, box: Box | None) -> dict[Spot, Cell]:
    side = rules.cell_degrees(zoom)
    rows, columns = sa.func.floor(Shop.latitude / (side * rules.NARROW)), sa.func.floor(Shop.longitude / side)
    statement = (
        sa.select(
            rows,
            columns,
            sa.func.avg(Shop.latitude),
            sa.func.avg(Shop.longitude),
            sa.func.count(),
            sa.func.min(Shop.latitude),
            sa.func.min(Shop.longitude),
            sa.func.max(Shop.latitude),
            sa.func.max(Shop.longitude),
            sa.func.min(Shop.id),
        )
        .where(*_conditions(wanted, box))
        .group_by(rows, columns)
    )
    return {
        (int(row), int(column)): Cell(
            latitude, longitude, count, Box(south, west, north, east), shop_id if count == 1 else None
        )
        for row, column, latitude, longitude, count, south, west, north, east, shop_id in db.session.execute(
            statement
        )
    }


def conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    """What shops fit, wherever they lie, also those without a position."""
    if wanted.query.terms:
        return [among(Shop.id, directory.found(wanted).all())]
    return narrowing.conditions(wanted)


def _conditions(wanted: Wanted, box: Box | None) -> list[sa.ColumnElement[bool]]:
    found = [Shop.latitude.is_not(None), Shop.longitude.is_not(None)]
    if box is not None:
        found += [Shop.latitude.between(box.south, box.north), Shop.longitude.between(box.west, box.east)]
    return found + conditions(wanted)
