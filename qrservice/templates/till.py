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
    inset=3.2,
    seal=12.6,
    seal_y=9.7,
    title=3.5,
    title_y=20.9,
    rule_y=23.0,
    name_top=24.0,
    name_bottom=36.2,
    name=5.6,
    detail=2.3,
    couplet_y=39.6,
    couplet=2.6,
    couplet_step=3.6,
    foot_y=50.3,
    foot=1.95,
)
CARD_X: Final = PANEL.width + (WIDTH - PANEL.width - CARD) / 2
CARD_Y: Final = 2.9
NUMBERS_Y: Final = 50.4


def _fixed(kit: Kit) -> tuple[Item, ...]:
    c = kit.colours
    lines = (kit.words.couplet_first, kit.words.couplet_second)
    return (
        *panel.fixed(kit, PANEL, kit.words.title, lines),
        Shape(rectangle(CARD_X - 0.2, CARD_Y - 0.2, CARD + 0.4, CARD + 0.4, 1.2), c.line),
        Shape(rectangle(CARD_X, CARD_Y, CARD, CARD, 1.0), c.card),
    )


def _own(kit: Kit, face: StickerFace) -> tuple[Item, ...]:
    return (
        *panel.own(kit, PANEL, face),
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
