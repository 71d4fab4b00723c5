"""Is this document genuine? Opened by the QR symbol on it; says what it is worth, and nothing of what it says."""

from __future__ import annotations

import hashlib

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core.db import db
from webapp.core.errors import Invalid
from webapp.settings import Settings
from webapp.web import access, samesite, throttle
from webapp.web.errors import message_of
from webapp.web.words import label

from . import queries, rules
from .models import Letter

bp = Blueprint("letters", __name__, url_prefix="/letters")
#: The longest typed code that is shown again.
LONGEST = 80


@bp.get("")
@throttle.limiter.limit("60/minute", exempt_when=lambda: not request.args)
@access.public
def index() -> ResponseReturnValue:
    """Type the check code of a document."""
    typed = request.args.get("code", "").strip()[:LONGEST]
    if "code" not in request.args:
        return render_template("letters/public_index.html", typed="", error="")
    code = rules.read_code(typed)
    if code is None:
        error = label("error.letter_code_form" if typed else "error.letter_code_missing")
        return render_template("letters/public_index.html", typed=typed, error=error), 422
    return redirect(url_for(".check", code=code), 303)


@bp.get("/<code>")
@throttle.limiter.limit("60/minute")
@access.public
def check(code: str) -> ResponseReturnValue:
    """What the document is worth. Whatever is no code costs no query, a wrong code one."""
    return _page(code, queries.find_by_code(code))


@bp.post("/<code>")
@throttle.limiter.limit("20/minute")
@access.public
def compare(code: str) -> ResponseReturnValue:
    """Is the uploaded file the one that was issued? For browsers that run no script. The file is not kept."""
    letter = queries.find_by_code(code)
    if letter is None:
        return _page(code, None)
    try:
        same = _digest() == letter.sha256
    except Invalid as error:
        return _page(code, letter, error=message_of(error), status=422)
    return _page(code, letter, same=same)


def _digest() -> str:
    """The SHA-256 of the uploaded file. Raises Invalid."""
    upload, settings = request.files.get("file"), _settings()
    if not samesite.sent_from_here():
        raise Invalid("form_expired")
    if upload is None or not upload.filename:
        raise Invalid("letter_no_file", field="file")
    found, size = hashlib.sha256(), 0
    while part := upload.stream.read(65_536):
        size += len(part)
        if size > settings.upload_max_bytes:
            raise Invalid("letter_file_big", field="file", megabytes=settings.upload_max_bytes // 2**20)
        found.update(part)
    return found.hexdigest()


def _page(
    code: str,
    letter: Letter | None,
    *,
    same: bool | None = None,
    error: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    if letter is None:
        return render_template("letters/public_check.html", letter=None, typed=code[:LONGEST]), 404
    successor = db.session.get(Letter, letter.replaced_by_id) if letter.replaced_by_id else None
    page = render_template(
        "letters/public_check.html",
        letter=letter,
        successor=successor,
        address=url_for(".compare", code=rules.read_code(code)),
        same=same,
        error=error,
        most=_settings().upload_max_bytes // 2**20,
    )
    return page, status


def _settings() -> Settings:
    settings: Settings = current_app.extensions["ydym.settings"]
    return settings
