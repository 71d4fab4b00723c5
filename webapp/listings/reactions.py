"""What other features' news does to list entries. Connected once, when the module is imported."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.core.actor import SYSTEM
from webapp.core.signals import code_state_changed

from . import operations


@code_state_changed.connect
def drop_red_of_revoked(_sender: None, *, shop_id: int, after: str, now: datetime, **_news: Any) -> None:
    """A shop that is no longer vouched for is no model for others."""
    if after == "revoked":
        operations.drop_red(shop_id, "code_revoked", SYSTEM, now)
