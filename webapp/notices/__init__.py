"""Messages to people: an outbox that is sent after the commit, and notices shown inside."""

from __future__ import annotations

from flask import Flask, url_for

from webapp.core.actor import Actor, Role
from webapp.jobs import Job
from webapp.web import slots
from webapp.web.permissions import PERMISSIONS


def merchant_menu(actor: Actor) -> slots.MenuEntry | None:
    """消息, with the number of unread notices."""
    from . import queries  # noqa: PLC0415 - the tables are known once the application stands

    if actor.role is not Role.MERCHANT or actor.account_id is None:
        return None
    count = queries.unread(actor.account_id)
    return slots.MenuEntry(url_for("notices_merchant.index"), "notices.menu.merchant", count or None, "chat")


def office_notices(actor: Actor) -> slots.MenuEntry | None:
    """消息 of an officer, with the number of unread notices."""
    from . import queries  # noqa: PLC0415 - the tables are known once the application stands

    if actor.account_id is None or not actor.holds(PERMISSIONS["office.home"]):
        return None
    count = queries.unread(actor.account_id)
    return slots.MenuEntry(url_for("notices_office.index"), "notices.menu.office_notices", count or None)


def office_menu(actor: Actor) -> slots.MenuEntry | None:
    """消息发件箱, for administrators."""
    if not actor.holds(PERMISSIONS["outbox.read"]):
        return None
    return slots.MenuEntry(url_for("notices_office.outbox"), "notices.menu.office")


def register(app: Flask) -> None:
    """Choose the gateway by the settings, add the pages and the menu entries."""
    from . import approved, gateways, mail, operations, sender, views_merchant, views_office, views_public  # noqa: PLC0415

    settings = app.extensions["ydym.settings"]
    app.extensions["ydym.sms_gateway"] = gateways.from_settings(settings.sms_url, settings.sms_token)
    words: dict[str, str] = app.extensions["ydym.words"]
    app.extensions["ydym.sms_templates"] = approved.load(settings.sms_templates, words)
    app.extensions["ydym.mail_gateway"] = mail.from_settings(settings.smtp_url, settings.smtp_from)
    sender.register(app)
    app.register_blueprint(views_public.bp)
    app.register_blueprint(views_merchant.bp)
    app.register_blueprint(views_office.bp)
    slots.add(app, "merchant.menu", 80, merchant_menu)
    slots.add(app, "office.menu", 5, office_notices)
    slots.add(app, "office.menu", 90, office_menu)
    slots.add(app, "jobs", 10, lambda: Job("notices.send", 15, sender.sweep))
    slots.add(app, "jobs", 90, lambda: Job("notices.forget", 86400, operations.forget_old))
