"""What other features' news does to applications. Connected once, when the module is imported."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from webapp.core.actor import Actor
from webapp.core.signals import holidays_changed
from webapp.core.workdays import Calendar

from . import deadlines


@holidays_changed.connect
def reckon_again(
    _sender: None, *, after: Calendar, since: date, actor: Actor, now: datetime, **_news: Any
) -> None:
    """A holiday notice came or went: running reviews are due on other days."""
    deadlines.recompute(actor, now, calendar=after, since=since)
