"""Every template in every language as PNG, SVG, PDF, sheet and dots, each read back by outside decoders."""

from __future__ import annotations

import io
import re
import tracemalloc
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from qrservice import (
    LANGUAGES,
    TEMPLATES,
    Fonts,
    Logo,
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
    symbol,
)
from qrservice.render_png import render_image
from qrservice.scannability import module_dots
from tests.qrservice.test_templates import BUREAUS, VECTOR, red_dot

MakeFace = Callable[..., StickerFace]
EACH = pytest.mark.parametrize("template", list(TEMPLATES))
IN_EACH = pytest.mark.parametrize("language", list(LANGUAGES))
SVG = "{http://www.w3.org/2000/svg}"


def read_all(image: Image.Image) -> set[str]:
    return {found.text for found in zxingcpp.read_barcodes(image.convert("L"), zxingcpp.BarcodeFormat.QRCode)}


def pages(data: bytes, dpi: int) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(data)
    images = [page.render(scale=dpi / 72).to_pil() for page in document]
    document.close()
    return images


def pdf_of(face: StickerFace, fonts: Fonts, template: str, bleed: float = 0.0) -> bytes:
    out = io.BytesIO()
    sticker_pdf(compose(face, fonts, template=template), fonts, out, bleed=bleed)
    return out.getvalue()


@EACH
@IN_EACH
def test_every_form_of_every_template_is_read(
    fonts: Fonts, make_face: MakeFace, template: str, language: str
) -> None:
    face = make_face(language=language, place="8", **BUREAUS[language])
    layout = compose(face, fonts, template=template)
    data = pdf_of(face, fonts, template)
    for dpi in (150, 300):
        (page,) = pages(data, dpi)
        assert read_all(page) == {face.url}
    picture = Image.open(io.BytesIO(sticker_png(layout, fonts, 300)))
    assert picture.mode == ("1" if layout.mono else "RGB")
    assert read_all(picture) == {face.url}
    root = ET.fromstring(sticker_svg(layout, fonts))
    assert root.get("width") == f"{layout.width:g}mm"
    (run_path,) = [e for e in root if e.get("shape-rendering") == "crispEdges"]
    assert run_path.get("fill") == "#000000"


@EACH
@pytest.mark.parametrize("dpi", [203, 254, 300])
def test_modules_are_whole_pixels_at_any_resolution(
    fonts: Fonts, make_face: MakeFace, template: str, dpi: int
) -> None:
    face = make_face()
    layout = compose(face, fonts, template=template)
    pixels = np.asarray(render_image(layout, fonts, dpi).convert("L"))
    module = module_dots(layout.symbol, dpi)
    matrix = symbol(face.token, face.host)
    wanted = np.kron(
        [[0 if matrix[r, c] else 255 for c in range(49)] for r in range(49)], np.ones((module, module))
    )
    around = np.pad(wanted, 4 * module, constant_values=255)
    scale = dpi / 25.4
    spare = layout.symbol.side * scale - 49 * module
    top, left = (round(edge * scale + spare / 2) - 4 * module for edge in (layout.symbol.y, layout.symbol.x))
    found = pixels[top : top + len(around), left : left + len(around)]
    assert (found == around).all(), "symbol or quiet zone are not exact"


@EACH
@pytest.mark.parametrize("bleed", [0.0, 3.0])
def test_every_symbol_on_a_sheet_is_read(
    fonts: Fonts, make_face: MakeFace, template: str, bleed: float
) -> None:
    count = sheet_of(template, bleed).per_page
    faces = [make_face(shop=1000 + i, serial=1 + i) for i in range(count + 1)]
    out = io.BytesIO()
    assert sheet_pdf(iter(faces), out, fonts, template=template, bleed=bleed) == count + 1
    for dpi in (150, 300) if bleed else (150,):
        first, second = pages(out.getvalue(), dpi)
        assert read_all(first) == {face.url for face in faces[:count]}
        assert read_all(second) == {faces[-1].url}
    document = pypdfium2.PdfDocument(out.getvalue())
    words = document[0].get_textpage().get_text_bounded()
    assert all(face.serial in words for face in faces[:count])
    document.close()


