"""SVG, PNG and PDF of a sticker and of sheets, each read back by outside decoders."""

from __future__ import annotations

import io
import tracemalloc
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageDraw

from qrservice import (
    Fonts,
    MissingGlyphs,
    StickerFace,
    compose,
    render_png,
    sheet_pdf,
    sticker_pdf,
    sticker_png,
    sticker_svg,
    symbol,
    symbol_png,
    symbol_svg,
)
from qrservice.drawing import Symbol
from qrservice.render_png import render_image

MakeFace = Callable[..., StickerFace]
SVG = "{http://www.w3.org/2000/svg}"
NAMES = (
    "老槐树驴肉火烧",
    "马家老鸡铺",
    "保定市莲池区直隶总督署旁老马家清真牛肉罩饼馆有限责任公司",
    "Coffee & Co 咖啡馆",
)


def read_all(image: Image.Image) -> set[str]:
    return {found.text for found in zxingcpp.read_barcodes(image.convert("L"), zxingcpp.BarcodeFormat.QRCode)}


def pdf_of(face: StickerFace, fonts: Fonts) -> bytes:
    out = io.BytesIO()
    sticker_pdf(compose(face, fonts), fonts, out)
    return out.getvalue()


def page_image(document: pypdfium2.PdfDocument, number: int, dpi: int) -> Image.Image:
    page = document[number]
    return page.render(scale=dpi / 72).to_pil()


# --- PNG --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dpi", [100, 150, 203, 300])
def test_png_is_read_by_outside_decoders(fonts: Fonts, make_face: MakeFace, dpi: int) -> None:
    face = make_face()
    image = Image.open(io.BytesIO(sticker_png(compose(face, fonts), fonts, dpi)))
    assert image.size == (round(105 / 25.4 * dpi), round(148 / 25.4 * dpi))
    assert [round(value) for value in image.info["dpi"]] == [dpi, dpi]
    assert read_all(image) == {face.url}
    text, _, _ = cv2.QRCodeDetectorAruco().detectAndDecode(np.asarray(image.convert("L")))
    assert text == face.url


