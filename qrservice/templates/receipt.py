"""The receipt strip, black only: for rolls of 58 mm, of which thermal printers reach 48 mm (384 dots)."""

from __future__ import annotations

from typing import Final

from qrservice.drawing import Item, Shape
from qrservice.fonts import Weight
from qrservice.shapes import rectangle
from qrservice.sticker import StickerFace
from qrservice.templates import imprint
from qrservice.templates import kit as k
from qrservice.templates.base import Kit, Template

WIDTH: Final = 58.0
HEIGHT: Final = 116.0  # with a bureau of two lines and a helper nearby; dots end after the last line
MARGIN: Final = 5.0  # on each side of the dots
INNER: Final = WIDTH - 2 * MARGIN
CENTRE: Final = WIDTH / 2
SIDE: Final = 57 * 0.75  # six dots a module
TOP: Final = 30.0
HEAD: Final = 11.5


def _fixed(kit: Kit) -> tuple[Item, ...]:
    c, words = kit.colours, kit.words
    x, tracking = MARGIN, 0.08 if words.upright else 0.0
    city = kit.brand.city_name
    right, room = x + HEAD + 2.0, INNER - HEAD - 2.0
    items: list[Item] = [*k.seal(kit, x + HEAD / 2, 2.0 + HEAD / 2, HEAD)]
    if city:
        at = (right, 6.1)
        items.append(k.line(kit, "city_name", city, "bold", (3.2, 2.0), room, at, c.ink, tracking, "start"))
    if words.title:
        at = (right, 12.2 if city else 9.8)
        items.append(
            k.line(kit, "title", words.title, "display", (4.6, 2.6), room, at, c.ink, tracking, "start")
        )
    items += [
        Shape(rectangle(x, 15.2, INNER, 0.5), c.ink),
        Shape(rectangle(x, 16.1, INNER, 0.125), c.ink),
    ]
    below = TOP + SIDE
    asked: tuple[tuple[str, Weight, tuple[float, float], float], ...] = (
        ("receipt_question", "display", (4.4, 2.5), below + 4.8),
        ("receipt_answer", "bold", (3.3, 2.2), below + 9.8),
        ("receipt_promise", "regular", (2.8, 2.0), below + 14.0),
    )
    for field, weight, sizes, y in asked:
        text = getattr(words, field)
        if text:
            items.append(k.line(kit, field, text, weight, sizes, INNER, (CENTRE, y), c.ink))
    items += _dashes(kit, below + 20.2)
    foot = _foot(kit)
    return (*items, *imprint.drawn(kit, foot, _foot_line(foot), c.ink, centred=False))


def _foot(kit: Kit) -> imprint.Imprint:
    return imprint.planned(kit, (MARGIN, INNER), (2.9, 1.9))


def _foot_line(foot: imprint.Imprint) -> float:
    """The foot's last baseline."""
    return TOP + SIDE + 21.8 + foot.height


def _dashes(kit: Kit, y: float) -> list[Item]:
    dash = INNER / 47
    path = rectangle(MARGIN, y, dash, 0.25)
    for i in range(2, 47, 2):
        path += rectangle(MARGIN + i * dash, y, dash, 0.25)
    return [Shape(path, kit.colours.ink)]


def _own(kit: Kit, face: StickerFace) -> tuple[Item, ...]:
    c = kit.colours
    box = (MARGIN, 17.0, INNER, TOP - 17.2)
    return (
        *k.name_block(kit, face, box, (5.4, 2.4), (2.8, 2.0), (c.ink, c.ink)),
        *k.numbers(kit, face, MARGIN, WIDTH - MARGIN, TOP + SIDE + 18.3, 2.5, c.ink),
        *_nearby(kit, face),
    )


def _nearby(kit: Kit, face: StickerFace) -> list[Item]:
    """Who helps consumers near the shop, and the telephone, below the foot. Raises TextTooLong."""
    if not face.nearby:
        return []
    y, words, ink = _foot_line(_foot(kit)), kit.words, kit.colours.ink
    named = f"{words.nearby_label}{face.nearby}" if words.upright else f"{words.nearby_label} {face.nearby}"
    items = _dashes(kit, y + 2.2)
    items.append(
        k.line(kit, "nearby", named, "bold", (2.9, 2.0), INNER, (MARGIN, y + 6.0), ink, align="start")
    )
    if face.nearby_phone:
        called = f"{words.phone_label} {face.nearby_phone}"
        at = (MARGIN, y + 9.7)
        items.append(k.line(kit, "nearby_phone", called, "bold", (2.9, 1.9), INNER, at, ink, align="start"))
    return items


TEMPLATE: Final = Template(
    name="receipt",
    width=WIDTH,
    height=HEIGHT,
    safe=1.4,
    left=CENTRE - SIDE / 2,
    top=TOP,
    side=SIDE,
    distance=0.3,
    fixed=_fixed,
    own=_own,
    mono=True,
    sheet="abut",
    ground="card",
)
