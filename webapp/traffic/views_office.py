"""The officer sees the same figures on the shop's page."""

from __future__ import annotations

from flask import render_template
from markupsafe import Markup

from webapp.core import clock
from webapp.merchants.models import Shop

from . import queries, showing
from .rules import Period


def shop_section(shop: Shop) -> Markup | None:
    """Slot ``office.shop``: the last thirty days, once there is something to scan."""
    if not queries.with_stickers([shop.id]):
        return None
    traffic = queries.of_shop(shop.id, Period.MONTH, clock.today())
    return Markup(  # noqa: S704 - our template
        render_template("traffic/_office_shop.html", shop=shop, traffic=traffic, showing=showing)
    )
