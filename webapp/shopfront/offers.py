"""Places on the trust page for features that sell or give something: coupons, ordering, prepaid cards.

A feature puts its piece there by a slot, in its ``register``::

    slots.add(app, "shop.coupons", 10, coupons.on_page)  # or "shop.ordering", "shop.prepaid"

``fn(shop_id=…, now=…) -> Offer | None``: a rendered section, or None where the shop has nothing of the kind; then the
page has no trace of the place. Nothing is asked of a shop whose verdict is not green: what the bureau does not vouch
for it does not sell.

The page is kept as bytes for everybody. So a piece must hang on the shop and the view alone (no account, no basket), it
must say ``until`` when by itself it would become untrue, and whoever changes what it says publishes a change of the
shop (``feed.publish(…, shop_id=…)``) in the same transaction: then no worker gives the old page a second later.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import current_app
from markupsafe import Markup

from webapp.web import slots

#: In the order in which they stand on the page.
PLACES: Final = ("shop.coupons", "shop.ordering", "shop.prepaid")


@dataclass(frozen=True)
class Offer:
    """A rendered section, and the moment from which it must not be shown any more (None: only the feed ends it)."""

    html: Markup
    until: datetime | None = None


def gather(shop_id: int, now: datetime) -> tuple[Offer, ...]:
    """What the features offer at this shop now, in the places' order."""
    return tuple(
        offer
        for place in PLACES
        for offer in slots.collect(current_app, place, shop_id=shop_id, now=now)
        if offer.until is None or offer.until > now
    )


def ends_at(offers: Iterable[Offer], otherwise: datetime) -> datetime:
    """When the page with these offers must be made anew at the latest."""
    return min([otherwise, *(offer.until for offer in offers if offer.until is not None)])
