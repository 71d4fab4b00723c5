"""Every template in every language: geometry, languages, the bureau's own look, and refusals."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import fields, replace

import pytest
from PIL import Image

from qrservice import (
    LANGUAGES,
    TEMPLATES,
    Brand,
    BrandRefused,
    Colours,
    Fonts,
    Layout,
    Logo,
    StickerFace,
    TextTooLong,
    compose,
    sheet_of,
)
from qrservice.drawing import Picture, Shape, Symbol, Text
from qrservice.scannability import bounds, surroundings
from qrservice.templates import named
from qrservice.words import of

MakeFace = Callable[..., StickerFace]
EACH = pytest.mark.parametrize("template", list(TEMPLATES))
BUREAUS = {
    "zh-Hans": {"bureau_name": "保定市市场监督管理局", "city_name": "保定市"},
    "zh-Hant": {"bureau_name": "保定市市場監督管理局", "city_name": "保定市", "mark": "誠信"},
    "en": {"bureau_name": "Baoding Administration for Market Regulation", "city_name": "Baoding"},
}
NAMES = (
    "一",
    "老槐树驴肉火烧",
    "保定市莲池区直隶总督署旁老马家清真牛肉罩饼馆有限责任公司",
    "Old Locust Tree Donkey Sandwiches",
)
LONG_HOST = "a" * 45  # version 10, the smallest modules


def box_of(item: object, fonts: Fonts) -> tuple[float, float, float, float]:
    if isinstance(item, Shape):
        return item.path.bounds()
    if isinstance(item, Symbol):
        return item.x, item.y, item.x + item.side, item.y + item.side
    assert isinstance(item, (Text, Picture))
    return bounds(item, fonts)


def overlap(one: tuple[float, ...], two: tuple[float, ...]) -> bool:
    slack = 0.05
    return (
        one[0] < two[2] - slack
        and two[0] < one[2] - slack
        and one[1] < two[3] - slack
        and two[1] < one[3] - slack
    )


def letters(text: Text, fonts: Fonts) -> tuple[float, float, float, float]:
    """What the eye sees of a level line: capitals and ideographs, without the body's empty parts."""
    left, _, right, _ = bounds(text, fonts)
    return left, text.y - 0.78 * text.size, right, text.y + 0.06 * text.size


def corners(text: Text, fonts: Fonts) -> list[tuple[float, float]]:
    """The corners of a line's body, turned as the line is."""
    length = fonts.face(text.weight).width(text.text, text.size, text.tracking)
    turn = math.radians(text.angle)
    return [
        (text.x + x * math.cos(turn) - y * math.sin(turn), text.y + x * math.sin(turn) + y * math.cos(turn))
        for x in (0.0, length)
        for y in (-0.88 * text.size, 0.12 * text.size)
    ]


def check_geometry(layout: Layout, fonts: Fonts) -> None:
    kind = TEMPLATES[layout.template]
    symbol = layout.symbol
    quiet, _ = surroundings(symbol, layout.items, layout.paper, fonts)
    assert quiet >= 4 - 1e-6
    place = (kind.left, kind.top, kind.left + kind.side, kind.top + kind.side)
    texts = [item for item in layout.items if isinstance(item, Text)]
    for text in texts:
        box = bounds(text, fonts)
        assert not overlap(box, place), text
        if kind.round:
            middle = kind.width / 2
            assert (
                max(math.hypot(x - middle, y - middle) for x, y in corners(text, fonts)) <= middle - kind.safe
            )
        else:
            assert box[0] >= kind.safe - 1e-6, text
            assert box[1] >= kind.safe - 0.4, text
            assert box[2] <= kind.width - kind.safe + 1e-6, text
            assert box[3] <= kind.height - kind.safe + 0.4, text
    level = [text for text in texts if not text.angle]
    for i, one in enumerate(level):
        for two in level[i + 1 :]:
            assert not overlap(letters(one, fonts), letters(two, fonts)), (one.text, two.text)


