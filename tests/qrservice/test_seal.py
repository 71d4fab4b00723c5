"""Seals: valid inline SVG under a strict content policy, drawn from the font that stickers use."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from qrservice import Fonts, Status, seal_svg
from qrservice.seal import BOX, seal_parts
from qrservice.seal_glyphs import GLYPHS
from qrservice.shapes import parse
from qrservice.words import SEAL_LABELS, SEAL_LINES

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("status", list(Status))
def test_seal_is_plain_inline_svg(status: Status) -> None:
    text = seal_svg(status, 96)
    root = ET.fromstring(text)
    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox") == "0 0 120 120"
    assert (root.get("width"), root.get("height")) == ("96", "96")
    assert (root.get("role"), root.get("aria-label")) == ("img", SEAL_LABELS[status])
    assert root.get("class") == f"seal seal-{status.value}"
    for element in root.iter():
        assert element.tag in (f"{SVG}svg", f"{SVG}path")
        assert not {"style", "id", "href", "onload"} & set(element.attrib)
    assert len(text) < 10_000


def test_size_and_label_are_optional() -> None:
    plain = ET.fromstring(seal_svg("trusted"))
    assert plain.get("width") is None
    hidden = ET.fromstring(seal_svg("trusted", label=""))
    assert (hidden.get("aria-hidden"), hidden.get("role")) == ("true", None)
    named = ET.fromstring(seal_svg("trusted", label='Trusted "shop" <1>'))
    assert named.get("aria-label") == 'Trusted "shop" <1>'


def test_unknown_status() -> None:
    with pytest.raises(ValueError):
        seal_svg("fine")


@pytest.mark.parametrize("status", list(Status))
def test_seal_stays_inside_its_box(status: Status) -> None:
    for part in seal_parts(status):
        left, top, right, bottom = part.path.bounds()
        assert min(left, top) >= 0
        assert max(right, bottom) <= BOX


def test_no_two_seals_have_the_same_outline() -> None:
    assert len({seal_parts(status) for status in Status}) == len(Status)


def test_every_status_has_words_and_glyphs() -> None:
    assert set(SEAL_LABELS) == set(SEAL_LINES) == {status.value for status in Status}
    for lines in SEAL_LINES.values():
        assert set("".join(lines)) <= set(GLYPHS)


def test_glyphs_are_those_of_the_font(fonts: Fonts) -> None:
    face = fonts.face("bold")
    for character, data in GLYPHS.items():
        ours, theirs = parse(data).bounds(), face.outline(character).transformed(1000).bounds()
        assert all(abs(a - b) <= 12 for a, b in zip(ours, theirs, strict=True)), character
