"""The till card: 90 × 54 mm, the size of a business card, to be read by who pays."""

from __future__ import annotations

from typing import Final

from qrservice.drawing import Item, Shape
from qrservice.shapes import rectangle
from qrservice.sticker import StickerFace
from qrservice.templates import kit as k
from qrservice.templates import panel
from qrservice.templates.base import Kit, Template

WIDTH: Final = 90.0
HEIGHT: Final = 54.0
SIDE: Final = 57 * 0.762  # nine dots a module at 300 dpi, six at 200, three at 100
PADDING: Final = 0.35
CARD: Final = SIDE + 2 * PADDING
PANEL: Final = panel.Panel(
    width=40.4,
    height=HEIGHT,
    frame=1.7,
    inset=3.8,
    seal=10.8,
    seal_y=8.8,
    city=2.3,
    city_y=17.6,
    title=4.0,
    title_y=22.4,
    rule_y=24.6,
    name_top=26.1,
    name=5.4,
    detail=2.2,
    couplet=2.5,
    foot_y=50.2,
    foot=1.85,
)
CARD_X: Final = PANEL.width + (WIDTH - PANEL.width - CARD) / 2
CARD_Y: Final = 2.9
NUMBERS_Y: Final = 50.4


def _lines(kit: Kit) -> tuple[str, str]:
    return kit.words.couplet_first, kit.words.couplet_second


def _fixed(kit: Kit) -> tuple[Item, ...]:
    c = kit.colours
    return (
        *panel.fixed(kit, PANEL, kit.words.title, _lines(kit)),
        Shape(rectangle(CARD_X - 0.2, CARD_Y - 0.2, CARD + 0.4, CARD + 0.4, 1.2), c.line),
        Shape(rectangle(CARD_X, CARD_Y, CARD, CARD, 1.0), c.card),
    )


def _own(kit: Kit, face: StickerFace) -> tuple[Item, ...]:
    return (
        *panel.own(kit, PANEL, face, _lines(kit)),
        *k.numbers(kit, face, CARD_X + 0.3, CARD_X + CARD - 0.3, NUMBERS_Y, 2.2, kit.colours.ink),
    )


TEMPLATE: Final = Template(
    name="till",
    width=WIDTH,
    height=HEIGHT,
    safe=2.6,
    left=CARD_X + PADDING,
    top=CARD_Y + PADDING,
    side=SIDE,
    distance=0.33,
    fixed=_fixed,
    own=_own,
)
