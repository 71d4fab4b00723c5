"""The composition: sizes, places, fitting of long names, missing glyphs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from qrservice import (
    Brand,
    FontRefused,
    Fonts,
    Layout,
    Malformed,
    MissingGlyphs,
    StickerFace,
    TextTooLong,
    compose,
)
from qrservice.drawing import Shape, Symbol, Text
from qrservice.templates.door import CARD_Y, NAME_BOTTOM, NAME_TOP
from qrservice.typeset import break_lines

MakeFace = Callable[..., StickerFace]
LONG = "保定市莲池区直隶总督署旁老马家清真牛肉罩饼馆有限责任公司"


def name_lines(layout: Layout, face: StickerFace) -> list[Text]:
    wanted = face.shop_name.replace(" ", "")
    return [
        item
        for item in layout.own
        if isinstance(item, Text)
        and NAME_TOP <= item.y <= NAME_BOTTOM
        and item.text.replace(" ", "") in wanted
    ]


def test_symbol_is_large_with_a_quiet_zone(fonts: Fonts, make_face: MakeFace) -> None:
    for host in ("ydym.test", "fx.baoding.gov.cn", "a-rather-long-name.example", "a" * 45):
        layout = compose(make_face(host=host), fonts)
        (item,) = [item for item in layout.items if isinstance(item, Symbol)]
        module = item.side / item.matrix.size
        assert item.side >= 60
        assert item.x - 4 * module >= 0
        (white,) = [i for i in layout.fixed if isinstance(i, Shape) and i.fill == "#ffffff"]
        left, top, right, bottom = white.path.bounds()
        for distance in (
            item.x - left,
            item.y - top,
            right - item.x - item.side,
            bottom - item.y - item.side,
        ):
            assert distance >= 4 * module - 1e-6


def test_everything_stays_on_the_paper_and_texts_apart(fonts: Fonts, make_face: MakeFace) -> None:
    for face in (
        make_face(),
        make_face(LONG),
        make_face("一"),
        make_face(branch="", city_name="", hotline="", mark=""),
    ):
        layout = compose(face, fonts)
        assert (layout.width, layout.height) == (105, 148)
        for item in layout.items:
            if isinstance(item, Text):
                width = fonts.face(item.weight).width(item.text, item.size, item.tracking)
                assert item.x >= 5
                assert item.x + width <= 100
                assert item.y - item.size >= 3
                assert item.y <= 143
            elif isinstance(item, Shape):
                left, top, right, bottom = item.path.bounds()
                assert min(left, top) >= 2.5
                assert right <= 102.5
                assert bottom <= 145


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("老槐树驴肉火烧", 1),
        ("一", 1),
        (LONG, 2),
        (LONG * 2, 2),
        ("Baoding Old Locust Tree Donkey Sandwich and Noodle Restaurant Company", 2),
    ],
)
def test_names_fit(fonts: Fonts, make_face: MakeFace, name: str, lines: int) -> None:
    face = make_face(name)
    found = name_lines(compose(face, fonts), face)
    assert len(found) == lines
    assert "".join(line.text for line in found).replace(" ", "") == name.replace(" ", "")
    for line in found:
        assert fonts.face("bold").width(line.text, line.size) <= 88.01
        assert line.size >= 2.6
        assert line.y < CARD_Y - 1


def test_shorter_names_are_not_smaller(fonts: Fonts, make_face: MakeFace) -> None:
    """But for the gain that another line has to bring before it is begun."""
    sizes = []
    for length in range(1, 60):
        face = make_face(("驴肉火烧" * 20)[:length])
        sizes.append(name_lines(compose(face, fonts), face)[0].size)
    assert all(later <= earlier * 1.081 for earlier, later in pairwise(sizes))


def test_lines_break_where_a_reader_would(fonts: Fonts) -> None:
    face = fonts.face("bold")
    _, lines = break_lines(face, "北国商城、万博广场、新一代百货（保定总店）", 40, 30, 8, 3)
    assert len(lines) > 1
    for line in lines:
        assert line[0] not in "、）"
        assert line[-1] != "（"
    _, words = break_lines(face, "Supercalifragilistic Expialidocious Shop", 40, 30, 8, 1)
    assert " ".join(words) == "Supercalifragilistic Expialidocious Shop"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("一二三、四五", ["一二", "三、四五"]),
        ("甲乙（丙丁戊", ["甲乙", "（丙丁戊"]),
        ("甲乙丙丁戊己", ["甲乙丙", "丁戊己"]),
        ("ABCDEFGH IJKLM", ["ABCDEFGH", "IJKLM"]),
    ],
)
def test_two_lines_are_balanced_within_the_rules(fonts: Fonts, text: str, lines: list[str]) -> None:
    _, found = break_lines(fonts.face("bold"), text, 10, 7, 8, 1)
    assert found == lines


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("shop_name", {"shop_name": "很长" * 70}),
        ("shop_name", {"shop_name": " "}),
        ("branch", {"branch": "很长的分店名称" * 10}),
        ("note", {"note": "说明" * 40}),
        ("title", {"title": "标题" * 20}),
        ("bureau_name", {"bureau_name": "市场监督管理局" * 6}),
        ("couplet_first", {"couplet_first": "对" * 14}),
        ("mark", {"mark": "三个字"}),
        ("serial_label", {"serial_label": "很长的标签" * 8}),
    ],
)
def test_what_does_not_fit_is_named(
    fonts: Fonts, make_face: MakeFace, field: str, words: dict[str, str]
) -> None:
    with pytest.raises(TextTooLong) as refusal:
        compose(make_face(**words), fonts)
    assert refusal.value.field == field


def test_missing_glyphs_are_listed_or_replaced(fonts: Fonts, make_face: MakeFace) -> None:
    face = make_face("\U00020bb7野家\U0001f600\U00020bb7")
    with pytest.raises(MissingGlyphs) as refusal:
        compose(face, fonts)
    assert refusal.value.characters == ("\U00020bb7", "\U0001f600")
    assert "U+20BB7" in str(refusal.value)
    assert compose(face, fonts, strict=False).missing == ("\U00020bb7", "\U0001f600")
    assert compose(make_face(), fonts).missing == ()


def test_texts_are_one_line_each(make_face: MakeFace) -> None:
    assert make_face(" 老 槐树\n驴肉\t ").shop_name == "老 槐树 驴肉"


def test_face_reads_its_numbers_from_the_token(make_face: MakeFace) -> None:
    face = make_face(shop=7, serial=12)
    assert face.serial == "No. 000007-12"
    with pytest.raises(Malformed):
        StickerFace(shop_name="x", token="x", host="ydym.test", brand=Brand(bureau_name="y"))


def test_fixed_items_are_shared_between_shops(fonts: Fonts, make_face: MakeFace) -> None:
    assert compose(make_face("甲"), fonts).fixed is compose(make_face("乙"), fonts).fixed
    assert compose(make_face("甲"), fonts).fixed != compose(make_face("甲", hotline="12345"), fonts).fixed


def test_fonts_are_checked(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"not a font")
    for path in (broken, tmp_path / "missing.ttf"):
        with pytest.raises(FontRefused):
            Fonts(path, path).face("bold")
