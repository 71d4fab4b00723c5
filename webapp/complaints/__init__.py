"""Complaints (投诉): filed without an account, followed by receipt, answered by the merchant, handled by officers."""

from __future__ import annotations

from flask import Flask

from webapp.audit import sight
from webapp.core import retention
from webapp.core.actor import OFFICER_ROLES, Actor
from webapp.files import access as file_access
from webapp.jobs import Job
from webapp.merchants import scanning
from webapp.web import slots
from webapp.web.permissions import PERMISSIONS

from . import (
    erasing,
    gate,
    queries,
    reminding,
    sweeps,
    tasks,
    telling,
    timing,
    views_merchant,
    views_office,
    views_public,
    views_templates,
)

__all__ = ["register", "telling"]

#: Seconds between sweeps of complaints that merchants left unanswered.
SWEEP_EVERY = 60
#: And between looks for reminders that are due.
REMIND_EVERY = 300


def may_read_photos(actor: Actor, complaint_id: int) -> bool:
    """Photos of a complaint: the merchant's people and officers whose reach covers the shop."""
    scope = queries.get(complaint_id).scope
    if scope.operator_id in actor.operator_ids:
        return True
    return bool(actor.posts) and actor.holds(PERMISSIONS["complaint.read"] & OFFICER_ROLES, scope)


def may_read_said(actor: Actor, message_id: int) -> bool:
    """Photos of something said in a complaint: whoever may see the complaint's own."""
    complaint_id = queries.complaint_of_message(message_id)
    return complaint_id is not None and may_read_photos(actor, complaint_id)


def register(app: Flask) -> None:
    """Add the pages, the menu entries, the sweep, and what other features ask."""
    for bp in (views_public.bp, views_merchant.bp, views_templates.bp, views_office.bp):
        app.register_blueprint(bp)
    # Forms without an account must work where cookies are refused: the views look themselves (web.samesite).
    for view in (
        views_public.index,
        views_public.act,
        views_public.answer_offer,
        views_public.rate_handling,
        views_public.change_language,
    ):
        app.extensions["csrf"].exempt(view)
    slots.add(app, "merchant.menu", 40, views_merchant.menu)
    slots.add(app, "merchant.shop_status", 40, views_merchant.statuses)
    slots.add(app, "merchant.tasks", 40, tasks.tasks)
    slots.add(app, "merchant.figures", 40, tasks.waiting)
    slots.add(app, "office.menu", 30, views_office.menu)
    slots.add(app, "office.shop", 40, views_office.shop_section)
    slots.add(app, "application.checks", 40, gate.checks)
    slots.add(app, "shop.tied", 40, gate.tied)
    slots.add(app, "jobs", 40, lambda: Job("complaints.sweep", SWEEP_EVERY, sweeps.sweep))
    slots.add(app, "jobs", 93, lambda: Job("complaints.erase", retention.EVERY_SECONDS, erasing.erase_due))
    slots.add(app, "jobs", 41, lambda: Job("complaints.remind", REMIND_EVERY, reminding.sweep))
    slots.add(app, "clock.name", 10, timing.name_of)
    slots.add(app, "clock.case", 10, reminding.case_of)
    slots.add(app, "clock.moved", 10, timing.moved)
    sight.owners["complaint"] = queries.whose
    sight.owners["complaint_message"] = queries.whose_message
    file_access.readers["complaint"] = may_read_photos
    file_access.readers["complaint_message"] = may_read_said
    scanning.provide_receipts(queries.ended_by_receipt)
