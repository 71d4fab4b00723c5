"""Every form of every template, rasterised as a printer or a screen would, is read by four readers that others made.

Sheets are looked at sticker by sticker, as a person holds a phone over one of them; the readers that look for many
symbols at once are given the whole page too.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pypdfium2
import pytest
from escpos.printer import Dummy
from PIL import Image
from playwright.sync_api import Browser

from qrservice import (
    LANGUAGES,
    TEMPLATES,
    Layout,
    StickerFace,
    compose,
    receipt_escpos,
    receipt_image,
    receipt_png,
    sheet_of,
    sheet_pdf,
    sticker_pdf,
    sticker_png,
    sticker_svg,
)
from tests.support import sticker_pictures
from tests.support.readers import NAMES, Picture, Reader, readers
from tests.support.thermal_printer import Printer, PrinterFault

EACH = pytest.mark.parametrize("template", list(TEMPLATES))
EACH_DPI = pytest.mark.parametrize("dpi", [150, 300])
FONTS = sticker_pictures.fonts()
BLEED = 3.0
INCH = 25.4


@pytest.fixture(scope="module")
def engines() -> Iterator[dict[str, Reader]]:
    with readers() as found:
        yield {name: found[name] for name in NAMES}


def sticker(template: str, language: str = "zh-Hans") -> tuple[StickerFace, Layout]:
    (face,) = sticker_pictures.faces(template, language, 1)
    return face, compose(face, FONTS, template=template)


def grey(image: Image.Image) -> Picture:
    return np.ascontiguousarray(np.asarray(image.convert("L")))


def pages(data: bytes, dpi: float) -> list[Picture]:
    document = pypdfium2.PdfDocument(data)
    pictures = [grey(page.render(scale=dpi / 72).to_pil()) for page in document]
    document.close()
    return pictures


def answers(engines: dict[str, Reader], picture: Picture) -> dict[str, set[str]]:
    return {name: read(picture) for name, read in engines.items()}


def all_say(face: StickerFace) -> dict[str, set[str]]:
    return {name: {face.url} for name in NAMES}


@EACH
@pytest.mark.parametrize(
    ("language", "dpi"), [*((language, 150) for language in LANGUAGES), ("zh-Hans", 300)]
)
def test_one_sticker_as_pdf(engines: dict[str, Reader], template: str, dpi: int, language: str) -> None:
    face, layout = sticker(template, language)
    out = io.BytesIO()
    sticker_pdf(layout, FONTS, out)
    (picture,) = pages(out.getvalue(), dpi)
    assert answers(engines, picture) == all_say(face)


@EACH
@EACH_DPI
def test_every_sticker_of_a_sheet(engines: dict[str, Reader], template: str, dpi: int) -> None:
    sheet = sheet_of(template, BLEED)
    faces = list(sticker_pictures.faces(template, "zh-Hans", sheet.per_page))
    out = io.BytesIO()
    sheet_pdf(faces, out, FONTS, template=template, bleed=BLEED)
    (page,) = pages(out.getvalue(), dpi)
    for name in ("zxing-cpp", "ZBar"):
        assert engines[name](page) == {face.url for face in faces}, name
    kind, scale = TEMPLATES[template], dpi / INCH
    for face, (x, y) in zip(faces, sheet.places, strict=True):
        rows = slice(round(y * scale), round((y + kind.height) * scale))
        columns = slice(round(x * scale), round((x + kind.width) * scale))
        assert answers(engines, np.ascontiguousarray(page[rows, columns])) == all_say(face)


@EACH
@EACH_DPI
def test_png(engines: dict[str, Reader], template: str, dpi: int) -> None:
    face, layout = sticker(template)
    image = Image.open(io.BytesIO(sticker_png(layout, FONTS, dpi)))
    assert answers(engines, grey(image)) == all_say(face)


@pytest.fixture(scope="module")
def svg_pictures(browser: Browser) -> dict[str, tuple[StickerFace, Picture]]:
    """Each template's SVG as Chromium shows it at 150 dots an inch."""
    taken = {}
    for template, kind in TEMPLATES.items():
        face, layout = sticker(template)
        size = {"width": round(kind.width / INCH * 96), "height": round(kind.height / INCH * 96)}
        page = browser.new_page(viewport=size, device_scale_factor=150 / 96)
        page.set_content(f"<style>body {{ margin: 0 }}</style>{sticker_svg(layout, FONTS)}")
        taken[template] = face, grey(Image.open(io.BytesIO(page.screenshot())))
        page.close()
    return taken


@EACH
def test_svg_in_a_browser(
    engines: dict[str, Reader], svg_pictures: dict[str, tuple[StickerFace, Picture]], template: str
) -> None:
    face, picture = svg_pictures[template]
    assert answers(engines, picture) == all_say(face)


def printed(commands: bytes) -> tuple[Picture, list[int]]:
    """(the strip as it leaves the printer, with the blank edges of the roll; the rows at which it was cut)."""
    printer = Printer()
    printer.take(commands)
    paper = np.where(printer.paper, 0, 255).astype(np.uint8)
    return np.pad(paper, 40, constant_values=255), printer.cuts


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_receipt_as_dots_and_as_printer_commands(engines: dict[str, Reader], language: str) -> None:
    face, layout = sticker("receipt", language)
    paper, cuts = printed(receipt_escpos(layout, FONTS))
    assert answers(engines, paper) == all_say(face)
    dots = grey(Image.open(io.BytesIO(receipt_png(layout, FONTS))))
    assert (dots == paper[40 : 40 + len(dots), 40:-40]).all()
    assert (paper[40 + len(dots) :] == 255).all()
    assert len(cuts) == 1
    assert cuts[0] > len(dots), "fed before it is cut, or the knife goes through the foot"
    assert answers(engines, dots) == all_say(face)
    uncut = printed(receipt_escpos(layout, FONTS, cut=False))
    assert uncut[1] == []


def test_printer_commands_are_those_of_another_library() -> None:
    """python-escpos, which others print with, makes the same bytes of the same dots."""
    _, layout = sticker("receipt")
    other = Dummy()
    other.image(receipt_image(layout, FONTS), impl="bitImageRaster", fragment_height=256, center=False)
    assert receipt_escpos(layout, FONTS) == b"\x1b@" + other.output + b"\x1bd\x04\x1dVB\x00"


@pytest.mark.parametrize(
    "wrong", [b"text", b"\x1dv0\x00\x31\x00\x01\x00" + bytes(49), b"\x1dv0\x00\x30\x00\x02\x00" + bytes(48)]
)
def test_the_printer_refuses_what_it_would_spoil(wrong: bytes) -> None:
    with pytest.raises(PrinterFault):
        Printer().take(wrong)


def test_readers_do_not_say_what_is_not_there(engines: dict[str, Reader]) -> None:
    face, layout = sticker("till")
    whole = grey(Image.open(io.BytesIO(sticker_png(layout, FONTS, 150))))
    assert answers(engines, whole) == all_say(face)
    damaged = whole[:, ::-1].copy()
    damaged[120:200] = 255
    for picture in (damaged, np.full((300, 300), 255, np.uint8)):
        assert set().union(*answers(engines, picture).values()) <= {""}
