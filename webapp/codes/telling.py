"""Telling a shop's people what became of its code: a notice inside and an SMS."""

from __future__ import annotations

from datetime import datetime

from webapp.merchants.queries import get_shop
from webapp.notices import operations as notices
from webapp.web.words import label

from . import queries
from .models import TrustCode
from .rules import CodeState


def tell(code: TrustCode, action: str, ground: str, now: datetime) -> None:
    """Tell the operator's members of one change. The reason in full stands on the page, not in the message."""
    kind = action.removeprefix("code.")
    if kind in {"restore", "take_back"} and code.state is not CodeState.ACTIVE:
        kind = "ground_ended"
    shop = get_shop(code.shop_id)
    details = {"shop": shop.full_name, "ground": label(f"code.ground.{ground}")}
    for account in queries.members_of(shop.operator_id):
        notices.notify(account.id, f"notice.code.{kind}", details, f"/merchant/shops/{shop.id}", now)
        if account.phone and kind != "ground_ended":
            key = f"code-{code.id}-{code.version}-{account.id}"
            notices.send_sms(account.phone, f"sms.code.{kind}", details, key, now, language=account.language)
