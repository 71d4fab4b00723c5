"""Campaigns (活动): a picture and a line on the city's front page for some days, by two people."""

from __future__ import annotations

from flask import Flask

from webapp.core.actor import Actor
from webapp.files import access as file_access
from webapp.web import access, slots

from . import queries, views_office, views_public

__all__ = ["register"]


def may_read(actor: Actor, _campaign_id: int) -> bool:
    """The pictures of campaigns, before they are public: whoever may look at campaigns."""
    return bool(access.reach(actor, views_office.PERMISSION))


def register(app: Flask) -> None:
    """Add the addresses and the office's menu entry."""
    app.register_blueprint(views_public.bp)
    app.register_blueprint(views_office.bp)
    slots.add(app, "office.menu", 58, views_office.menu)
    app.add_template_global(queries.front_picture, "campaign_picture")
    file_access.readers["campaign"] = may_read
