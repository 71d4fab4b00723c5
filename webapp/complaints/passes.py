"""A pass opens one complaint's follow-up page for a while to somebody who proved the phone that was left in it."""

from __future__ import annotations

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from webapp.core.db import db

from .models import Complaint

#: Seconds for which a pass is good.
LIFETIME = 2 * 3600
PREFIX = "p."


def make(complaint: Complaint) -> str:
    """A pass for the follow-up page, in place of the receipt. Only for who proved `contact_phone`."""
    return PREFIX + _signer().dumps([complaint.id, complaint.contact_phone_hash])


def read(typed: str) -> Complaint | None:
    """The complaint that a pass opens, or None: too old, not ours, or another phone stands in the record now."""
    if not typed.startswith(PREFIX) or len(typed) > 300:
        return None
    try:
        complaint_id, phone_hash = _signer().loads(typed.removeprefix(PREFIX), max_age=LIFETIME)
    except (BadData, ValueError, TypeError):
        return None
    complaint = db.session.get(Complaint, complaint_id)
    if (
        complaint is None
        or complaint.contact_phone_hash is None
        or complaint.contact_phone_hash != phone_hash
    ):
        return None
    return complaint


def _signer() -> URLSafeTimedSerializer:
    keys = [current_app.config["SECRET_KEY"], *(current_app.config.get("SECRET_KEY_FALLBACKS") or [])]
    return URLSafeTimedSerializer(keys[::-1], salt="complaints.pass")
