"""Evidence of return shops: what they took back, refused and were disputed with, when named and every year after."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from webapp import audit
from webapp.complaints.models import Complaint
from webapp.core import clock, policy
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid

from . import queries
from .models import Honour, ReturnRecord
from .rules import REASON_LONGEST, STEPS, HonourKind, check_returns

#: A year's records are the evidence of a shop that is named.
PERIOD = timedelta(days=365)


def record(
    honour: Honour,
    returns: int,
    refused: int,
    note: str,
    actor: Actor,
    now: datetime,
    since: date | None = None,
) -> ReturnRecord:
    """Keep the records of the time since the last ones, or of the year before; disputes are counted here."""
    today = clock.day_of(now)
    first = since or today - PERIOD
    found = ReturnRecord(
        honour_id=honour.id,
        since=first,
        until=today,
        policy=honour.terms,
        returns=returns,
        refused=refused,
        disputes=disputes(honour.shop_id, first, today),
        note=note.strip(),
        recorded_by_id=actor.account_id or 0,
        recorded_at=now,
    )
    db.session.add(found)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("already_done") from error
    return found


def review(
    honour_id: int,
    returns: int | None,
    refused: int | None,
    note: str,
    actor: Actor,
    now: datetime,
    version: int,
) -> Honour:
    """The yearly look: the records since the last one, and the next look a year on. Whoever did not keep its word is
    ended by a reason instead.

    Raises Invalid (with the field), Conflict (``changed_meanwhile``, ``honour_review_early``), Forbidden.
    """
    honour, today = queries.get(honour_id), clock.day_of(now)
    if honour.version != version:
        raise Conflict("changed_meanwhile")
    STEPS.check(honour.state, "review", actor, honour.shop.scope)
    if actor.account_id is None:
        raise Forbidden("no_access")
    ahead = policy.get_int("honour.review_ahead_days", today)
    if honour.review_on is None or (honour.review_on - today).days > ahead:
        raise Conflict("honour_review_early")
    check_returns(returns, refused)
    if not note.strip():
        raise Invalid("required", field="note")
    if len(note) > REASON_LONGEST:
        raise Invalid("honour_too_long", field="note", longest=REASON_LONGEST, length=len(note))
    before = queries.records_of(honour_id)
    since = before[0].until + timedelta(days=1) if before else None
    made = record(honour, returns or 0, refused or 0, note, actor, now, since)
    honour.review_on = next_review(honour.kind, today)
    try:
        db.session.flush()
    except StaleDataError as error:
        raise Conflict("changed_meanwhile") from error
    audit.record(
        actor,
        "honour.review",
        "honour",
        honour.id,
        now=now,
        shop_id=honour.shop_id,
        new={"returns": made.returns, "refused": made.refused, "disputes": made.disputes},
        reason=note.strip(),
    )
    return honour


def next_review(kind: HonourKind, today: date) -> date | None:
    """By when the records are looked at anew; a demonstration unit has its term instead."""
    if kind is HonourKind.DEMONSTRATION:
        return None
    return today + timedelta(days=policy.get_int("honour.review_days", today))


def disputes(shop_id: int, since: date, until: date) -> int:
    """Complaints over refunds that were received in these days, both included."""
    first = datetime.combine(since, datetime.min.time(), clock.SHANGHAI)
    after = datetime.combine(until + timedelta(days=1), datetime.min.time(), clock.SHANGHAI)
    statement = sa.select(sa.func.count()).where(
        Complaint.shop_id == shop_id,
        Complaint.topic == "refund",
        Complaint.received_at >= first,
        Complaint.received_at < after,
    )
    return int(db.session.scalar(statement) or 0)
