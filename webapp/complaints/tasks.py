"""What complaints give the merchant's home: answers that are due, agreements to keep, and how many wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from flask import url_for

from webapp.core.db import db
from webapp.merchants.models import Shop
from webapp.merchants.todo import Figure, Task
from webapp.web.languages import say, translate
from webapp.web.requests import once
from webapp.web.words import label

from . import queries, rules
from .models import Complaint, Offer
from .rules import ComplaintState, OfferState

#: So many stand by themselves; the others are one tap away.
MOST = 10


def tasks(shops: list[Shop], now: datetime) -> list[Task]:
    """Slot ``merchant.tasks``: first answers, soonest due first, and settlements to be kept."""
    ids = [shop.id for shop in shops]
    return [*_answers(ids, now), *_promises(ids)]


def _answers(ids: list[int], now: datetime) -> list[Task]:
    statement = (
        sa.select(Complaint)
        .where(Complaint.shop_id.in_(ids), Complaint.state == ComplaintState.SETTLING)
        .order_by(Complaint.answer_due_at, Complaint.id)
        .limit(MOST)
    )
    return [
        Task(
            say("complaint.task.answer", topic=translate(label(f"complaint.topic.{one.topic}"))),
            url_for("complaints_merchant.show", complaint_id=one.id),
            why=say("complaint.task.answer.why", demand=translate(label(f"complaint.demand.{one.demand}"))),
            action=say("complaint.task.answer.go"),
            due=one.answer_due_at,
            said=_left(one.answer_due_at, now),
            shop_id=one.shop_id,
        )
        for one in db.session.scalars(statement)
    ]


def _promises(ids: list[int]) -> list[Task]:
    statement = (
        sa.select(Offer, Complaint)
        .join(Complaint, Complaint.id == Offer.complaint_id)
        .where(
            Complaint.shop_id.in_(ids),
            Complaint.state == ComplaintState.AGREED,
            Offer.state == OfferState.ACCEPTED,
        )
        .order_by(Offer.perform_by, Offer.id)
        .limit(MOST)
    )
    return [
        Task(
            say("complaint.task.perform"),
            url_for("complaints_merchant.show", complaint_id=complaint.id),
            why=say("complaint.task.perform.why"),
            action=say("complaint.task.perform.go"),
            due=offer.perform_by,
            shop_id=complaint.shop_id,
        )
        for offer, complaint in db.session.execute(statement).tuples()
    ]


def _left(at: datetime, now: datetime) -> str:
    """How much time is left until `at`, or by how much it is past."""
    unit, large, small = rules.split_span(at - now)
    return say(f"complaint.{'past' if at < now else 'left'}.{unit}", large=large, small=small)


def waiting_by_shop(shop_ids: Sequence[int]) -> dict[int, tuple[int, datetime | None]]:
    """As `queries.waiting_by_shop`, asked once for all that a merchant's home says of it."""
    ids = tuple(shop_ids)
    return once(("complaints.waiting", ids), lambda: queries.waiting_by_shop(ids))


def waiting(shops: list[Shop], now: datetime) -> Figure:
    """Slot ``merchant.figures``: answers that consumers wait for."""
    ids = [shop.id for shop in shops]
    found = waiting_by_shop(ids)
    count = sum(number for number, _ in found.values())
    due = min((at for _, at in found.values() if at is not None), default=None)
    late = due is not None and due <= now
    return Figure(
        f"{count:,}",
        say("complaint.figure.waiting"),
        say("complaint.figure.unit"),
        note=say("complaint.figure.none") if due is None else _left(due, now),
        url=url_for("complaints_merchant.index", view="settling"),
        tone="stop" if late else "caution" if found else None,
        by_shop={shop_id: str(found.get(shop_id, (0, None))[0]) for shop_id in ids},
    )
