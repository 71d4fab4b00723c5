"""What a complaint's steps mean for its mediation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.complaints.models import Complaint
from webapp.complaints.rules import ComplaintState
from webapp.core.signals import case_erased, complaint_moved

from . import operations, queries


@complaint_moved.connect
def follow_the_complaint(
    _sender: None, *, complaint_id: int, state: str, now: datetime, **_news: Any
) -> None:
    """Withdrawn, settled otherwise, ended or handed on: nobody mediates any more."""
    if state != ComplaintState.MEDIATING:
        operations.close_of(complaint_id, now)


@case_erased.connect
def forget_what_was_said(_sender: None, *, subject: str, subject_id: int, **_news: Any) -> None:
    """The complaint's people are erased: so are the statements, the minutes and the names under the agreement."""
    if subject == "complaint":
        operations.forget_of(subject_id)


def held(complaint: Complaint, action: str) -> str | None:
    """Slot ``complaint.held``: a mediation under way ends in success by the agreement that both sides signed.

    Without one, closing the complaint as settled would leave the sides without a paper that binds them.
    """
    return "mediation_settles" if action == "settle" and queries.open_of(complaint.id) is not None else None
