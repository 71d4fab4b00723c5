"""Reminding merchants and consumers: of an answer that is due, of an answer or an offer that waits, of a promise.

Each reminder has the key of its occasion, so a sweep may run as often as it likes. People are disturbed by day only,
except a merchant whose hours run at night, too.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from webapp.clocks import queries as clocks
from webapp.clocks.laws import Kind
from webapp.clocks.reminding import Case
from webapp.core import clock, policy
from webapp.web.filters import day, moment

from . import queries, telling, timing
from .rules import ComplaintState, OfferState, remind_from

PERMISSION = "complaint.handle"
_MOST = 20_000
#: Offers end at midnight; whoever was down for a day still tells it.
_EXPIRED_TOLD_WITHIN = timedelta(days=2)


def case_of(subject: str, subject_id: int) -> Case | None:
    """Slot ``clock.case``."""
    if subject != timing.SUBJECT:
        return None
    complaint = queries.get(subject_id)
    return Case(complaint.scope, complaint.number, telling.office_address(complaint), PERMISSION)


def sweep(now: datetime) -> int:
    """Write the reminders that are due by `now`; returns how many occasions were looked at."""
    looked = of_first_answers(now)
    if _by_day(now):
        looked += of_silence(now) + of_offers(now) + of_expired(now) + of_performance(now)
    return looked


def _by_day(now: datetime) -> bool:
    today, hour = clock.day_of(now), now.astimezone(clock.SHANGHAI).hour
    return policy.get_int("remind.from_hour", today) <= hour < policy.get_int("remind.until_hour", today)


def of_first_answers(now: datetime) -> int:
    """Merchants some hours before their first answer is due. That it was missed is told when it is referred."""
    before = timedelta(hours=policy.get_int("remind.answer_hours", clock.day_of(now)))
    looked = 0
    for row in clocks.due_between(timing.SUBJECT, (Kind.FIRST_ANSWER,), now, now + before, _MOST):
        complaint = queries.get(row.subject_id)
        if (
            row.due_at is None
            or complaint.state is not ComplaintState.SETTLING
            or now < remind_from(row.started_at, row.due_at, before)
        ):
            continue
        details = telling.said_of(complaint) | {"due": moment(row.due_at)}
        key = f"clock-{row.id}-soon-{row.due_at:%Y%m%d%H%M}"
        telling.tell_shop(complaint, "answer_soon", details, key, now, by_sms=True)
        looked += 1
    return looked


def of_silence(now: datetime) -> int:
    """Consumers some days after the merchant's answer or offer, if they said nothing; before the complaint lapses."""
    today = clock.day_of(now)
    first = policy.get_int("remind.silent_consumer_days", today)
    lapse = policy.get_int("complaint.silent_days", today)
    looked = 0
    since, until = now - timedelta(days=lapse), now - timedelta(days=first)
    for complaint_id, last_id, at in queries.quiet_between(since, until, _MOST):
        complaint = queries.get(complaint_id)
        details = telling.said_of(complaint) | {"day": day(at + timedelta(days=lapse))}
        telling.tell_consumer(complaint, "silent", details, f"complaint-silent-{last_id}", now)
        looked += 1
    return looked


def of_offers(now: datetime) -> int:
    """Consumers on the last day of an offer."""
    offers = queries.offers_ending(now, clock.end_of_day(clock.day_of(now)), _MOST)
    for offer in offers:
        complaint = queries.get(offer.complaint_id)
        key = f"complaint-offer-{offer.id}-last-day"
        telling.tell_consumer(complaint, "offer_last_day", telling.said_of(complaint), key, now)
    return len(offers)


def of_expired(now: datetime) -> int:
    """Both sides, once, by the day after an offer's time was over: what each can do next."""
    offers = queries.offers_expired_since(now - _EXPIRED_TOLD_WITHIN, _MOST)
    for offer in offers:
        telling.tell_expired(queries.get(offer.complaint_id), offer.id, now)
    return len(offers)


def of_performance(now: datetime) -> int:
    """Merchants on the day before what they promised is due."""
    due_on = clock.day_of(now) + timedelta(days=1)
    offers = queries.offers_due_on(due_on, OfferState.ACCEPTED, _MOST)
    for offer in offers:
        complaint = queries.get(offer.complaint_id)
        details = telling.said_of(complaint) | {"due": day(due_on)}
        key = f"complaint-offer-{offer.id}-perform"
        telling.tell_shop(complaint, "perform_soon", details, key, now, by_sms=True)
    return len(offers)
