"""The local outbox: for trying the product out without an SMS gateway. Not there in production."""

from __future__ import annotations

import re

from flask import Blueprint, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from webapp.core.db import db
from webapp.settings import Settings
from webapp.web import access

from . import queries, rules

bp = Blueprint("notices", __name__)
_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


def is_open(settings: Settings) -> bool:
    """Only on a developer's machine, and only while nothing is really sent."""
    return settings.env == "development" and not settings.sms_url


@bp.get("/outbox")
@access.public
def outbox() -> ResponseReturnValue:
    """The last messages in plain text, with their codes to copy."""
    if not is_open(current_app.extensions["ydym.settings"]):
        abort(404)
    messages = list(db.session.scalars(queries.outbox().limit(30)))
    codes = {
        message.id: found.group()
        for message in messages
        if message.template == rules.CODE_TEMPLATE and (found := _CODE.search(message.text))
    }
    return render_template("notices/public_outbox.html", messages=messages, codes=codes)
