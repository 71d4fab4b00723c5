"""Which shops are open: decided by the merchants' pure rule, once for each way of writing hours that the city has.

A city of a million shops has some hundreds of different weeks of hours. They stand in a small table of their own
(`merchants.opening_weeks`), read once a minute; which of them are open at a moment is asked of
`merchants.rules.is_open`, and the shops are those that have one of these weeks. So breaks, days of rest and nights past
twelve count as they do on the shop's own page. A week of hours that nobody had before is found a minute later. Public
holidays are not in a shop's hours: the pages say so.
"""

from __future__ import annotations

import json
import threading
import time
from datetime import datetime
from typing import Any, Final, cast

import sqlalchemy as sa
from flask import current_app

from webapp.merchants import opening_weeks
from webapp.merchants.rules import is_open

FRESH: Final = 60.0


class Weeks:
    """The different weeks of hours, as they are written in the table; read again after a minute."""

    def __init__(self) -> None:
        self._known: tuple[float, list[tuple[str, dict[str, Any]]]] | None = None
        self._lock = threading.Lock()

    def all(self) -> list[tuple[str, dict[str, Any]]]:
        """Each as written and as read."""
        with self._lock:
            known = self._known
        if known is None or time.monotonic() - known[0] >= FRESH:
            known = (time.monotonic(), [(text, json.loads(text)) for text in opening_weeks.known()])
            with self._lock:
                self._known = known
        return known[1]


def open_weeks(moment: datetime) -> list[str]:
    """The weeks of hours that are open at `moment`, as they are written."""
    weeks = cast("Weeks", current_app.extensions["ydym.weeks"]).all()
    return [text for text, hours in weeks if hours and is_open(hours, moment)]


def is_open_at(moment: datetime) -> sa.ColumnElement[bool]:
    """The condition on shops of being open at `moment`."""
    return opening_weeks.AS_WRITTEN.in_(open_weeks(moment))
