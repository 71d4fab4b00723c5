"""The drawing side of a PDF: turns items into page content and keeps what all pages share."""

from __future__ import annotations

import io
import math
from typing import BinaryIO, Final

from PIL import Image

from qrservice import pdf_items
from qrservice.drawing import Item, Picture, Shape, Symbol, Text
from qrservice.fonts import Fonts, Weight
from qrservice.pdf_fonts import PdfFont
from qrservice.pdf_writer import POINTS_PER_MM, PdfWriter, decimal

Box = tuple[float, float, float, float]
_WEIGHTS: Final[dict[Weight, bytes]] = {"regular": b"F0", "bold": b"F1", "display": b"F2"}
# The name that cutting machines look for; shown as magenta, and printed over what is below.
_CUT: Final = (
    b"[/Separation /CutContour /DeviceCMYK"
    b" << /FunctionType 2 /Domain [0 1] /C0 [0 0 0 0] /C1 [0 1 0 0] /N 1 >>]"
)
_SHAPES_KEPT: Final = 256
_OVERPRINT: Final = b"<< /Type /ExtGState /OP true /op true /OPM 1 >>"


class Canvas:
    """One document: pages in millimetres, y downwards. Fonts are written at the end, cut to what was used; items that
    all stickers share are written once, as forms that cut off what reaches over their box.
    """

    def __init__(self, out: BinaryIO, fonts: Fonts) -> None:
        self._writer = PdfWriter(out)
        self._faces = fonts
        self._fonts: dict[Weight, PdfFont] = {}
        self._resources = self._writer.reserve()
        self._forms: dict[tuple[tuple[Item, ...], Box], tuple[bytes, int]] = {}
        self._last_form: tuple[tuple[Item, ...], bytes] = ((), b"")
        self._shapes: dict[int, tuple[Shape, bytes]] = {}
        self._images: dict[bytes, tuple[bytes, int]] = {}

    def item(self, item: Item) -> bytes:
        if isinstance(item, Text):
            return self._text(item)
        if isinstance(item, Symbol):
            return pdf_items.symbol(item)
        return self._picture(item) if isinstance(item, Picture) else self._shape(item)

    def _shape(self, item: Shape) -> bytes:
        """Templates give the same object again for what looks the same on every sticker: it is spelled out once."""
        known = self._shapes.get(id(item))
        if known is None or known[0] is not item:
            if len(self._shapes) >= _SHAPES_KEPT:
                self._shapes.clear()
            known = self._shapes[id(item)] = item, pdf_items.shape(item)
        return known[1]

    def form(self, items: tuple[Item, ...], box: Box) -> bytes:
        """An operator that draws items written once for the whole document; `box` is left, top, right, bottom."""
        last, operator = self._last_form
        # As a rule it is the last one: hashing that many outlines for each sticker would cost more than drawing them.
        if items is last:
            return operator
        known = self._forms.get((items, box))
        if known is None:
            content = b"\n".join(self.item(item) for item in items)
            edges = b" ".join(decimal(edge) for edge in box)
            entries = b"/Type /XObject /Subtype /Form /BBox [%b] /Resources %d 0 R" % (edges, self._resources)
            known = b"X%d" % len(self._forms), self._writer.add_stream(content, entries)
            self._forms[items, box] = known
        self._last_form = items, b"/%b Do" % known[0]
        return self._last_form[1]

    def page(self, parts: list[bytes], height: float, boxes: dict[str, Box]) -> None:
        unit = decimal(POINTS_PER_MM, 6)
        turn = b"%b 0 0 -%b 0 %b cm" % (unit, unit, decimal(height * POINTS_PER_MM))
        self._writer.add_page(b"\n".join((turn, *parts)), self._resources, boxes)

    def finish(self, title: str, language: str) -> None:
        for font in self._fonts.values():
            font.write()
        fonts = b" ".join(
            b"/%b %d 0 R" % (_WEIGHTS[weight], font.reference) for weight, font in self._fonts.items()
        )
        drawn = (*self._forms.values(), *self._images.values())
        objects = b" ".join(b"/%b %d 0 R" % reference for reference in drawn)
        self._writer.add(
            b"<< /Font << %b >> /XObject << %b >> /ColorSpace << /Cut %b >> /ExtGState << /Over %b >> >>"
            % (fonts, objects, _CUT, _OVERPRINT),
            self._resources,
        )
        self._writer.finish(title, language)

    def _text(self, item: Text) -> bytes:
        font = self._fonts.get(item.weight)
        if font is None:
            font = self._fonts[item.weight] = PdfFont(self._faces.face(item.weight), self._writer)
        size = decimal(item.size)
        if item.angle:
            turn = math.radians(item.angle)
            along, across = item.size * math.cos(turn), item.size * math.sin(turn)
            matrix = b"%b %b %b %b" % (
                decimal(along, 4),
                decimal(across, 4),
                decimal(across, 4),
                decimal(-along, 4),
            )
        else:
            matrix = b"%b 0 0 -%b" % (size, size)
        return b"BT %b /%b 1 Tf %b Tc %b %b %b Tm %b Tj ET" % (
            pdf_items.colour(item.fill),
            _WEIGHTS[item.weight],
            decimal(item.tracking / item.size, 5),
            matrix,
            decimal(item.x),
            decimal(item.y),
            font.encode(item.text),
        )

    def _picture(self, item: Picture) -> bytes:
        known = self._images.get(item.png)
        if known is None:
            known = self._images[item.png] = b"I%d" % len(self._images), self._image(item.png)
        edges = (item.width, item.height, item.x, item.y + item.height)
        return b"q %b 0 0 -%b %b %b cm /%b Do Q" % (*(decimal(edge) for edge in edges), known[0])

    def _image(self, png: bytes) -> int:
        image = Image.open(io.BytesIO(png), formats=("PNG",)).convert("RGBA")
        head = b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8" % image.size
        mask = self._writer.add_stream(image.getchannel("A").tobytes(), head + b" /ColorSpace /DeviceGray")
        entries = head + b" /ColorSpace /DeviceRGB /Interpolate true /SMask %d 0 R" % mask
        return self._writer.add_stream(image.convert("RGB").tobytes(), entries)


def points(*edges: float) -> Box:
    """A box in millimetres, in points."""
    left, bottom, right, top = (edge * POINTS_PER_MM for edge in edges)
    return left, bottom, right, top


def placed(x: float, y: float, *content: bytes) -> bytes:
    return b"q 1 0 0 1 %b %b cm\n%b\nQ" % (decimal(x), decimal(y), b"\n".join(content))
