"""Telling a merchant what was decided: a notice inside, and an SMS where they have to do something or are done."""

from __future__ import annotations

from datetime import datetime

from webapp.notices import operations as notices

from . import queries
from .models import Application, ApplicationDecision

#: Steps that the merchant is told of: the word is ``notice.application.<action>``.
TOLD = frozenset(
    {
        "pass_on",
        "approve",
        "return",
        "defer",
        "resume",
        "reject",
        "take_back_station_return",
        "take_back_bureau_return",
    }
)
#: Of these, the ones worth an SMS: the word is ``sms.application.<action>``.
BY_SMS = frozenset({"approve", "return", "reject"})


def tell(application: Application, decision: ApplicationDecision, now: datetime) -> None:
    """Tell the operator's members of `decision`. What the officer wrote is on the page, not in the message."""
    if decision.action not in TOLD:
        return
    details = {"shop": application.shop.full_name}
    for account in queries.members_of(application.operator_id):
        notices.notify(
            account.id,
            f"notice.application.{decision.action}",
            details,
            f"/merchant/shops/{application.shop_id}",
            now,
        )
        if decision.action in BY_SMS and account.phone:
            key = f"application-decision-{decision.id}-{account.id}"
            word = f"sms.application.{decision.action}"
            notices.send_sms(account.phone, word, details, key, now, language=account.language)
