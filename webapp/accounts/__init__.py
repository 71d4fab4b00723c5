"""Accounts: merchants by phone, officers by username and authenticator or single sign-on; consumers need none."""

from __future__ import annotations

from flask import Flask, url_for

from webapp.core.actor import Actor, Role
from webapp.jobs import Job
from webapp.web import slots
from webapp.web.permissions import PERMISSIONS


def merchant_menu(actor: Actor) -> slots.MenuEntry | None:
    """我的."""
    if actor.role is not Role.MERCHANT:
        return None
    return slots.MenuEntry(url_for("accounts.merchant_me"), "accounts.menu.me", icon="me", seldom=True)


def office_menu(actor: Actor) -> slots.MenuEntry | None:
    """账号管理, for administrators."""
    if not actor.holds(PERMISSIONS["account.manage"]):
        return None
    return slots.MenuEntry(url_for("accounts_office.index"), "accounts.menu.office")


def own_menu(actor: Actor) -> slots.MenuEntry | None:
    """我的账号, for officers."""
    return slots.MenuEntry(url_for("accounts.office_me"), "accounts.menu.own") if actor.posts else None


def register(app: Flask) -> None:
    """Add the doors, one's own account, its management and the commands."""
    from . import browser, erasing, operations, sso, views_desk, views_merchant, views_office, views_public  # noqa: F401, PLC0415
    from .blueprint import bp  # noqa: PLC0415
    from .commands import users  # noqa: PLC0415

    browser.register(app)
    sso.register(app)
    app.register_blueprint(bp)
    app.register_blueprint(views_office.bp)
    app.cli.add_command(users)
    slots.add(app, "merchant.menu", 90, merchant_menu)
    slots.add(app, "office.menu", 80, office_menu)
    slots.add(app, "office.menu", 95, own_menu)
    slots.add(app, "jobs", 92, lambda: Job("accounts.erase", erasing.EVERY_SECONDS, erasing.erase_due))
    slots.add(app, "jobs", 91, lambda: Job("accounts.forget", 86400, operations.forget_old))
