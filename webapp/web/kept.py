"""A page that may be kept in memory: how a view says so, and what is kept of its answer.

What a kept page shows must depend on nothing but its path, :func:`negotiation.view_of` and the change feed: no session,
no query string, no greeting.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import request

Headers = list[tuple[str, str]]
#: (shop, sticker serial)
Scan = tuple[int, int]
KEEP = "ydym.keep"
#: In the place of a shop's number: the page tells of the whole city, and any change of what the public sees drops it.
CITY: Final = -1
#: What an entry costs besides its bodies: headers, keys, sets.
OVERHEAD = 2048
_VARY, _CACHE_CONTROL = (
    ("Vary", "Accept, Accept-Encoding, Accept-Language, Cookie"),
    ("Cache-Control", "no-cache"),
)
_GZIP = ("Content-Encoding", "gzip")


@dataclass(frozen=True)
class Keep:
    """A view's word that its answer may be kept. `name` set: for every address that the supplier gives this name."""

    shop_id: int
    seq: int
    expires_at: datetime
    scan: Scan | None
    name: str | None = None
    etag: str | None = None


def keep(
    *, shop_id: int, seq: int, expires_at: datetime, scan: Scan | None = None, etag: str | None = None
) -> None:
    """Called by a view: the answer may be kept until the shop (or anything, for :data:`CITY`) changes or `expires_at`.

    `seq` is the newest change known before the page's facts were read; `scan` (shop, serial) is counted each time
    that the page is shown. Without `etag` the body's hash is the tag.
    """
    request.environ[KEEP] = Keep(shop_id, seq, expires_at, scan, None, etag)


def keep_for_all(name: str, *, expires_at: datetime) -> None:
    """Called by a view: this answer (of any status) is the same for every address that the supplier calls `name`.

    It may hang on nothing in the database: it is given also while the feed cannot be read.
    """
    request.environ[KEEP] = Keep(0, 0, expires_at, None, name)


class Page:
    """A kept answer: its gzipped body, the plain one once somebody asked for it, its headers ready to send.

    `shop_id` 0: hangs on no shop. `until` is a ``clock.now()`` timestamp. `touched` gives it a second chance when room
    is needed (a plain flag, so that a hit needs no lock). `counted` are the bytes that its keeper counts for it, 0 when
    it is not kept.
    """

    __slots__ = (
        "_headers", "counted", "etag", "packed", "packed_headers", "plain", "plain_headers", "scan", "seq", "shop_id",
        "status", "touched", "until",
    )  # fmt: skip

    def __init__(
        self,
        packed: bytes,
        headers: Headers,
        *,
        shop_id: int,
        seq: int,
        until: float,
        scan: Scan | None = None,
        status: str = "200 OK",
        etag: str,
        plain: bytes | None = None,
    ) -> None:
        """`packed` is gzip; `headers` are those of the answer without length, coding and validators (not copied)."""
        self.shop_id, self.seq, self.until, self.scan, self.status = shop_id, seq, until, scan, status
        self.packed, self.plain, self.touched, self.counted = packed, plain, False, 0
        # One tag for both codings, so it must be weak (RFC 9110, 8.8.1).
        self.etag = f'W/"{etag}"'
        self._headers = headers
        self.packed_headers = [
            *headers,
            ("ETag", self.etag),
            _VARY,
            _CACHE_CONTROL,
            _GZIP,
            ("Content-Length", str(len(packed))),
        ]
        self.plain_headers: Headers = []

    def unpack(self) -> bytes:
        """The plain body; kept from then on. Two threads at once do the same work twice, no more."""
        plain = self.plain if self.plain is not None else gzip.decompress(self.packed)
        self.plain_headers = [*self._validators(), ("Content-Length", str(len(plain)))]
        self.plain = plain
        return plain

    def unchanged_headers(self) -> Headers:
        """The headers of an answer that says that nothing changed."""
        return [pair for pair in self._validators() if pair[0].lower() != "content-type"]

    def _validators(self) -> Headers:
        return [*self._headers, ("ETag", self.etag), _VARY, _CACHE_CONTROL]

    @property
    def size(self) -> int:
        """Bytes that it takes in memory, about."""
        return len(self.packed) + len(self.plain or b"") + OVERHEAD


def page_of(wish: Keep, status: str, headers: Headers, body: bytes) -> Page | None:
    """The page to keep, or None for an answer that is one visitor's own or went wrong."""
    names = {name.lower() for name, _ in headers}
    if "set-cookie" in names or not (status.startswith("200") or wish.name is not None):
        return None
    dropped = {"content-length", "etag", "vary", "cache-control"}
    return Page(
        gzip.compress(body, 6, mtime=0),
        [(name, value) for name, value in headers if name.lower() not in dropped],
        shop_id=wish.shop_id,
        seq=wish.seq,
        until=wish.expires_at.timestamp(),
        scan=wish.scan,
        status=status,
        etag=wish.etag or hashlib.sha256(body).hexdigest()[:20],
        plain=body,
    )
