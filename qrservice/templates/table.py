"""The table sticker: a disc of 60 mm, cut by a die. A ring of the trust colour carries title and bureau around it."""

from __future__ import annotations

import math
from typing import Final

from qrservice.drawing import Item, Shape, Text
from qrservice.errors import TextTooLong
from qrservice.shapes import circle, ring
from qrservice.sticker import StickerFace
from qrservice.templates import kit as k
from qrservice.templates.base import Kit, Template
from qrservice.typeset import GAIN, LEADING, balanced

DIAMETER: Final = 60.0
CENTRE: Final = DIAMETER / 2
SIDE: Final = 57 * 0.59267  # seven dots a module at 300 dpi
DISC: Final = 24.9
SEGMENT: Final = 23.75  # how far from the middle a letter may reach
NAME_FROM: Final = SIDE / 2 + 0.2
NAME_MAX: Final = 4.2
NAME_MIN: Final = 1.55
NAME_CHARS: Final = 60
SEAL: Final = 4.4
SEAL_AT: Final = 26.7
RING_MIDDLE: Final = 27.0  # of the letters in the ring


def arc(
    kit: Kit, field: str, text: str, sizes: tuple[float, float], reach: float, *, top: bool, tracking: float
) -> list[Item]:
    """A line around the ring's upper or lower half, over at most `reach` degrees to each side. Raises TextTooLong."""
    if not text:
        return []
    weight = kit.fonts.display_or_bold(text)
    face = kit.fonts.face(weight)
    natural = face.width(text, 1.0, tracking)
    size = min(sizes[0], math.radians(2 * reach) * RING_MIDDLE / natural)
    if size < sizes[1]:
        raise TextTooLong(field, text)
    shift = (k.MIDDLE if kit.words.upright else k.LATIN_MIDDLE) * size
    radius = RING_MIDDLE - shift if top else RING_MIDDLE + shift
    items: list[Item] = []
    along = -natural * size / 2
    for character in text:
        advance = face.advance(character) * size
        turn = (along + advance / 2) / RING_MIDDLE  # radians from the middle of the line
        angle = turn if top else -turn
        outward = (math.sin(angle), -math.cos(angle)) if top else (math.sin(-angle), math.cos(-angle))
        tangent = (math.cos(angle), math.sin(angle))
        x = CENTRE + radius * outward[0] - tangent[0] * advance / 2
        y = CENTRE + radius * outward[1] - tangent[1] * advance / 2
        if character != " ":
            items.append(Text(x, y, character, size, weight, kit.colours.card, angle=math.degrees(angle)))
        along += advance + tracking * size
    return items


def _fixed(kit: Kit) -> tuple[Item, ...]:
    c, words = kit.colours, kit.words
    title = words.titled(kit.brand.city_name, words.title)
    tracking = 0.24 if words.upright else 0.03
    lines = (words.couplet_first, words.couplet_second)
    beside = CENTRE - SIDE / 2 - 2.9
    items: list[Item] = [
        Shape(circle(CENTRE, CENTRE, DISC), c.card),
        Shape(ring(CENTRE, CENTRE, DISC - 0.55, DISC - 0.75), c.trust),
        *arc(kit, "title", title, (3.1, 2.0), 74, top=True, tracking=tracking),
        *arc(kit, "bureau_name", kit.brand.bureau_name, (2.35, 1.7), 76, top=False, tracking=0.5 * tracking),
        *k.seal(kit, CENTRE - SEAL_AT, CENTRE, SEAL, c.card, 0.25),
        *k.seal(kit, CENTRE + SEAL_AT, CENTRE, SEAL, c.card, 0.25),
    ]
    size = 2.7 if words.upright else 2.3
    items += k.couplet(kit, lines, (beside, DIAMETER - beside), (CENTRE - 11.5, 23.0), size, c.trust)
    return tuple(items)


def _name(kit: Kit, face: StickerFace) -> list[Item]:
    """The shop's name in one or two lines in the segment above the symbol, as large as the round edge allows."""
    bold = kit.fonts.face("bold")
    best: tuple[float, list[str]] = (0.0, [])
    for count in (1, 2):
        lines = balanced(bold, face.shop_name, count) if len(face.shop_name) <= NAME_CHARS else []
        size = _largest([bold.width(text, 1.0) for text in lines]) if lines else 0.0
        if size > best[0] * GAIN:
            best = size, lines
    size, lines = best
    if size < NAME_MIN:
        raise TextTooLong("shop_name", face.shop_name)
    items: list[Item] = []
    for i, text in enumerate(reversed(lines)):
        x = CENTRE - bold.width(text, size) / 2
        y = CENTRE - NAME_FROM - _rise(size, len(lines)) - (0.12 + i * LEADING) * size
        items.append(Text(x, y, text, size, "bold", kit.colours.ink))
    return items


def _rise(size: float, count: int) -> float:
    """A single line stands in the middle of what is left, not on the symbol."""
    return max(0.0, 0.3 * (SEGMENT - NAME_FROM - size)) if count == 1 else 0.0


def _largest(widths: list[float]) -> float:
    """The largest type at which lines of such widths (in em, from the top) stay inside the segment."""
    low, high = 0.0, NAME_MAX
    for _ in range(24):
        size = (low + high) / 2
        if all(_fits(size, i, len(widths), width) for i, width in enumerate(reversed(widths))):
            low = size
        else:
            high = size
    return low


def _fits(size: float, number: int, count: int, width: float) -> bool:
    top = NAME_FROM + _rise(size, count) + (0.94 + number * LEADING) * size
    return math.hypot(top, width * size / 2) <= SEGMENT


def _own(kit: Kit, face: StickerFace) -> tuple[Item, ...]:
    """The name above the symbol; the numbers, and where it lies, below."""
    c, bottom = kit.colours, CENTRE + SIDE / 2
    code = f"{face.serial}{k.SEPARATOR}{face.human_check}"
    items: list[Item] = [*_name(kit, face)]
    details = k.SEPARATOR.join(text for text in (face.branch, face.place) if text)
    items.append(k.line(kit, "serial", code, "bold", (1.95, 1.5), 27.4, (CENTRE, bottom + 1.95), c.ink))
    if details:
        field = "branch" if face.branch else "place"
        items.append(k.line(kit, field, details, "bold", (2.3, 1.45), 20.0, (CENTRE, bottom + 4.75), c.trust))
    return tuple(items)


TEMPLATE: Final = Template(
    name="table",
    width=DIAMETER,
    height=DIAMETER,
    safe=1.3,
    left=CENTRE - SIDE / 2,
    top=CENTRE - SIDE / 2,
    side=SIDE,
    distance=0.24,
    fixed=_fixed,
    own=_own,
    round=True,
    ground="trust",
)
