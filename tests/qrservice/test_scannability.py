"""What would not scan is refused, with a reason and figures, before anything is drawn."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from qrservice import (
    TEMPLATES,
    Colours,
    Fonts,
    Layout,
    Logo,
    Reason,
    StickerFace,
    WouldNotScan,
    compose,
    figures,
    sheet_pdf,
    sticker_png,
)
from qrservice.drawing import Picture, Shape, Symbol, Text
from qrservice.layout import _fixed, _fixed_items
from qrservice.reflectance import legibility, luminance, symbol_contrast
from qrservice.scannability import Figures, require
from qrservice.shapes import circle, rectangle, ring
from qrservice.templates.base import Kit

MakeFace = Callable[..., StickerFace]
EACH = pytest.mark.parametrize("template", list(TEMPLATES))


def with_colours(face: StickerFace, **colours: str) -> StickerFace:
    return replace(face, brand=replace(face.brand, colours=Colours(**colours)))


@EACH
@pytest.mark.parametrize("host", ["ydym.test", "a" * 45])
def test_our_own_templates_pass_with_room(
    fonts: Fonts, make_face: MakeFace, template: str, host: str
) -> None:
    layout = compose(make_face(host=host), fonts, template=template)
    found = require(layout, fonts, 300)
    assert found.quiet_modules >= 4
    assert found.contrast == 1.0
    assert found.symbol_mm >= 100 * TEMPLATES[template].distance
    assert found.dots is not None
    assert found.dots >= 5
    assert figures(layout, fonts).dots is None


@pytest.mark.parametrize(
    ("changes", "reason", "figure", "limit", "unit"),
    [
        ({"quiet_modules": 3.9}, Reason.QUIET_ZONE, 3.9, 4, "modules"),
        ({"contrast": -0.2}, Reason.INVERTED, -0.2, 0.7, "reflectance"),
        ({"contrast": 0.69}, Reason.CONTRAST, 0.69, 0.7, "reflectance"),
        ({"symbol_mm": 49.9}, Reason.SYMBOL_TOO_SMALL, 49.9, 50, "mm"),
        ({"module_mm": 0.87}, Reason.MODULE_TOO_SMALL, 0.87, 0.875, "mm"),
        ({"distance_m": 0.1, "module_mm": 0.39}, Reason.MODULE_TOO_SMALL, 0.39, 0.4, "mm"),
        ({"dots": 2}, Reason.MODULE_DOTS, 2, 3, "dots"),
        ({"dots": 0, "symbol_mm": 0.0}, Reason.MODULE_DOTS, 0, 3, "dots"),
    ],
)
def test_each_limit(changes: dict[str, float], reason: str, figure: float, limit: float, unit: str) -> None:
    good = Figures(quiet_modules=4.0, contrast=0.7, symbol_mm=50.0, module_mm=0.875, distance_m=0.5, dots=3)
    assert good.refusal() is None
    refusal = replace(good, **changes).refusal()  # type: ignore[arg-type]
    assert refusal is not None
    assert (refusal.reason, refusal.figure, refusal.unit) == (reason, figure, unit)
    assert refusal.limit == pytest.approx(limit)
    assert reason in str(refusal)


@EACH
@pytest.mark.parametrize(
    ("colours", "reason"),
    [
        ({"symbol": "#ffffff", "card": "#f0f0f0"}, Reason.INVERTED),
        ({"symbol": "#cc0000"}, Reason.CONTRAST),  # a red-light scanner sees nothing
        ({"symbol": "#999999"}, Reason.CONTRAST),
    ],
)
def test_colours_that_would_not_scan(
    fonts: Fonts, make_face: MakeFace, template: str, colours: dict[str, str], reason: Reason
) -> None:
    if TEMPLATES[template].mono:
        compose(
            with_colours(make_face(), **colours), fonts, template=template
        )  # printed black whatever they are
        return
    with pytest.raises(WouldNotScan) as refusal:
        compose(with_colours(make_face(), **colours), fonts, template=template, strict=False)
    assert refusal.value.reason == reason
    assert refusal.value.figure < refusal.value.limit == 0.7
    with pytest.raises(WouldNotScan):
        sheet_pdf(
            [with_colours(make_face(), **colours)], io.BytesIO(), fonts, template=template, strict=False
        )


def test_a_dark_green_symbol_is_drawn_in_its_colour(fonts: Fonts, make_face: MakeFace) -> None:
    layout = compose(with_colours(make_face(), symbol="#043d29"), fonts)
    assert layout.symbol.fill == "#043d29"
    assert 0.7 <= figures(layout, fonts).contrast < 1


@EACH
def test_resolutions_that_give_a_module_too_few_dots(
    fonts: Fonts, make_face: MakeFace, template: str
) -> None:
    """Whatever the resolution: a picture that is made keeps the limits, and one that does not is not made."""
    layout = compose(make_face(), fonts, template=template)
    refused = 0
    for dpi in range(72, 320, 7):
        found = figures(layout, fonts, dpi)
        refusal = found.refusal()
        if refusal is None:
            assert found.dots is not None
            assert found.dots >= 3
            assert found.symbol_mm * 10 >= layout.distance * 1000
            continue
        refused += 1
        with pytest.raises(WouldNotScan) as raised:
            sticker_png(layout, fonts, dpi)
        assert (raised.value.reason, raised.value.figure) == (refusal.reason, refusal.figure)
        assert raised.value.reason in (Reason.MODULE_DOTS, Reason.SYMBOL_TOO_SMALL, Reason.MODULE_TOO_SMALL)
    if template in ("table", "till"):
        assert refused
    assert figures(layout, fonts, 300).refusal() is None
    assert sticker_png(layout, fonts, 72, strict=False).startswith(b"\x89PNG"), "a preview may be coarse"


# --- the quiet zone, whatever stands there ----------------------------------------------------------------------------


def moved(layout: Layout, *items: Shape | Text | Picture) -> Layout:
    return replace(layout, fixed=(*layout.fixed, *items))


@pytest.mark.parametrize("modules", [0.0, 1.0, 3.5, 3.99])
@pytest.mark.parametrize("kind", ["corner", "edge", "text", "turned", "ring", "picture", "across"])
def test_anything_in_the_quiet_zone_is_seen(
    fonts: Fonts, make_face: MakeFace, kind: str, modules: float
) -> None:
    layout = compose(make_face(), fonts)
    symbol: Symbol = layout.symbol
    gap = modules * symbol.side / symbol.matrix.size
    x, y, side = symbol.x, symbol.y, symbol.side
    bold = fonts.face("bold")
    intruder: Shape | Text | Picture = {
        "corner": Shape(rectangle(x - gap - 1, y - gap - 1, 1, 1), "#ffffff"),
        "edge": Shape(rectangle(x + side + gap, y + 20, 0.1, 30), "#0b7a53"),
        "text": Text(x - gap - 2 * bold.advance("店"), y + 20, "店", 2.0, "bold", "#000000"),
        "turned": Text(x + side + gap + 0.24, y + 20, "店名", 2.0, "bold", "#000000", 0.0, 90.0),
        "ring": Shape(ring(x + side / 2, y + side / 2, 2 * side, math.sqrt(2) * (side / 2 + gap)), "#000000"),
        "picture": Picture(x + side + gap, y, 5, 5, b""),
        "across": Shape(rectangle(x - 20, y + 5, side + 40, 0.2), "#ffffff"),
    }[kind]
    found = figures(moved(layout, intruder), fonts)
    assert found.quiet_modules == pytest.approx(0.0 if kind == "across" else modules, abs=0.02)
    with pytest.raises(WouldNotScan) as refusal:
        require(moved(layout, intruder), fonts)
    assert refusal.value.reason == Reason.QUIET_ZONE


def test_what_lies_wholly_under_the_symbol_is_its_ground(fonts: Fonts, make_face: MakeFace) -> None:
    layout = compose(make_face(), fonts)
    middle = layout.symbol.x + layout.symbol.side / 2, layout.symbol.y + layout.symbol.side / 2
    grey = moved(layout, Shape(circle(*middle, 60), "#808080"))
    assert figures(grey, fonts).contrast == pytest.approx(luminance("#808080"))
    with pytest.raises(WouldNotScan) as refusal:
        require(grey, fonts)
    assert refusal.value.reason == Reason.CONTRAST


def test_a_template_that_covers_its_quiet_zone_cannot_be_composed(
    fonts: Fonts, make_face: MakeFace, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = TEMPLATES["door"]

    def clear() -> None:
        _fixed.cache_clear()
        _fixed_items.cache_clear()

    def blot(kit: Kit) -> tuple[Shape, ...]:
        return (Shape(rectangle(door.left, door.top, 3, 3), kit.colours.accent),)

    def words(kit: Kit, face: StickerFace) -> tuple[Text, ...]:
        return (Text(door.left + 1, door.top + 2, face.shop_name, 3.0, "bold", "#000000"),)

    monkeypatch.setitem(TEMPLATES, "door", replace(door, fixed=blot))
    clear()
    try:
        with pytest.raises(WouldNotScan):
            compose(make_face(), fonts, strict=False)
        monkeypatch.setitem(TEMPLATES, "door", replace(door, own=words))
        clear()
        with pytest.raises(WouldNotScan):
            compose(make_face(), fonts, strict=False)
        monkeypatch.setitem(TEMPLATES, "door", replace(door, distance=2.0))
        clear()
        with pytest.raises(WouldNotScan) as refusal:
            compose(make_face(), fonts, strict=False)
        assert refusal.value.reason == Reason.SYMBOL_TOO_SMALL
    finally:
        clear()


# --- reflectance ------------------------------------------------------------------------------------------------------


def test_reflectance() -> None:
    assert luminance("#ffffff") == pytest.approx(1.0)
    assert luminance("#000000") == 0.0
    assert luminance("#808080") == pytest.approx(0.2159, abs=1e-3)
    assert symbol_contrast("#000000", "#ffffff") == pytest.approx(1.0)
    assert symbol_contrast("#ffffff", "#000000") == pytest.approx(-1.0)
    assert symbol_contrast("#ff0000", "#ffffff") == pytest.approx(0.0), "red light does not see red"
    assert symbol_contrast("#0000ff", "#ffffff") == pytest.approx(1 - 0.0722)
    assert legibility("#000000", "#ffffff") == pytest.approx(21.0)
    assert legibility("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_a_logo_cannot_reach_the_symbol(fonts: Fonts, make_face: MakeFace) -> None:
    """The widest that is allowed."""
    wide = Logo.vector(300, 10, (("M0 0L300 0L300 10L0 10Z", "#b8402f"),))
    for template in TEMPLATES:
        layout = compose(make_face(logo=wide), fonts, template=template)
        assert figures(layout, fonts).quiet_modules >= 4