@EACH
@pytest.mark.parametrize("language", list(LANGUAGES))
@pytest.mark.parametrize("host", ["ydym.test", LONG_HOST], ids=["version 8", "version 10"])
def test_nothing_overlaps_or_leaves_the_safe_area(
    fonts: Fonts, make_face: MakeFace, template: str, language: str, host: str
) -> None:
    for name in NAMES:
        for place in ("", "冀F·T1208"):
            face = make_face(name, host=host, language=language, place=place, **BUREAUS[language])
            layout = compose(face, fonts, template=template)
            assert (layout.width, layout.height) == (TEMPLATES[template].width, TEMPLATES[template].height)
            assert layout.missing == ()
            check_geometry(layout, fonts)


@EACH
def test_a_sticker_says_what_it_must(fonts: Fonts, make_face: MakeFace, template: str) -> None:
    face = make_face(place="3 号")
    said = "".join(
        item.text for item in compose(face, fonts, template=template).items if isinstance(item, Text)
    )
    wanted = [face.shop_name, face.branch, face.place, face.serial, face.human_check, face.brand.bureau_name]
    title = face.words.vehicle_title if template == "vehicle" else face.words.title
    for text in (*wanted, title):
        assert text in said
    if template != "table":
        assert face.brand.hotline in said


@EACH
def test_empty_places_are_left_out(fonts: Fonts, make_face: MakeFace, template: str) -> None:
    silent = {
        field.name: ""
        for field in fields(LANGUAGES["zh-Hans"])
        if field.name not in ("language", "upright", "serial_label", "check_label")
    }
    face = make_face(branch="", city_name="", hotline="", mark="", **silent)
    layout = compose(face, fonts, template=template)
    check_geometry(layout, fonts)
    assert all(item.text.strip() for item in layout.items if isinstance(item, Text))


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_a_receipt_says_who_helps_nearby(fonts: Fonts, make_face: MakeFace, language: str) -> None:
    """Below the foot, whatever the bureau's name; no other template says it."""
    helper = {"nearby": "裕华路步行街消费维权服务站", "nearby_phone": "0312-2012315 转 8"}
    for bureau in (
        BUREAUS[language],
        {"bureau_name": "保定市市场监督管理局" * 2},
        {"bureau_name": "局", "mark": ""},
    ):
        face = make_face(language=language, **bureau, **helper)
        layout = compose(face, fonts, template="receipt")
        check_geometry(layout, fonts)
        said = [item.text for item in layout.own if isinstance(item, Text)]
        assert any(helper["nearby"] in text for text in said)
        assert any(helper["nearby_phone"] in text for text in said)
    for template in set(TEMPLATES) - {"receipt"}:
        own = compose(face, fonts, template=template).own
        assert not any(helper["nearby"] in item.text for item in own if isinstance(item, Text))


@EACH
@pytest.mark.parametrize(
    ("field", "texts"),
    [
        ("shop_name", {"shop_name": "很长" * 70}),
        ("shop_name", {"shop_name": " "}),
        ("branch", {"branch": "很长的分店名称" * 10}),
        ("bureau_name", {"bureau_name": "市场监督管理局" * 16}),
        ("title", {"title": "标题" * 40, "vehicle_title": "标题" * 40, "city_name": ""}),
    ],
)
def test_what_does_not_fit_is_refused_by_name(
    fonts: Fonts, make_face: MakeFace, template: str, field: str, texts: dict[str, str]
) -> None:
    with pytest.raises(TextTooLong) as refusal:
        compose(make_face(**texts), fonts, template=template)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("template", "field", "texts"),
    [
        ("door", "couplet_second", {"couplet_second": "对" * 14}),
        ("table", "couplet_first", {"couplet_first": "对" * 14}),
        ("till", "couplet_first", {"couplet_first": "对" * 40}),
        ("vehicle", "place", {"place": "冀F·T1208" * 4}),
        ("vehicle", "couplet_first", {"vehicle_second": "对" * 40}),
        ("receipt", "receipt_question", {"receipt_question": "问" * 30}),
        ("receipt", "hotline", {"hotline": "12315" * 12}),
        ("receipt", "nearby", {"nearby": "消费维权服务站" * 5}),
        ("receipt", "nearby_phone", {"nearby": "站", "nearby_phone": "0312-2012315" * 6}),
        ("till", "mark", {"mark": "三个字"}),
        ("till", "serial_label", {"serial_label": "很长的标签" * 8}),
    ],
)
def test_what_belongs_to_one_template_is_refused_by_name(
    fonts: Fonts, make_face: MakeFace, template: str, field: str, texts: dict[str, str]
) -> None:
    with pytest.raises(TextTooLong) as refusal:
        compose(make_face(**texts), fonts, template=template)
    assert refusal.value.field == field


