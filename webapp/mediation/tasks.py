"""What mediations give the merchant's home: an agreement to sign, a hearing that is fixed."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import url_for

from webapp.complaints.models import Complaint
from webapp.core.db import db
from webapp.merchants.models import Shop
from webapp.merchants.todo import ANSWER, Task
from webapp.web.languages import said_moment, say

from . import queries
from .models import Mediation
from .rules import MediationState


def tasks(shops: list[Shop], now: datetime) -> list[Task]:
    """Slot ``merchant.tasks``: texts that wait for the merchant's signature, and the next hearings."""
    statement = (
        sa.select(Mediation)
        .join(Complaint, Complaint.id == Mediation.complaint_id)
        .where(Complaint.shop_id.in_([shop.id for shop in shops]), Mediation.state == MediationState.OPEN)
        .order_by(Mediation.id)
    )
    found = []
    for mediation in db.session.scalars(statement):
        url = url_for("mediation_parties.merchant", complaint_id=mediation.complaint_id)
        shop_id = mediation.complaint.shop_id
        if mediation.agreement and mediation.merchant_signed_at is None:
            why = say("mediation.task.sign.why")
            go = say("mediation.task.sign.go")
            found.append(Task(say("mediation.task.sign"), url, why, go, rank=ANSWER, shop_id=shop_id))
        hearing = queries.next_hearing(mediation, now)
        if hearing is not None:
            at = said_moment(hearing.at)
            why = say("mediation.task.hearing.why")
            found.append(
                Task(say("mediation.task.hearing"), url, why, due=hearing.at, said=at, shop_id=shop_id)
            )
    return found
