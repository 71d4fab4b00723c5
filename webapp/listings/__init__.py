"""Red and black lists (红黑榜): proposed by one officer, confirmed by another, public until they end."""

from __future__ import annotations

from flask import Flask

from webapp.core.actor import Actor
from webapp.core.errors import NotFound
from webapp.files import access as file_access
from webapp.jobs.operations import Job
from webapp.web import slots
from webapp.web.permissions import PERMISSIONS

from . import operations, queries, reactions, views_merchant, views_office, views_public

__all__ = ["reactions", "register"]

EXPIRE_EVERY_SECONDS = 600


def may_read_evidence(actor: Actor, listing_id: int) -> bool:
    """Evidence is for officers within reach of the shop, and for nobody else."""
    try:
        scope = queries.scope_of(listing_id)
    except NotFound:
        return False
    return bool(actor.posts) and actor.holds(PERMISSIONS["file.read"], scope)


def register(app: Flask) -> None:
    """Add the addresses, the pieces of others' pages, the job, and who may read evidence."""
    for bp in (views_public.bp, views_office.bp):
        app.register_blueprint(bp)
    slots.add(app, "office.menu", 50, views_office.menu)
    slots.add(app, "office.shop", 50, views_office.shop_section)
    slots.add(app, "merchant.shop", 50, views_merchant.shop_section)
    slots.add(app, "shop.barred", 50, queries.barred)
    slots.add(app, "shop.tied", 50, queries.tied)
    slots.add(app, "jobs", 50, lambda: Job("listings.expire", EXPIRE_EVERY_SECONDS, operations.expire_ended))
    file_access.readers[operations.OWNER_TYPE] = may_read_evidence
