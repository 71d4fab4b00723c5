"""What a complaint's steps mean for its mediation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.complaints.rules import ComplaintState
from webapp.core.signals import complaint_moved

from . import operations


@complaint_moved.connect
def follow_the_complaint(
    _sender: None, *, complaint_id: int, state: str, now: datetime, **_news: Any
) -> None:
    """Withdrawn, settled otherwise, ended or handed on: nobody mediates any more."""
    if state != ComplaintState.MEDIATING:
        operations.close_of(complaint_id, now)
