"""The policy values that the trust page hangs on, all by one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from webapp.core.db import db
from webapp.core.policy import NoPolicy, PolicyValue

POLICIES = (
    "licence.notice_days",
    "licence.grace_days",
    "complaint.first_answer_hours",
    "record.scans_min",
    "record.shops_min",
    "inspection.shown_days",
)


@dataclass(frozen=True)
class Policies:
    """Policy values in force, and the next day on which one of them changes."""

    notice_days: int
    grace_days: int
    answer_hours: int
    scans_min: int
    shops_min: int
    inspections_days: int
    next_change: date | None


def in_force(today: date) -> Policies:
    """All values that the page needs by one query; raises NoPolicy when one has none in force."""
    rows = db.session.execute(
        sa.select(
            PolicyValue.key, PolicyValue.value, PolicyValue.in_force_from, PolicyValue.in_force_until
        ).where(PolicyValue.key.in_(POLICIES))
    ).all()
    values = [_in_force(rows, key, today) for key in POLICIES]
    edges = [day for row in rows for day in (row.in_force_from, row.in_force_until) if day and day > today]
    notice, grace, answer, scans, shops, inspections = values
    return Policies(notice, grace, answer, scans, shops, inspections, min(edges, default=None))


def _in_force(rows: Sequence[sa.Row[tuple[str, str, date, date | None]]], key: str, today: date) -> int:
    standing = [
        row
        for row in rows
        if row.key == key
        and row.in_force_from <= today
        and (row.in_force_until is None or row.in_force_until > today)
    ]
    if not standing:
        raise NoPolicy(f"{key} on {today}")
    return int(max(standing, key=lambda row: row.in_force_from).value)
