"""What happens elsewhere to the record that a clock belongs to."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from webapp.core.db import db
from webapp.core.signals import case_erased

from .models import ClockEvent, ClockRow


@case_erased.connect
def forget_reasons(_sender: None, *, subject: str, subject_id: int, **_news: Any) -> None:
    """The free words with which its deadlines were moved may name people: the moves, their grounds and days stay."""
    clocks = sa.select(ClockRow.id).where(ClockRow.subject == subject, ClockRow.subject_id == subject_id)
    db.session.execute(sa.update(ClockEvent).where(ClockEvent.clock_id.in_(clocks)).values(reason=""))
