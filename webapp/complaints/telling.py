"""Telling people: merchants of what concerns them, consumers who left a phone of where their complaint stands.

What was said is on the page and not in the message: messages travel over other people's machines.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.engine import CursorResult

from webapp import audit
from webapp.accounts.models import Account
from webapp.accounts.queries import find_account, officers_over
from webapp.core import receipts
from webapp.core.actor import CONSUMER
from webapp.core.db import db
from webapp.core.identifiers import check_phone
from webapp.core.language import Language
from webapp.core.signals import complaint_filed
from webapp.merchants.models import Shop
from webapp.merchants.queries import members_of
from webapp.notices import operations as notices
from webapp.web.filters import moment
from webapp.web.permissions import PERMISSIONS

from . import queries
from .models import Complaint, ComplaintMessage
from .rules import BRINGS_TO_AUTHORITY, SILENT_MERCHANT, SMS_PER_PHONE_A_DAY, ComplaintState

#: Steps that the other side is told of. A merchant's in-app notice is ``complaint.notice.<action>``.
TO_MERCHANT = frozenset(
    {
        # the consumer's
        "supplement",
        "accept_offer",
        "decline_offer",
        "confirm_resolved",
        "say_unresolved",
        "withdraw",
        "reopen",
        # the authority's and time's
        "refer",
        "accept",
        "refuse",
        "settle",
        "end",
        "pause",
        "resume",
        "inform",
        "join",
        "part",
        "transfer",
        "transfer_out",
        "serve",
        "lapse",
        "count_as_kept",
    }
)
#: A consumer's SMS is ``complaint.sms.<action>``.
TO_CONSUMER = frozenset(
    {
        # the merchant's
        "answer",
        "offer",
        "say_performed",
        # the authority's and time's
        "refer",
        "accept",
        "refuse",
        "settle",
        "end",
        "pause",
        "resume",
        "inform",
        "join",
        "part",
        "transfer",
        "transfer_out",
        "serve",
        "lapse",
        "count_as_kept",
    }
)
#: Steps that bring the handling office a case; an officer's notice is ``complaint.office.<action>``.
TO_OFFICE = BRINGS_TO_AUTHORITY
#: Instead of "refer", when the merchant let the time pass: by notice and SMS, with what follows.
MISSED = "missed"


@complaint_filed.connect
def tell_merchant(_sender: None, *, complaint_id: int, now: datetime, **_news: Any) -> None:
    """A new complaint: a notice inside and an SMS to everybody who acts for the shop; the office, if it is its turn."""
    complaint = queries.get(complaint_id)
    straight = complaint.state is ComplaintState.REFERRED
    word = "filed_straight" if straight else "filed"
    details = {"shop": complaint.shop.full_name, "number": complaint.number}
    details["due"] = moment(complaint.answer_due_at)
    tell_shop(complaint, word, details, f"complaint-filed-{complaint.id}", now, by_sms=True)
    if straight:
        _tell_office(complaint, "filed", f"complaint-office-filed-{complaint.id}", None, now)


def send_receipt(complaint: Complaint, receipt: str, now: datetime) -> None:
    """Send the receipt to the phone that the consumer left, if one can receive it.

    The number is not verified, so it is sent only a few a day, whoever files.
    """
    if not is_reachable(complaint) or complaint.contact_phone is None:
        return
    since = now - timedelta(days=1)
    if queries.filed_from_phone_since(complaint.contact_phone_hash or "", since) > SMS_PER_PHONE_A_DAY:
        return
    host = current_app.extensions["ydym.settings"].public_host
    details = {"shop": complaint.shop.full_name, "receipt": receipts.show(receipt), "host": host}
    key = f"complaint-receipt-{complaint.id}"
    notices.send_sms(
        complaint.contact_phone,
        "complaint.sms.receipt",
        details,
        key,
        now,
        language=complaint.contact_language,
    )


def tell(complaint: Complaint, message: ComplaintMessage, now: datetime) -> None:
    """Tell the sides that did not take the step."""
    details, key = said_of(complaint), f"complaint-message-{message.id}"
    if message.action in TO_MERCHANT:
        missed = message.action == "refer" and message.text == SILENT_MERCHANT
        tell_shop(complaint, MISSED if missed else message.action, details, key, now, by_sms=missed)
    if message.action in TO_CONSUMER:
        tell_consumer(complaint, message.action, details, key, now)
    if message.action in TO_OFFICE:
        _tell_office(complaint, message.action, f"complaint-office-{message.id}", message.by_id, now)


def said_of(complaint: Complaint) -> dict[str, Any]:
    """What a message may say of a complaint: which one, at which shop."""
    return {"shop": complaint.shop.full_name, "number": complaint.number}


def tell_shop(
    complaint: Complaint,
    word: str,
    details: dict[str, Any],
    key: str,
    now: datetime,
    *,
    by_sms: bool = False,
) -> None:
    """A notice (``complaint.notice.<word>``) to everybody who acts for the shop, once per `key`; by SMS, too, if asked
    (``complaint.sms_shop.<word>``)."""
    for account in _members(complaint.shop):
        one = f"{key}-{account.id}"
        new = notices.notify_once(
            account.id, f"complaint.notice.{word}", details, _address(complaint), one, now
        )
        if new and by_sms and account.phone:
            text = f"complaint.sms_shop.{word}"
            notices.send_sms(account.phone, text, details, one, now, language=account.language)


def tell_consumer(complaint: Complaint, word: str, details: dict[str, Any], key: str, now: datetime) -> None:
    """An SMS (``complaint.sms.<word>``) to the phone that the consumer left, once per `key`."""
    if is_reachable(complaint) and complaint.contact_phone is not None:
        phone, language = complaint.contact_phone, complaint.contact_language
        notices.send_sms(phone, f"complaint.sms.{word}", details, key, now, language=language)


def write_in(phone_hash: str, language: Language) -> int:
    """From now on write about the complaints filed with this phone in `language`; of how many that is news."""
    mine = sa.update(Complaint).where(
        Complaint.contact_phone_hash == phone_hash, Complaint.contact_language != language
    )
    return cast("CursorResult[Any]", db.session.execute(mine.values(contact_language=language))).rowcount


def change_language(complaint: Complaint, language: Language, now: datetime) -> None:
    """From now on write to the consumer of this complaint in `language`; who asks holds its receipt."""
    if complaint.contact_language is not language:
        complaint.contact_language = language
        about, shop_id = ("complaint", complaint.id), complaint.shop_id
        audit.record(CONSUMER, "complaint.language_changed", *about, now=now, shop_id=shop_id)


def tell_expired(complaint: Complaint, offer_id: int, now: datetime) -> None:
    """Both sides: the offer's time is over; what each can do next."""
    details, key = said_of(complaint), f"complaint-offer-{offer_id}-expired"
    tell_shop(complaint, "offer_expired", details, key, now, by_sms=True)
    tell_consumer(complaint, "offer_expired", details, key, now)


def _tell_office(complaint: Complaint, word: str, key: str, but: int | None, now: datetime) -> None:
    """A notice (``complaint.office.<word>``) to the officers who may handle it, but not to who took the step."""
    for officer in officers_over(complaint.scope, PERMISSIONS["complaint.handle"]):
        if officer.id != but:
            notices.notify_once(
                officer.id,
                f"complaint.office.{word}",
                said_of(complaint),
                office_address(complaint),
                f"{key}-{officer.id}",
                now,
            )


def office_address(complaint: Complaint) -> str:
    """The case's page in the office."""
    return f"/office/complaints/{complaint.id}"


def is_reachable(complaint: Complaint) -> bool:
    """Has the consumer left a phone that gets short messages?"""
    return check_phone(complaint.contact_phone or "").kind == "mobile"


def _members(shop: Shop) -> list[Account]:
    found = (find_account(member.account_id) for member in members_of(shop.operator_id))
    return [account for account in found if account is not None and account.disabled_at is None]


def _address(complaint: Complaint) -> str:
    return f"/merchant/complaints/{complaint.id}"
