"""The two typefaces of documents, opened for measuring and for embedding.

Text is set in Noto Serif SC, titles in its bold weight (OFL 1.1). A bureau that owns the prescribed faces (仿宋,
小标宋) puts ``body.ttf`` and ``title.ttf`` (TrueType outlines) into the folder ``fonts`` of its letters' folder.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from webapp.core.errors import DomainError
from webapp.settings import ROOT

from .layout import Face

SHIPPED: Final = ROOT / "static" / "vendor" / "fonts"
FILES: Final[dict[Face, tuple[str, str]]] = {
    "body": ("body.ttf", "NotoSerifSC-Regular.ttf"),
    "title": ("title.ttf", "NotoSerifSC-Bold.ttf"),
}
#: Drawn in the place of a character that the face lacks.
STAND_IN: Final = "□"
#: An opened face takes some 27 MB. A process that has written no document for so long lets them go.
IDLE_SECONDS: Final = 180.0


class FontsMissing(DomainError):
    """The fonts are not where they should be; `details` say where. ``make`` fetches them."""

    status = 500


class Faces:
    """The two faces, opened. For one document at a time: see :func:`borrowed`."""

    def __init__(self, paths: dict[Face, Path]) -> None:
        # Imported here: forty megabytes that only a process that writes documents needs.
        from reportlab.pdfbase.ttfonts import TTFError, TTFont  # noqa: PLC0415 - see above

        self.fonts: dict[Face, Any] = {}
        for face, path in paths.items():
            try:
                # The name tells two files apart in ReportLab's one table of fonts.
                self.fonts[face] = TTFont(f"{face}:{path}", str(path), asciiReadable=0, shapable=False)
            except (TTFError, OSError) as error:
                raise FontsMissing("letter_fonts_missing", folder=str(path.parent)) from error

    def has(self, character: str) -> bool:
        """True when the text face can draw `character`, or when there is nothing to draw."""
        return drawn(character) is None or ord(drawn(character) or "") in self.fonts["body"].face.charToGlyph

    def advance(self, character: str, face: Face) -> float:
        """How far the pen moves, in em."""
        shown = self.shown(character, face)
        if shown is None:
            return 0.0
        widths = self.fonts[face].face
        return float(widths.charWidths.get(ord(shown), widths.defaultWidth)) / 1000

    def shown(self, character: str, face: Face) -> str | None:
        """What is drawn for `character`: itself, a blank, the stand-in, or None for nothing."""
        shown = drawn(character)
        if shown is None or ord(shown) in self.fonts[face].face.charToGlyph:
            return shown
        return STAND_IN


def drawn(character: str) -> str | None:
    """`character`, a blank for any kind of space, None for signs without a shape of their own."""
    category = unicodedata.category(character)
    if category == "Zs" and character != "\u3000":
        return " "
    if category == "Cf" or 0xFE00 <= ord(character) <= 0xFE0F or 0xE0100 <= ord(character) <= 0xE01EF:
        return None
    return character


_lock = threading.Lock()
_open: dict[tuple[Path, ...], Faces] = {}
_timer: list[threading.Timer] = []


@contextmanager
def borrowed(folder: Path | None) -> Iterator[Faces]:
    """The faces (the bureau's in ``folder/fonts`` if there) for one document; others wait. Raises FontsMissing."""
    paths: dict[Face, Path] = {}
    for face, (own, shipped) in FILES.items():
        theirs = folder / "fonts" / own if folder is not None else None
        paths[face] = theirs if theirs is not None and theirs.is_file() else SHIPPED / shipped
    key = tuple(paths.values())
    with _lock:
        if key not in _open:
            _forget([font for faces in _open.values() for font in faces.fonts.values()])
            _open.clear()
            _open[key] = Faces(paths)
        try:
            yield _open[key]
        finally:
            _let_go_later()


def _let_go_later() -> None:
    while _timer:
        _timer.pop().cancel()
    timer = threading.Timer(IDLE_SECONDS, let_go)
    timer.daemon = True
    timer.start()
    _timer.append(timer)


def let_go() -> None:
    """Close the faces; the next document opens them again."""
    with _lock:
        closed = [font for faces in _open.values() for font in faces.fonts.values()]
        _open.clear()
        _forget(closed)


def _forget(closed: list[Any]) -> None:
    """Take the fonts out of ReportLab's tables: it has no way of its own to unregister."""
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415 - see Faces

    for table in [value for value in vars(pdfmetrics).values() if isinstance(value, dict)]:
        for name in [name for name, value in table.items() if any(value is font for font in closed)]:
            del table[name]
