"""What disclosure gives the merchant's home: cases to which a reply may stand from the first day."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import url_for

from webapp.complaints.models import Complaint
from webapp.core.db import db
from webapp.merchants.models import Shop
from webapp.merchants.todo import Task
from webapp.web.languages import say

from .models import Disclosure
from .rules import DisclosureState


def tasks(shops: list[Shop], now: datetime) -> list[Task]:
    """Slot ``merchant.tasks``: drafts without the merchant's words, while these may still come before publication."""
    statement = (
        sa.select(Disclosure)
        .join(Complaint)
        .where(
            Complaint.shop_id.in_([shop.id for shop in shops]),
            Disclosure.state == DisclosureState.DRAFT,
            Disclosure.reply == "",
            Disclosure.reply_waiting.is_(None),
            Disclosure.reply_due_at > now,
        )
        .order_by(Disclosure.reply_due_at, Disclosure.id)
    )
    return [
        Task(
            say("disclosure.task.reply"),
            url_for("disclosure_merchant.show", disclosure_id=one.id),
            say("disclosure.task.reply.why"),
            due=one.reply_due_at,
            shop_id=one.complaint.shop_id,
        )
        for one in db.session.scalars(statement)
    ]
