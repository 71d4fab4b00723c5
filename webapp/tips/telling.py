"""Telling a named reporter the outcome by SMS, and the office of a tip that came to it. Never the merchant.

What it is about stays on the page and out of the message: messages travel over other people's machines.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import CursorResult

from webapp.accounts.queries import officers_over
from webapp.core.db import db
from webapp.core.identifiers import check_phone
from webapp.core.language import Language
from webapp.core.signals import tip_filed
from webapp.notices import operations as notices
from webapp.web.permissions import PERMISSIONS

from . import queries
from .models import Tip


def can_receive(tip: Tip) -> bool:
    """Has the reporter left a phone that gets short messages?"""
    return check_phone(tip.reporter_phone or "").kind == "mobile"


def send_result(tip: Tip, now: datetime) -> bool:
    """Send the decision; False when no message can reach the reporter."""
    if not can_receive(tip) or tip.reporter_phone is None:
        return False
    details = {"number": tip.number}
    key = f"tip-result-{tip.id}"
    # Told once, because the law wants it: no ceiling of the phone may swallow it.
    notices.send_sms(
        tip.reporter_phone,
        f"tip.sms.{tip.state.value}",
        details,
        key,
        now,
        language=tip.reporter_language,
        phone_ceiling=False,
    )
    return True


def write_in(phone_hash: str, language: Language) -> int:
    """From now on write about the tips filed with this phone in `language`; of how many that is news."""
    mine = sa.update(Tip).where(Tip.reporter_phone_hash == phone_hash, Tip.reporter_language != language)
    return cast("CursorResult[Any]", db.session.execute(mine.values(reporter_language=language))).rowcount


@tip_filed.connect
def tell_of_new(_sender: None, *, tip_id: int, now: datetime, **_news: Any) -> None:
    """A new tip: a notice to the officers who may handle it."""
    tell_office(queries.get(tip_id), "filed", f"tip-office-filed-{tip_id}", None, now)


def tell_office(tip: Tip, word: str, key: str, but: int | None, now: datetime) -> None:
    """A notice (``tip.office.<word>``: filed | transfer) to the office that has it now, but not to who acted."""
    details = {"shop": tip.shop.full_name, "number": tip.number}
    for officer in officers_over(tip.scope, PERMISSIONS["tip.handle"]):
        if officer.id != but:
            url, one = f"/office/tips/{tip.id}", f"{key}-{officer.id}"
            notices.notify_once(officer.id, f"tip.office.{word}", details, url, one, now)
