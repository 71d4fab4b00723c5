"""What every answer of the API and every set to download carries: CORS, limits, version, tag, compression.

Sources: RFC 9110 (conditional requests), draft-ietf-httpapi-ratelimit-headers (RateLimit, RateLimit-Policy),
the Fetch standard (CORS), RFC 9745 and RFC 8594 (what is going away).
"""

from __future__ import annotations

import gzip
import hashlib
import time
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Flask, Response, current_app, request

from webapp.audit import queries as audit
from webapp.core import clock
from webapp.feed import queries as feed
from webapp.web import slots, throttle
from webapp.web.negotiation import accepts_gzip

from . import rules
from .resources import Resource

#: Requests of one address: a client that pages through everything stays below.
LIMIT = "600/minute"
#: Whole sets: they cost as much as all their pages.
SET_LIMIT = "30/minute"
EXPOSED = "ETag, Link, API-Version, Deprecation, Sunset, RateLimit, RateLimit-Policy, Retry-After"
_PACK_FROM = 1024
_OURS = ("/api/", "/openapi.json", "/open-data/")


def register(app: Flask) -> None:
    """Finish every answer below the API's addresses, also those that the router or a limit refused."""

    @app.after_request
    def finish(response: Response) -> Response:
        if request.path.startswith(_OURS) or request.path == "/api":
            _share(response)
            _tell_limits(response)
            pack(response)
        return response


def _share(response: Response) -> None:
    """Any site's scripts may read it: it is public by purpose. No cookie counts here, so none is let in."""
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = "*"
    headers["Access-Control-Expose-Headers"] = EXPOSED
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    headers["API-Version"] = rules.SCHEMA_DATE
    if request.method == "OPTIONS":
        headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        headers["Access-Control-Allow-Headers"] = "Accept, If-None-Match"
        headers["Access-Control-Max-Age"] = "86400"


def _tell_limits(response: Response) -> None:
    limit = throttle.limiter.current_limit
    if limit is None or not current_app.config["RATELIMIT_ENABLED"]:
        return
    window, most = limit.limit.get_expiry(), limit.limit.amount
    left = max(0, int(limit.reset_at - time.time()))
    response.headers["RateLimit-Policy"] = f'"api";q={most};w={window}'
    response.headers["RateLimit"] = f'"api";r={max(0, limit.remaining)};t={left}'
    if response.status_code == 429:
        response.headers["Retry-After"] = str(max(1, left))


def mark_old(response: Response, resource: Resource) -> None:
    """Say that the address will go, when it will."""
    if resource.deprecation is not None:
        response.headers.update(resource.deprecation.headers())
        response.headers.add("Link", '</api/docs#promise>; rel="deprecation"; type="text/html"')


def state() -> tuple[Any, ...]:
    """What all sets stand on: every change of anything writes an audit row or a row of the feed; the day ends terms.

    Others add what changes without either (slot ``api.state``: ``fn() -> value``). Ask before rows are read: they can
    only be newer.
    """
    told = slots.collect(current_app, "api.state")
    return (feed.head(), audit.head(), clock.today().isoformat(), *told)


def state_tag(resource: Resource) -> str | None:
    """The tag of a whole set without making it, from :func:`state` and the question; None where that is not enough."""
    if not resource.followed:
        return None
    asked = repr(sorted(request.args.items(multi=True)))
    told = (rules.SCHEMA_DATE, *map(str, state()), request.path, asked)
    return hashlib.sha256("\n".join(told).encode(errors="replace")).hexdigest()[:32]


def content_tag(body: bytes) -> str:
    """The tag of an answer from its own bytes."""
    return hashlib.sha256(body).hexdigest()[:32]


def is_known(tag: str) -> bool:
    """Does the asker have the answer with this tag?"""
    return request.if_none_match.contains_weak(tag)


def tagged(response: Response, tag: str) -> Response:
    """With its tag, weak since it may be compressed; 304 when the asker has it. To be asked about before each use."""
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "public, no-cache"
    if response.status_code == 200 and is_known(tag):
        response.status_code = 304
        response.response = []
        for name in ("Content-Length", "Content-Type", "Content-Disposition"):
            response.headers.pop(name, None)
    return response


def pack(response: Response) -> None:
    """gzip what is for programs, if the asker takes it and it is worth it."""
    response.vary.add("Accept-Encoding")
    tag, weak = response.get_etag()
    if (
        response.status_code != 200
        or response.mimetype == "text/html"  # may still be turned into traditional characters
        or "Content-Encoding" in response.headers
        or (tag is not None and not weak)  # a strong tag names these very bytes
        or not accepts_gzip(request.headers.get("Accept-Encoding", ""))
    ):
        return
    if response.is_streamed:
        response.response = packed(response.response)
        response.headers.pop("Content-Length", None)
    else:
        body = response.get_data()
        if len(body) < _PACK_FROM:
            return
        response.set_data(gzip.compress(body, 6, mtime=0))
    response.headers["Content-Encoding"] = "gzip"


def packed(pieces: Iterable[str | bytes]) -> Iterator[bytes]:
    """A stream in gzip's form, piece by piece."""
    squeeze = zlib.compressobj(6, zlib.DEFLATED, 31)
    for piece in pieces:
        if out := squeeze.compress(piece.encode() if isinstance(piece, str) else piece):
            yield out
    yield squeeze.flush()
