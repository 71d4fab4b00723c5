"""Telling the parties of hearings and texts to sign: a notice inside for merchants, an SMS for consumers with a mobile.

What was said is on the page and not in the message: messages travel over other people's machines.
"""

from __future__ import annotations

from datetime import datetime

from webapp.accounts.queries import find_account
from webapp.core.identifiers import check_phone
from webapp.merchants.queries import members_of
from webapp.notices import operations as notices
from webapp.web.filters import moment

from .models import Hearing, Mediation

#: Steps that both sides are told of.
TOLD = frozenset({"start", "hear", "cancel", "draft", "fail"})


def tell(
    mediation: Mediation, action: str, occasion: str, now: datetime, hearing: Hearing | None = None
) -> None:
    """Tell both sides, once for each `occasion`."""
    if action not in TOLD:
        return
    complaint = mediation.complaint
    details = {"number": complaint.number, "at": moment(hearing.at) if hearing is not None else ""}
    url = f"/merchant/complaints/{complaint.id}/mediation"
    for member in members_of(complaint.shop.operator_id):
        account = find_account(member.account_id)
        if account is not None and account.disabled_at is None:
            notices.notify(account.id, f"mediation.notice.{action}", details, url, now)
    phone = complaint.contact_phone
    if phone is not None and check_phone(phone).kind == "mobile":
        notices.send_sms(phone, f"mediation.sms.{action}", details, f"mediation-{action}-{occasion}", now)


def tell_body(mediation: Mediation, account_ids: list[int], now: datetime) -> None:
    """A dispute was entrusted: its people find it on their page, and a notice."""
    url = f"/mediation/cases/{mediation.id}"
    for account_id in account_ids:
        details = {"number": mediation.complaint.number}
        notices.notify(account_id, "mediation.notice.entrusted", details, url, now)
