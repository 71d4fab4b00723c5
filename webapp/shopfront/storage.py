"""The shelf of rendered trust pages: what is asked in front of the framework when a page is not in memory.

A rendering is stored once per shop, kind (scanned or not), view and build; the gaps for token, printed number and check
group are filled on the way out. One query finds it, says that no change came since, and that the sticker is valid.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime

import sqlalchemy as sa

from webapp.core import clock
from webapp.feed.background import Background
from webapp.feed.models import StoredPage
from webapp.feed.stored import OneStatement, Readers, Rendering, current_page, instant
from webapp.settings import ROOT, Settings
from webapp.stickers.keys import KeyStore
from webapp.stickers.models import Sticker, StickerState
from webapp.stickers.reading import ForgedCode, Reading, read_for
from webapp.web import headers
from webapp.web.kept import Page

from .filling import Gap, fill, pack

log = logging.getLogger("webapp.shopfront")

SCANNED, PLAIN = "scan", "shop"
SHOP_MAX = 4_294_967_295
TOKEN, LABEL, CHECK = 1, 2, 3
TOKEN_CHARS, CHECK_CHARS = 114, 9

_scanned_page = current_page().join(
    Sticker,
    sa.and_(
        Sticker.shop_id == StoredPage.shop_id,
        Sticker.serial == sa.bindparam("serial"),
        Sticker.token == sa.bindparam("token"),  # this very paper, not another that once bore the number
        Sticker.state == sa.literal_column(f"'{StickerState.VALID.value}'"),
    ),
)
_plain_page = current_page()


class Gaps:
    """What stands in a rendering where the scanned sticker's own facts belong.

    Drawn anew in each process, so that nobody can write one into a shop's name.
    """

    def __init__(self, secret: str) -> None:
        self.token, self.label, self.check = (f"{name}{secret}" for name in ("TOKEN", "LABEL", "CHECK"))

    def kinds(self, shop_id: int) -> dict[bytes, Gap]:
        """Marker → gap, for packing a page of this shop."""
        return {
            self.token.encode(): Gap(TOKEN, TOKEN_CHARS),
            self.label.encode(): Gap(
                LABEL, len(f"{shop_id:06d}") + 3
            ),  # serials of three digits are rendered afresh
            self.check.encode(): Gap(CHECK, CHECK_CHARS),
        }

    def write_out(self, html: str, reading: Reading | None) -> str:
        """The page with `reading`'s facts in place."""
        if reading is None:
            return html
        for marker, value in (
            (self.token, reading.token),
            (self.label, reading.label),
            (self.check, reading.human_check),
        ):
            html = html.replace(marker, value)
        return html


class Shelf:
    """Finds stored pages and puts new ones up. `build` marks the code and templates that made a rendering."""

    def __init__(
        self, settings: Settings, keys: KeyStore, readers: Readers, background: Background, gaps: Gaps
    ) -> None:
        self._host, self._keys, self._readers, self._background = (
            settings.public_host,
            keys,
            readers,
            background,
        )
        self._scanned, self._plain = OneStatement(readers, _scanned_page), OneStatement(readers, _plain_page)
        self.gaps = gaps
        self.build = build_mark(settings)
        self._headers = [("Content-Type", "text/html; charset=utf-8"), *headers.common(settings).items()]

    def look_up(self, path: str, view: str) -> Page | str | None:
        """The front cache's supplier: a page, the name of a refusal, or None when the framework has to answer.

        Decides on a forged code without any query.
        """
        prefix, rest = path[:3], path[3:]
        if not rest or "/" in rest:  # the front page, or no page at all
            return None
        if prefix == "/s/":
            number = shop_number(rest)
            return None if number is None else self._find(number, None, view)
        try:
            reading = read_for(rest, self._host, self._keys)
        except ForgedCode as forged:
            return refusal_name(forged.stage)
        if reading.doubt is not None:  # whether to believe this paper, no stored page can say
            return None
        return self._find(reading.shop_number, reading, view)

    def variant(self, kind: str, view: str) -> str:
        """The name under which a rendering is stored."""
        return f"{self.build}.{kind}.{view}"

    def put(self, html: str, *, shop_id: int, kind: str, view: str, seq: int, expires_at: datetime) -> str:
        """Have a rendering (with its gaps) written down behind the answer; returns its tag."""
        made = self.make(html, shop_id=shop_id, kind=kind, view=view, seq=seq, expires_at=expires_at)
        self._background.store(made)
        return made.etag

    def make(
        self, html: str, *, shop_id: int, kind: str, view: str, seq: int, expires_at: datetime
    ) -> Rendering:
        """A rendering (with its gaps) as it is stored."""
        body = pack(html.encode(), self.gaps.kinds(shop_id))
        etag = hashlib.sha256(body).hexdigest()[:20]  # the gaps are out, so all processes agree on it
        return Rendering(shop_id, self.variant(kind, view), seq, expires_at, etag, body)

    def _find(self, shop_id: int, reading: Reading | None, view: str) -> Page | None:
        try:
            if reading is None:
                row = self._plain.first(shop_id=shop_id, variant=self.variant(PLAIN, view))
            else:
                row = self._scanned.first(
                    shop_id=shop_id,
                    variant=self.variant(SCANNED, view),
                    serial=reading.serial,
                    token=reading.token,
                )
        except self._readers.errors as error:
            log.warning("stored pages unreadable", extra={"kind": type(error).__name__})
            return None
        if row is None:
            return None
        body, etag, expires_at, head = row
        until = instant(expires_at).timestamp()
        if until <= clock.timestamp():
            return None
        values = {}
        if reading is not None:
            values = {
                TOKEN: reading.token.encode(),
                LABEL: reading.label.encode(),
                CHECK: reading.human_check.encode(),
            }
        try:
            packed = fill(body, values)
        except ValueError:
            return None
        return Page(
            packed,
            self._headers,
            shop_id=shop_id,
            seq=head,
            until=until,
            scan=None if reading is None else (shop_id, reading.serial),
            etag=etag,
        )


def refusal_name(stage: str) -> str:
    """Under which name the page about a code refused at `stage` is kept for all such codes."""
    return f"refused:{stage}"


def shop_number(text: str) -> int | None:
    """A shop number as written in an address: 1 to 10 ASCII digits within u32, leading zeros allowed; else None."""
    if not 1 <= len(text) <= 10 or not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if 1 <= number <= SHOP_MAX else None


def build_mark(settings: Settings) -> str:
    """A short hash of everything that makes a page look as it does: code, templates, words, styles, names."""
    mark = hashlib.sha256()
    for folder, endings in (
        ("webapp", {".py", ".po"}),
        ("templates", {".html"}),
        ("static/css", {".css"}),
        ("static/img", {".svg"}),
    ):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in endings:
                mark.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    names = (
        settings.platform_name,
        settings.bureau_name,
        settings.city_name,
        settings.public_scheme,
        settings.public_host,
    )
    mark.update(repr(names).encode())
    return mark.hexdigest()[:16]
