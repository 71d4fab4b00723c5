"""Operators, their members and their shops: what everything else is about."""

from __future__ import annotations

from flask import Flask

from webapp.accounts import memberships
from webapp.core.actor import Actor
from webapp.files import access as file_access
from webapp.web.permissions import PERMISSIONS

from . import queries


def may_read_files(actor: Actor, operator_id: int) -> bool:
    """Files of an operator: its members, and officers who may read files where one of its shops lies."""
    if operator_id in actor.operator_ids:
        return True
    if not actor.posts:
        return False
    return any(
        actor.holds(PERMISSIONS["file.read"], shop.scope)
        for shop in queries.shops_of(frozenset({operator_id}))
    )


def register(app: Flask) -> None:
    """Tell accounts who belongs to what, and files who may read an operator's."""
    memberships.provide(queries.operator_ids_of)
    file_access.readers["operator"] = may_read_files