def test_languages_are_complete() -> None:
    wanted = {field.name for field in fields(LANGUAGES["zh-Hans"])}
    for language, words in LANGUAGES.items():
        assert of(language) is words
        assert words.language == language
        assert {name for name in wanted if getattr(words, name) != ""} >= wanted - {"city_joint"}
        if words.upright:
            assert len(words.couplet_first) == len(words.couplet_second)
            assert len(words.vehicle_first) == len(words.vehicle_second)
    with pytest.raises(ValueError):
        of("fr")
    with pytest.raises(ValueError):
        named("flag")


def test_the_display_face_sets_all_titles_and_falls_back_whole(fonts: Fonts, make_face: MakeFace) -> None:
    for words in LANGUAGES.values():
        for text in (
            words.title,
            words.couplet_first,
            words.couplet_second,
            words.vehicle_title,
            words.receipt_question,
        ):
            assert fonts.display_or_bold(text) == "display"
    layout = compose(make_face(title="龘放心码"), fonts)
    (title,) = [item for item in layout.items if isinstance(item, Text) and "龘" in item.text]
    assert title.weight == "bold"


def test_couplets_hang_as_couplets_do(fonts: Fonts, make_face: MakeFace) -> None:
    """In Chinese the first line is on the right; turned lines are read from the left."""
    for template in ("door", "table"):
        layout = compose(make_face(), fonts, template=template)
        marks = {item.text: item.x for item in layout.fixed if isinstance(item, Text) and item.text in "诺诉"}
        assert marks["诺"] > layout.width / 2 > marks["诉"]
        turned = compose(make_face(language="en", **BUREAUS["en"]), fonts, template=template)
        lines = {item.text: item for item in turned.fixed if isinstance(item, Text) and abs(item.angle) == 90}
        first, second = lines[LANGUAGES["en"].couplet_first], lines[LANGUAGES["en"].couplet_second]
        assert first.x < layout.width / 2 < second.x
        assert first.size == second.size


# --- the bureau's own look -----------------------------------------------------------------------------------------


def red_dot(size: tuple[int, int] = (300, 200)) -> bytes:
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    image.paste((200, 30, 30, 255), (size[0] // 4, 0, 3 * size[0] // 4, size[1]))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


VECTOR = Logo.vector(20, 10, (("M0 0L20 0L20 10L0 10Z", "#b8402f"), ("M5 2L15 2L10 8Z", "#ffffff")))


@EACH
@pytest.mark.parametrize("logo", [VECTOR, Logo.picture(red_dot())], ids=["vector", "raster"])
def test_a_logo_stands_in_for_the_mark(fonts: Fonts, make_face: MakeFace, template: str, logo: Logo) -> None:
    layout = compose(make_face(logo=logo), fonts, template=template)
    check_geometry(layout, fonts)
    pictures = [item for item in layout.items if isinstance(item, Picture)]
    said = "".join(item.text for item in layout.items if isinstance(item, Text) and len(item.text) == 1)
    if template == "table":
        return  # has no room for an emblem
    assert len(pictures) == bool(logo.png)
    assert "诚信" not in said or template == "door"
    if logo.png:
        assert pictures[0].width / pictures[0].height == pytest.approx(1.5)


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a", red_dot()[:300], b"\x89PNG\r\n\x1a\n" + b"0" * 50, b"\x00" * 2_000_001],
)
def test_bad_pictures_are_refused(data: bytes) -> None:
    with pytest.raises(BrandRefused) as refusal:
        Logo.picture(data)
    assert refusal.value.reason == "logo_form"


def test_large_pictures_are_made_smaller_and_huge_ones_refused() -> None:
    logo = Logo.picture(red_dot((2400, 1200)))
    assert (logo.width, logo.height) == (1200, 600)
    with pytest.raises(BrandRefused):
        Logo.picture(red_dot((5000, 10)))


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ((), "logo_form"),
        ((("", "#000000"),), "logo_form"),
        ((("M0 0L30 0L0 5Z", "#000000"),), "logo_form"),
        ((("M0 0L", "#000000"),), "logo_form"),
        ((("M0 0L5 0L0 5Z", "red"),), "colour_form"),
    ],
)
def test_bad_outlines_are_refused(parts: tuple[tuple[str, str], ...], reason: str) -> None:
    with pytest.raises(BrandRefused) as refusal:
        Logo.vector(20, 10, parts)
    assert refusal.value.reason == reason


