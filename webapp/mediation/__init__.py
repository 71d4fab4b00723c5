"""Mediation: by the authority, a service station, an ODR enterprise or people's mediation; hearings, agreement."""

from __future__ import annotations

from flask import Flask

from webapp import openapi
from webapp.accounts import memberships
from webapp.core.actor import Actor
from webapp.files import access as file_access
from webapp.web import slots

from . import (
    queries,
    reactions,
    serving,
    tasks,
    views_files,
    views_mediator,
    views_office,
    views_parties,
    views_public,
)

__all__ = ["reactions", "register"]


def register(app: Flask) -> None:
    """Add the pages and pieces, tell accounts who acts for which body, and let mediators see a dispute's photos."""
    for bp in (views_office.bp, views_files.bp, views_mediator.bp, views_parties.bp, views_public.bp):
        app.register_blueprint(bp)
    app.extensions["csrf"].exempt(views_parties.consumer_act)
    memberships.provide_bodies(queries.body_ids_of)
    slots.add(app, "office.menu", 36, views_office.menu)
    openapi.offer(app, 50, "webapp.mediation.api")
    slots.add(app, "merchant.menu", 45, views_mediator.menu)
    slots.add(app, "office.complaint", 10, views_office.section)
    slots.add(app, "complaint.held", 10, reactions.held)
    slots.add(app, "merchant.elsewhere", 45, views_mediator.home)
    slots.add(app, "merchant.tasks", 45, tasks.tasks)
    slots.add(app, "merchant.complaint", 10, views_parties.for_merchant)
    slots.add(app, "complaint.follow", 10, views_parties.for_consumer)
    slots.add(app, "receipt.nearby", 10, serving.for_receipts)
    _show_photos_to_mediators()


def _show_photos_to_mediators() -> None:
    """Complaints let in the merchant and officers; a body that mediates sees the same photos."""
    before = file_access.readers["complaint"]
    if getattr(before, "with_mediators", False):
        return  # another application of this process has done it

    def may_read(actor: Actor, complaint_id: int) -> bool:
        return before(actor, complaint_id) or queries.body_mediates(complaint_id, actor.body_ids)

    may_read.with_mediators = True  # type: ignore[attr-defined]
    file_access.readers["complaint"] = may_read
