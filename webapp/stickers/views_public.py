"""Public side: the keys that sign stickers, and a page to check a code."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.core.errors import NotFound
from webapp.web import access, throttle
from webapp.web.words import label

from . import checking, rules, statuslists

bp = Blueprint("stickers", __name__)

#: Shop numbers have 32 bits, a list covers 16 of them.
LISTS_MAX = 65_536


@bp.get("/.well-known/ydym-keys.json")
@access.public
def keys() -> Response:
    """The public keys as a JWK set (RFC 7517), signed in its member `signed`; retired ones go on verifying."""
    return _published(statuslists.key_set(clock.now()), "application/jwk-set+json")


@bp.get("/.well-known/ydym-status")
@access.public
def status_index() -> Response:
    """Which status lists there are: a signed statement."""
    return _published(statuslists.index(clock.now()), "application/jwt")


@bp.get("/.well-known/ydym-status/<int:number>")
@access.public
def status_list(number: int) -> Response:
    """The signed status list of 65,536 shop numbers."""
    found = statuslists.lists().statement(number, clock.now()) if number < LISTS_MAX else None
    if found is None:
        raise NotFound("no_such_thing")
    return _published(found, "application/statuslist+jwt")


def _published(body: str | bytes, kind: str) -> Response:
    """For verifiers on other sites, too: the document is public by purpose. Cached, with a validator."""
    response = make_response(body)
    response.content_type = kind
    response.headers["Cache-Control"] = f"public, max-age={statuslists.FRESH_SECONDS}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.add_etag()
    response.make_conditional(request)
    return response


@bp.get("/verify")
@throttle.limiter.limit("60/minute", exempt_when=lambda: not request.args)
@access.public
def verify() -> ResponseReturnValue:
    """Check a code by its address or by the number and check group printed on the sticker."""
    typed = {name: request.args.get(name, "").strip()[:2048] for name in ("code", "number", "check")}
    errors: dict[str, str] = {}
    finding = _find(typed, errors)
    settings = current_app.extensions["ydym.settings"]
    page = render_template(
        "stickers/public_verify.html",
        typed=typed,
        errors=errors,
        finding=finding,
        address=f"{settings.public_scheme}://{settings.public_host}/c/",
    )
    return (page, 422) if errors else page


def _find(typed: dict[str, str], errors: dict[str, str]) -> checking.Finding | None:
    """The finding, or None with the `errors` of what was typed; None without errors when nothing was."""
    if typed["code"]:
        return checking.check_text(typed["code"])
    if not typed["number"] and not typed["check"]:
        if request.args:
            errors["code"] = label("error.verify_nothing")
        return None
    printed = rules.parse_printed(typed["number"])
    if printed is None:
        errors["number"] = label("error.verify_number")
    if not typed["check"]:
        errors["check"] = label("error.verify_check")
    return checking.check_printed(printed, typed["check"]) if printed and not errors else None
