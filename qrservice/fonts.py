"""TrueType fonts as sources of widths and outlines. The caller says where the files are.

Only static fonts with `glyf` outlines are taken: they can be embedded in a PDF as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as FilePath
from struct import Struct
from typing import Any, Final, Literal

from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont, TTLibError
from fontTools.ttLib.tables import _g_l_y_f

from qrservice.errors import FontRefused
from qrservice.shapes import Command, Path

Weight = Literal["regular", "bold", "display"]
#: Cut from Noto Serif SC ExtraBold (OFL 1.1): the letters of titles and couplets.
DISPLAY: Final = FilePath(__file__).parent / "assets" / "NotoSerifSC-ExtraBold-cut.ttf"
# Drawn in place of a character that the font lacks, when the caller accepts that: U+3013, the printers'
# stand-in.
STAND_IN: Final = "\u3013"
#: Outlines kept of one font: a city's names have thousands of characters, of ten kilobytes each.
_OUTLINES_MAX: Final = 1000


@dataclass(frozen=True, slots=True)
class Fonts:
    """Where the font files are: static TrueType, one for text and one for what must stand out.

    `display` sets titles and couplets where it has all their characters; the library brings one.
    """

    regular: FilePath
    bold: FilePath
    display: FilePath = DISPLAY

    def face(self, weight: Weight) -> FontFace:
        """The opened font of a weight, kept for later calls. Raises FontRefused."""
        return open_face(str(getattr(self, weight)))

    def display_or_bold(self, text: str) -> Weight:
        """`display` if that face can set the whole text, else `bold`: one line is never set in two faces."""
        face = self.face("display")
        return "display" if all(map(face.has, text)) else "bold"


class FontFace:
    """One opened font: lengths are in em (1.0 is the type size)."""

    def __init__(self, path: str) -> None:
        font = _open(path)
        if "glyf" not in font:
            font.close()
            raise FontRefused(f"{path} has no glyf outlines (CFF and variable-only fonts cannot be embedded)")
        with font:
            self.path = path
            self.units_per_em: int = font["head"].unitsPerEm
            self.ascent: int = font["hhea"].ascent
            self.descent: int = font["hhea"].descent
            self.box: tuple[int, ...] = tuple(
                getattr(font["head"], side) for side in ("xMin", "yMin", "xMax", "yMax")
            )
            self._glyphs = _Glyphs(path, font)
            self._numbers = _numbers(font)
        self._advances: dict[str, float] = {}
        self._outlines: dict[str, Path] = {}

    def has(self, character: str) -> bool:
        return ord(character) in self._numbers

    @property
    def stand_in(self) -> str:
        """What is drawn for a character that the font lacks."""
        return STAND_IN

    def glyph(self, character: str) -> int:
        """The glyph's number; the stand-in's where the font lacks the character."""
        number = self._numbers.get(ord(character))
        return self._numbers.get(ord(STAND_IN), 0) if number is None else number

    def advance(self, character: str) -> float:
        """How far the pen moves, in em."""
        known = self._advances.get(character)
        if known is None:
            known = self._advances[character] = (
                self._glyphs.advance(self.glyph(character)) / self.units_per_em
            )
        return known

    def width(self, text: str, size: float, tracking: float = 0.0) -> float:
        """The length of a line at type size `size`, in the unit of `size`; no kerning."""
        return sum(map(self.advance, text)) * size + tracking * max(0, len(text) - 1)

    def outline(self, character: str) -> Path:
        """The outline in em, y upwards from the baseline, to be filled non-zero (contours may overlap)."""
        known = self._outlines.get(character)
        if known is None:
            pen = PathPen(self._glyphs)
            self._glyphs[_name(self.glyph(character))].draw(pen)
            known = Path(tuple(pen.commands)).transformed(1 / self.units_per_em)
            if len(self._outlines) >= _OUTLINES_MAX:
                self._outlines.clear()
            self._outlines[character] = known
        return known


class _Glyphs:
    """The outlines of a font, each read from the file when it is asked for, and the advances.

    fontTools would make an object of each of tens of thousands of glyphs, and two of its advance: 35 MB for a font of
    which a sticker shows thirty. To its glyphs this is the table that they belong to and the set that parts come from.
    """

    extended = False  # no cubic outlines, no glyph numbers above 65535

    def __init__(self, path: str, font: Any) -> None:
        self._path = FilePath(path)
        self._start: int = font.reader.tables["glyf"].offset
        self._places: bytes = font.reader["loca"]
        self._wide: bool = font["head"].indexToLocFormat == 1
        self._metrics: bytes = font.reader["hmtx"]
        self._long: int = font["hhea"].numberOfHMetrics

    def advance(self, number: int) -> int:
        """In units of the font."""
        advance: int = _LONG_METRIC.unpack_from(self._metrics, 4 * min(number, self._long - 1))[0]
        return advance

    def bearing(self, number: int) -> int:
        """How far the outline begins right of the pen, in units of the font."""
        if number < self._long:
            long: int = _LONG_METRIC.unpack_from(self._metrics, 4 * number)[1]
            return long
        short: int = _SHORT_METRIC.unpack_from(self._metrics, 2 * (number + self._long))[0]
        return short

    def __getitem__(self, name: str) -> _Glyph:
        number = int(name[1:])
        if self._wide:
            begin, end = _WIDE_PLACES.unpack_from(self._places, 4 * number)
        else:
            begin, end = (2 * place for place in _NARROW_PLACES.unpack_from(self._places, 2 * number))
        with self._path.open("rb") as file:
            file.seek(self._start + begin)
            return _Glyph(self, number, file.read(end - begin))

    def getGlyphName(self, number: int) -> str:  # noqa: N802 - fontTools' name
        return _name(number)


class _Glyph:
    """One outline that can be drawn by a pen."""

    def __init__(self, glyphs: _Glyphs, number: int, data: bytes) -> None:
        self._glyphs, self._number, self._outline = glyphs, number, _g_l_y_f.Glyph(data)

    def draw(self, pen: Any) -> None:
        self._outline.expand(self._glyphs)
        left = getattr(self._outline, "xMin", None)  # an empty glyph has none
        shift = 0 if left is None else self._glyphs.bearing(self._number) - left
        self._outline.draw(pen, self._glyphs, shift)


_LONG_METRIC, _SHORT_METRIC = Struct(">Hh"), Struct(">h")
_WIDE_PLACES, _NARROW_PLACES = Struct(">II"), Struct(">HH")


def _name(number: int) -> str:
    return f"g{number}"


def _numbers(font: Any) -> dict[int, int]:
    """Code point → glyph number. Any names do on the way, and the font's own take long to find."""
    font.setGlyphOrder([_name(number) for number in range(font["maxp"].numGlyphs)])
    return {code: int(name[1:]) for code, name in font.getBestCmap().items()}