def test_colours_must_be_colours_and_be_read() -> None:
    assert Colours(trust="#0B7A53") == Colours()
    for bad in ("", "red", "#0b7a5", "#0b7a53\n", "#0b7a5g", "0b7a53"):
        with pytest.raises(BrandRefused) as refusal:
            Colours(trust=bad)
        assert refusal.value.reason == "colour_form"
    with pytest.raises(BrandRefused) as refusal:
        Colours(ink="#999999")
    assert (refusal.value.reason, refusal.value.limit) == ("text_contrast", 4.5)
    assert refusal.value.figure < 4.5


@EACH
def test_a_bureaus_colours_are_used(fonts: Fonts, make_face: MakeFace, template: str) -> None:
    colours = Colours(trust="#1d4f91")
    face = make_face()
    layout = compose(replace(face, brand=replace(face.brand, colours=colours)), fonts, template=template)
    used = {item.fill for item in layout.items if not isinstance(item, Picture)} | {layout.paper}
    assert "#0b7a53" not in used
    assert ("#1d4f91" in used) == (not layout.mono)
    if layout.mono:
        assert used <= {"#000000", "#ffffff"}


def test_brand_texts_are_one_line() -> None:
    brand = Brand(bureau_name=" 某市 \n 局 ", city_name="\t某市")
    assert (brand.bureau_name, brand.city_name) == ("某市 局", "某市")


# --- sheets -----------------------------------------------------------------------------------------------------------


@EACH
@pytest.mark.parametrize("bleed", [0.0, 3.0, 5.0])
def test_sheets_hold_stickers_apart_and_mark_every_cut(template: str, bleed: float) -> None:
    kind, sheet = TEMPLATES[template], sheet_of(template, bleed)
    left, top, right, bottom = sheet.trim
    assert sorted((right - left, bottom - top)) == [210, 297]
    gap = 2 * bleed if kind.sheet == "gutter" else 0.0
    for i, (x, y) in enumerate(sheet.places):
        assert x >= left - 1e-6
        assert y >= top - 0.5 - 1e-6
        assert x + kind.width <= right + 1e-6
        assert y + kind.height <= bottom + 0.5
        for a, b in sheet.places[i + 1 :]:
            assert abs(a - x) >= kind.width + gap - 1e-6 or abs(b - y) >= kind.height + gap - 1e-6
    for line in sheet.marks:
        assert line[0] == line[2] or line[1] == line[3]
        assert min(line) >= 0
        assert max(line[0], line[2]) <= sheet.width
        assert max(line[1], line[3]) <= sheet.height
    if bleed:
        xs = {round(line[0], 3) for line in sheet.marks if line[0] == line[2]}
        for x, _ in sheet.places:
            assert {round(x, 3), round(x + kind.width, 3)} <= xs
        for x0, y0, x1, y1 in sheet.marks:
            for x, y in sheet.places:
                reach = (x - bleed, y - bleed, x + kind.width + bleed, y + kind.height + bleed)
                assert not (x0 < reach[2] and x1 > reach[0] and y0 < reach[3] and y1 > reach[1])


def test_sheets_are_full() -> None:
    counts = {
        template: (sheet_of(template).per_page, sheet_of(template, 3.0).per_page) for template in TEMPLATES
    }
    assert counts == {
        "door": (4, 4),
        "till": (10, 8),
        "table": (12, 12),
        "vehicle": (4, 4),
        "receipt": (6, 6),
    }
