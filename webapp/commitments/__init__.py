"""Commitments (承诺): a versioned catalogue of pledges, and which of them a shop has signed."""

from __future__ import annotations

from flask import Flask

from webapp.web import slots

from . import onboarding, operations, queries, views_merchant


def register(app: Flask) -> None:
    """Add the addresses, the step of the onboarding, and the pieces of others' pages."""
    app.register_blueprint(views_merchant.bp)
    slots.add(app, "reference", 21, operations.sync)
    slots.add(app, "application.step", onboarding.Step.order, onboarding.Step)
    slots.add(app, "application.checks", 21, onboarding.checks)
    slots.add(app, "application.statement", 21, onboarding.statement)
    slots.add(app, "application.review", 21, onboarding.review)
    slots.add(app, "application.preview", 21, onboarding.preview)
    slots.add(app, "merchant.shop_links", 21, views_merchant.link)
    slots.add(app, "shop.commitments", 21, queries.standing)
