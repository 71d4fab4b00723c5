"""The picture to share: read by outside decoders, and any name fits."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
import zxingcpp
from PIL import Image

from qrservice import (
    LANGUAGES,
    POSTER_DPI,
    Brand,
    Fonts,
    PosterFace,
    SymbolTooLarge,
    compose_poster,
    sticker_png,
)
from qrservice.drawing import Symbol, Text
from qrservice.poster import HEIGHT, WIDTH, address_symbol
from qrservice.scannability import bounds

ADDRESS = "https://code.baoding.gov.cn/s/4294967295"


def face(name: str, branch: str = "") -> PosterFace:
    return PosterFace(
        shop_name=name,
        branch=branch,
        address=ADDRESS,
        title="放心消费 一店一码",
        call="长按识别，看证照、承诺和真实评价",
        note="状态以打开页面时为准 · 到店请再扫门口的码贴",
        brand=Brand(bureau_name="保定市市场监督管理局", city_name="保定市"),
        words=LANGUAGES["zh-Hans"],
    )


def test_a_phone_reads_the_address_also_when_a_chat_made_it_small(fonts: Fonts) -> None:
    picture = Image.open(
        io.BytesIO(sticker_png(compose_poster(face("老槐树驴肉火烧", "裕华路店"), fonts), fonts, POSTER_DPI))
    )
    assert picture.size == (1080, 1440)
    for width in (1080, 540, 360):
        small = picture.resize((width, width * 4 // 3), Image.Resampling.LANCZOS)
        (found,) = zxingcpp.read_barcodes(small)
        assert found.text == ADDRESS
    assert cv2.QRCodeDetector().detectAndDecode(np.asarray(picture))[0] == ADDRESS


@pytest.mark.parametrize(
    ("name", "branch"),
    [
        ("店", ""),
        (
            "保定市莲池区直隶总督署旁老马家清真牛肉罩饼馆有限责任公司",
            "裕华东路万博广场三层东区三〇一号旗舰体验店",
        ),
        ("一" * 200, "二" * 200),
    ],
)
def test_every_line_stays_on_the_paper_and_off_the_symbol(fonts: Fonts, name: str, branch: str) -> None:
    layout = compose_poster(face(name, branch), fonts)
    symbol = next(item for item in layout.own if isinstance(item, Symbol))
    for item in layout.own:
        if isinstance(item, Text):
            left, top, right, bottom = bounds(item, fonts)
            assert 0 < left < right < WIDTH
            assert 0 < top < bottom < HEIGHT
            assert bottom < symbol.y or top > symbol.y + symbol.side, item.text


def test_an_address_that_is_too_long_or_not_ascii_is_refused() -> None:
    with pytest.raises(SymbolTooLarge):
        address_symbol("https://" + "a" * 200)
    with pytest.raises(UnicodeEncodeError):
        address_symbol("https://保定.cn/s/1")
