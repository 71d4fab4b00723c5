"""The scrub with the product's words in place of what it takes out."""

from __future__ import annotations

from collections.abc import Iterable

from webapp.merchants.models import Shop
from webapp.web.words import label

from .scrub import KINDS, Scrubbed, scrub


def clean(text: str, public: Iterable[str] = ()) -> Scrubbed:
    """`text` scrubbed, and what was taken out by kind. `public`: texts that may stay (the shop's own)."""
    return scrub(text, {kind: label(f"disclosure.scrubbed.{kind}") for kind in KINDS}, public)


def clean_text(text: str, public: Iterable[str] = ()) -> str:
    """The scrubbed text alone: what other features call as ``app.extensions["ydym.scrub"]``."""
    return clean(text, public).text


def public_of(shop: Shop) -> tuple[str, ...]:
    """What the public knows of a shop anyway."""
    named = (shop.name, shop.full_name, shop.public_name, shop.public_full_name, shop.address, shop.phone)
    return tuple(dict.fromkeys(text for text in (*named, shop.public_address, shop.operator.name) if text))
