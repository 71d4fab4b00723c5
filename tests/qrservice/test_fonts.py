"""Fonts: what is read straight from the file is what fontTools makes of it."""

from __future__ import annotations

import random
from typing import Any

import pytest
from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont

from qrservice import FontRefused, Fonts
from qrservice.fonts import STAND_IN, PathPen, Weight, open_face
from qrservice.shapes import Path

WEIGHTS: tuple[Weight, ...] = ("regular", "bold", "display")


@pytest.mark.parametrize("weight", WEIGHTS)
def test_glyphs_advances_and_outlines_are_the_font_s(fonts: Fonts, weight: Weight) -> None:
    face = fonts.face(weight)
    with TTFont(face.path, lazy=True) as font:
        names, glyphs = font.getBestCmap(), font.getGlyphSet()
        codes = [ord(" "), *random.Random(1).sample(sorted(names), 60)]
        composite = [code for code in names if code < 0x250 and font["glyf"][names[code]].isComposite()]
        for code in {code for code in [*codes, *composite[:5]] if code in names}:
            character = chr(code)
            assert face.has(character)
            assert face.glyph(character) == font.getGlyphID(names[code])
            assert face.advance(character) == font["hmtx"][names[code]][0] / face.units_per_em
            assert face.outline(character) == expected(glyphs, names[code], face.units_per_em)


def expected(glyphs: Any, name: str, units: int) -> Path:
    pen = PathPen(glyphs)
    assert isinstance(pen, BasePen)
    glyphs[name].draw(pen)
    return Path(tuple(pen.commands)).transformed(1 / units)


def test_what_the_font_lacks_is_the_stand_in(fonts: Fonts) -> None:
    face = fonts.face("regular")
    lacking = "\U0002ffff"
    assert not face.has(lacking)
    assert face.glyph(lacking) == face.glyph(STAND_IN) != 0
    assert face.outline(lacking).commands == face.outline(STAND_IN).commands != ()


def test_other_files_are_refused(tmp_path: Any) -> None:
    (tmp_path / "not.ttf").write_bytes(b"no font")
    for name in ("not.ttf", "absent.ttf"):
        with pytest.raises(FontRefused):
            open_face(str(tmp_path / name))
