"""A file that was made once and is kept gzipped: handed on as it is kept, unpacked only for who refuses gzip."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date, datetime

from flask import Response, request

from .negotiation import accepts_gzip

#: So often may one address ask for such a file; the present one is asked about again without being sent.
LIMIT = "60/minute"


def answer(packed: Callable[[], bytes], *, sha256: str, media: str, day: date, made_at: datetime) -> Response:
    """The file of `day`; 304 when known. Its tag is the hash of the plain bytes, weak where they travel gzipped."""
    takes_gzip = accepts_gzip(request.headers.get("Accept-Encoding", ""))
    response = Response(content_type=media)
    response.set_etag(sha256, weak=takes_gzip)
    response.vary.add("Accept-Encoding")
    response.last_modified = made_at
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["X-Snapshot-Day"] = day.isoformat()
    if request.if_none_match.contains_weak(sha256):
        response.status_code = 304
    elif takes_gzip:
        response.set_data(packed())
        response.headers["Content-Encoding"] = "gzip"
    else:
        response.set_data(gzip.decompress(packed()))
    return response
