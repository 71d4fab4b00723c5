"""What an officer enters for a consumer: a paper form handed in, or what was told at the counter or by telephone."""

from __future__ import annotations

from datetime import datetime

from webapp import audit
from webapp.audit.queries import history
from webapp.complaints.rules import Route
from webapp.core import clock, policy
from webapp.core.actor import OFFICER_ROLES, Actor
from webapp.core.errors import Invalid
from webapp.core.steps import permit
from webapp.merchants.queries import get_shop

from . import operations
from .operations import Filed, Stated

REASON_MOST = 200


def enter(
    shop_id: int, stated: Stated, received_at: datetime, reason: str, actor: Actor, now: datetime
) -> Filed:
    """Store what the paper says as received at `received_at`, by this officer; the same form again is the same record.

    The law's days count from the day on which the paper was handed in (SAMR Order 121, Art. 14 ?), so an earlier day
    needs a `reason` and lies within the policy's days. A consumer who wants to settle first starts the merchant's hours
    only now: nobody could have told the merchant before. Raises Forbidden, Invalid.
    """
    permit(actor, OFFICER_ROLES, get_shop(shop_id).scope)
    _check(received_at, reason, stated, now)
    straight = not stated.wish.has_complaint or stated.route is Route.AUTHORITY
    known = operations.submit(shop_id, stated, received_at if straight else now)
    for subject, record in (("complaint", known.complaint), ("tip", known.tip)):
        if record is None or any(event.action == "filing.enter" for event in history(subject, record.id)):
            continue
        day = clock.day_of(received_at).isoformat()
        audit.record(
            actor,
            "filing.enter",
            subject,
            record.id,
            now=now,
            shop_id=shop_id,
            new={"received_on": day},
            reason=reason or None,
        )
    return known


def _check(received_at: datetime, reason: str, stated: Stated, now: datetime) -> None:
    day, today = clock.day_of(received_at), clock.day_of(now)
    if day > today:
        raise Invalid("received_in_future", field="received_on")
    most = policy.get_int("complaint.backdate_days", today)
    if (today - day).days > most:
        raise Invalid("received_too_early", field="received_on", days=most)
    if stated.happened_on is not None and stated.happened_on > day:
        raise Invalid("received_before_it_happened", field="received_on")
    if day < today and not reason:
        raise Invalid("say_why_late", field="late_reason")
    if len(reason) > REASON_MOST:
        raise Invalid("text_too_long", field="late_reason", most=REASON_MOST)
