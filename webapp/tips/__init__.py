"""Tips (举报): leads on a violation, verified on a clock of their own; a named reporter is told the outcome."""

from __future__ import annotations

from flask import Flask

from webapp.audit import sight
from webapp.core import retention
from webapp.core.actor import OFFICER_ROLES, Actor
from webapp.files import access as file_access
from webapp.jobs import Job
from webapp.web import slots
from webapp.web.permissions import PERMISSIONS

from . import erasing, passes, pieces, queries, reminding, timing, views_office, views_public

__all__ = ["register"]


def may_read_photos(actor: Actor, tip_id: int) -> bool:
    """Photos of a tip: officers who handle tips there; never the merchant, nor who must stand aside from it."""
    scope = queries.get(tip_id).scope
    if not actor.posts or actor.must_stand_aside(scope):
        return False
    return actor.holds(PERMISSIONS["tip.read"] & OFFICER_ROLES, scope)


def register(app: Flask) -> None:
    """Add the pages, the menu entry, and what clocks and the complaint's own page ask."""
    for bp in (views_public.bp, views_office.bp):
        app.register_blueprint(bp)
    app.extensions["csrf"].exempt(views_public.act)
    slots.add(app, "office.menu", 31, views_office.menu)
    slots.add(app, "complaint.follow", 20, pieces.of_complaint)
    slots.add(app, "lookup.code_word", 20, passes.address_by_code_word)
    slots.add(app, "lookup.receipt", 20, passes.address_by_receipt)
    slots.add(app, "clock.name", 20, timing.name_of)
    slots.add(app, "clock.moved", 20, timing.moved)
    slots.add(app, "clock.case", 20, reminding.case_of)
    slots.add(app, "jobs", 93, lambda: Job("tips.erase", retention.EVERY_SECONDS, erasing.erase_due))
    sight.owners["tip"] = queries.whose
    file_access.readers["tip"] = may_read_photos
