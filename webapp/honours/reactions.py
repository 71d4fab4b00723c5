"""What other features' news does to honours. Connected once, when the module is imported."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.core.signals import code_state_changed, listing_published

from . import operations


@code_state_changed.connect
def drop_of_revoked(_sender: None, *, shop_id: int, after: str, now: datetime, **_news: Any) -> None:
    """A shop that is no longer vouched for is no model; a suspended one is hidden by the query, and comes back."""
    if after == "revoked":
        operations.end_all(shop_id, "code_revoked", now)


@listing_published.connect
def drop_of_black(_sender: None, *, shop_id: int, colour: str, now: datetime, **_news: Any) -> None:
    """Nor is a shop on the black list."""
    if colour == "black":
        operations.end_all(shop_id, "black_listed", now)