def colour_at(image: Image.Image, x: float, y: float, dpi: int) -> tuple[int, ...]:
    pixel = image.convert("RGB").getpixel((int(x * dpi / 25.4), int(y * dpi / 25.4)))
    assert isinstance(pixel, tuple)
    return pixel


def test_bleed_goes_on_and_the_die_line_is_a_spot_colour(fonts: Fonts, make_face: MakeFace) -> None:
    (cut,) = pages(pdf_of(make_face(), fonts, "table"), 300)
    assert round(cut.width / 300 * 25.4) == 60
    (grown,) = pages(pdf_of(make_face(), fonts, "table", 3.0), 300)
    assert round(grown.width / 300 * 25.4) == 66
    green = (11, 122, 83)
    assert colour_at(grown, 33, 1.5, 300) == green
    assert colour_at(grown, 0.5, 0.5, 300) == (255, 255, 255), "outside the disc there is nothing"
    line = [colour_at(grown, 33, 3.0 + shift / 40, 600 // 2) for shift in range(-4, 5)]
    assert any(red > 150 and green_ < 100 for red, green_, _ in line), "magenta where the die cuts"
    (till,) = pages(pdf_of(make_face(), fonts, "till", 3.0), 300)
    for y in (1.0, 30.0, 59.0):
        assert colour_at(till, 1.0, y, 300) == green
    assert colour_at(till, 95.0, 1.0, 300) == (247, 246, 242)


def test_without_bleed_nothing_leaves_the_trim(fonts: Fonts, make_face: MakeFace) -> None:
    out = io.BytesIO()
    sheet_pdf([make_face()], out, fonts, template="till")
    (page,) = pages(out.getvalue(), 150)
    sheet = sheet_of("till")
    x, y = sheet.places[0]
    assert colour_at(page, x + 0.5, y + 0.5, 150) == (11, 122, 83)
    for dx, dy in ((-0.5, 20), (20, -0.5)):
        assert colour_at(page, x + dx, y + dy, 150) == (255, 255, 255)


@EACH
def test_renderers_agree(fonts: Fonts, make_face: MakeFace, template: str) -> None:
    """Turned letters, discs and pictures too: PNG against the PDF as another program draws it."""
    for language in ("zh-Hans", "en"):
        face = make_face(language=language, logo=Logo.picture(red_dot()), place="8", **BUREAUS[language])
        layout = compose(face, fonts, template=template)
        (from_pdf,) = pages(pdf_of(face, fonts, template), 200)
        from_png = render_image(layout, fonts, 200).convert("L").resize(from_pdf.size)
        difference = np.abs(np.asarray(from_pdf.convert("L"), np.int16) - np.asarray(from_png, np.int16))
        kind = TEMPLATES[
            template
        ]  # the symbol is left out: its modules are whole pixels in the one and not in the other
        left, top, side = (round(edge * 200 / 25.4) for edge in (kind.left, kind.top, kind.side))
        difference[top : top + side, left : left + side] = 0
        assert (difference > 128).mean() < 0.01


def test_logos_are_drawn_in_every_form(fonts: Fonts, make_face: MakeFace) -> None:
    raster = compose(make_face(logo=Logo.picture(red_dot())), fonts)
    svg = sticker_svg(raster, fonts)
    ET.fromstring(svg)
    assert svg.count('href="data:image/png;base64,') == 1
    out = io.BytesIO()
    faces = [make_face(shop=1 + i, logo=Logo.picture(red_dot())) for i in range(5)]
    sheet_pdf(faces, out, fonts)
    assert len(re.findall(rb"/Subtype /Image", out.getvalue())) == 2, (
        "one picture and its mask, however many stickers"
    )
    for image in (
        render_image(raster, fonts, 200),
        pages(pdf_of(make_face(logo=Logo.picture(red_dot())), fonts, "door"), 200)[0],
    ):
        pixels = np.asarray(image.convert("RGB")).astype(int)
        red = (abs(pixels - (200, 30, 30)) < 12).all(axis=2)
        assert red.sum() > 300
    vector = render_image(compose(make_face(logo=VECTOR), fonts), fonts, 200)
    assert ((abs(np.asarray(vector).astype(int) - (184, 64, 47)) < 8).all(axis=2)).sum() > 300


def test_languages_reach_the_document(fonts: Fonts, make_face: MakeFace) -> None:
    assert b"/Lang (en)" in pdf_of(make_face(language="en", **BUREAUS["en"]), fonts, "door")
    assert b"/Lang (zh-Hans)" in pdf_of(make_face(), fonts, "door")


@EACH
def test_the_same_sticker_is_the_same_bytes(fonts: Fonts, make_face: MakeFace, template: str) -> None:
    assert pdf_of(make_face(), fonts, template) == pdf_of(make_face(), fonts, template)
    one, two = io.BytesIO(), io.BytesIO()
    for out in (one, two):
        sheet_pdf([make_face(shop=1 + i) for i in range(3)], out, fonts, template=template, bleed=3.0)
    assert one.getvalue() == two.getvalue()


@EACH
def test_memory_does_not_grow_with_sheets(
    fonts: Fonts, make_face: MakeFace, template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    faces = [make_face(shop=1 + i) for i in range(4)]
    made = {
        face.token: symbol(face.token, face.host) for face in faces
    }  # the encoder is not what is measured
    monkeypatch.setattr("qrservice.render_pdf._Symbols.matrix", lambda _, face: made[face.token])
    sheet_pdf(faces, io.BytesIO(), fonts, template=template)
    held: list[int] = []
    per_page = sheet_of(template).per_page

    class Sink:
        def write(self, data: bytes) -> int:
            return len(data)

    def stream() -> Iterator[StickerFace]:
        for i in range(7 * per_page):
            if i % per_page == 0:
                held.append(tracemalloc.get_traced_memory()[0])
            yield faces[i % 4]
        tracemalloc.stop()

    tracemalloc.start()
    try:
        sheet_pdf(stream(), Sink(), fonts, template=template)  # type: ignore[arg-type]
    finally:
        tracemalloc.stop()
    assert held[6] - held[3] < 10_000


# --- the receipt ------------------------------------------------------------------------------------------------------


def decoded(data: bytes) -> Image.Image:
    """The dots that a printer would burn, from its commands (Epson's ESC/POS: `GS v 0`)."""
    assert data.startswith(b"\x1b@")
    at, rows = 2, []
    while data[at : at + 4] == b"\x1dv0\x00":
        width = int.from_bytes(data[at + 4 : at + 6], "little")
        height = int.from_bytes(data[at + 6 : at + 8], "little")
        assert width == 48
        assert 1 <= height <= 256
        body = data[at + 8 : at + 8 + width * height]
        assert len(body) == width * height
        rows.append(np.unpackbits(np.frombuffer(body, np.uint8)).reshape(height, 384))
        at += 8 + width * height
    assert data[at:] in (b"\x1bd\x04\x1dV\x42\x00", b"\n")
    return Image.fromarray(((1 - np.concatenate(rows)) * 255).astype(np.uint8))


@IN_EACH
@pytest.mark.parametrize("host", ["ydym.test", "a" * 45])
def test_escpos_dots_are_the_picture_and_are_read(
    fonts: Fonts, make_face: MakeFace, language: str, host: str
) -> None:
    face = make_face(language=language, host=host, **BUREAUS[language])
    layout = compose(face, fonts, template="receipt")
    picture = Image.open(io.BytesIO(receipt_png(layout, fonts)))
    assert (picture.mode, picture.width) == ("1", 384)
    last = np.flatnonzero((np.asarray(picture) == 0).any(axis=1)).max()
    assert picture.height == last + 1 + 32, "4 mm of paper after the last line"
    for cut in (True, False):
        dots = decoded(receipt_escpos(layout, fonts, cut=cut))
        assert (np.asarray(dots) == np.asarray(picture.convert("L"))).all()
        assert read_all(dots) == {face.url}
    assert 0.02 < 1 - np.asarray(picture).mean() < 0.5, "neither blank nor a black bar"


def test_only_a_strip_is_sent_to_a_receipt_printer(fonts: Fonts, make_face: MakeFace) -> None:
    for template in TEMPLATES:
        layout = compose(make_face(), fonts, template=template)
        if template == "receipt":
            assert receipt_image(layout, fonts).width == 384
        else:
            with pytest.raises(ValueError):
                receipt_escpos(layout, fonts)
