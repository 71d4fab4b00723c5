"""Ratings (评价) by the five hearts (五心), without an account; the merchant replies once."""

from __future__ import annotations

from flask import Flask

from webapp.web import slots

from . import tasks, views_merchant, views_office, views_public


def register(app: Flask) -> None:
    """Add the pages and the menu entries."""
    for bp in (views_public.bp, views_merchant.bp, views_office.bp):
        app.register_blueprint(bp)
    # Forms without an account must work where cookies are refused: the views look themselves (web.samesite).
    for view in (views_public.form_scan, views_public.form_shop, views_public.form_complaint):
        app.extensions["csrf"].exempt(view)
    slots.add(app, "merchant.menu", 50, views_merchant.menu)
    slots.add(app, "merchant.tasks", 50, tasks.tasks)
    slots.add(app, "merchant.figures", 30, tasks.stars)
    slots.add(app, "merchant.charts", 20, tasks.chart)
    slots.add(app, "office.menu", 60, views_office.menu)
