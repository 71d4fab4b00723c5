"""Proving that the phone is in the filer's hand, without a cookie: what was asked travels in the form, signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from webapp.accounts import onetime
from webapp.accounts.onetime import Asked
from webapp.accounts.throttle import Visitor
from webapp.core.errors import Invalid
from webapp.web.throttle import visitor

PURPOSE = "dispute"
#: Seconds for which a proved phone stays proved in a form that is shown again.
PROVED_FOR = 3600


@dataclass(frozen=True)
class Proof:
    """A phone (E.164) that was proved at an instant."""

    phone: str
    at: datetime


def send(phone: str, now: datetime, *, purpose: str = PURPOSE, asker: Visitor | None = None) -> str:
    """Send a code; returns the signed word that the form keeps. `asker`: who asks, when more is known than the address.

    Raises TooMany.
    """
    asked = onetime.send_code(phone, purpose, asker or Visitor(visitor()), now)
    return _signer("asked").dumps([asked.phone, asked.code_id])


def take(word: str, typed: str, now: datetime, *, purpose: str = PURPOSE) -> str:
    """Take the typed code; returns the phone (E.164) that it proves. Raises Invalid."""
    try:
        phone, code_id = _signer("asked").loads(word)
    except (BadData, ValueError, TypeError) as error:
        raise Invalid("code_expired", field="code") from error
    return onetime.use_code(Asked(phone, code_id), purpose, typed, now)


def prove(word: str, typed: str, now: datetime) -> str:
    """Take the typed code; returns the signed word of a proved phone. Raises Invalid."""
    return _signer("proved").dumps([take(word, typed, now), now.timestamp()])


def proof(word: str, phone: str, now: datetime) -> Proof | None:
    """What a form's word proves of this phone, or None."""
    try:
        proved, at = _signer("proved").loads(word, max_age=PROVED_FOR)
    except (BadData, ValueError, TypeError):
        return None
    return Proof(phone, datetime.fromtimestamp(at, now.tzinfo)) if proved == phone and phone else None


def _signer(kind: str) -> URLSafeTimedSerializer:
    keys = [current_app.config["SECRET_KEY"], *(current_app.config.get("SECRET_KEY_FALLBACKS") or [])]
    return URLSafeTimedSerializer(keys[::-1], salt=f"filing.phone.{kind}")
