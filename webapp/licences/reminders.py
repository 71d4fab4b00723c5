"""Reminding merchants of licences that end soon: inside and by SMS, once per licence and stage."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from webapp.accounts.models import Account
from webapp.core import clock, policy
from webapp.core.db import db
from webapp.merchants.models import OperatorMember
from webapp.merchants.queries import get_operator
from webapp.notices import operations as notices
from webapp.notices.models import OutboxMessage

from . import queries
from .models import Licence

#: Policy values: days before the end at which a reminder goes out. Another goes out on the last day but one.
STAGES = ("licence.first_reminder_days", "licence.second_reminder_days", "licence.third_reminder_days")
LAST_STAGE = 1


def remind_expiring(now: datetime) -> int:
    """Remind the members of each operator with a licence that ends soon; returns how many messages.

    The stage (by the policy 60, 30 and 7 days, and 1 day) is part of the message's key, so that a second run sends
    nothing again and a run that was missed is caught up by the next.
    """
    today = clock.day_of(now)
    stages = sorted({*policy.get_ints(STAGES, today).values(), LAST_STAGE})
    names = queries.names()
    sent = 0
    for licence in queries.expiring(today, stages[-1]):
        assert licence.valid_until is not None, "a licence that expires has an end"
        days = (licence.valid_until - today).days
        stage = next(stage for stage in stages if days <= stage)
        for account in _members(licence):
            sent += _remind(licence, account, names[licence.kind_code], days, stage, now)
    return sent


def _members(licence: Licence) -> list[Account]:
    statement = (
        sa.select(Account)
        .join(OperatorMember, OperatorMember.account_id == Account.id)
        .where(OperatorMember.operator_id == licence.operator_id, Account.disabled_at.is_(None))
    )
    return list(db.session.scalars(statement.order_by(Account.id)))


def _remind(licence: Licence, account: Account, kind: str, days: int, stage: int, now: datetime) -> int:
    key = f"licence-ends:{licence.id}:{stage}:{account.id}"
    if db.session.scalar(sa.select(OutboxMessage.id).where(OutboxMessage.idempotency_key == key)) is not None:
        return 0
    shops = get_operator(licence.operator_id).shops
    shop_id = licence.shop_id or (shops[0].id if shops else None)
    if shop_id is None or account.phone is None:
        return 0
    details = {"kind": kind, "days": days}
    notices.notify(account.id, "notice.licence_ends", details, f"/merchant/shops/{shop_id}/licences", now)
    notices.send_sms(account.phone, "sms.licence_ends", details, key, now, language=account.language)
    return 1
