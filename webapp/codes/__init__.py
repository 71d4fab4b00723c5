"""Trust codes (放心消费诚信码): a shop's standing right to show stickers.

Gives to others: slot ``shop.code`` (:class:`queries.Standing` of a shop), slot ``shop.vouched`` (condition on Shop:
its code is active), slot ``shop.code_stands`` (the same: it is not revoked), slot ``shop.code_states`` (many shops at
once), pieces of the merchant's pages. Asks others for slot ``office.shop``: a section of the officer's page of a shop,
``fn(shop) -> Markup | None``.
"""

from __future__ import annotations

from flask import Flask

from webapp.web import slots

from . import pieces, queries, reactions, states, ties, views_office

__all__ = ["reactions", "register"]


def register(app: Flask) -> None:
    """Add the pages, the menu entries and the pieces of others' pages."""
    app.register_blueprint(views_office.bp)
    app.jinja_env.filters.update(code_ground=pieces.ground_words, code_reason=pieces.reason_words)
    slots.add(app, "office.menu", 30, pieces.shops_menu)
    slots.add(app, "office.menu", 31, pieces.revocations_menu)
    slots.add(app, "merchant.shop_status", 10, pieces.merchant_statuses)
    slots.add(app, "merchant.shop", 10, pieces.merchant_section)
    slots.add(app, "shop.code", 10, queries.facts)
    slots.add(app, "shop.reviewed", 10, ties.reviewed)
    slots.add(app, "shop.bound", 10, ties.bound)
    slots.add(app, "shop.tied", 10, ties.tied)
    slots.add(app, "shop.vouched", 10, queries.is_active)
    slots.add(app, "shop.code_stands", 10, queries.stands)
    slots.add(app, "shop.code_states", 10, states.code_states)
    slots.add(app, "log.standing", 10, queries.standing_decisions)
