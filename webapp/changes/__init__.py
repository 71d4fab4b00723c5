"""Change requests (变更申请): what the bureau vouches for changes by an officer's approval; photos can be hidden.

Listens to ``code_state_changed``: a revoked code ends what waits; to ``holidays_changed``: due days move. Tells
``files.access`` which storefront photos are public. Asks others through ``webapp.merchants.status``: what is reviewed,
bound, tied, frozen, barred.
"""

from __future__ import annotations

from flask import Flask

from webapp.files import access as file_access
from webapp.files.models import FilePurpose
from webapp.web import slots

from . import deadlines, photos, reactions, views_merchant, views_office

__all__ = ["reactions", "register"]


def register(app: Flask) -> None:
    """Add the pages, the menu entry and the pieces of others' pages."""
    app.register_blueprint(views_merchant.bp)
    app.register_blueprint(views_office.bp)
    file_access.publishers[FilePurpose.STOREFRONT] = photos.is_public
    slots.add(app, "office.menu", 20, views_office.menu)
    slots.add(app, "office.queue", 20, views_office.queue_section)
    slots.add(app, "office.shop", 15, views_office.shop_section)
    slots.add(app, "holidays.moves", 20, deadlines.moves)
    slots.add(app, "merchant.shop_links", 15, views_merchant.link)
    slots.add(app, "merchant.shop_status", 15, views_merchant.statuses)
