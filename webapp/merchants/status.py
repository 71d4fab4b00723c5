"""What other features say of a shop on the merchant's pages, by slots (``slots.add(app, NAME, order, fn)``).

``merchant.shop_status``  ``fn(shop) -> ShopStatus | None``: where an application or code stands, what is next
``merchant.shop_links``   ``fn(shop) -> ShopLink | None``: a page about the shop
``merchant.shop``         ``fn(shop) -> Markup | None``: a rendered section of the shop's page
``shop.frozen``           ``fn(shop) -> bool | None``: True while stated facts must not change
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask import current_app

from webapp.web import slots

from .models import Shop


@dataclass(frozen=True)
class ShopStatus:
    """One sentence of state: `label` in words, `tone` good | caution | stop | info | quiet, `next` what is to be done.

    `url` leads there with the words `action`; `due` is by when. `urgent` when it waits for the merchant.
    """

    label: str
    tone: str = "info"
    next: str = ""
    url: str = ""
    action: str = ""
    due: date | datetime | None = None
    urgent: bool = False


@dataclass(frozen=True)
class ShopLink:
    """A page about the shop: its words, its address, a note beside it."""

    text: str
    url: str
    note: str = ""


def statuses(shop: Shop) -> list[ShopStatus]:
    """What the features say of this shop, in their order."""
    return slots.collect(current_app, "merchant.shop_status", shop=shop)


def is_frozen(shop: Shop) -> bool:
    """True while an application of the shop is being reviewed: what is stated must stay as it was submitted."""
    return any(slots.collect(current_app, "shop.frozen", shop=shop))
