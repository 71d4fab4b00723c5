"""Storefronts and sample papers: pictures of the right kind, repeatable, and different where shops differ."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from webapp.demo.city import make_shop
from webapp.demo.draw import Draw
from webapp.demo.names import trades
from webapp.demo.pictures import canvas, goods, house, props
from webapp.demo.pictures.papers import PAPER_SIZE, licence_scan
from webapp.demo.pictures.scene import daylights
from webapp.demo.pictures.storefront import draw_storefront, storefront

TODAY = date(2026, 3, 15)


def opened(data: bytes) -> Image.Image:
    picture = Image.open(BytesIO(data), formats=["WEBP"])
    picture.load()
    return picture


def test_the_same_shop_has_the_same_front() -> None:
    shop = make_shop(3, 8, TODAY)
    data = storefront(3, shop)
    assert data == storefront(3, shop)
    assert opened(data).size == (960, 640)


@pytest.mark.parametrize("look", sorted(house.looks()))
def test_every_look_draws_small_files(look: str) -> None:
    data = draw_storefront(5, len(look), "老槐树小馆", look, "福")
    assert opened(data).size == (960, 640)
    assert 8_000 < len(data) < 45_000


def test_name_and_index_change_the_picture() -> None:
    plain = draw_storefront(5, 1, "老槐树小馆", "noodle", "面")
    assert plain != draw_storefront(5, 1, "老榆树小馆", "noodle", "面")
    assert plain != draw_storefront(5, 2, "老槐树小馆", "noodle", "面")


def test_a_long_name_fits_its_board() -> None:
    def edges(name: str) -> Image.Image:
        picture = opened(draw_storefront(9, 4, name, "grocery", "特")).convert("RGB")
        edge = Image.new("RGB", (200, 60))
        edge.paste(picture.crop((75, 235, 175, 295)), (0, 0))
        edge.paste(picture.crop((785, 235, 885, 295)), (100, 0))
        return edge

    # Letters that ran over the ends of the board would change much more than compression does.
    apart = ImageChops.difference(edges("店"), edges("这一家店的名字实在太长了一块招牌写不下也要写下去"))
    assert max(ImageStat.Stat(apart).mean) < 4


def test_tables_name_only_what_can_be_drawn() -> None:
    assert {trade.look for trade in trades()} <= set(house.looks())
    assert all(len(trade.mark) == 1 for trade in trades())
    for look in house.looks().values():
        assert look.goods in goods.GOODS
        assert set(look.props) <= {*props.PROPS, "lanterns"}
    assert {light.name for light in daylights()} == {"morning", "noon", "dusk", "evening"}


def test_a_missing_font_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(canvas, "VENDORED_FONT", tmp_path / "none.ttf")
    monkeypatch.setattr(canvas, "SYSTEM_FONT", tmp_path / "nor-this.ttc")
    with pytest.raises(FileNotFoundError, match="no Chinese font"):
        canvas.find_font(tmp_path / "missing.ttf")


def test_papers_are_repeatable_and_marked() -> None:
    shop = make_shop(3, 8, TODAY)
    for licence in shop.licences:
        data = licence_scan(3, shop.index, licence, shop.operator, shop.address)
        assert data == licence_scan(3, shop.index, licence, shop.operator, shop.address)
        picture = opened(data)
        assert picture.size == PAPER_SIZE
        assert len(data) < 90_000
        # The marking lies across the middle of the sheet: reddish where the paper alone would be cream.
        raw = picture.crop((300, 300, 740, 440)).convert("RGB").tobytes()
        reddish = sum(red - green > 18 for red, green in zip(raw[0::3], raw[1::3], strict=True))
        assert reddish > len(raw) / 3 / 20


def test_draw_is_even_and_bounded() -> None:
    draw = Draw(1, "test", 0)
    counts = [0] * 10
    for _ in range(10_000):
        counts[draw.below(10)] += 1
    assert all(850 < count < 1150 for count in counts)
    assert {draw.between(3, 5) for _ in range(100)} == {3, 4, 5}
    assert all(0 <= draw.fraction() < 1 for _ in range(100))
    assert [Draw(1, "a", 0).below(1 << 32)] != [Draw(1, "b", 0).below(1 << 32)]
