"""The vehicle sticker: 130 × 85 mm, behind a seat or inside a window, read from the seat behind. Its `place` is the
number plate.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from qrservice.brand import Colours
from qrservice.drawing import Item, Shape
from qrservice.shapes import rectangle
from qrservice.sticker import StickerFace
from qrservice.templates import kit as k
from qrservice.templates import panel
from qrservice.templates.base import Kit, Template

WIDTH: Final = 130.0
HEIGHT: Final = 85.0
SIDE: Final = 57 * 1.27
PADDING: Final = 0.5
CARD: Final = SIDE + 2 * PADDING
PANEL: Final = panel.Panel(
    width=49.6,
    height=HEIGHT,
    frame=2.0,
    inset=4.6,
    seal=17.4,
    seal_y=13.2,
    city=2.9,
    city_y=26.2,
    title=5.0,
    title_y=32.2,
    rule_y=34.9,
    name_top=47.4,
    name=5.4,
    detail=2.7,
    couplet=3.1,
    foot_y=80.0,
    foot=2.25,
)
CARD_X: Final = PANEL.width + (WIDTH - PANEL.width - CARD) / 2
CARD_Y: Final = 3.4
NUMBERS_Y: Final = 81.2
PLATE_TOP: Final = 36.9
PLATE_HEIGHT: Final = 10.2


def _lines(kit: Kit) -> tuple[str, str]:
    return kit.words.vehicle_first, kit.words.vehicle_second


def _fixed(kit: Kit) -> tuple[Item, ...]:
    c = kit.colours
    return (
        *panel.fixed(kit, PANEL, kit.words.vehicle_title, _lines(kit)),
        Shape(rectangle(CARD_X - 0.25, CARD_Y - 0.25, CARD + 0.5, CARD + 0.5, 1.75), c.line),
        Shape(rectangle(CARD_X, CARD_Y, CARD, CARD, 1.5), c.card),
    )


def _plate(kit: Kit, face: StickerFace) -> list[Item]:
    """The number as on a plate: dark on light, framed."""
    if not face.place:
        return []
    at = (PANEL.centre, PLATE_TOP + PLATE_HEIGHT / 2 + k.LATIN_MIDDLE * 6.4)
    text = k.line(kit, "place", face.place, "bold", (6.4, 3.0), PANEL.inner - 5.0, at, kit.colours.ink, 0.06)
    return [*_plate_ground(kit.colours), text]


@lru_cache(maxsize=32)
def _plate_ground(c: Colours) -> tuple[Shape, Shape]:
    x = PANEL.inset
    edge = rectangle(x + 0.6, PLATE_TOP + 0.6, PANEL.inner - 1.2, PLATE_HEIGHT - 1.2, 1.0)
    edge += rectangle(x + 0.85, PLATE_TOP + 0.85, PANEL.inner - 1.7, PLATE_HEIGHT - 1.7, 0.8)
    return Shape(rectangle(x, PLATE_TOP, PANEL.inner, PLATE_HEIGHT, 1.5), c.card), Shape(edge, c.trust)


def _own(kit: Kit, face: StickerFace) -> tuple[Item, ...]:
    return (
        *_plate(kit, face),
        *panel.own(kit, PANEL, face, _lines(kit), with_place=False),
        *k.numbers(kit, face, CARD_X + 0.4, CARD_X + CARD - 0.4, NUMBERS_Y, 3.2, kit.colours.ink),
    )


TEMPLATE: Final = Template(
    name="vehicle",
    width=WIDTH,
    height=HEIGHT,
    safe=3.0,
    left=CARD_X + PADDING,
    top=CARD_Y + PADDING,
    side=SIDE,
    distance=0.55,
    fixed=_fixed,
    own=_own,
)
