"""Shops that a consumer keeps on the phone (收藏). Nothing of it is stored here: the page only says how each stands.

The format on the device is documented in ``static/js/favourites.js``.
"""

from __future__ import annotations

from flask import Flask

from . import views_public


def register(app: Flask) -> None:
    """Add the page and what it asks."""
    app.register_blueprint(views_public.bp)
    app.extensions["csrf"].exempt(
        views_public.standing
    )  # reads only, and must work where cookies are refused
