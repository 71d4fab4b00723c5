"""Public side: the keys that sign stickers, and a page to check a code."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue

from qrservice.examination import TEXT_CHARS_MAX
from webapp.core import clock
from webapp.core.errors import Invalid, NotFound
from webapp.settings import Settings
from webapp.web import access, samesite, throttle
from webapp.web.errors import message_of
from webapp.web.words import label

from . import checking, rules, seeing, statuslists
from .keys import NoSigningKey

bp = Blueprint("stickers", __name__)

#: Shop numbers have 32 bits, a list covers 16 of them.
LISTS_MAX = 65_536
#: The longest number or check group that is looked at.
LONGEST = 100
#: Of the published statements by one address: a whole town's verifiers may stand behind one.
_published_limit = throttle.limiter.shared_limit("600/minute", scope="published-statements")


@bp.get("/.well-known/ydym-keys.json")
@_published_limit
@access.public
def keys() -> Response:
    """The public keys as a JWK set (RFC 7517), signed in its member `signed`; retired ones go on verifying."""
    return _published(statuslists.key_set(clock.now()), "application/jwk-set+json")


@bp.get("/.well-known/ydym-status")
@_published_limit
@access.public
def status_index() -> Response:
    """Which status lists there are: a signed statement."""
    return _published(_signed(lambda: statuslists.index(clock.now())), "application/jwt")


@bp.get("/.well-known/ydym-status/<int:number>")
@_published_limit
@access.public
def status_list(number: int) -> Response:
    """The signed status list of 65,536 shop numbers."""
    if number >= LISTS_MAX:
        raise NotFound("no_such_thing")
    found = _signed(lambda: statuslists.lists().statement(number, clock.now()))
    return _published(found, "application/statuslist+jwt")


def _signed(make: Callable[[], str | None]) -> str:
    """What `make` gives; NotFound when there is nothing to state yet, or no key to sign with."""
    try:
        statement = make()
    except NoSigningKey:
        statement = None
    if statement is None:
        raise NotFound("no_such_thing")
    return statement


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


@bp.get("/verify-worker.js")
@access.public
def verify_worker() -> Response:
    """What browsers that still have the check page's former worker are given: it takes itself away."""
    response = current_app.send_static_file("js/verify-worker.js")
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/verify")
@throttle.limiter.limit("60/minute", exempt_when=lambda: not request.args)
@access.public
def verify() -> ResponseReturnValue:
    """Check a code by its address or by the number and check group printed on the sticker."""
    typed = {name: request.args.get(name, "").strip()[:LONGEST] for name in ("number", "check")}
    # One character more than is looked at, so that a longer text is refused and not cut to something else.
    typed["code"] = request.args.get("code", "").strip(" \t\r\n")[: TEXT_CHARS_MAX + 1]
    errors: dict[str, str] = {}
    return _page(typed, errors, _find(typed, errors))


@bp.post("/verify")
@throttle.limiter.limit("20/minute")
@access.public
def verify_picture() -> ResponseReturnValue:
    """Check the symbol in an uploaded picture, for browsers that run no script. Nothing is kept or changed."""
    errors: dict[str, str] = {}
    upload, finding = request.files.get("picture"), None
    if not samesite.sent_from_here():
        errors["picture"] = label("error.form_expired")
    elif upload is None or not upload.filename:
        errors["picture"] = label("error.verify_no_picture")
    else:
        try:
            text = seeing.read_picture(upload.stream, upload.filename, _settings().public_host)
        except Invalid as error:
            errors["picture"] = message_of(error)
        else:
            finding = checking.check_text(text) if text else None
            if finding is None:
                errors["picture"] = label("error.verify_no_symbol")
    return _page({"code": "", "number": "", "check": ""}, errors, finding)


def _page(
    typed: dict[str, str], errors: dict[str, str], finding: checking.Finding | None
) -> ResponseReturnValue:
    settings = _settings()
    page = render_template(
        "stickers/public_verify.html",
        typed=typed,
        errors=errors,
        finding=finding,
        host=settings.public_host,
        address=f"{settings.public_scheme}://{settings.public_host}/c/",
    )
    return (page, 422) if errors else page


def _settings() -> Settings:
    settings: Settings = current_app.extensions["ydym.settings"]
    return settings


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
