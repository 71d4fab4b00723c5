"""Was a form of this site sent? For forms that need no account and must work where cookies are refused.

A browser says by itself where a form came from: ``Sec-Fetch-Site`` (Fetch Metadata), older ones ``Origin`` (RFC 6454).
Only where neither is sent does the usual token in the session cookie decide. A view that asks here is exempt from the
general CSRF check: ``app.extensions["csrf"].exempt(view)``.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, request
from flask_wtf.csrf import validate_csrf
from wtforms import ValidationError


def sent_from_here() -> bool:
    """True when the posted form came from a page of this site."""
    fetched = request.headers.get("Sec-Fetch-Site")
    if fetched:
        return fetched in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    if origin and origin != "null":
        return urlsplit(origin).netloc == request.host
    if not current_app.config.get("WTF_CSRF_ENABLED", True):
        return True
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return False
    return True
