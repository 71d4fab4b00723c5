"""Operators, their members and their shops: what everything else is about."""

from __future__ import annotations

from flask import Flask

from webapp.accounts import memberships
from webapp.audit import sight
from webapp.core.actor import Actor
from webapp.files import access as file_access
from webapp.web import slots
from webapp.web.permissions import PERMISSIONS


def may_read_files(actor: Actor, operator_id: int) -> bool:
    """Files of an operator: its members, and officers who may read files where one of its shops lies."""
    from . import queries  # noqa: PLC0415 - the tables are known once the application stands

    if operator_id in actor.operator_ids:
        return True
    if not actor.posts:
        return False
    shops = queries.shops_of(frozenset({operator_id}))
    return any(actor.holds(PERMISSIONS["file.read"], shop.scope) for shop in shops)


def register(app: Flask) -> None:
    """Tell accounts who belongs to what, and files who may read an operator's; add the merchant's pages."""
    from . import opening_weeks, queries, views_malls  # noqa: PLC0415
    from .views_merchant import bp, menu_entry  # noqa: PLC0415 - views stand above what other features import

    memberships.provide(queries.operator_ids_of, queries.aside_from)
    file_access.readers["operator"] = may_read_files
    sight.owners["operator"] = lambda operator_id: sight.Whose(
        "operator", operator_id, operator_id=operator_id
    )
    app.register_blueprint(bp)
    app.register_blueprint(views_malls.bp)
    slots.add(app, "office.menu", 37, views_malls.menu)
    slots.add(app, "merchant.menu", 10, menu_entry)
    slots.add(app, "reference", 31, opening_weeks.rebuild)
