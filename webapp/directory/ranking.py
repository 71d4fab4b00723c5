"""The order by hearts of all shops that were ranked, as each worker keeps it until the next morning's is made.

Scores are written once a day, all together with the day's open data (``webapp/ratings/opendata.py``): the newest of
these says whether what is kept still stands. A million shops of which a quarter is ranked cost a worker 1.5 MB.
"""

from __future__ import annotations

import threading
from array import array
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from flask import current_app
from pyroaring import BitMap

from webapp.core.db import db
from webapp.ratings.models import RatingScore, RatingSnapshot


@dataclass(frozen=True)
class Order:
    """`best`: the numbers of the shops, the highest score first, of equals the newest; `ranked`: the same as a set."""

    best: array[int]
    ranked: BitMap


class Ranking:
    """The order of the newest morning."""

    def __init__(self) -> None:
        self._kept: tuple[datetime | None, Order] | None = None
        self._lock = threading.Lock()

    def order(self) -> Order:
        """Read again when there is a newer one."""
        made_at = db.session.scalar(sa.select(sa.func.max(RatingSnapshot.made_at)))
        with self._lock:
            kept = self._kept
        if kept is not None and made_at is not None and kept[0] == made_at:
            return kept[1]
        best = sa.select(RatingScore.shop_id).order_by(RatingScore.score.desc(), RatingScore.shop_id.desc())
        found = array("I", db.session.scalars(best))
        order = Order(found, BitMap(found))
        with self._lock:
            self._kept = (made_at, order)
        return order


def order() -> Order:
    """The order as this worker keeps it."""
    return cast("Ranking", current_app.extensions["ydym.ranking"]).order()
