"""Placed pages as a PDF, by ReportLab: embedded subsets, text to be selected, the same bytes for the same content.

A character without a glyph is drawn as a box and keeps itself as its ``/ActualText`` (ISO 32000-1, 14.9.4), so that it
is still found and copied; so does every character beyond the basic plane, which ReportLab's ToUnicode maps misspell.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from webapp.core.errors import DomainError

from . import faces as typefaces
from .content import Content
from .faces import Faces
from .layout import FAINT, MM, PAGE_HEIGHT, PAGE_WIDTH, Page, Rule, SealPlace, Symbol, Text
from .lines import Glyph
from .setting import Setter, Words

SEAL_BYTES_MOST: Final = 2 * 1024 * 1024
SEAL_PIXELS_MOST: Final = 2_000
SEAL_SIZE: Final = 42 * MM
#: Of the QR symbol: readable with a stain, as small as may be.
_PRODUCER: Final = "letters 1"


class SealUnusable(DomainError):
    """The bureau's seal file is no PNG that can be printed; `details` say which."""

    status = 500


@dataclass(frozen=True)
class Drawn:
    """A finished file: its bytes, how many pages, how many characters had no glyph."""

    data: bytes
    pages: int
    missing: int


def draw(content: Content, words: Words, folder: Path | None, seal: bytes | None = None) -> Drawn:
    """The PDF of `content`. `folder` may hold the bureau's own fonts; `seal` is a PNG for the place of the seal.

    Raises FontsMissing, SealUnusable.
    """
    with typefaces.borrowed(folder) as faces:
        setter = Setter(faces.advance, faces.has, words)
        pages = setter.pages(content)
        return Drawn(_written(content, pages, faces, seal), len(pages), len(setter.missing(content)))


def _written(content: Content, pages: list[Page], faces: Faces, seal: bytes | None) -> bytes:
    from reportlab import rl_config  # noqa: PLC0415 - see faces.Faces
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415

    rl_config.useA85 = (
        0  # binary streams: a quarter less, and every mail program is long clean for eight bits
    )
    for font in faces.fonts.values():
        pdfmetrics.registerFont(font)
    out = io.BytesIO()
    canvas = Canvas(
        out,
        pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
        pageCompression=1,
        invariant=1,
        lang=content.language,
        initialFontName=faces.fonts["body"].fontName,
        pdfVersion=(1, 7),
    )
    canvas.setTitle(f"{content.title} {content.number}".strip())
    canvas.setAuthor(content.organisation)
    canvas.setCreator(_PRODUCER)
    canvas.setProducer(_PRODUCER)
    canvas.setViewerPreference("DisplayDocTitle", "true")
    canvas.setViewerPreference("PrintScaling", "None")
    pen = _Pen(canvas, faces, seal)
    for page in pages:
        pen.page(page)
    canvas.save()
    return out.getvalue()


