"""A small PDF 1.7 writer that streams: every object leaves for the output as soon as it is complete.

Only what stickers need (ISO 32000-1): pages, form XObjects, compressed streams. What stays in memory is one
file offset for each object and one number for each page, so the size of a job does not matter. It asks for
no clock: the same input gives the same bytes.
"""

from __future__ import annotations

import zlib
from typing import BinaryIO, Final

POINTS_PER_MM: Final = 72 / 25.4
_HEADER: Final = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


class PdfWriter:
    """Writes one document to a binary output that need not be seekable."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._position = 0
        self._offsets: list[int | None] = []
        self._pages: list[int] = []
        self._tree = self.reserve()
        self._write(_HEADER)

    @property
    def page_count(self) -> int:
        return len(self._pages)

    def reserve(self) -> int:
        """An object number to refer to now and to write later."""
        self._offsets.append(None)
        return len(self._offsets)

    def add(self, body: bytes, number: int | None = None) -> int:
        """Writes an object, a reserved one if `number` is given; returns its number."""
        number = number or self.reserve()
        self._offsets[number - 1] = self._position
        self._write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        return number

    def add_stream(self, data: bytes, entries: bytes = b"", number: int | None = None) -> int:
        """Writes a compressed stream with further dictionary entries."""
        return self._add_packed(zlib.compress(data, 6), entries, number)

    def _add_packed(self, packed: bytes, entries: bytes, number: int | None = None) -> int:
        head = b"<< %b /Filter /FlateDecode /Length %d >>" % (entries, len(packed))
        return self.add(b"%b\nstream\n%b\nendstream" % (head, packed), number)

    def add_page(
        self, content: bytes, resources: int, boxes: dict[str, tuple[float, float, float, float]]
    ) -> None:
        """Writes a page. `resources` is an object number; boxes (MediaBox, TrimBox, …) are in points."""
        stream = self._add_packed(_pack_page(content), b"")
        areas = b" ".join(
            b"/%b [%b]" % (name.encode("ascii"), b" ".join(decimal(edge) for edge in box))
            for name, box in boxes.items()
        )
        self._pages.append(
            self.add(
                b"<< /Type /Page /Parent %d 0 R %b /Resources %d 0 R /Contents %d 0 R >>"
                % (self._tree, areas, resources, stream)
            )
        )

    def finish(self, title: str, language: str = "zh-CN") -> None:
        """Writes the page tree, the catalogue and the cross-reference table. Nothing may be added
        afterwards.
        """
        kids = b" ".join(b"%d 0 R" % page for page in self._pages)
        self.add(b"<< /Type /Pages /Count %d /Kids [%b] >>" % (len(self._pages), kids), self._tree)
        information = self.add(b"<< /Title %b >>" % text_string(title))
        catalogue = self.add(
            b"<< /Type /Catalog /Pages %d 0 R /Lang (%b) /ViewerPreferences"
            b" << /DisplayDocTitle true /PrintScaling /None >> >>" % (self._tree, language.encode("ascii"))
        )
        start = self._position
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(self._offsets) + 1))
        for offset in self._offsets:
            if offset is None:
                raise RuntimeError("an object was reserved and never written")
            self._write(b"%010d 00000 n \n" % offset)
        self._write(
            b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
            % (len(self._offsets) + 1, catalogue, information, start)
        )

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._position += len(data)


def _pack_page(content: bytes) -> bytes:
    """Page content is mostly short numbers: this way takes a third less time than level 6 and two hundredths more room,
    and packing is the largest part of drawing many stickers.
    """
    packer = zlib.compressobj(5, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_FILTERED)
    return packer.compress(content) + packer.flush()


def decimal(value: float, digits: int = 3) -> bytes:
    """A PDF number: no exponent, no trailing zeros."""
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return b"0" if text in ("-0", "") else text.encode("ascii")


def text_string(text: str) -> bytes:
    """A text string in UTF-16 with byte order mark, as hexadecimal."""
    return b"<FEFF%b>" % text.encode("utf-16-be").hex().upper().encode("ascii")
