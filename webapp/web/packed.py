"""Answers sent gzipped: style sheets, scripts and drawings packed once in each process, public pages as they are made.

A page of a list repeats its drawings and is a tenth when packed; on a slow phone network that is seconds. Pages that
hold a secret stay plain: whoever can make a browser ask for them and see their length can guess at it (BREACH). So do
pages of whoever signed in, those with a form's token, and those that set a cookie.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import Flask, Response, g, request, session

from .kept import KEEP
from .negotiation import accepts_gzip

#: Text only: pictures and fonts are packed already.
ENDINGS: Final = frozenset({".css", ".js", ".svg", ".json", ".webmanifest"})
#: Below this the header of gzip eats what it saves; above, a file is no page's first load.
LEAST, MOST = 400, 2_000_000


@lru_cache(maxsize=256)
def _packed(path: str, _changed: float) -> bytes:
    return gzip.compress(Path(path).read_bytes(), 9, mtime=0)


def send(app: Flask, filename: str) -> Response:
    """A static file, packed where the browser takes it. Raises NotFound."""
    response = app.send_static_file(filename)
    path = Path(app.static_folder or "") / filename
    if path.suffix not in ENDINGS:
        return response
    response.vary.add("Accept-Encoding")
    wanted = accepts_gzip(request.headers.get("Accept-Encoding", "")) and "Range" not in request.headers
    if response.status_code != 200 or not wanted or not LEAST <= path.stat().st_size <= MOST:
        return response
    data = _packed(str(path), path.stat().st_mtime)
    tag, _ = response.get_etag()
    response.direct_passthrough = False
    response.close()
    response = Response(data, headers=[pair for pair in response.headers if pair[0] not in _OWN])
    response.headers["Content-Encoding"] = "gzip"
    if tag:
        response.set_etag(tag, weak=True)  # one tag for both codings (RFC 9110, 8.8.1)
    return response


#: What is packed as it is made.
MADE: Final = frozenset({"text/html", "application/json", "application/geo+json"})


def register(app: Flask) -> None:
    """Pack last of all: whatever else changes an answer must find it plain."""
    app.after_request(_pack)


def _pack(response: Response) -> Response:
    if (
        request.method != "GET"
        or response.status_code != 200
        or response.mimetype not in MADE
        or response.is_streamed
        or response.direct_passthrough
        or "Content-Encoding" in response.headers
        or KEEP in request.environ  # packed once by who keeps it
        or _secret(response)
    ):
        return response
    response.vary.add("Accept-Encoding")
    data = response.get_data()
    if len(data) >= LEAST and accepts_gzip(request.headers.get("Accept-Encoding", "")):
        tag, weak = response.get_etag()
        response.set_data(gzip.compress(data, 5, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        if tag and not weak:
            response.set_etag(tag, weak=True)
    return response


def _secret(response: Response) -> bool:
    """Whether the page may hold what only this visitor should know."""
    signed_in = bool(session) or g.get("consumer") is not None
    return signed_in or "csrf_token" in g or "Set-Cookie" in response.headers


_OWN = frozenset({"Content-Length", "ETag", "Accept-Ranges"})
