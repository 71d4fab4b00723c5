"""What other programs make of the page's address: a preview in a chat (Open Graph), a search engine's facts (JSON-LD).

Sources: https://ogp.me, https://schema.org/LocalBusiness.
"""

from __future__ import annotations

from typing import Any, Final

from flask import current_app

from webapp.files.queries import url_for_file
from webapp.files.rules import Form

from .composition import TrustPage
from .rules import Verdict

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: Fewer ratings than these say nothing about a shop to people who see nothing else of it.
RATINGS_LEAST: Final = 5
#: Chats refuse a preview's picture of more than some 300 KB.
PREVIEW_WIDTH: Final = 960


def origin() -> str:
    """The platform's own address."""
    settings = current_app.extensions["ydym.settings"]
    return f"{settings.public_scheme}://{settings.public_host}"


def address_of(page: TrustPage) -> str:
    """The shop's address without a scan: what is shared."""
    return f"{origin()}/s/{page.rows.shop.id}"


def picture(page: TrustPage) -> dict[str, Any] | None:
    """The storefront's photo as chats take it: JPEG, absolute address, pixels. None without a photo."""
    file = page.rows.photo
    if file is None:
        return None
    width = min(file.width or PREVIEW_WIDTH, PREVIEW_WIDTH)
    height = round(file.height * width / file.width) if file.width and file.height else width
    return {
        "url": f"{origin()}{url_for_file(file, PREVIEW_WIDTH, Form.JPEG)}",
        "width": width,
        "height": height,
    }


def business(page: TrustPage) -> dict[str, Any] | None:
    """The shop as a LocalBusiness; None unless the verdict is green: a machine reads no warning beside it."""
    if page.shown is not Verdict.TRUSTED:
        return None
    rows, shop = page.rows, page.rows.shop
    settings = current_app.extensions["ydym.settings"]
    facts: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "LocalBusiness",
        "@id": address_of(page),
        "url": address_of(page),
        "name": shop.public_full_name,
        "legalName": rows.operator.name,
        "taxID": rows.operator.uscc,
        "address": {
            "@type": "PostalAddress",
            "addressCountry": "CN",
            "addressLocality": settings.city_name,
            "streetAddress": shop.public_address,
        },
    }
    if shop.phone:
        facts["telephone"] = shop.phone
    if shop.public_position:
        latitude, longitude = shop.public_position
        facts["geo"] = {"@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude}
    photo = picture(page)
    if photo:
        facts["image"] = photo["url"]
    hours = _hours(shop.opening_hours or {})
    if hours:
        facts["openingHoursSpecification"] = hours
    count = rows.figures.ratings if rows.figures else 0
    if page.average is not None and count >= RATINGS_LEAST:
        facts["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": round(page.average, 1),
            "ratingCount": count,
            "bestRating": 5,
            "worstRating": 1,
        }
    return facts


def _hours(hours: dict[str, Any]) -> list[dict[str, Any]]:
    """``{"1": [["09:00", "17:30"]]}`` (1 is Monday) as schema.org writes it."""
    return [
        {
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": f"https://schema.org/{_DAYS[int(day) - 1]}",
            "opens": start,
            "closes": end,
        }
        for day, spans in sorted(hours.items())
        if day in {*"1234567"}
        for start, end in spans
    ]
