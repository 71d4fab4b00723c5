"""Complaints and tips as their filer sees them in a list: where each stands, whose turn it is, its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from webapp.complaints import passes, showing
from webapp.complaints.models import Complaint, Side
from webapp.tips import passes as tip_passes
from webapp.tips import showing as tip_showing
from webapp.tips.models import Tip, TipSide
from webapp.web.words import label


@dataclass(frozen=True)
class Listed:
    """One record in the list: what it is, where it stands, the page that a pass opens."""

    kind: str
    record: Complaint | Tip
    state: str
    tone: str
    stands: str
    url: str


def submissions(complaints: list[Complaint], tips: list[Tip], now: datetime) -> list[list[Listed]]:
    """What was sent by one form stands together, the newest form first. The addresses open without a receipt."""
    stands = showing.situations(complaints, now, Side.CONSUMER)
    beside: dict[str, list[Listed]] = {}
    for tip in tips:
        listed = Listed(
            "tip",
            tip,
            label(f"tip.state.{tip.state.value}"),
            tip_showing.STATE_TONES[tip.state],
            tip_showing.situation(tip, now, TipSide.REPORTER).words,
            url_for("tips.follow", receipt=tip_passes.by_phone(tip)),
        )
        beside.setdefault(tip.complaint_number or tip.number, []).append(listed)
    found = [
        [
            Listed(
                "complaint",
                complaint,
                label(f"complaint.state.{complaint.state.value}"),
                showing.STATE_TONES[complaint.state],
                stands[complaint.id].words,
                url_for("complaints.follow", receipt=passes.by_phone(complaint)),
            ),
            *beside.pop(complaint.number, []),
        ]
        for complaint in complaints
    ]
    found += beside.values()
    return sorted(found, key=lambda together: together[0].record.received_at, reverse=True)
