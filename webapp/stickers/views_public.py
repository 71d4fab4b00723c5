"""Public side: the keys that sign stickers, and a page to check a code."""

from __future__ import annotations

import json

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.web import access, throttle
from webapp.web.words import label

from . import checking, rules
from .keys import store

bp = Blueprint("stickers", __name__)

KEYS_FRESH_SECONDS = 300


@bp.get("/.well-known/ydym-keys.json")
@access.public
def keys() -> Response:
    """The public keys as a JWK set (RFC 7517); retired ones go on verifying, withdrawn ones do not."""
    response = make_response(json.dumps(store().ring().to_jwks(), indent=1, sort_keys=True))
    response.content_type = "application/jwk-set+json"
    response.headers["Cache-Control"] = f"public, max-age={KEYS_FRESH_SECONDS}"
    # For verifiers on other sites: the document is public by purpose.
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
