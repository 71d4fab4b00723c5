"""What is on record that the signals count."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from webapp.complaints.models import Complaint, ComplaintMessage
from webapp.core import clock, policy
from webapp.core.db import db
from webapp.files.models import StoredFile

from .rules import Claim, Limits, Signal, signals

#: More complaints of one phone or one picture than this are not read: the first ones say enough.
_MOST = 500
_LIMITS = {
    "days": "claims.days",
    "shops": "claims.shops",
    "topic_claims": "claims.topic_claims",
    "topic_percent": "claims.topic_percent",
    "same_demand": "claims.same_demand",
    "picture_claims": "claims.picture_claims",
}


def limits(now: datetime) -> Limits:
    """The limits in force today."""
    values = policy.get_ints(list(_LIMITS.values()), clock.day_of(now))
    return Limits(**{name: values[key] for name, key in _LIMITS.items()})


def of_complaint(complaint: Complaint, limit: Limits) -> tuple[list[Signal], list[int]]:
    """The signals, and the ids of the complaints that they count (its own left out), newest first.

    Looks back from the day of receipt, and at what came since: a series is seen in its first case, too.
    """
    since = complaint.received_at - timedelta(days=limit.days)
    until = complaint.received_at + timedelta(days=limit.days)
    own = _pictures([complaint.id]).get(complaint.id, frozenset())
    ids = _ids(complaint, own, since, until)
    shown = _pictures(ids) if own else {}
    statement = sa.select(
        Complaint.id,
        Complaint.shop_id,
        Complaint.contact_phone_hash,
        Complaint.topic,
        Complaint.demand,
        Complaint.amount_fen,
    ).where(Complaint.id.in_([*ids, complaint.id]))
    claims = {
        row.id: Claim(
            row.id,
            row.shop_id,
            row.contact_phone_hash,
            row.topic,
            row.demand.value,
            row.amount_fen,
            own if row.id == complaint.id else shown.get(row.id, frozenset()),
        )
        for row in db.session.execute(statement)
    }
    found = signals(claims[complaint.id], list(claims.values()), limit)
    return found, ids if found else []


def _ids(complaint: Complaint, pictures: frozenset[str], since: datetime, until: datetime) -> list[int]:
    """Other complaints of these days by the same phone, or with one of these pictures."""
    wanted: set[int] = set()
    if complaint.contact_phone_hash:
        wanted.update(
            db.session.scalars(
                sa.select(Complaint.id)
                .where(
                    Complaint.contact_phone_hash == complaint.contact_phone_hash,
                    Complaint.received_at.between(since, until),
                )
                .order_by(Complaint.id.desc())
                .limit(_MOST)
            )
        )
    if pictures:
        holders = _holders().where(StoredFile.sha256.in_(pictures)).limit(_MOST).subquery()
        wanted.update(
            db.session.scalars(
                sa.select(Complaint.id).where(
                    Complaint.id.in_(sa.select(holders.c.complaint_id)),
                    Complaint.received_at.between(since, until),
                )
            )
        )
    return sorted(wanted - {complaint.id}, reverse=True)


def _holders() -> sa.Select[tuple[int, str]]:
    """(complaint id, SHA-256) of every picture of a complaint or of what was said in it by the consumer."""
    of_complaint_id = sa.case(
        (StoredFile.owner_type == "complaint", StoredFile.owner_id), else_=ComplaintMessage.complaint_id
    ).label("complaint_id")
    return (
        sa.select(of_complaint_id, StoredFile.sha256)
        .outerjoin(
            ComplaintMessage,
            sa.and_(StoredFile.owner_type == "complaint_message", ComplaintMessage.id == StoredFile.owner_id),
        )
        .where(
            StoredFile.erased_at.is_(None),
            sa.or_(
                StoredFile.owner_type == "complaint",
                sa.and_(
                    StoredFile.owner_type == "complaint_message", ComplaintMessage.action == "supplement"
                ),
            ),
        )
    )


def _pictures(complaint_ids: list[int]) -> dict[int, frozenset[str]]:
    """The pictures' hashes by complaint."""
    if not complaint_ids:
        return {}
    messages = sa.select(ComplaintMessage.id).where(
        ComplaintMessage.complaint_id.in_(complaint_ids), ComplaintMessage.action == "supplement"
    )
    statement = _holders().where(
        sa.or_(
            sa.and_(StoredFile.owner_type == "complaint", StoredFile.owner_id.in_(complaint_ids)),
            sa.and_(StoredFile.owner_type == "complaint_message", StoredFile.owner_id.in_(messages)),
        )
    )
    found: dict[int, set[str]] = {}
    for complaint_id, digest in db.session.execute(statement).tuples():
        found.setdefault(complaint_id, set()).add(digest)
    return {complaint_id: frozenset(digests) for complaint_id, digests in found.items()}


def within(ids: list[int], condition: sa.ColumnElement[bool], most: int) -> list[Complaint]:
    """Those of these complaints that meet the condition of reach, newest first."""
    statement = sa.select(Complaint).where(Complaint.id.in_(ids), condition)
    return list(db.session.scalars(statement.order_by(Complaint.id.desc()).limit(most)))
