"""The entry gate of an application: not more complaints in a year than the city's policy allows."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from webapp.core import clock, policy
from webapp.core.checks import Check, CheckResult
from webapp.core.db import db
from webapp.merchants.models import Shop

from . import queries
from .models import Complaint
from .rules import ComplaintState

YEAR = timedelta(days=365)
#: What the authority did not accept, or the consumer took back, does not count against a shop.
_UNCOUNTED = (ComplaintState.REFUSED, ComplaintState.WITHDRAWN)
#: What the authority took up counts; so does what the merchant answered. A claim that nobody has looked at does not:
#: anybody can file one, and a competitor must not be able to keep a shop out by filing many.
_TAKEN_UP = (ComplaintState.MEDIATING, ComplaintState.CLOSED)


def checks(shop: Shop) -> list[Check]:
    """For the slot ``application.checks``: the complaints of the last 365 days against the policy's limit."""
    now = clock.now()
    counted = sa.select(sa.func.count(Complaint.id)).where(
        Complaint.shop_id == shop.id,
        Complaint.received_at > now - YEAR,
        Complaint.state.not_in(_UNCOUNTED),
        sa.or_(Complaint.first_answered_at.is_not(None), Complaint.state.in_(_TAKEN_UP)),
    )
    count = db.session.scalar(counted) or 0
    most = policy.get_int("application.max_complaints_per_year", clock.day_of(now))
    result = CheckResult.FAILED if count > most else CheckResult.PASSED
    return [Check("complaints_per_year", result, {"count": count, "most": most})]


def tied(shop: Shop) -> str | None:
    """For the slot ``shop.tied``: while a complaint is open the shop does not leave the officers who deal with it."""
    return "tied_by_complaint" if queries.open_count(shop.id) else None
