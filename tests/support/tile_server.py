"""A tile server over real HTTP on a port of its own: gives tiles, refuses a wrong key, or is dead."""

from __future__ import annotations

import contextlib
import re
import struct
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "a1b2c3"
_PATH = re.compile(r"/tiles/(\d+)/(\d+)/(\d+)\.png\?key=(\w*)")


@dataclass
class TileServer:
    """`url` as a setting takes it; `asked`: what came (zoom, x, y, Referer); `kind`: good, refuses or dead."""

    url: str
    asked: list[tuple[int, int, int, str]] = field(default_factory=list)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def picture() -> bytes:
    """A PNG of 256 dots square, one pale green."""
    rows = (b"\0" + b"\xd8\xec\xdc" * 256) * 256
    head = struct.pack(">IIBBBBB", 256, 256, 8, 2, 0, 0, 0)
    parts = _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


@contextlib.contextmanager
def tile_server(key: str = KEY) -> Iterator[TileServer]:
    """Serve; `key` is what the city's setting says, `KEY` what is right."""
    found = TileServer("")
    tile = picture()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = _PATH.fullmatch(self.path)
            if path is None or path[4] != KEY:
                self.send_error(403 if path else 404)
                return
            zoom, x, y = (int(part) for part in path.groups()[:3])
            found.asked.append((zoom, x, y, self.headers.get("Referer", "")))
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.send_header("Content-Length", str(len(tile)))
            self.send_header("Cross-Origin-Resource-Policy", "cross-origin")
            self.end_headers()
            self.wfile.write(tile)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}/tiles/{{z}}/{{x}}/{{y}}.png?key={key}"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
