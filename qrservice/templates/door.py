"""The door sticker: A6 portrait.

A door in China is dressed with a couplet: two vertical lines at the sides and one across the top. The sticker is built
the same way around the symbol, with the seal breaking the frame above it.
"""

from __future__ import annotations

from typing import Final

from qrservice.drawing import Item, Shape
from qrservice.shapes import circle, notched, rectangle
from qrservice.sticker import StickerFace
from qrservice.templates import kit as k
from qrservice.templates.base import Kit, Template

WIDTH: Final = 105.0
HEIGHT: Final = 148.0
CENTRE: Final = WIDTH / 2
# 0.05 inch a module at version 8: a whole number of dots at 100, 200, 300 and 600 dpi.
SIDE: Final = 57 * 1.27
CARD_PADDING: Final = 0.65  # keeps the card's round corners out of the quiet zone
CARD: Final = SIDE + 2 * CARD_PADDING
CARD_X: Final = CENTRE - CARD / 2
CARD_Y: Final = 53.3
FRAME: Final = 4.6  # an office printer leaves about 4.2 mm blank: the frame stays inside
FRAME_TOP: Final = 12.2
FRAME_LINE: Final = 0.5
SEAL: Final = 26.4
SEAL_Y: Final = 17.6
STRIP: Final = 7.4
TITLE_Y: Final = 36.0
NAME_TOP: Final = 38.6
NAME_BOTTOM: Final = 51.7
NUMBERS_Y: Final = CARD_Y + CARD + 4.3
NOTE_Y: Final = 135.3
BUREAU_Y: Final = 140.1


def _fixed(kit: Kit) -> tuple[Item, ...]:
    c = kit.colours
    return (
        *_frame(kit),
        Shape(circle(CENTRE, SEAL_Y, SEAL / 2 + 1.8), c.paper),
        *k.seal(kit, CENTRE, SEAL_Y, SEAL),
        *_title(kit),
        Shape(rectangle(CARD_X - 0.25, CARD_Y - 0.25, CARD + 0.5, CARD + 0.5, 2.25), c.line),
        Shape(rectangle(CARD_X, CARD_Y, CARD, CARD, 2.0), c.card),
        *_couplet(kit),
        *_foot(kit),
    )


def _frame(kit: Kit) -> list[Item]:
    """A strong line and a fine one inside it, both notched at the corners."""
    c, items = kit.colours, []
    for inset, width, notch in ((0.0, FRAME_LINE, 4.2), (1.05, 0.16, 4.2)):
        paths = []
        for edge in (inset, inset + width):
            x, y = FRAME + edge, FRAME_TOP + edge
            paths.append(notched(x, y, WIDTH - 2 * x, HEIGHT - FRAME - edge - y, notch))
        items.append(Shape(paths[0] + paths[1], c.trust))
    return [*items]


def _title(kit: Kit) -> list[Item]:
    title = kit.words.titled(kit.brand.city_name, kit.words.title)
    if not title:
        return []
    tracking = 0.14 if kit.words.upright else 0.02
    fill = kit.colours.trust
    text = k.line(kit, "title", title, "display", (5.0, 3.0), 74.0, (CENTRE, TITLE_Y), fill, tracking)
    return k.flanked(kit, text, fill, 3.2, (FRAME + 3.4, WIDTH - FRAME - 3.4))


def _couplet(kit: Kit) -> list[Item]:
    lines = (kit.words.couplet_first, kit.words.couplet_second)
    middle = (CARD_X + FRAME + 1.2) / 2
    centres = (middle, WIDTH - middle)
    items: list[Item] = []
    if kit.words.upright:
        lines_shown = ((centres[1], lines[0]), (centres[0], lines[1]))
    else:
        lines_shown = ((centres[0], lines[0]), (centres[1], lines[1]))
    for centre, text in lines_shown:
        if text:
            items.append(Shape(rectangle(centre - STRIP / 2, CARD_Y, STRIP, CARD, 1.6), kit.colours.trust))
            edge = rectangle(centre - STRIP / 2 + 0.55, CARD_Y + 0.55, STRIP - 1.1, CARD - 1.1, 1.1)
            edge += rectangle(centre - STRIP / 2 + 0.68, CARD_Y + 0.68, STRIP - 1.36, CARD - 1.36, 1.0)
            items.append(Shape(edge, kit.colours.tint))
    items += k.couplet(kit, lines, centres, (CARD_Y + 4.6, CARD - 9.2), 5.3, kit.colours.card)
    return items


def _foot(kit: Kit) -> list[Item]:
    c, items = kit.colours, []
    if kit.words.note:
        at = (CENTRE, NOTE_Y)
        items.append(k.line(kit, "note", kit.words.note, "regular", (2.7, 2.0), 80.0, at, c.quiet, 0.02))
    text = f"{kit.brand.bureau_name}  {k.hotline(kit)}".strip()
    _, wide = k.emblem(kit, 0, 0, 4.2)
    space = 1.4 if wide else 0.0
    at = (CENTRE + (wide + space) / 2, BUREAU_Y)
    name = k.line(kit, "bureau_name", text, "bold", (3.1, 2.0), 82.0 - wide - space, at, c.ink, 0.02)
    mark, _ = k.emblem(kit, name.x - space - wide, BUREAU_Y - k.MIDDLE * name.size - 2.1, 4.2)
    return [*items, name, *mark]


def _own(kit: Kit, face: StickerFace) -> tuple[Item, ...]:
    c = kit.colours
    box = (8.5, NAME_TOP, 88.0, NAME_BOTTOM - NAME_TOP)
    return (
        *k.name_block(kit, face, box, (8.0, 2.6), (3.4, 2.3), (c.ink, c.quiet)),
        *k.numbers(kit, face, CARD_X + 0.4, CARD_X + CARD - 0.4, NUMBERS_Y, 3.3, c.ink),
    )


TEMPLATE: Final = Template(
    name="door",
    width=WIDTH,
    height=HEIGHT,
    safe=4.5,
    left=CARD_X + CARD_PADDING,
    top=CARD_Y + CARD_PADDING,
    side=SIDE,
    distance=0.55,
    fixed=_fixed,
    own=_own,
    sheet="fill",
)
