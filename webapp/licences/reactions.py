"""What other features' news does to licences. Connected once, when the module is imported."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.core.actor import Actor
from webapp.core.signals import application_approved

from . import operations


@application_approved.connect
def verify_reviewed(_sender: None, *, shop_id: int, actor: Actor, now: datetime, **_news: Any) -> None:
    """The officers looked at the licences when they reviewed the application: approving it verifies them."""
    operations.verify_with_application(shop_id, actor, now)
