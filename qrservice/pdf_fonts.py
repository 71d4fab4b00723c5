"""Chinese text in a PDF: one composite font for each weight, its subset written when all pages are known.

Text is shown by the glyph numbers of the whole font (`Identity-H`); the subset gets its own smaller
numbers, and a CIDToGIDMap leads from one to the other. So pages can leave for the output before the last
character is known. A ToUnicode map keeps the text searchable and copyable.
"""

from __future__ import annotations

import io
import zlib
from pathlib import Path as FilePath
from typing import Any

from fontTools.ttLib import TTFont

from qrservice.fonts import FontFace
from qrservice.pdf_writer import PdfWriter, decimal

_KEPT_TABLES = ("glyf", "head", "hhea", "hmtx", "loca", "maxp")
_MAX_BFCHARS = 100


class PdfFont:
    """Collects the characters used of one font; `reference` is the font's object number."""

    def __init__(self, face: FontFace, writer: PdfWriter) -> None:
        self._face = face
        self._writer = writer
        self.reference = writer.reserve()
        self._used: dict[str, tuple[int, bytes]] = {}

    def encode(self, text: str) -> bytes:
        """The text as hexadecimal glyph numbers for a Tj operator."""
        used, shown = self._used, []
        for character in text:
            known = used.get(character)
            if known is None:
                number = self._face.glyph(character)
                known = used[character] = (number, b"%04X" % number)
            shown.append(known[1])
        return b"<%b>" % b"".join(shown)

    def write(self) -> None:
        """Writes the font with the subset of everything encoded so far."""
        characters = {number: character for character, (number, _) in reversed(self._used.items())}
        data, renumbered = _subset(self._face, sorted(characters))
        writer, name = self._writer, _subset_name(self._face.path, sorted(characters))
        file = writer.add_stream(data, b"/Length1 %d" % len(data))
        descriptor = writer.add(self._descriptor(name, file))
        mapping = writer.add_stream(_cid_to_gid(renumbered))
        unicode_map = writer.add_stream(_to_unicode(characters))
        widths = b" ".join(
            b"%d [%b]" % (number, decimal(1000 * self._face.advance(character)))
            for number, character in sorted(characters.items())
        )
        descendant = writer.add(
            b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%b /DW 1000 /W [%b] /CIDToGIDMap %d 0 R"
            b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor %d 0 R >>"
            % (name, widths, mapping, descriptor)
        )
        writer.add(
            b"<< /Type /Font /Subtype /Type0 /BaseFont /%b /Encoding /Identity-H /ToUnicode %d 0 R"
            b" /DescendantFonts [%d 0 R] >>" % (name, unicode_map, descendant),
            self.reference,
        )

    def _descriptor(self, name: bytes, file: int) -> bytes:
        face = self._face
        scale = 1000 / face.units_per_em
        box = b" ".join(b"%d" % round(edge * scale) for edge in face.box)
        return (
            b"<< /Type /FontDescriptor /FontName /%b /Flags 4 /FontBBox [%b] /ItalicAngle 0 /Ascent %d /Descent %d"
            b" /CapHeight 733 /StemV 90 /FontFile2 %d 0 R >>"
            % (name, box, round(face.ascent * scale), round(face.descent * scale), file)
        )


def _subset(face: FontFace, numbers: list[int]) -> tuple[bytes, dict[int, int]]:
    """(font file, new glyph number for each old one)."""
    with TTFont(face.path, lazy=True) as font:
        return _cut(font, numbers)


def _cut(font: Any, numbers: list[int]) -> tuple[bytes, dict[int, int]]:
    # Imported here: ten megabytes that only a process that writes PDFs needs.
    from fontTools import subset  # noqa: PLC0415 - see above

    options = subset.Options(
        hinting=False,
        layout_features=[],
        notdef_outline=True,
        glyph_names=False,
        legacy_kern=False,
        name_IDs=[],
    )
    options.drop_tables += [tag for tag in font.reader.tables if tag not in _KEPT_TABLES]
    # Any names do: the library would work them out from tens of thousands of characters, and they are not written.
    original = [f"g{number}" for number in range(font["maxp"].numGlyphs)]
    font.setGlyphOrder(original)
    cutter = subset.Subsetter(options)
    cutter.populate(gids=numbers)
    cutter.subset(font)
    new_numbers = {name: number for number, name in enumerate(font.getGlyphOrder())}
    buffer = io.BytesIO()
    font.recalcTimestamp = False
    font.save(buffer)
    return buffer.getvalue(), {number: new_numbers[original[number]] for number in numbers}


def _subset_name(path: str, numbers: list[int]) -> bytes:
    """Six letters that differ for different subsets, as ISO 32000-1, 9.6.4 asks, then the file's name."""
    rest = zlib.crc32(repr(numbers).encode("ascii"))
    tag = ""
    for _ in range(6):
        rest, digit = divmod(rest, 26)
        tag += chr(65 + digit)
    stem = "".join(c for c in FilePath(path).stem if c.isascii() and (c.isalnum() or c == "-"))
    return f"{tag}+{stem or 'Font'}".encode("ascii")


def _cid_to_gid(renumbered: dict[int, int]) -> bytes:
    table = bytearray(2 * (max(renumbered, default=0) + 1))
    for old, new in renumbered.items():
        table[2 * old : 2 * old + 2] = new.to_bytes(2, "big")
    return bytes(table)


def _to_unicode(characters: dict[int, str]) -> bytes:
    pairs = [
        b"<%04X> <%b>" % (number, character.encode("utf-16-be").hex().upper().encode("ascii"))
        for number, character in sorted(characters.items())
    ]
    blocks = []
    for at in range(0, len(pairs), _MAX_BFCHARS):
        block = pairs[at : at + _MAX_BFCHARS]
        blocks.append(b"%d beginbfchar\n%b\nendbfchar" % (len(block), b"\n".join(block)))
    return (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        b"/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        b"1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        + b"\n".join(blocks)
        + b"\nendcmap CMapName currentdict /CMap defineresource pop end end"
    )