class _Pen:
    """Draws items on ReportLab's canvas, whose y goes upwards."""

    def __init__(self, canvas: Any, faces: Faces, seal: bytes | None) -> None:
        self._canvas, self._faces = canvas, faces
        self._seal = seal_picture(seal) if seal is not None else None

    def page(self, page: Page) -> None:
        how: dict[type[Any], Callable[[Any], None]] = {
            Text: self._text,
            Rule: self._rule,
            SealPlace: self._place,
            Symbol: self._symbol,
        }
        # Marks below come first, so that the text is read in its own order and stands on top.
        for item in sorted(page.items, key=lambda item: isinstance(item, Text)):
            how[type(item)](item)
        self._canvas.showPage()

    def _text(self, item: Text) -> None:
        canvas = self._canvas
        if item.angle:
            canvas.saveState()
            canvas.translate(PAGE_WIDTH / 2, PAGE_HEIGHT - item.y)
            canvas.rotate(item.angle)
            self._line(item, item.x - PAGE_WIDTH / 2, 0.0)
            canvas.restoreState()
            return
        self._line(item, item.x, PAGE_HEIGHT - item.y)

    def _line(self, item: Text, x: float, y: float) -> None:
        text = self._canvas.beginText(x, y)
        text.setFillColor(item.colour)
        text.setFont(self._faces.fonts[item.face].fontName, item.size)
        spacing = 0.0
        for run, kerned, actual in self._runs(item):
            if kerned != spacing:
                text.setCharSpace(kerned * item.size)
                spacing = kerned
            if actual:
                spelled = actual.encode("utf-16-be").hex().upper()
                text._code.append(f"/Span <</ActualText <FEFF{spelled}>>> BDC")  # noqa: SLF001 - no other way
                text._textOut(run)  # noqa: SLF001
                text._code.append("EMC")  # noqa: SLF001
            else:
                text._textOut(run)  # noqa: SLF001 - textOut would ask for a width that we know
        if spacing:
            text.setCharSpace(0)
        self._canvas.drawText(text)

    def _runs(self, item: Text) -> Iterable[tuple[str, float, str]]:
        """(what is drawn, spacing in em, what it stands for if that differs), alike neighbours together."""
        run, kern = "", 0.0
        for glyph in item.line.glyphs:
            shown = self._faces.shown(glyph.text[0], item.face)
            stands_in = self._stands_in(glyph, shown)
            if run and (stands_in or round(glyph.kerned, 4) != kern):
                yield run, kern, ""
                run = ""
            kern = round(glyph.kerned, 4)
            if stands_in:
                yield shown or "", kern, glyph.text
            elif shown is not None:
                run += shown
        if run:
            yield run, kern, ""

    @staticmethod
    def _stands_in(glyph: Glyph, shown: str | None) -> bool:
        return shown is not None and (ord(shown) > 0xFFFF or (shown != glyph.text[0] and shown != " "))

    def _rule(self, item: Rule) -> None:
        self._canvas.setStrokeColor(item.colour)
        self._canvas.setLineWidth(item.width)
        self._canvas.line(item.x1, PAGE_HEIGHT - item.y1, item.x2, PAGE_HEIGHT - item.y2)

    def _place(self, item: SealPlace) -> None:
        if self._seal is not None:
            left, bottom = item.x - SEAL_SIZE / 2, PAGE_HEIGHT - item.y - SEAL_SIZE / 2
            self._canvas.drawImage(self._seal, left, bottom, SEAL_SIZE, SEAL_SIZE, mask="auto")
            return
        self._canvas.saveState()
        self._canvas.setStrokeColor(FAINT)
        self._canvas.setLineWidth(0.7)
        self._canvas.setDash(3, 3)
        side = item.side
        self._canvas.roundRect(item.x - side / 2, PAGE_HEIGHT - item.y - side / 2, side, side, 6)
        self._canvas.restoreState()
        if item.words is not None:
            self._text(item.words)

    def _symbol(self, item: Symbol) -> None:
        rows = _modules(item.text)
        step = item.side / len(rows)
        path = self._canvas.beginPath()
        for number, row in enumerate(rows):
            y = PAGE_HEIGHT - item.y - (number + 1) * step
            for start, length in _dark(row):
                path.rect(item.x + start * step, y, length * step, step)
        self._canvas.setFillColor("#000000")
        self._canvas.drawPath(path, stroke=0, fill=1)


def _modules(text: str) -> list[list[bool]]:
    """The modules of the QR symbol of `text` (ISO/IEC 18004, level Q), without quiet zone."""
    from qrcode import QRCode, constants  # noqa: PLC0415 - a process that draws no document needs none

    code: Any = QRCode(error_correction=constants.ERROR_CORRECT_Q, border=0)
    code.add_data(text.encode("ascii"), optimize=0)
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.modules]


def _dark(row: list[bool]) -> Iterable[tuple[int, int]]:
    """(first, length) of every run of dark modules."""
    start = None
    for at, dark in enumerate([*row, False]):
        if dark and start is None:
            start = at
        elif not dark and start is not None:
            yield start, at - start
            start = None


def seal_picture(png: bytes) -> Any:
    """The seal's picture: PNG only, of a bounded size, square. Raises SealUnusable."""
    from PIL import Image  # noqa: PLC0415
    from reportlab.lib.utils import ImageReader  # noqa: PLC0415

    try:
        picture = Image.open(io.BytesIO(png), formats=("PNG",))
        width, height = picture.size
        if len(png) > SEAL_BYTES_MOST or max(width, height) > SEAL_PIXELS_MOST or width != height:
            raise SealUnusable("letter_seal_size", most=SEAL_PIXELS_MOST)
        return ImageReader(picture.convert("RGBA"))
    except OSError as error:
        raise SealUnusable("letter_seal_broken") from error
