"""The browser's side of signing in: Flask-Login on server-side sessions, the device mark, half-finished sign-ins.

The cookie holds a random token and nothing about the account. Every request looks the token up: a session that
was ended, has expired or whose account was disabled is gone with the next request.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any, Final, cast

from flask import Flask, Response, current_app, g, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.exc import OperationalError

from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.language import Language
from webapp.core.secrets import keyed_hash
from webapp.core.transaction import note_afterwards, rollback, unit
from webapp.web import slots, spoken
from webapp.web.throttle import visitor

from . import operations, queries, sessions, sign_in
from .models import Account, AccountKind, LoginSession
from .throttle import Visitor

DEVICE_DAYS: Final = 180
#: How long the steps of one sign-in may take together.
HALF_LIFETIME: Final = timedelta(minutes=10)
_HALF: Final = "half_signed_in"

login_manager = LoginManager()


class SignedIn(UserMixin):
    """``current_user``: an account in one of its sessions."""

    def __init__(self, account: Account, login: LoginSession, token: str) -> None:
        self.account, self.login, self._token = account, login, token

    def get_id(self) -> str:
        """What the cookie holds."""
        return self._token

    @property
    def name(self) -> str:
        """The person's name as shown."""
        return self.account.name

    @property
    def is_officer(self) -> bool:
        """Which side the account belongs to."""
        return self.account.kind is AccountKind.OFFICER

    @property
    def region_name(self) -> str:
        """The regions of an officer's posts, for the head of the desk."""
        names = queries.place_names({post.region_code for post in self.account.posts})
        return "、".join(names[code] for code in sorted(names))

    def actor(self) -> Actor:
        """The account as the Actor of an operation."""
        return self.account.actor()


@login_manager.user_loader
def load(token: str) -> SignedIn | None:
    """The signed-in account of a cookie's token, or None."""
    found = sessions.find(token, clock.now())
    return SignedIn(found[1], found[0], token) if found else None


def enter(account: Account, now: datetime) -> None:
    """Sign the browser in: everything it held before is dropped (session fixation), a new token is given."""
    if current_user.is_authenticated:
        sessions.end(current_user.login.id, current_user.account.id, now)
    session.clear()
    operations.write_in(account, spoken.of_request(), now)
    login, token = sessions.begin(account, request.user_agent.string, now)
    session.permanent = account.kind is AccountKind.MERCHANT
    login_user(SignedIn(account, login, token))
    g.pop("actor", None)
    g.new_device_mark = login_name(account)


def _chose_language(language: Language) -> None:
    """Who is signed in and chooses a language is written to in it, too."""
    if current_user.is_authenticated:
        account_id = current_user.account.id
        note_afterwards(lambda: operations.write_in(queries.get_account(account_id), language, clock.now()))


def leave(now: datetime) -> None:
    """Sign the browser out: the row is ended, the cookie emptied."""
    if current_user.is_authenticated:
        sessions.end(current_user.login.id, current_user.account.id, now)
    logout_user()
    session.clear()
    g.pop("actor", None)


def login_name(account: Account) -> str:
    """What the account's tries are counted by."""
    return (
        f"merchant:{account.phone}" if account.kind is AccountKind.MERCHANT else f"officer:{account.username}"
    )


# --- the device mark --------------------------------------------------------------------------------------------------


def _marks() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="device-mark")


def _mark_cookie() -> str:
    return "__Host-ydym-device" if current_app.config["SESSION_COOKIE_SECURE"] else "ydym-device"


def seen_from(login: str) -> Visitor:
    """From where this request tries to sign in as `login`: with its device mark if it is one of that account."""
    device = None
    try:
        held, nonce = _marks().loads(request.cookies.get(_mark_cookie(), ""), max_age=DEVICE_DAYS * 86400)
        device = nonce if held == keyed_hash("device", login)[:24] else None
    except (BadSignature, ValueError, TypeError):
        pass
    return Visitor(visitor(), device)


def _give_mark(response: Response) -> Response:
    login = g.pop("new_device_mark", None)
    if login is not None and response.status_code < 400:
        mark = _marks().dumps([keyed_hash("device", login)[:24], secrets.token_urlsafe(9)])
        secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
        response.set_cookie(
            _mark_cookie(), mark, max_age=DEVICE_DAYS * 86400, secure=secure, httponly=True, samesite="Lax"
        )
    return response


# --- a sign-in with several steps ------------------------------------------------------------------------


def begin_half(account: Account, now: datetime, target: str) -> None:
    """The password was right; remember that for the next steps, and nothing from before it."""
    session.clear()
    session[_HALF] = {
        "id": account.id,
        "at": int(now.timestamp()),
        "mark": sign_in.fingerprint(account),
        "next": target,
    }


def half(now: datetime) -> tuple[Account, dict[str, Any]] | None:
    """Whose sign-in is half done in this browser, with its notes; None when there is none or it took too long."""
    notes = session.get(_HALF)
    if not isinstance(notes, dict) or now.timestamp() - notes["at"] > HALF_LIFETIME.total_seconds():
        return None
    account = queries.find_account(notes["id"])
    if account is None or account.disabled_at is not None or sign_in.fingerprint(account) != notes["mark"]:
        return None
    return account, cast("dict[str, Any]", notes)


def note_half(**notes: object) -> None:
    """Add to the notes of the half-done sign-in."""
    session[_HALF] = {**session[_HALF], **notes}


# --- wiring -----------------------------------------------------------------------------------------------------------


def _touch(response: Response) -> Response:
    """Note the use of a session once a minute, in a small transaction of its own after the request's."""
    user = g.get("_login_user")
    now = clock.now()
    if not isinstance(user, SignedIn) or now - user.login.seen_at < sessions.SEEN_EVERY:
        return response
    try:
        rollback()  # of a failed or reading request; one that wrote has committed by now
        with unit():
            sessions.touch(user.login.id, now)
    except OperationalError:
        pass  # busy or away: the next request notes it
    return response


def register(app: Flask) -> None:
    """Put Flask-Login to work on ``app``."""
    login_manager.init_app(app)
    # An address changes in every train; the random token and the server-side row are what protects.
    login_manager.session_protection = None
    app.config["REMEMBER_COOKIE_DURATION"] = timedelta(0)
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=60)  # the row's own end is what counts
    app.after_request(_give_mark)
    slots.add(app, "language.chosen", 10, _chose_language)
    app.after_request(_touch)
