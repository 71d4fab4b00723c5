"""Rate limits by Flask-Limiter: Redis when it is set and up, each worker's memory otherwise.

Keys are hashed addresses (an IP is personal data). Limits are declared on the view:
``@throttle.limiter.limit("20/hour")``. Sign-in throttling by account lives in ``accounts``.
"""

from __future__ import annotations

from flask import Flask, request
from flask_limiter import Limiter

from webapp.core.secrets import keyed_hash


def visitor() -> str:
    """A keyed hash of the visitor's address (IPv6 by /64, as one household)."""
    address = request.remote_addr or ""
    if ":" in address:
        address = ":".join(address.split(":")[:4])
    return keyed_hash("visitor", address)[:24]


limiter = Limiter(
    key_func=visitor,
    default_limits=[],
    in_memory_fallback_enabled=True,
    headers_enabled=False,
    strategy="fixed-window",
)


def register(app: Flask) -> None:
    """Attach the limiter to the app with the storage that the settings name."""
    url = app.extensions["ydym.settings"].redis_url
    app.config["RATELIMIT_STORAGE_URI"] = url or "memory://"
    if url:
        app.config["RATELIMIT_STORAGE_OPTIONS"] = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2}
    limiter.init_app(app)
