"""Parts that several templates are built from: lines, name blocks, couplets, the foot."""

from __future__ import annotations

from typing import Final

from qrservice.brand import MONO
from qrservice.drawing import Item, Picture, Shape, Text
from qrservice.errors import TextTooLong
from qrservice.fonts import Weight
from qrservice.reflectance import luminance
from qrservice.seal import Status, seal_parts
from qrservice.shapes import circle, polygon, rectangle
from qrservice.sticker import StickerFace
from qrservice.templates.base import Kit
from qrservice.typeset import LEADING, Align, break_lines, fit_line

# An ideograph's body reaches from -0.12 to 0.88 em: its middle is 0.38 em above the baseline. A Latin line's middle
# is half a capital's height.
MIDDLE: Final = 0.38
LATIN_MIDDLE: Final = 0.35
SEPARATOR: Final = " · "
RULE_LENGTH: Final = 5.5


def line(
    kit: Kit,
    field: str,
    text: str,
    weight: Weight,
    sizes: tuple[float, float],
    width: float,
    at: tuple[float, float],
    fill: str,
    tracking_em: float = 0.0,
    align: Align = "middle",
) -> Text:
    """One fitted line; `display` falls back to `bold` where the display face lacks a character."""
    if weight == "display":
        weight = kit.fonts.display_or_bold(text)
    return fit_line(
        kit.fonts, field, text, weight, sizes, width, at, fill, tracking_em=tracking_em, align=align
    )


def end_of(kit: Kit, text: Text) -> float:
    """Where a level line ends."""
    return text.x + kit.fonts.face(text.weight).width(text.text, text.size, text.tracking)


def seal(
    kit: Kit, cx: float, cy: float, size: float, ground: str | None = None, margin: float = 0.0
) -> list[Item]:
    """The bureau's seal 「放心」 in the trust colour; with `ground`, on a disc that is wider by `margin`."""
    scale, left, top = size / 120, cx - size / 2, cy - size / 2
    items: list[Item] = [Shape(circle(cx, cy, size / 2 + margin), ground)] if ground else []
    items += [
        Shape(part.path.transformed(scale, left, top), part.colour or kit.colours.trust)
        for part in seal_parts(Status.TRUSTED)
    ]
    return items


def diamond(x: float, y: float, reach: float, fill: str) -> Shape:
    return Shape(polygon((x - reach, y), (x, y - reach), (x + reach, y), (x, y + reach)), fill)


def flanked(kit: Kit, text: Text, fill: str, gap: float, room: tuple[float, float]) -> list[Item]:
    """A level line between two diamonds, with thin rules outside them where `room` (left, right) leaves any."""
    middle = text.y - (MIDDLE if kit.words.upright else LATIN_MIDDLE) * text.size
    reach, items = 0.17 * text.size, [text]
    result: list[Item] = [*items]
    for x, sign, limit in ((text.x - gap, -1, room[0]), (end_of(kit, text) + gap, 1, room[1])):
        result.append(diamond(x, middle, reach, fill))
        start = x + sign * 2.1 * reach
        length = min(RULE_LENGTH, sign * (limit - start))
        if length > 1.0:
            result.append(
                Shape(rectangle(min(start, start + sign * length), middle - 0.11, length, 0.22), fill)
            )
    return result


def upright(
    kit: Kit, field: str, text: str, size: float, box: tuple[float, float, float], fill: str
) -> list[Item]:
    """Characters one below the other, spread over `box` (centre, top, height). Raises TextTooLong."""
    if not text:
        return []
    centre, top, height = box
    weight = kit.fonts.display_or_bold(text)
    face, pitch = kit.fonts.face(weight), height / len(text)
    if pitch < size:
        raise TextTooLong(field, text)
    items: list[Item] = []
    for i, character in enumerate(text):
        x = centre - face.advance(character) * size / 2
        items.append(Text(x, top + pitch * (i + 0.5) + MIDDLE * size, character, size, weight, fill))
    return items


def turned(
    kit: Kit,
    field: str,
    text: str,
    sizes: tuple[float, float],
    box: tuple[float, float, float],
    fill: str,
    *,
    down: bool,
) -> list[Item]:
    """A line turned by a quarter in the middle of `box` (centre, top, height), reading `down` or up."""
    if not text:
        return []
    centre, top, height = box
    level = line(kit, field, text, "display", sizes, height, (0.0, 0.0), fill, 0.02)
    length, shift = end_of(kit, level) - level.x, LATIN_MIDDLE * level.size
    middle = top + height / 2
    x = centre - shift if down else centre + shift
    y = middle - length / 2 if down else middle + length / 2
    return [Text(x, y, text, level.size, level.weight, fill, level.tracking, 90.0 if down else -90.0)]


