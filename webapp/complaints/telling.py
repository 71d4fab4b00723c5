"""Telling people: merchants of what concerns them, consumers who left a phone of where their complaint stands.

What was said is on the page and not in the message: messages travel over other people's machines.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import current_app

from webapp.accounts.models import Account
from webapp.accounts.queries import find_account
from webapp.core import receipts
from webapp.core.identifiers import check_phone
from webapp.core.signals import complaint_filed
from webapp.merchants.models import Shop
from webapp.merchants.queries import members_of
from webapp.notices import operations as notices
from webapp.web.filters import moment

from . import queries
from .models import Complaint, ComplaintMessage
from .rules import SMS_PER_PHONE_A_DAY

#: Steps that the other side is told of. A merchant's in-app notice is ``complaint.notice.<action>``.
TO_MERCHANT = frozenset(
    {
        "supplement",
        "confirm_resolved",
        "say_unresolved",
        "withdraw",
        "refer",
        "accept",
        "refuse",
        "settle",
        "end",
    }
)
#: A consumer's SMS is ``complaint.sms.<action>``.
TO_CONSUMER = frozenset({"answer", "refer", "accept", "refuse", "settle", "end"})


@complaint_filed.connect
def tell_merchant(_sender: None, *, complaint_id: int, now: datetime, **_news: Any) -> None:
    """A new complaint: a notice inside and an SMS to everybody who acts for the shop."""
    complaint = queries.get(complaint_id)
    details = {"shop": complaint.shop.full_name, "due": moment(complaint.answer_due_at)}
    for account in _members(complaint.shop):
        notices.notify(account.id, "complaint.notice.filed", details, _address(complaint), now)
        if account.phone:
            key = f"complaint-filed-{complaint.id}-{account.id}"
            notices.send_sms(account.phone, "complaint.sms.filed", details, key, now)


def send_receipt(complaint: Complaint, receipt: str, now: datetime) -> None:
    """Send the receipt to the phone that the consumer left, if one can receive it.

    The number is not verified, so it is sent only a few a day, whoever files.
    """
    if not _reachable(complaint) or complaint.contact_phone is None:
        return
    since = now - timedelta(days=1)
    if queries.filed_from_phone_since(complaint.contact_phone_hash or "", since) > SMS_PER_PHONE_A_DAY:
        return
    host = current_app.extensions["ydym.settings"].public_host
    details = {"shop": complaint.shop.full_name, "receipt": receipts.show(receipt), "host": host}
    key = f"complaint-receipt-{complaint.id}"
    notices.send_sms(complaint.contact_phone, "complaint.sms.receipt", details, key, now)


def tell(complaint: Complaint, message: ComplaintMessage, now: datetime) -> None:
    """Tell the sides that did not take the step."""
    details = {"shop": complaint.shop.full_name, "number": complaint.number}
    if message.action in TO_MERCHANT:
        for account in _members(complaint.shop):
            word = f"complaint.notice.{message.action}"
            notices.notify(account.id, word, details, _address(complaint), now)
    if message.action in TO_CONSUMER and _reachable(complaint) and complaint.contact_phone is not None:
        key = f"complaint-message-{message.id}"
        notices.send_sms(complaint.contact_phone, f"complaint.sms.{message.action}", details, key, now)


def _reachable(complaint: Complaint) -> bool:
    return check_phone(complaint.contact_phone or "").kind == "mobile"


def _members(shop: Shop) -> list[Account]:
    found = (find_account(member.account_id) for member in members_of(shop.operator_id))
    return [account for account in found if account is not None and account.disabled_at is None]


def _address(complaint: Complaint) -> str:
    return f"/merchant/complaints/{complaint.id}"
