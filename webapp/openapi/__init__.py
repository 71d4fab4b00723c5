"""Open data and the partner API: `/api/v1`, `/openapi.json`, `/api/docs`, `/open-data`. Owns no tables.

A feature says what the public may read of it in its own ``api.py`` (:mod:`webapp.openapi.declaring`) and offers it::

    openapi.offer(app, 50, "webapp.listings.api")

The module is imported when somebody first asks: pydantic costs a worker that never answers the API nothing.
"""

from __future__ import annotations

from flask import Flask

from webapp.web import slots

from . import answering, catalogue, problems, views_data, views_public
from .offering import Offered, log_numbers, offered

__all__ = ["Offered", "log_numbers", "offer", "offered", "register"]


def register(app: Flask) -> None:
    """Add the addresses, the form of refusals, and what every answer of the API carries."""
    for bp in (views_public.bp, views_data.bp):
        app.register_blueprint(bp)
    problems.register(app)
    answering.register(app)
    app.extensions["ydym.catalogue"] = catalogue.Catalogue(app)


def offer(app: Flask, order: int, module: str) -> None:
    """Let `module` declare resources: its ``RESOURCES`` is a tuple of :class:`resources.Resource`."""
    slots.add(app, "api", order, lambda: module)
