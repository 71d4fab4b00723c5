"""What other features' news does to change requests. Connected once, when the module is imported."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from webapp.core.actor import Actor
from webapp.core.signals import code_state_changed, holidays_changed
from webapp.core.workdays import Calendar

from . import deadlines, operations


@holidays_changed.connect
def reckon_again(
    _sender: None, *, after: Calendar, since: date, actor: Actor, now: datetime, **_news: Any
) -> None:
    """A holiday notice came or went: what waits is due on other days."""
    deadlines.recompute(actor, now, after, since)


@code_state_changed.connect
def end_with_the_code(_sender: None, *, shop_id: int, after: str, now: datetime, **_news: Any) -> None:
    """A revoked code takes the requests with it: a new application states everything anew."""
    if after == "revoked":
        operations.lapse(shop_id, now)
