"""A piece of the merchant's shop page: entries of the lists, what they mean, how to object."""

from __future__ import annotations

from typing import Any

from flask import render_template
from markupsafe import Markup

from webapp.core import clock
from webapp.merchants.models import Shop
from webapp.regions import queries as regions

from . import queries, rules


def shop_section(shop: Shop, **_more: Any) -> Markup | None:
    """Entries that are or were public; None when there never was one."""
    entries = [entry for entry in queries.of_shop(shop.id) if entry.published_at is not None]
    if not entries:
        return None
    today = clock.today()
    shown = {entry.id for entry in entries if rules.visible(entry.state, entry.term_until, today)}
    return Markup(  # noqa: S704 - our template
        render_template(
            "listings/_merchant_shop.html",
            shop=shop,
            entries=entries,
            shown=shown,
            public={entry.id for entry in queries.public_of_shop(shop.id, today)},
            station=regions.find_station(shop.station_id),
            ended_by_itself=rules.ENDED_BY_ITSELF,
        )
    )
