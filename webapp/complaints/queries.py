"""Reading complaints."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from webapp.core.actor import Post, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.core.secrets import keyed_hash
from webapp.merchants.models import Shop
from webapp.merchants.queries import within

from .models import Complaint
from .rules import ENDED, ComplaintState, tidy_receipt


@dataclass(frozen=True)
class Page:
    """One page of complaints and how many there are in all."""

    entries: list[Complaint]
    total: int


def get(complaint_id: int) -> Complaint:
    """The complaint; raises NotFound."""
    complaint = db.session.get(Complaint, complaint_id)
    if complaint is None:
        raise NotFound("no_such_thing")
    return complaint


def scope_of(complaint_id: int, **_rest: object) -> Scope:
    """For access rules: the scope of the shop complained of."""
    return get(complaint_id).shop.scope


def by_receipt(receipt: str) -> Complaint:
    """The complaint that this receipt opens; raises NotFound. Case, blanks and hyphens do not count."""
    complaint = None
    if (tidy := tidy_receipt(receipt)) is not None:
        digest = keyed_hash("receipt", tidy)
        complaint = db.session.scalar(sa.select(Complaint).where(Complaint.receipt_hash == digest))
    if complaint is None:
        raise NotFound("no_such_receipt")
    return complaint


def by_submission(submission_key: str) -> Complaint | None:
    """The complaint that this form was already sent as, or None."""
    digest = keyed_hash("submission", submission_key)
    return db.session.scalar(sa.select(Complaint).where(Complaint.submission_key == digest))


def of_operators(operator_ids: frozenset[int], *, state: str = "", offset: int = 0, limit: int = 20) -> Page:
    """A merchant's complaints: those that wait for an answer first, soonest due first, then newest."""
    conditions = [Shop.operator_id.in_(operator_ids)]
    if state:
        conditions.append(Complaint.state == state)
    return _page(conditions, offset, limit)


def office_page(
    posts: tuple[Post, ...],
    *,
    state: str = "",
    overdue_at: datetime | None = None,
    shop_id: int | None = None,
    text: str = "",
    offset: int = 0,
    limit: int = 30,
) -> Page:
    """A page of complaints within an officer's reach. `overdue_at`: only those unanswered past their time."""
    conditions = [within(posts)]
    if state:
        conditions.append(Complaint.state == state)
    if overdue_at is not None:
        conditions += [Complaint.state == ComplaintState.SETTLING, Complaint.answer_due_at < overdue_at]
    if shop_id is not None:
        conditions.append(Complaint.shop_id == shop_id)
    if text:
        matches = sa.or_(Complaint.number == text, Shop.name.contains(text, autoescape=True))
        conditions.append(matches)
    return _page(conditions, offset, limit)


def waiting_for_merchant(operator_ids: frozenset[int]) -> int:
    """How many complaints wait for the merchant's first answer."""
    statement = (
        sa.select(sa.func.count(Complaint.id))
        .join(Shop)
        .where(Shop.operator_id.in_(operator_ids), Complaint.state == ComplaintState.SETTLING)
    )
    return int(db.session.scalar(statement) or 0)


def waiting_for_office(posts: tuple[Post, ...]) -> int:
    """How many complaints wait for the authority within reach."""
    open_states = [ComplaintState.REFERRED, ComplaintState.MEDIATING]
    statement = sa.select(sa.func.count(Complaint.id)).join(Shop)
    return int(db.session.scalar(statement.where(within(posts), Complaint.state.in_(open_states))) or 0)


def silent_past_due(now: datetime, limit: int = 500) -> list[Complaint]:
    """Complaints whose merchant did not answer in time: they go to the authority."""
    statement = (
        sa.select(Complaint)
        .where(Complaint.state == ComplaintState.SETTLING, Complaint.answer_due_at < now)
        .order_by(Complaint.answer_due_at)
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def open_count(shop_id: int) -> int:
    """How many of a shop's complaints are not at their end."""
    statement = sa.select(sa.func.count(Complaint.id)).where(
        Complaint.shop_id == shop_id, Complaint.state.not_in(ENDED)
    )
    return int(db.session.scalar(statement) or 0)


def _page(conditions: list[sa.ColumnElement[bool]], offset: int, limit: int) -> Page:
    base = sa.select(Complaint).join(Shop).where(*conditions)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(base.subquery())) or 0
    waits = sa.case((Complaint.state == ComplaintState.SETTLING, 0), (Complaint.state.in_(ENDED), 2), else_=1)
    rows = base.order_by(waits, Complaint.answer_due_at).offset(offset)
    return Page(list(db.session.scalars(rows.limit(limit)).unique()), int(total))
