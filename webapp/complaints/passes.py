"""A pass opens one complaint's follow-up page for a while, in place of the receipt.

It is given to somebody who proved the phone that was left in the complaint, or who named its number and code word.
"""

from __future__ import annotations

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from webapp.core.db import db

from .models import Complaint

#: Seconds for which a pass is good.
LIFETIME = 2 * 3600
PREFIX = "p."


def by_phone(complaint: Complaint) -> str:
    """A pass for who proved `contact_phone`; it ends when another phone stands in the record."""
    return _make(complaint, complaint.contact_phone_hash)


def by_code_word(complaint: Complaint) -> str:
    """A pass for who named the number and the code word."""
    return _make(complaint, complaint.code_word_hash)


def read(typed: str) -> Complaint | None:
    """The complaint that a pass opens, or None: too old, not ours, or what it was given for has changed."""
    if not typed.startswith(PREFIX) or len(typed) > 400:
        return None
    try:
        complaint_id, held = _signer().loads(typed.removeprefix(PREFIX), max_age=LIFETIME)
    except (BadData, ValueError, TypeError):
        return None
    complaint = db.session.get(Complaint, complaint_id)
    if (
        complaint is None
        or held is None
        or held not in {complaint.contact_phone_hash, complaint.code_word_hash}
    ):
        return None
    return complaint


def _make(complaint: Complaint, held: str | None) -> str:
    return PREFIX + _signer().dumps([complaint.id, held])


def _signer() -> URLSafeTimedSerializer:
    keys = [current_app.config["SECRET_KEY"], *(current_app.config.get("SECRET_KEY_FALLBACKS") or [])]
    return URLSafeTimedSerializer(keys[::-1], salt="complaints.pass")
