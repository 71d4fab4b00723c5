"""What an officer enters for a consumer: a paper form handed in, or what was told at the counter or by telephone."""

from __future__ import annotations

from datetime import datetime, timedelta

from webapp import audit
from webapp.audit.models import AuditEvent
from webapp.audit.queries import history
from webapp.complaints.rules import Route
from webapp.core import clock, policy
from webapp.core.actor import OFFICER_ROLES, Actor
from webapp.core.errors import Invalid
from webapp.core.steps import permit
from webapp.merchants.queries import get_shop

from . import operations
from .operations import Earlier, Filed, Stated

REASON_MOST = 200
#: A double click, or Back and again.
TWICE = timedelta(minutes=2)


def enter(
    shop_id: int,
    stated: Stated,
    received_at: datetime,
    reason: str,
    actor: Actor,
    now: datetime,
    *,
    into: Earlier | None = None,
    wants: str = "",
) -> Filed:
    """Store what the paper says as received at `received_at`, by this officer; the same form again is the same record.

    The law's days count from the day on which the paper was handed in (SAMR Order 121, Art. 14 ?), so an earlier day
    needs a `reason` and lies within the policy's days. A consumer who wants to settle first starts the merchant's hours
    only now: nobody could have told the merchant before. `into`: what the same person filed before and that this paper
    supplements. Raises Forbidden, Invalid.
    """
    permit(actor, OFFICER_ROLES, get_shop(shop_id).scope)
    _check(received_at, reason, stated, now)
    straight = not stated.wish.has_complaint or stated.route is Route.AUTHORITY
    if into:
        known = operations.supplement(into, shop_id, stated, now, wants)
    else:
        known = operations.submit(shop_id, stated, received_at if straight else now)
    for subject, record in (("complaint", known.complaint), ("tip", known.tip)):
        added = into is not None and record is not None and record in {into.complaint, into.tip}
        action = "filing.enter_supplement" if added else "filing.enter"
        if record is None or any(
            _is_this(event, action, actor, now) for event in history(subject, record.id)
        ):
            continue
        day = clock.day_of(received_at).isoformat()
        audit.record(
            actor,
            action,
            subject,
            record.id,
            now=now,
            shop_id=shop_id,
            new={"received_on": day},
            reason=reason or None,
        )
    return known


def _is_this(event: AuditEvent, action: str, actor: Actor, now: datetime) -> bool:
    """Was it written down before? A record is entered once; a supplement sent twice comes within the same minutes."""
    if event.action != action:
        return False
    return action == "filing.enter" or (event.actor_id == actor.account_id and now - event.at < TWICE)


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
