"""TrueType fonts as sources of widths and outlines. The caller says where the files are.

Only static fonts with `glyf` outlines are taken: they can be embedded in a PDF as they are.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any, Final, Literal

from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont, TTLibError

from qrservice.errors import FontRefused
from qrservice.shapes import Command, Path

Weight = Literal["regular", "bold", "display"]
#: Cut from Noto Serif SC ExtraBold (OFL 1.1): the letters of titles and couplets.
DISPLAY: Final = FilePath(__file__).parent / "assets" / "NotoSerifSC-ExtraBold-cut.ttf"
# Drawn in place of a character that the font lacks, when the caller accepts that: U+3013, the printers'
# stand-in.
STAND_IN: Final = "\u3013"


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
        self.path = path
        self.units_per_em: int = font["head"].unitsPerEm
        self.ascent: int = font["hhea"].ascent
        self.descent: int = font["hhea"].descent
        self.box: tuple[int, ...] = tuple(
            getattr(font["head"], side) for side in ("xMin", "yMin", "xMax", "yMax")
        )
        self._names: dict[int, str] = font.getBestCmap()
        self._glyphs = font.getGlyphSet()
        self._font = font
        self._advances: dict[str, float] = {}
        self._outlines: dict[str, Path] = {}
        self._lock = threading.Lock()

    def has(self, character: str) -> bool:
        return ord(character) in self._names

    @property
    def stand_in(self) -> str:
        """What is drawn for a character that the font lacks."""
        return STAND_IN

    def glyph(self, character: str) -> tuple[int, str]:
        """(glyph number, glyph name); the stand-in's where the font lacks the character."""
        name = self._names.get(ord(character)) or self._names.get(ord(STAND_IN), ".notdef")
        return self._font.getGlyphID(name), name

    def advance(self, character: str) -> float:
        """How far the pen moves, in em."""
        known = self._advances.get(character)
        if known is None:
            with self._lock:
                known = self._font["hmtx"][self.glyph(character)[1]][0] / self.units_per_em
            self._advances[character] = known
        return known

    def width(self, text: str, size: float, tracking: float = 0.0) -> float:
        """The length of a line at type size `size`, in the unit of `size`; no kerning."""
        return sum(map(self.advance, text)) * size + tracking * max(0, len(text) - 1)

    def outline(self, character: str) -> Path:
        """The outline in em, y upwards from the baseline, to be filled non-zero (contours may overlap)."""
        known = self._outlines.get(character)
        if known is None:
            with self._lock:
                pen = PathPen(self._glyphs)
                self._glyphs[self.glyph(character)[1]].draw(pen)
            known = Path(tuple(pen.commands)).transformed(1 / self.units_per_em)
            self._outlines[character] = known
        return known


def _open(path: str) -> Any:
    """The font, its file held open: glyphs are read when they are first used."""
    try:
        file = FilePath(path).open("rb")  # noqa: SIM115 - stays open as long as the font is used
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
