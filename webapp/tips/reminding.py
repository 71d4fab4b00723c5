"""What the officers' reminders need to know of a tip."""

from __future__ import annotations

from webapp.clocks.reminding import Case

from . import queries
from .intake import SUBJECT


def case_of(subject: str, subject_id: int) -> Case | None:
    """Slot ``clock.case``."""
    if subject != SUBJECT:
        return None
    tip = queries.get(subject_id)
    return Case(tip.scope, tip.number, f"/office/tips/{tip.id}", "tip.handle")
