"""Telling the merchant what was done to a copied sticker. The officer's words and the evidence stay in the office."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from webapp.accounts.models import Account
from webapp.core.db import db
from webapp.merchants.models import OperatorMember
from webapp.notices import operations as notices

from .models import CopyAlarm
from .rules import Remedy


def tell(alarm: CopyAlarm, remedy: Remedy, now: datetime) -> None:
    """Tell the operator's members that this sticker was suspended or replaced because it was copied."""
    details = {"shop": alarm.shop.full_name, "label": alarm.label}
    url = f"/merchant/shops/{alarm.shop_id}/stickers"
    for account in _members_of(alarm.shop.operator_id):
        notices.notify(account.id, f"notice.copy.{remedy.value}", details, url, now)
        if account.phone:
            key = f"copy-{alarm.id}-{alarm.version}-{account.id}"
            word = f"sms.copy.{remedy.value}"
            notices.send_sms(account.phone, word, details, key, now, language=account.language)


def _members_of(operator_id: int) -> list[Account]:
    statement = (
        sa.select(Account)
        .join(OperatorMember, OperatorMember.account_id == Account.id)
        .where(OperatorMember.operator_id == operator_id, Account.disabled_at.is_(None))
    )
    return list(db.session.scalars(statement.order_by(Account.id)))
