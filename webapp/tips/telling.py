"""Telling a named reporter the outcome by SMS.

What it is about stays on the page and out of the message: messages travel over other people's machines.
"""

from __future__ import annotations

from datetime import datetime

from webapp.core.identifiers import check_phone
from webapp.notices import operations as notices

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
    notices.send_sms(tip.reporter_phone, f"tip.sms.{tip.state.value}", details, key, now, phone_ceiling=False)
    return True
