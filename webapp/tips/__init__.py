"""Tips (举报): leads on a violation, verified on a clock of their own; a named reporter is told the outcome."""

from __future__ import annotations

from flask import Flask

from webapp.core.actor import OFFICER_ROLES, Actor
from webapp.files import access as file_access
from webapp.web.permissions import PERMISSIONS

from . import queries, views_public

__all__ = ["register"]


def may_read_photos(actor: Actor, tip_id: int) -> bool:
    """Photos of a tip: officers who handle tips there; never the merchant."""
    return bool(actor.posts) and actor.holds(
        PERMISSIONS["tip.read"] & OFFICER_ROLES, queries.get(tip_id).scope
    )


def register(app: Flask) -> None:
    """Add the pages."""
    app.register_blueprint(views_public.bp)
    app.extensions["csrf"].exempt(views_public.act)
    file_access.readers["tip"] = may_read_photos
