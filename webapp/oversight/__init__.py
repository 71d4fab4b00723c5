"""What the authority does about what it sees: hot spots of complaints and tips, talks (约谈告诫), orders to correct
(责令改正), and what these do to a shop (effects.py).
"""

from __future__ import annotations

from flask import Flask

from webapp import openapi
from webapp.core.actor import Actor, Role
from webapp.core.errors import NotFound
from webapp.files import access as file_access
from webapp.jobs.operations import Job
from webapp.web import slots
from webapp.web.permissions import PERMISSIONS

from . import (
    deadlines,
    orders,
    queries,
    sweeps,
    views_deeds,
    views_hotspots,
    views_merchant,
    views_office,
    views_public,
)

SWEEP_EVERY_SECONDS = 600


def may_read_evidence(actor: Actor, case_id: int, kind: str) -> bool:
    """Evidence is for officers within reach of the shop, and for nobody else."""
    try:
        scope = (queries.get_talk if kind == "talk" else queries.get_order)(case_id).shop.scope
    except NotFound:
        return False
    return bool(actor.posts) and actor.holds(PERMISSIONS["file.read"], scope)


def may_read_report(actor: Actor, order_id: int) -> bool:
    """Photos of a report are for the merchant who sent them, and for officers within reach."""
    try:
        order = queries.get_order(order_id)
    except NotFound:
        return False
    own = actor.role is Role.MERCHANT and actor.holds(frozenset({Role.MERCHANT}), order.shop.scope)
    return own or may_read_evidence(actor, order_id, "order")


def register(app: Flask) -> None:
    """Add the addresses, the pieces of others' pages, the job, and who may read evidence."""
    for views in (views_hotspots, views_office, views_deeds, views_merchant, views_public):
        app.register_blueprint(views.bp)
    openapi.offer(app, 45, "webapp.oversight.api")
    slots.add(app, "office.menu", 56, views_office.menu)
    slots.add(app, "office.shop", 52, views_office.shop_section)
    slots.add(app, "office.complaint", 70, views_office.complaint_section)
    slots.add(app, "merchant.shop_status", 14, views_merchant.statuses)
    slots.add(app, "merchant.shop", 52, views_merchant.shop_section)
    slots.add(app, "holidays.moves", 60, deadlines.moves)
    slots.add(app, "jobs", 56, lambda: Job("oversight.sweep", SWEEP_EVERY_SECONDS, sweeps.sweep))
    file_access.readers["talk"] = lambda actor, key: may_read_evidence(actor, key, "talk")
    file_access.readers["correction"] = lambda actor, key: may_read_evidence(actor, key, "order")
    file_access.readers[orders.REPORT_OWNER] = may_read_report
