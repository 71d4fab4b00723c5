"""The browser's side: a cookie of its own, sent to ``/me`` alone.

No public page ever sees it, so nothing that is kept or stored can hang on who is signed in; and it opens nothing of the
merchants' and officers' sides, which look at another cookie.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from flask import Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from webapp.accounts.rules import device_of
from webapp.accounts.throttle import Visitor
from webapp.core import clock, policy
from webapp.core.db import db
from webapp.core.language import Language
from webapp.core.secrets import keyed_hash
from webapp.core.transaction import note_afterwards
from webapp.web import spoken
from webapp.web.throttle import visitor

from . import operations, queries
from .models import Consumer, ConsumerSession

PATH: Final = "/me"
KNOWN_DAYS: Final = 180
_STATE_SECONDS: Final = 600


def _name(what: str) -> str:
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    return f"{'__Secure-' if secure else ''}ydym-{what}"


def _set(response: Response, what: str, value: str, seconds: int) -> None:
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(
        _name(what), value, max_age=seconds, path=PATH, secure=secure, httponly=True, samesite="Lax"
    )


def _drop(response: Response, what: str) -> None:
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.delete_cookie(_name(what), path=PATH, secure=secure, httponly=True, samesite="Lax")


def signed_in() -> tuple[Consumer, ConsumerSession] | None:
    """The consumer who is signed in here, with the session; asked once a request."""
    if "consumer" not in g:
        token = request.cookies.get(_name("me"), "")
        g.consumer = queries.of_token(token, clock.now()) if token else None
    found: tuple[Consumer, ConsumerSession] | None = g.consumer
    return found


def current() -> Consumer:
    """The consumer who is signed in: for views that only such may open."""
    found = signed_in()
    assert found is not None, "the route is not for consumers"
    return found[0]


def enter(response: Response, consumer: Consumer, now: datetime) -> Response:
    """Sign this browser in; a session that it had before is ended (session fixation)."""
    operations.end(request.cookies.get(_name("me"), ""))
    operations.write_in(consumer, spoken.of_request(), now)
    token = operations.begin(consumer, device_of(request.user_agent.string), now)
    days = policy.get_int("consumer.session_days", clock.day_of(now))
    _set(response, "me", token, days * 86400)
    if consumer.phone_hash:
        mark = _signer("known").dumps([_mark_of(consumer.phone_hash), token[:12]])
        _set(response, "me-known", mark, KNOWN_DAYS * 86400)
    g.pop("consumer", None)
    return response


def note_language(response: Response) -> Response:
    """Somebody signed in has chosen another language since: the switch does not see this cookie, the next page does."""
    found: tuple[Consumer, ConsumerSession] | None = g.get("consumer")
    language = spoken.of_request()
    if found is not None and found[0].language is not language and response.status_code < 400:
        consumer_id = found[0].id
        note_afterwards(lambda: _write_in(consumer_id, language))
    return response


def _write_in(consumer_id: int, language: Language) -> None:
    consumer = db.session.get(Consumer, consumer_id)
    if consumer is not None:  # not erased by this very request
        operations.write_in(consumer, language, clock.now())


def leave(response: Response) -> Response:
    """Sign this browser out."""
    operations.end(request.cookies.get(_name("me"), ""))
    _drop(response, "me")
    g.pop("consumer", None)
    return response


def seen_from(phone: str) -> Visitor:
    """Who asks for a code to `phone` (E.164): a browser that its owner has signed in with, or an address."""
    device = None
    try:
        held, nonce = _signer("known").loads(
            request.cookies.get(_name("me-known"), ""), max_age=KNOWN_DAYS * 86400
        )
        device = str(nonce) if held == _mark_of(queries.phone_key(phone)) else None
    except (BadSignature, ValueError, TypeError):
        pass
    return Visitor(visitor(), device)


def _mark_of(phone_hash: str) -> str:
    return keyed_hash("consumer-device", phone_hash)[:24]


# --- on the way to WeChat and back ------------------------------------------------------------------------------------


def note_leaving(response: Response, notes: dict[str, Any]) -> Response:
    """Remember, for ten minutes, what this browser went to WeChat with."""
    _set(response, "me-away", _signer("away").dumps(notes), _STATE_SECONDS)
    return response


def noted() -> dict[str, Any] | None:
    """What it went with; None when it did not go from here, or too long ago."""
    try:
        notes = _signer("away").loads(request.cookies.get(_name("me-away"), ""), max_age=_STATE_SECONDS)
    except BadSignature:
        return None
    return notes if isinstance(notes, dict) else None


def forget_leaving(response: Response) -> Response:
    """It is back: the same answer is not taken twice."""
    _drop(response, "me-away")
    return response


def _signer(kind: str) -> URLSafeTimedSerializer:
    keys = [current_app.config["SECRET_KEY"], *(current_app.config.get("SECRET_KEY_FALLBACKS") or [])]
    return URLSafeTimedSerializer(keys[::-1], salt=f"consumers.{kind}")
