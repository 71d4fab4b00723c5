"""Telling the merchant: a notice inside for every member, an SMS where the shop's standing changes."""

from __future__ import annotations

from datetime import datetime

from webapp.accounts.queries import find_account
from webapp.merchants.queries import members_of
from webapp.notices import operations as notices
from webapp.web.words import label

from .models import Listing
from .rules import Colour

#: Which steps the merchant hears of: the word is ``notice.listing.<colour>.<action>``. A refused proposal for the red
#: list was never a promise, so nobody is told of it.
TOLD = frozenset(
    {(Colour.RED, action) for action in ("confirm", "expire", "repair", "strike")}
    | {(Colour.BLACK, action) for action in ("confirm", "refuse", "expire", "repair", "strike")}
)
#: Of these, the ones worth an SMS: the word is ``sms.listing.<colour>.<action>``.
BY_SMS = frozenset(
    {(Colour.BLACK, "confirm"), (Colour.BLACK, "repair"), (Colour.BLACK, "strike"), (Colour.RED, "confirm")}
)


def tell(listing: Listing, action: str, now: datetime) -> None:
    """Tell the operator's members what happened to `listing`, with its ground."""
    if (listing.colour, action) not in TOLD:
        return
    kind = f"listing.{listing.colour.value}.{action}"
    details = {
        "shop": listing.shop.full_name,
        "ground": label(f"listing.ground.{listing.colour.value}.{listing.ground}"),
    }
    for member in members_of(listing.shop.operator_id):
        account = find_account(member.account_id)
        if account is None or account.disabled_at is not None:
            continue
        notices.notify(account.id, f"notice.{kind}", details, f"/merchant/shops/{listing.shop_id}", now)
        if (listing.colour, action) in BY_SMS and account.phone:
            key = f"listing-{listing.id}-{action}-{account.id}"
            notices.send_sms(account.phone, f"sms.{kind}", details, key, now)
