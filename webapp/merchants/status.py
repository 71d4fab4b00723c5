"""What other features say of a shop on the merchant's pages, by slots (``slots.add(app, NAME, order, fn)``).

``merchant.shop_status``  ``fn(shops) -> {shop id: ShopStatus}``: where applications or codes stand, what is
                          next; in as many queries for sixty shops as for one
``merchant.shop_links``   ``fn(shop) -> ShopLink | None``: a page about the shop
``merchant.shop``         ``fn(shop) -> Markup | None``: a rendered section of the shop's page
``shop.frozen``           ``fn(shop) -> bool | None``: True while stated facts must not change
``shop.reviewed``         ``fn(shop) -> bool | None``: True while facts change only by an officer's approval
``shop.bound``            ``fn(shop) -> bool | None``: True once officers have dealt with it: it stays in their district
``shop.tied``             ``fn(shop) -> error code | None``: what must be ended before it may move to another district
``shop.barred``           ``fn(shop_id) -> error code | None``: why it may neither apply nor ask for a change
``shop.code``             ``fn(shop_id) -> object with `state```: its trust code, state None when it never had one
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import current_app

from webapp.core.errors import NotFound
from webapp.web import slots

from . import queries
from .models import Shop


@dataclass(frozen=True)
class ShopStatus:
    """One sentence of state: `label` in words, `tone` good | caution | stop | info | quiet, `next` what is to be done.

    `url` leads there with the words `action`; `due` is by when. `urgent` when it waits for the merchant: then it is a
    task on the merchant's home, unless the feature gives its tasks itself (`own_tasks`, see :mod:`.todo`).
    """

    label: str
    tone: str = "info"
    next: str = ""
    url: str = ""
    action: str = ""
    due: date | datetime | None = None
    urgent: bool = False
    own_tasks: bool = False


@dataclass(frozen=True)
class ShopLink:
    """A page about the shop: its words, its address, a note beside it. `often`: the large view keeps it in sight."""

    text: str
    url: str
    note: str = ""
    often: bool = False


def statuses(shops: Sequence[Shop]) -> dict[int, list[ShopStatus]]:
    """What the features say of each shop (by its number), in their order."""
    said: list[Mapping[int, ShopStatus]] = slots.collect(current_app, "merchant.shop_status", shops=shops)
    return {shop.id: [one[shop.id] for one in said if shop.id in one] for shop in shops}


def is_frozen(shop: Shop) -> bool:
    """True while an application of the shop is being reviewed: what is stated must stay as it was submitted."""
    return any(slots.collect(current_app, "shop.frozen", shop=shop))


def is_reviewed(shop: Shop) -> bool:
    """True while the bureau vouches for the shop: name, place, trade and photos change by a request only."""
    return any(slots.collect(current_app, "shop.reviewed", shop=shop))


def is_bound(shop: Shop) -> bool:
    """True once the shop has been before the officers of its district: it cannot leave them by itself."""
    return any(slots.collect(current_app, "shop.bound", shop=shop))


def tied_by(shop: Shop) -> str | None:
    """The error code of what keeps the shop with its officers (an open complaint), or None."""
    found: list[str] = slots.collect(current_app, "shop.tied", shop=shop)
    return next(iter(found), None)


def barred_by(shop: Shop) -> str | None:
    """The error code of what keeps the shop from applying and from asking for changes, or None."""
    found: list[str] = slots.collect(current_app, "shop.barred", shop_id=shop.id)
    return next(iter(found), None)


def was_ever_public(shop: Shop) -> bool:
    """May the public know of the shop? It had a trust code once, or it stands on the black list."""
    codes = slots.collect(current_app, "shop.code", shop_id=shop.id)
    return any(code.state is not None for code in codes) or barred_by(shop) is not None


def public_shop(shop_id: int) -> Shop:
    """The shop with this number, if the public may know of it; raises NotFound, the same as for no shop at all."""
    try:
        shop = queries.get_shop(shop_id)
    except NotFound as error:
        raise NotFound("no_public_shop") from error
    if not was_ever_public(shop):
        raise NotFound("no_public_shop")
    return shop
