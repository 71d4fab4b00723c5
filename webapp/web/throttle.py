"""Rate limits by Flask-Limiter: Redis when it is set and up, each worker's memory otherwise.

Keys are hashed addresses (an IP is personal data). Limits are declared on the view:
``@throttle.limiter.limit("20/hour")``. Sign-in throttling by account lives in ``accounts``.
"""

from __future__ import annotations

import ipaddress

from flask import Flask, request
from flask_limiter import Limiter

from webapp.core.secrets import keyed_hash


def visitor() -> str:
    """A keyed hash of the visitor's address (IPv6 by /64, as one household)."""
    return keyed_hash("visitor", _household(request.remote_addr or ""))[:24]


def _household(address: str) -> str:
    """An IPv4 address as it is, an IPv6 address by its first 64 bits; what is neither as it is."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    # Written out before it is cut: in 2001:db8::1 the fourth group as written is the visitor's own choice.
    return str(known.ipv4_mapped) if known.ipv4_mapped else known.exploded[:19]


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
