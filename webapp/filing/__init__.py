"""Filing: the one form from which a complaint, a tip or both come, without an account."""

from __future__ import annotations

from flask import Flask

from webapp.jobs import Job
from webapp.web import slots

from . import views_lookup, views_office, views_public, words, work

__all__ = ["register"]


def register(app: Flask) -> None:
    """Add the pages and the sweep of spent puzzles."""
    app.register_blueprint(views_public.bp)
    app.register_blueprint(views_lookup.bp)
    app.register_blueprint(views_office.bp)
    # Forms without an account must work where cookies are refused: the views look themselves (web.samesite).
    for view in (
        views_public.form_scan,
        views_public.form_shop,
        views_lookup.by_phone,
        views_lookup.copy_of_mine,
        views_lookup.forget,
    ):
        app.extensions["csrf"].exempt(view)
    slots.add(app, "office.shop", 41, views_office.shop_section)
    slots.add(app, "lookup.word", 10, words.said)
    slots.add(app, "jobs", 45, lambda: Job("filing.forget_work", 3600, work.sweep))