@pytest.mark.parametrize("dpi", [100, 150, 203, 300])
def test_png_modules_are_whole_pixels(fonts: Fonts, make_face: MakeFace, dpi: int) -> None:
    face = make_face()
    pixels = np.asarray(render_image(compose(face, fonts), fonts, dpi).convert("RGB"))
    black = (pixels == 0).all(axis=2)
    rows, columns = np.flatnonzero(black.any(axis=1)), np.flatnonzero(black.any(axis=0))
    side = rows[-1] - rows[0] + 1
    assert side == columns[-1] - columns[0] + 1
    assert side % 49 == 0
    module = side // 49
    area = black[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    matrix = symbol(face.token, face.host)
    wanted = np.array([[matrix[r, c] for c in range(49)] for r in range(49)])
    assert (area == np.kron(wanted, np.ones((module, module), bool))).all()
    zone = 4 * module
    around = pixels[rows[0] - zone : rows[-1] + 1 + zone, columns[0] - zone : columns[-1] + 1 + zone]
    assert ((around == 255).all(axis=2) | (around == 0).all(axis=2)).all()


@pytest.mark.parametrize("template", ["door", "vehicle"])
def test_png_drawn_in_strips_is_the_same(
    fonts: Fonts, make_face: MakeFace, template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = compose(make_face(), fonts, template=template)
    whole = render_image(layout, fonts, 144, strict=False)
    monkeypatch.setattr(render_png, "_MASK_PIXELS", 100_000)
    pixels = [
        np.asarray(image).astype(int) for image in (whole, render_image(layout, fonts, 144, strict=False))
    ]
    # A vertex may fall on the other side of a quarter of a dot.
    assert (np.abs(pixels[0] - pixels[1]) > 16).sum() == 0
    assert (pixels[0] != pixels[1]).mean() < 1e-5


@pytest.mark.parametrize("template", ["door", "table", "receipt"])
def test_a_ground_that_is_drawn_once_spoils_nothing(
    fonts: Fonts, make_face: MakeFace, template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In any order, and with other templates and resolutions in between, each is as if drawn alone."""
    wanted = [
        (compose(make_face(shop=shop), fonts, template=kind), dpi)
        for shop in (1, 2)
        for kind in (template, "till")
        for dpi in (150, 203.2)
    ]
    alone = []
    for layout, dpi in wanted:
        monkeypatch.setattr(render_png, "_last_ground", None)
        alone.append(sticker_png(layout, fonts, dpi))
    for at in (0, 4, 0, 1, 5, 2, 6, 3, 7, 4):
        layout, dpi = wanted[at]
        assert sticker_png(layout, fonts, dpi) == alone[at]


def test_png_resolution_is_limited(fonts: Fonts, make_face: MakeFace) -> None:
    layout = compose(make_face(), fonts)
    for dpi in (0, 71, 1201):
        with pytest.raises(ValueError):
            sticker_png(layout, fonts, dpi)


def test_symbol_alone(make_face: MakeFace) -> None:
    face = make_face()
    matrix = symbol(face.token, face.host)
    image = Image.open(io.BytesIO(symbol_png(matrix, 5)))
    assert image.size == (57 * 5, 57 * 5)
    assert read_all(image) == {face.url}
    assert 'viewBox="0 0 57 57"' in symbol_svg(matrix)
    assert "style" not in symbol_svg(matrix)


# --- SVG --------------------------------------------------------------------------------------------------------------


def rasterised_runs(data: str, side: int, scale: int) -> Image.Image:
    image = Image.new("L", ((side + 8) * scale,) * 2, 255)
    draw = ImageDraw.Draw(image)
    for box in data.split("z")[:-1]:
        place, _, rest = box.removeprefix("M").partition("h")
        column, row = map(int, place.split())
        length = int(rest.partition("v")[0])
        left, top = (column + 4) * scale, (row + 4) * scale
        draw.rectangle((left, top, left + length * scale - 1, top + scale - 1), fill=0)
    return image


def test_svg_is_self_contained_and_its_symbol_is_read(fonts: Fonts, make_face: MakeFace) -> None:
    face = make_face("甲 & <乙>")
    text = sticker_svg(compose(face, fonts), fonts)
    root = ET.fromstring(text)
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("105mm", "148mm", "0 0 105 148")
    assert root.findtext(f"{SVG}title") == "甲 & <乙> No. 000123-04"
    for element in root.iter():
        assert element.tag in (f"{SVG}svg", f"{SVG}title", f"{SVG}path"), "no text: nothing depends on a font"
        assert not {"style", "href", "font-family"} & set(element.attrib)
    (run_path,) = [e for e in root if e.get("shape-rendering") == "crispEdges"]
    assert read_all(rasterised_runs(run_path.get("d", ""), 49, 4)) == {face.url}
    assert len(text) < 200_000


# --- PDF --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dpi", [150, 300])
def test_pdf_is_one_a6_page_that_scans(fonts: Fonts, make_face: MakeFace, dpi: int) -> None:
    face = make_face()
    document = pypdfium2.PdfDocument(pdf_of(face, fonts))
    assert len(document) == 1
    assert [round(edge * 25.4 / 72, 2) for edge in document[0].get_size()] == [105, 148]
    image = page_image(document, 0, dpi)
    assert read_all(image) == {face.url}
    text, _, _ = cv2.QRCodeDetectorAruco().detectAndDecode(np.asarray(image.convert("L")))
    assert text == face.url
    document.close()


def test_pdf_text_can_be_searched_and_fonts_are_small(fonts: Fonts, make_face: MakeFace) -> None:
    face = make_face()
    data = pdf_of(face, fonts)
    document = pypdfium2.PdfDocument(data)
    text = document[0].get_textpage().get_text_bounded()
    for words in (face.shop_name, face.branch, face.brand.bureau_name, "No. 000123-04", face.human_check):
        assert words in text
    assert document.get_metadata_dict()["Title"] == "老槐树驴肉火烧 No. 000123-04"
    document.close()
    assert len(data) < 70_000
    assert data.count(b"/FontFile2") == 3


def test_pdf_is_the_same_every_time(fonts: Fonts, make_face: MakeFace) -> None:
    assert pdf_of(make_face(), fonts) == pdf_of(make_face(), fonts)


def test_pdf_symbol_is_pure_black_with_even_modules(fonts: Fonts, make_face: MakeFace) -> None:
    face = make_face()
    (item,) = [item for item in compose(face, fonts).own if isinstance(item, Symbol)]
    document = pypdfium2.PdfDocument(pdf_of(face, fonts))
    pixels = np.asarray(page_image(document, 0, 600).convert("RGB"), np.int64)
    document.close()
    assert (pixels == 0).all(axis=2).any()
    scale, module = 600 / 25.4, item.side / 49
    for row in range(49):
        for column in range(49):
            y, x = (item.y + (row + 0.5) * module) * scale, (item.x + (column + 0.5) * module) * scale
            core = pixels[round(y) - 13 : round(y) + 13, round(x) - 13 : round(x) + 13]
            assert (core == (0 if item.matrix[row, column] else 255)).all()


@pytest.mark.parametrize(("dpi", "with_symbol"), [(100, False), (300, True)])
def test_renderers_agree(fonts: Fonts, make_face: MakeFace, dpi: int, *, with_symbol: bool) -> None:
    """Pictures lay modules on whole dots, a page does not: at few dots the symbol alone is drawn in another size."""
    layout = compose(make_face(NAMES[2]), fonts)
    out = io.BytesIO()
    sticker_pdf(layout, fonts, out)
    document = pypdfium2.PdfDocument(out.getvalue())
    from_pdf = page_image(document, 0, dpi).convert("L")
    document.close()
    from_png = render_image(layout, fonts, dpi).convert("L").resize(from_pdf.size)
    difference = np.array(ImageChops.difference(from_pdf, from_png))
    (item,) = [item for item in layout.own if isinstance(item, Symbol)]
    scale = dpi / 25.4
    top, left = int(item.y * scale) - 2, int(item.x * scale) - 2
    across = int(item.side * scale) + 5
    if not with_symbol:
        difference[top : top + across, left : left + across] = 0
    assert (difference > 128).mean() < 0.01


def test_missing_glyph_is_drawn_as_a_stand_in(fonts: Fonts, make_face: MakeFace) -> None:
    face = make_face("\U00020bb7野家")
    layout = compose(face, fonts, strict=False)
    out = io.BytesIO()
    sticker_pdf(layout, fonts, out)
    document = pypdfium2.PdfDocument(out.getvalue())
    assert read_all(page_image(document, 0, 150)) == {face.url}
    document.close()
    assert sticker_svg(layout, fonts) == sticker_svg(compose(make_face("\u3013野家"), fonts), fonts).replace(
        "\u3013野家", "\U00020bb7野家"
    )
    assert read_all(render_image(layout, fonts, 100)) == {face.url}


# --- sheets -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bleed", [0.0, 3.0])
def test_every_symbol_on_the_sheets_scans(fonts: Fonts, make_face: MakeFace, bleed: float) -> None:
    faces = [make_face(NAMES[i % 4], shop=1000 + i, serial=i + 1) for i in range(59)]
    out = io.BytesIO()
    assert sheet_pdf(iter(faces), out, fonts, bleed=bleed) == 59
    document = pypdfium2.PdfDocument(out.getvalue())
    assert len(document) == 15
    margin = bleed + 6 if bleed else 0
    size = [round(edge * 25.4 / 72, 2) for edge in document[0].get_size()]
    assert size == [210 + 2 * margin, 297 + 2 * margin]
    trim = [edge * 25.4 / 72 for edge in document[0].get_trimbox()]
    assert trim == pytest.approx([margin, margin, 210 + margin, 297 + margin], abs=0.01)
    for number in range(15):
        wanted = {face.url for face in faces[4 * number : 4 * number + 4]}
        assert read_all(page_image(document, number, 100)) == wanted
        words = document[number].get_textpage().get_text_bounded()
        for face in faces[4 * number : 4 * number + 4]:
            assert face.serial in words
    document.close()
    assert out.getvalue().count(b"/FontFile2") == 3
    assert out.getvalue().count(b"/Subtype /Form") == 1


def test_many_symbols_by_table_are_the_same(
    fonts: Fonts, make_face: MakeFace, monkeypatch: pytest.MonkeyPatch
) -> None:
    faces = [make_face(shop=1 + i) for i in range(6)]
    plain, tabled = io.BytesIO(), io.BytesIO()
    sheet_pdf(faces, plain, fonts)
    monkeypatch.setattr("qrservice.render_pdf._TABLE_FROM", 3)
    sheet_pdf(faces, tabled, fonts)
    assert plain.getvalue() == tabled.getvalue()


def test_layouts_that_were_composed_before_are_the_same(fonts: Fonts, make_face: MakeFace) -> None:
    faces = [make_face(shop=1 + i) for i in range(5)]
    from_faces, from_layouts = io.BytesIO(), io.BytesIO()
    sheet_pdf(faces, from_faces, fonts, template="till")
    sheet_pdf([compose(face, fonts, template="till") for face in faces], from_layouts, fonts, template="till")
    assert from_faces.getvalue() == from_layouts.getvalue()
    with pytest.raises(ValueError, match="door"):
        sheet_pdf([compose(faces[0], fonts)], io.BytesIO(), fonts, template="till")


def test_sheets_are_written_while_faces_come(fonts: Fonts, make_face: MakeFace) -> None:
    """A generator and an output that cannot be read or rewound."""

    class Sink:
        written = 0

        def write(self, data: bytes) -> int:
            self.written += len(data)
            return len(data)

    sink = Sink()
    written_at: list[int] = []
    faces = [make_face(shop=1 + i) for i in range(8)]

    def stream(count: int) -> Iterator[StickerFace]:
        for i in range(count):
            written_at.append(sink.written)
            yield faces[i % 8]

    sheet_pdf(stream(12), sink, fonts)  # type: ignore[arg-type]
    assert written_at[4] > written_at[0]
    assert written_at[8] > written_at[4]


def test_memory_does_not_grow_with_sheets(fonts: Fonts, make_face: MakeFace) -> None:
    faces = [make_face(shop=1 + i) for i in range(8)]
    held: list[int] = []

    class Sink:
        def write(self, data: bytes) -> int:
            return len(data)

    def stream() -> Iterator[StickerFace]:
        tracemalloc.start()
        for i in range(80):
            held.append(tracemalloc.get_traced_memory()[0])
            yield faces[i % 8]
        tracemalloc.stop()

    sheet_pdf(stream(), Sink(), fonts)  # type: ignore[arg-type]
    assert held[76] - held[24] < 20_000


def test_bad_orders(fonts: Fonts, make_face: MakeFace) -> None:
    with pytest.raises(ValueError):
        sheet_pdf([], io.BytesIO(), fonts)
    for bleed in (-1, 10.5, float("nan")):
        with pytest.raises(ValueError):
            sheet_pdf([make_face()], io.BytesIO(), fonts, bleed=bleed)
    with pytest.raises(MissingGlyphs):
        sheet_pdf([make_face("\U00020bb7")], io.BytesIO(), fonts)
    assert sheet_pdf([make_face("\U00020bb7")], io.BytesIO(), fonts, strict=False) == 1
