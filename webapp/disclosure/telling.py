"""Telling the merchant what happens to a case of theirs; the consumer reads it on the follow-up page."""

from __future__ import annotations

from datetime import datetime

from webapp.accounts.queries import find_account
from webapp.merchants.queries import members_of
from webapp.notices import operations as notices
from webapp.web.filters import day

from .models import Disclosure


def tell(disclosure: Disclosure, what: str, now: datetime) -> None:
    """A notice ``disclosure.notice.<what>`` for every member of the shop's operator."""
    shop = disclosure.complaint.shop
    details = {"shop": shop.full_name, "until": day(disclosure.reply_due_at)}
    address = f"/merchant/disclosures/{disclosure.id}" if what != "dropped" else "/merchant/disclosures"
    for member in members_of(shop.operator_id):
        account = find_account(member.account_id)
        if account is not None and account.disabled_at is None:
            notices.notify(account.id, f"disclosure.notice.{what}", details, address, now)
