"""Red and black lists (红黑榜): proposed by one officer, confirmed by another, public until they end."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from webapp import openapi
from webapp.core.actor import Actor, Role
from webapp.core.errors import NotFound
from webapp.files import access as file_access
from webapp.jobs.operations import Job
from webapp.web import slots
from webapp.web.permissions import PERMISSIONS

from . import (
    cases,
    hearing,
    operations,
    queries,
    reactions,
    views_cases,
    views_leads,
    views_merchant,
    views_office,
    views_public,
)

__all__ = ["reactions", "register"]

EXPIRE_EVERY_SECONDS = 600
PUBLISH_EVERY_SECONDS = 300


def may_read_evidence(actor: Actor, listing_id: int) -> bool:
    """Evidence is for officers within reach of the shop, and for nobody else."""
    try:
        scope = queries.scope_of(listing_id)
    except NotFound:
        return False
    return bool(actor.posts) and actor.holds(PERMISSIONS["file.read"], scope)


def may_read_case(listing_of: Callable[[int], int]) -> Callable[[Actor, int], bool]:
    """What the merchant handed in is for the merchant, and for officers within reach of the shop."""

    def may(actor: Actor, owner_id: int) -> bool:
        try:
            listing = queries.get(listing_of(owner_id))
        except NotFound:
            return False
        own = actor.role is Role.MERCHANT and actor.holds(frozenset({Role.MERCHANT}), listing.shop.scope)
        return own or may_read_evidence(actor, listing.id)

    return may


def register(app: Flask) -> None:
    """Add the addresses, the pieces of others' pages, the job, and who may read evidence."""
    for bp in (views_public.bp, views_office.bp, views_cases.bp, views_leads.bp, views_merchant.bp):
        app.register_blueprint(bp)
    slots.add(app, "office.menu", 50, views_office.menu)
    slots.add(app, "public.lists", 10, views_public.tabs)
    openapi.offer(app, 20, "webapp.listings.api")
    slots.add(app, "office.shop", 50, views_office.shop_section)
    slots.add(app, "merchant.shop", 50, views_merchant.shop_section)
    slots.add(app, "shop.barred", 50, queries.barred)
    slots.add(app, "shop.tied", 50, queries.tied)
    slots.add(app, "log.standing", 50, queries.standing_decisions)
    slots.add(app, "jobs", 50, lambda: Job("listings.expire", EXPIRE_EVERY_SECONDS, operations.expire_ended))
    slots.add(
        app, "jobs", 49, lambda: Job("listings.publish", PUBLISH_EVERY_SECONDS, operations.publish_heard)
    )
    slots.add(app, "merchant.shop_status", 15, views_merchant.statuses)
    file_access.readers[operations.OWNER_TYPE] = may_read_evidence
    file_access.readers[hearing.STATEMENT_OWNER] = may_read_case(lambda listing_id: listing_id)
    file_access.readers[cases.APPEAL_OWNER] = may_read_case(lambda key: queries.get_appeal(key).listing_id)
    file_access.readers[cases.REPAIR_OWNER] = may_read_case(lambda key: queries.get_repair(key).listing_id)
