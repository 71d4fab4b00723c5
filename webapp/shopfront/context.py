"""What a count of complaints means: beside how often the shop was looked at, and beside its trade in its district."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from .queries import Gathered


@dataclass(frozen=True)
class Context:
    """A year's complaints by a thousand scans. `own` is None where the shop was scanned too seldom to say.

    `trade` is of all `shops` of the trade in the district that were scanned, the shop itself among them, out of
    `trade_scans` scans and `trade_complaints` complaints. `until` is the last day counted.
    """

    complaints: int
    scans: int | None
    own: float | None
    trade: float
    trade_complaints: int
    trade_scans: int
    shops: int
    until: date


def of(rows: Gathered) -> Context | None:
    """None below the least sample of the trade (policies ``record.shops_min``, ``record.scans_min``)."""
    trade, policies = rows.trade, rows.policies
    if trade is None or rows.counted_on is None:
        return None
    shops, received = int(trade.figures["shops"]), int(trade.figures["complaints"])
    if shops < policies.shops_min or trade.scans < policies.scans_min:
        return None
    complaints = 0 if rows.year is None else int(rows.year.figures["complaints"])
    scans = None if rows.year is None else rows.year.scans
    enough = scans is not None and scans >= policies.scans_min
    return Context(
        complaints=complaints,
        scans=scans,
        own=complaints * 1000 / scans if enough and scans else None,
        trade=received * 1000 / trade.scans,
        trade_complaints=received,
        trade_scans=trade.scans,
        shops=shops,
        until=rows.counted_on - timedelta(days=1),
    )