def _open(path: str) -> Any:
    """The font; the caller closes it."""
    try:
        file = FilePath(path).open("rb")  # noqa: SIM115 - closed with the font
    except OSError as error:
        raise FontRefused(f"cannot open the font {path}: {error}") from error
    try:
        return TTFont(file, lazy=True)
    except (OSError, TTLibError) as error:
        file.close()
        raise FontRefused(f"cannot read the font {path}: {error}") from error


@lru_cache(maxsize=8)
def open_face(path: str) -> FontFace:
    """The font in a file, opened once. Raises FontRefused."""
    return FontFace(path)


class PathPen(BasePen):
    """Collects commands; quadratic curves arrive here already raised to cubic ones."""

    def __init__(self, glyphs: Any) -> None:
        super().__init__(glyphs)
        self.commands: list[Command] = []

    def _moveTo(self, pt: tuple[float, float]) -> None:  # noqa: N802 - fontTools' name
        self.commands.append(("M", *pt))

    def _lineTo(self, pt: tuple[float, float]) -> None:  # noqa: N802 - fontTools' name
        self.commands.append(("L", *pt))

    def _curveToOne(  # noqa: N802 - fontTools' name
        self, pt1: tuple[float, float], pt2: tuple[float, float], pt3: tuple[float, float]
    ) -> None:
        self.commands.append(("C", *pt1, *pt2, *pt3))

    def _closePath(self) -> None:  # noqa: N802 - fontTools' name
        self.commands.append(("Z",))
