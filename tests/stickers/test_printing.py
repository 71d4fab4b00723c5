"""Stickers as files: what a scanner reads out of them is the sticker's address."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from flask import Flask, current_app
from PIL import Image

from qrservice import LANGUAGES, Brand, Colours, Reason
from tests.factories import merchants
from tests.factories.stickers import make_sticker
from tests.support.databases import PUBLIC_HOST
from webapp.core.db import db
from webapp.core.errors import DomainError, NotFound
from webapp.merchants.models import Shop
from webapp.stickers import brand, printing
from webapp.stickers.models import Sticker, StickerPlace
from webapp.web.words import label


@pytest.fixture
def sticker(context: Flask) -> tuple[Sticker, Shop]:
    """A sticker and its shop."""
    shop = merchants.make_shop(branch="裕华路店")
    return make_sticker(shop), shop


def address(sticker: Sticker) -> str:
    return f"http://{PUBLIC_HOST}/c/{sticker.token}"


def read(image: Image.Image) -> list[str]:
    return sorted(code.text for code in zxingcpp.read_barcodes(image))


def pages(data: bytes, dpi: int = 200) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(data)
    try:
        return [page.render(scale=dpi / 72).to_pil() for page in document]
    finally:
        document.close()


def test_png(sticker: tuple[Sticker, Shop]) -> None:
    layout = printing.proof(*sticker).layout
    for dpi, width in ((printing.PRINT_DPI, 1240), (printing.PREVIEW_DPI, 595)):
        image = Image.open(BytesIO(printing.render(layout, "png", dpi)))
        assert image.width == width
        assert read(image) == [address(sticker[0])]


def test_pdf_is_one_a6_page(sticker: tuple[Sticker, Shop]) -> None:
    data = printing.render(printing.proof(*sticker).layout, "pdf")
    document = pypdfium2.PdfDocument(data)
    width, height = document[0].get_size()
    document.close()
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (105, 148)
    (page,) = pages(data)
    assert read(page) == [address(sticker[0])]


def test_svg_is_the_true_size(sticker: tuple[Sticker, Shop]) -> None:
    text = printing.render(printing.proof(*sticker).layout, "svg").decode()
    assert 'width="105mm" height="148mm"' in text
    assert "老槐树面馆" in text
    assert "<script" not in text


def test_sheets_hold_all_of_them(sticker: tuple[Sticker, Shop]) -> None:
    shop = sticker[1]
    stickers = [sticker[0], *(make_sticker(shop) for _ in range(4))]
    data = printing.sheets([(one, shop) for one in stickers], "test")
    found = [read(page) for page in pages(data)]
    assert [len(codes) for codes in found] == [4, 1]
    assert sorted(text for codes in found for text in codes) == sorted(map(address, stickers))


def test_a_name_that_is_too_long_is_cut(context: Flask) -> None:
    shop = merchants.make_shop(name="面" * 60, branch="很长的分店名呀" * 6)
    found = printing.proof(make_sticker(shop), shop)
    assert found.cut
    assert found.missing == ()
    texts = "".join(getattr(item, "text", "") for item in found.layout.items)
    assert "…" in texts


def test_a_character_without_a_glyph_is_named(context: Flask) -> None:
    shop = merchants.make_shop(name="\U0001f35c面馆")
    assert printing.proof(make_sticker(shop), shop).missing == ("\U0001f35c",)
    assert printing.without_glyph(shop.name) == ("\U0001f35c",)
    assert printing.without_glyph("老槐树 面馆", "裕华路店") == ()


def test_missing_fonts_are_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(printing.FontsMissing) as caught:
        printing.fonts(tmp_path)
    assert (caught.value.status, caught.value.details["folder"]) == (500, str(tmp_path))


def test_a_bureau_name_that_does_not_fit_is_named(
    sticker: tuple[Sticker, Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    extensions = current_app.extensions
    settings = replace(extensions["ydym.settings"], bureau_name="局" * 80)
    monkeypatch.setitem(extensions, "ydym.brand", brand.load(settings))
    with pytest.raises(printing.TextRefused) as caught:
        printing.proof(*sticker)
    assert "局局局" in str(caught.value.details["text"])


@pytest.mark.parametrize(
    ("colours", "why"),
    [
        ({"symbol": "#aaaaaa"}, "contrast"),
        ({"symbol": "#ffffff", "card": "#808080", "trust": "#000000", "accent": "#000000"}, "inverted"),
    ],
)
def test_colours_that_would_not_scan_are_refused_with_the_reason(
    sticker: tuple[Sticker, Shop], monkeypatch: pytest.MonkeyPatch, colours: dict[str, str], why: str
) -> None:
    found = Brand(bureau_name="某局", colours=Colours(**({"ink": "#000000"} | colours)))
    city = brand.CityBrand(dict.fromkeys(LANGUAGES, found), frozenset(LANGUAGES))
    monkeypatch.setitem(current_app.extensions, "ydym.brand", city)
    with pytest.raises(printing.StickerRefused) as caught:
        printing.proof(*sticker)
    assert caught.value.code == f"sticker_would_not_scan_{why}"
    assert caught.value.details["limit"] == 0.7
    assert "会扫不了" in label(f"error.{caught.value.code}")


@pytest.mark.parametrize("reason", [*Reason, "too_large"])
def test_every_reason_has_words(context: Flask, reason: str) -> None:
    assert "会扫不了" in label(f"error.sticker_would_not_scan_{reason}")


def test_the_terminal_code(sticker: tuple[Sticker, Shop]) -> None:
    drawn = printing.terminal_code(sticker[1].id)
    assert drawn.rstrip().endswith(address(sticker[0]))
    assert drawn.count("\n") == 30
    with pytest.raises(NotFound):
        printing.terminal_code(999)
    bare = merchants.make_shop(name="没有贴")
    with pytest.raises(DomainError) as caught:
        printing.terminal_code(bare.id)
    assert caught.value.code == "no_valid_sticker"
    db.session.rollback()


def test_each_place_has_its_own_template(context: Flask) -> None:
    shop = merchants.make_shop(branch="很长很长的一个分店名" * 2)
    papers = [make_sticker(shop, place) for place in StickerPlace]
    for paper in papers:
        paper.spot = "十二个字的标签在这里了啊"[:12]
    data = printing.sheets([(one, shop) for one in papers], "test")
    assert sorted(text for page in pages(data, 300) for text in read(page)) == sorted(map(address, papers))
    for paper in papers:
        image = Image.open(BytesIO(printing.render(printing.proof(paper, shop).layout, "png")))
        assert read(image) == [address(paper)]


def test_a_receipt_names_who_helps_nearby_and_no_other_paper_does(context: Flask) -> None:
    from tests.factories.mediation import make_body

    name = "裕华路步行街商户联合消费维权服务站（第一服务点）"
    make_body(name, phone="0312-2012315")
    shop = merchants.make_shop()
    texts = {}
    for place in (StickerPlace.RECEIPT, StickerPlace.TILL):
        made = printing.proof(make_sticker(shop, place=place), shop)
        texts[place] = "".join(getattr(item, "text", "") for item in made.layout.own)
    assert "就近求助：裕华路步行街商户" in texts[StickerPlace.RECEIPT]
    assert "…" in texts[StickerPlace.RECEIPT], "a name that is too long is cut, the phone never"
    assert "电话 0312-2012315" in texts[StickerPlace.RECEIPT]
    assert "0312" not in texts[StickerPlace.TILL]
