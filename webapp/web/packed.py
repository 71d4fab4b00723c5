"""Style sheets, scripts and drawings sent gzipped: packed once in each process, not by every request."""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import Flask, Response, request

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


_OWN = frozenset({"Content-Length", "ETag", "Accept-Ranges"})