def couplet(
    kit: Kit,
    lines: tuple[str, str],
    centres: tuple[float, float],
    span: tuple[float, float],
    size: float,
    fill: str,
) -> list[Item]:
    """A couplet at the `centres` (left, right), over `span` (top, height): the first line hangs on the right in
    Chinese and stands on the left where lines are turned.
    """
    first, second = lines
    left, right = centres
    top, height = span
    if kit.words.upright:
        return [
            *upright(kit, "couplet_first", first, size, (right, top, height), fill),
            *upright(kit, "couplet_second", second, size, (left, top, height), fill),
        ]
    longest = max((text for text in lines if text), key=lambda text: _natural(kit, text), default="")
    fitted = line(
        kit, "couplet_first", longest, "display", (0.82 * size, 0.45 * size), height, (0, 0), fill, 0.02
    )
    sizes = (fitted.size, 0.0)
    return [
        *turned(kit, "couplet_first", first, sizes, (left, top, height), fill, down=False),
        *turned(kit, "couplet_second", second, sizes, (right, top, height), fill, down=True),
    ]


def _natural(kit: Kit, text: str) -> float:
    """A line's length in em, in the face that it will be set in."""
    return kit.fonts.face(kit.fonts.display_or_bold(text)).width(text, 1.0, 0.02)


def name_block(
    kit: Kit,
    face: StickerFace,
    box: tuple[float, float, float, float],
    sizes: tuple[float, float],
    second: tuple[float, float],
    fills: tuple[str, str],
    align: Align = "middle",
    *,
    with_place: bool = True,
) -> list[Item]:
    """The shop's name as large as `box` (left, top, width, height) allows, in up to three lines, and below it the
    branch and place at the sizes `second`; all in the middle of the box's height. Raises TextTooLong.
    """
    left, top, width, height = box
    details = SEPARATOR.join(text for text in (face.branch, face.place if with_place else "") if text)
    below = second[0] * 1.42 if details else 0.0
    bold = kit.fonts.face("bold")
    size, lines = break_lines(bold, face.shop_name, width, height - below, *sizes)
    if not lines:
        raise TextTooLong("shop_name", face.shop_name)
    leading = LEADING * size
    used = leading * (len(lines) - 1) + size + below
    start = top + (height - used) / 2
    x = {"start": left, "middle": left + width / 2, "end": left + width}[align]
    items: list[Item] = []
    for i, text in enumerate(lines):
        shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[align] * bold.width(text, size)
        items.append(Text(x - shift, start + 0.88 * size + i * leading, text, size, "bold", fills[0]))
    if details:
        field = "branch" if face.branch else "place"
        at = (x, start + used - 0.12 * second[0])
        items.append(line(kit, field, details, "regular", second, width, at, fills[1], align=align))
    return items


def emblem(kit: Kit, x: float, y: float, side: float) -> tuple[list[Item], float]:
    """(items, width): the bureau's logo, `side` high and at most three times as wide, else its cinnabar mark of one or
    two characters, one above the other, in a square; nothing if it has neither.
    """
    logo = kit.brand.logo
    if logo is None:
        return (_mark(kit, x, y, side), side) if kit.brand.mark else ([], 0.0)
    scale = min(side / logo.height, 3 * side / logo.width)
    width, height = logo.width * scale, logo.height * scale
    top = y + (side - height) / 2
    if logo.png:
        return [Picture(x, top, width, height, logo.png)], width
    return [Shape(path.transformed(scale, x, top), _printed(kit, fill)) for path, fill in logo.parts], width


def _printed(kit: Kit, fill: str) -> str:
    """A logo's colour; black or white where there is only black."""
    if kit.colours is not MONO:
        return fill
    return kit.colours.card if luminance(fill) > 0.4 else kit.colours.ink


def _mark(kit: Kit, x: float, y: float, side: float) -> list[Item]:
    mark = kit.brand.mark
    if len(mark) > 2:
        raise TextTooLong("mark", mark)
    size = side * (0.44 if len(mark) == 2 else 0.8)
    face = kit.fonts.face("bold")
    items: list[Item] = [Shape(rectangle(x, y, side, side, 0.12 * side), kit.colours.accent)]
    for i, character in enumerate(mark):
        left = x + (side - face.advance(character) * size) / 2
        middle = y + side * (i + 0.5) / len(mark) + 0.035 * side * (1 if i == 0 else -1) * (len(mark) - 1)
        items.append(Text(left, middle + MIDDLE * size, character, size, "bold", kit.colours.card))
    return items


def hotline(kit: Kit) -> str:
    """Where to complain, or nothing."""
    return f"{kit.words.hotline_label} {kit.brand.hotline}".strip() if kit.brand.hotline else ""


def serial_line(kit: Kit, face: StickerFace) -> tuple[str, str]:
    """The two things to read out: the serial and the check group."""
    return (
        f"{kit.words.serial_label} {face.serial}".strip(),
        f"{kit.words.check_label} {face.human_check}".strip(),
    )


def numbers(
    kit: Kit, face: StickerFace, left: float, right: float, baseline: float, size: float, fill: str
) -> list[Item]:
    """Serial and check group, flush with the edges given. Raises TextTooLong."""
    bold = kit.fonts.face("bold")
    one, two = serial_line(kit, face)
    tracking = 0.015 * size
    room = right - left - 0.7 * size
    natural = bold.width(one, 1.0, 0.015) + bold.width(two, 1.0, 0.015)
    size = min(size, room / natural)
    if size < 1.7:
        raise TextTooLong("serial_label", one + two)
    width = bold.width(two, size, tracking)
    return [
        Text(left, baseline, one, size, "bold", fill, tracking),
        Text(right - width, baseline, two, size, "bold", fill, tracking),
    ]
