"""Passes: signed words that open one record's follow-up page for a while, in place of its receipt."""

from __future__ import annotations

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

#: Seconds for which a pass is good.
LIFETIME = 2 * 3600
PREFIX = "p."
_LONGEST = 400


def make(kind: str, record_id: int, held: str | None) -> str:
    """A pass for the record of this kind; `held` is the hash of what was proved: a pass ends when it changes."""
    return PREFIX + _signer(kind).dumps([record_id, held])


def read(kind: str, typed: str) -> tuple[int, str] | None:
    """The record's id and the hash that a pass was given for; None when it is too old, not ours, or of another kind."""
    if not typed.startswith(PREFIX) or len(typed) > _LONGEST:
        return None
    try:
        record_id, held = _signer(kind).loads(typed.removeprefix(PREFIX), max_age=LIFETIME)
    except (BadData, ValueError, TypeError):
        return None
    return None if held is None else (record_id, held)


def _signer(kind: str) -> URLSafeTimedSerializer:
    keys = [current_app.config["SECRET_KEY"], *(current_app.config.get("SECRET_KEY_FALLBACKS") or [])]
    return URLSafeTimedSerializer(keys[::-1], salt=f"{kind}.pass")
