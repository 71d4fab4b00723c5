"""Telling the parties of hearings and texts to sign: a notice inside for merchants, an SMS for consumers with a mobile.

What was said is on the page and not in the message: messages travel over other people's machines.
"""

from __future__ import annotations

from datetime import datetime

from webapp.accounts.queries import find_account, officers_over
from webapp.core.actor import Actor
from webapp.core.identifiers import check_phone
from webapp.merchants.queries import members_of
from webapp.notices import operations as notices
from webapp.web.filters import moment
from webapp.web.permissions import PERMISSIONS

from .models import Hearing, Mediation

#: Steps that both sides are told of.
TOLD = frozenset({"start", "hear", "cancel", "draft", "fail", "give_back"})
#: After these it is the office's turn: to confirm what both signed, to try again, or to terminate.
TO_OFFICE = frozenset({"signed", "fail", "give_back"})


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
        key, language = f"mediation-{action}-{occasion}", complaint.contact_language
        notices.send_sms(phone, f"mediation.sms.{action}", details, key, now, language=language)


def tell_body(mediation: Mediation, account_ids: list[int], now: datetime) -> None:
    """A dispute was entrusted: its people find it on their page, and a notice."""
    url = f"/mediation/cases/{mediation.id}"
    for account_id in account_ids:
        details = {"number": mediation.complaint.number}
        notices.notify(account_id, "mediation.notice.entrusted", details, url, now)


def tell_office(mediation: Mediation, word: str, actor: Actor, now: datetime) -> None:
    """The officers who may handle the complaint: what came of the attempt (``mediation.office.<word>``), once.

    Not who did it. Without this a case whose mediation failed before a body would lie until its last day.
    """
    if word not in TO_OFFICE:
        return
    complaint = mediation.complaint
    for officer in officers_over(complaint.scope, PERMISSIONS["complaint.handle"]):
        if officer.id == actor.account_id:
            continue
        notices.notify_once(
            officer.id,
            f"mediation.office.{word}",
            {"shop": complaint.shop.full_name, "number": complaint.number},
            f"/office/complaints/{complaint.id}",
            f"mediation-office-{word}-{mediation.id}-{mediation.version}-{officer.id}",
            now,
        )
