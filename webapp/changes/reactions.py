"""What other features' news does to change requests. Connected once, when the module is imported."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.core.signals import code_state_changed

from . import operations


@code_state_changed.connect
def end_with_the_code(_sender: None, *, shop_id: int, after: str, now: datetime, **_news: Any) -> None:
    """A revoked code takes the requests with it: a new application states everything anew."""
    if after == "revoked":
        operations.lapse(shop_id, now)
