"""Telling a merchant what became of a request, and of a photo that was taken off the public page."""

from __future__ import annotations

from datetime import datetime

from webapp.merchants.models import Shop
from webapp.notices import operations as notices
from webapp.web.words import label

from . import queries
from .models import ShopChange
from .rules import Part


def tell(change: ShopChange, action: str, now: datetime) -> None:
    """Tell the operator's members of a decision. The officer's words stand on the page, not in the message."""
    # A sticker bears the shop's name: who got a new one is told that the paper is old.
    reprint = action == "approve" and change.part is Part.NAME
    word = f"change.{'approve_name' if reprint else action}"
    details = {"shop": change.shop.full_name, "part": label(f"change.part.{change.part.value}")}
    url = f"/merchant/shops/{change.shop_id}/changes"
    _tell(change.shop, word, details, url, f"change-{change.id}", now)


def tell_of_photo(shop: Shop, action: str, key: str, now: datetime) -> None:
    """Tell the operator's members that a photo was hidden (`action` hide) or shown again (show)."""
    url = f"/merchant/shops/{shop.id}/changes"
    _tell(shop, f"photo.{action}", {"shop": shop.full_name}, url, key, now)


def _tell(shop: Shop, word: str, details: dict[str, str], url: str, key: str, now: datetime) -> None:
    for account in queries.members_of(shop.operator_id):
        notices.notify(account.id, f"notice.{word}", details, url, now)
        if account.phone:
            one = f"{key}-{account.id}"
            notices.send_sms(account.phone, f"sms.{word}", details, one, now, language=account.language)
