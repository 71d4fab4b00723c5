"""Consumers who choose to sign in, by phone code or WeChat, to keep complaints, ratings and shops together.

Nothing needs it: whatever is filed, rated or kept works without an account.
"""

from __future__ import annotations

from flask import Flask

from webapp.jobs import Job
from webapp.web import access, slots


def register(app: Flask) -> None:
    """Add the door, the pages of 我的, the command and the job that tidies up."""
    from . import browser, operations, views_door, views_mine, wechat  # noqa: PLC0415
    from .commands import consumers_cli  # noqa: PLC0415

    wechat.register(app)
    access.know_consumers(app, browser.signed_in, "consumers.login")
    app.after_request(browser.note_language)
    app.register_blueprint(views_door.bp)
    app.register_blueprint(views_mine.bp)
    app.cli.add_command(consumers_cli)
    slots.add(app, "jobs", 94, lambda: Job("consumers.tidy", 86400, operations.tidy))
