"""The composition of the door sticker: A6 portrait, pure geometry in millimetres, y downwards.

A door in China is dressed with a couplet: two vertical lines at the sides and one across the top. The
sticker is built the same way around the symbol, with the seal breaking the frame above it. One layout feeds
all renderers, so that screen, PNG, SVG and PDF agree. Items that depend only on the bureau are `fixed`;
those of the shop are `own`: a sheet of many stickers draws the fixed ones once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from qrservice.drawing import Item, Layout, Shape, Symbol, Text
from qrservice.errors import MissingGlyphs, TextTooLong
from qrservice.fonts import Fonts
from qrservice.matrix import QUIET_ZONE, Matrix, symbol
from qrservice.seal import COLOURS, Status, seal_parts
from qrservice.shapes import circle, notched, polygon, rectangle
from qrservice.sticker import StickerFace
from qrservice.typeset import break_lines, fit_line

WIDTH: Final = 105.0
HEIGHT: Final = 148.0

PAPER: Final = "#f7f6f2"
INK: Final = "#1f2a37"
QUIET: Final = "#596273"
LINE: Final = "#d9d6cb"
TRUST: Final = COLOURS[Status.TRUSTED]
CINNABAR: Final = "#b8402f"
WHITE: Final = "#ffffff"
BLACK: Final = "#000000"

CENTRE: Final = WIDTH / 2
# 0.05 inch a module at version 8: a whole number of pixels at 100, 200, 300 and 600 dpi. The symbol is
# 62.2 mm wide; a larger version has smaller modules in the same place.
SYMBOL_PLACE: Final = 57 * 1.27  # with the quiet zone
CARD_PADDING: Final = 0.65  # keeps the card's round corners out of the quiet zone
CARD: Final = SYMBOL_PLACE + 2 * CARD_PADDING
CARD_X: Final = CENTRE - CARD / 2
CARD_Y: Final = 55.7
FRAME: Final = 4.6  # an office printer leaves about 4.2 mm blank: the frame stays inside
FRAME_TOP: Final = 12.2
FRAME_WIDTH: Final = 0.45
SEAL: Final = 28.6
SEAL_Y: Final = 18.7
STRIP: Final = 7.6
TITLE: Final = 4.5
TITLE_Y: Final = 38.5
TITLE_WIDTH: Final = 74.0
TEXT_WIDTH: Final = 88.0
NAME_TOP: Final = 40.7
NAME_BOTTOM: Final = 54.4
NAME_MAX: Final = 8.2
NAME_MIN: Final = 2.6
BRANCH: Final = 3.5
NUMBERS_Y: Final = CARD_Y + CARD + 4.2
NOTE_Y: Final = 137.3
BUREAU_Y: Final = 141.3


def compose(face: StickerFace, fonts: Fonts, matrix: Matrix | None = None, *, strict: bool = True) -> Layout:
    """The layout of a sticker. `matrix` may be given when it was made by a SymbolTable.

    Raises TextTooLong if a text cannot be set legibly, and MissingGlyphs if `strict` and the font lacks a
    character; otherwise 〓 is drawn for it and `Layout.missing` lists it. Raises SymbolTooLarge for a very
    long host.
    """
    fixed = _fixed_items(
        fonts,
        (face.city_name, face.title, face.couplet_right, face.couplet_left),
        (face.note, face.bureau_name, face.hotline_label, face.hotline, face.mark),
    )
    own = (*_name_items(face, fonts), *_number_items(face, fonts), _symbol_item(face, matrix))
    missing = _missing((*fixed, *own), fonts)
    if missing and strict:
        raise MissingGlyphs(missing)
    return Layout(WIDTH, HEIGHT, PAPER, fixed, own, f"{face.shop_name} {face.serial}", missing)


@lru_cache(maxsize=32)
def _fixed_items(fonts: Fonts, top: tuple[str, ...], foot: tuple[str, ...]) -> tuple[Item, ...]:
    city_name, title, right, left = top
    bottom = HEIGHT - FRAME
    outer = notched(FRAME, FRAME_TOP, WIDTH - 2 * FRAME, bottom - FRAME_TOP, 4.0)
    side, line = FRAME + FRAME_WIDTH, FRAME_WIDTH
    inner = notched(side, FRAME_TOP + line, WIDTH - 2 * side, bottom - FRAME_TOP - 2 * line, 4.0)
    items: list[Item] = [
        Shape(outer + inner, TRUST),
        Shape(circle(CENTRE, SEAL_Y, SEAL / 2 + 1.8), PAPER),
        *_seal_items(),
        *_title_items(fonts, city_name + title),
        Shape(rectangle(CARD_X - 0.25, CARD_Y - 0.25, CARD + 0.5, CARD + 0.5, 2.25), LINE),
        Shape(rectangle(CARD_X, CARD_Y, CARD, CARD, 2.0), WHITE),
    ]
    middle = (CARD_X + side) / 2
    items += _couplet_items(fonts, "couplet_right", right, WIDTH - middle)
    items += _couplet_items(fonts, "couplet_left", left, middle)
    items += _foot_items(fonts, *foot)
    return tuple(items)


def _seal_items() -> list[Item]:
    scale = SEAL / 120
    left, top = CENTRE - SEAL / 2, SEAL_Y - SEAL / 2
    return [
        Shape(part.path.transformed(scale, left, top), part.colour or TRUST)
        for part in seal_parts(Status.TRUSTED)
    ]


def _title_items(fonts: Fonts, title: str) -> list[Item]:
    """The line across the top, between two short rules with a diamond."""
    if not title:
        return []
    text = fit_line(fonts, "title", title, "bold", TITLE, 3.0, TITLE_WIDTH, CENTRE, TITLE_Y, TRUST, 0.16)
    middle = TITLE_Y - 0.38 * text.size
    end, diamond = text.x - 3.0, 0.75
    items: list[Item] = [text]
    for mirror in (1, -1):
        x = CENTRE + mirror * (end - CENTRE)
        tip = polygon(
            (x - diamond, middle), (x, middle - diamond), (x + diamond, middle), (x, middle + diamond)
        )
        start = x - 1.6 if mirror > 0 else x + 1.6
        rule = rectangle(min(start, start - mirror * 7), middle - 0.12, 7.0, 0.24)
        items.append(Shape(tip + rule, TRUST))
    return items


def _couplet_items(fonts: Fonts, field: str, text: str, centre: float) -> list[Item]:
    """A vertical line of characters on a strip as tall as the symbol's card."""
    if not text:
        return []
    face = fonts.face("bold")
    size = 5.3
    inset = 4.0
    pitch = (CARD - 2 * inset) / len(text)
    if pitch < size:
        raise TextTooLong(field, text)
    items: list[Item] = [Shape(rectangle(centre - STRIP / 2, CARD_Y, STRIP, CARD, 2.0), TRUST)]
    for i, character in enumerate(text):
        middle = CARD_Y + inset + pitch * (i + 0.5)
        x = centre - face.advance(character) * size / 2
        # An ideograph's body reaches from -0.12 to 0.88 em: its middle is 0.38 em above the baseline.
        items.append(Text(x, middle + 0.38 * size, character, size, "bold", WHITE))
    return items


def _foot_items(fonts: Fonts, note: str, bureau: str, label: str, hotline: str, mark: str) -> list[Item]:
    items: list[Item] = []
    if note:
        items.append(fit_line(fonts, "note", note, "regular", 2.7, 2.0, 80.0, CENTRE, NOTE_Y, QUIET, 0.02))
    line = f"{bureau}  {label} {hotline}".strip() if hotline else bureau
    side = 4.2 if mark else 0.0
    space = 1.4 if mark else 0.0
    text = fit_line(
        fonts,
        "bureau_name",
        line,
        "bold",
        3.1,
        2.2,
        80.0 - side - space,
        CENTRE + (side + space) / 2,
        BUREAU_Y,
        INK,
        0.02,
    )
    items.append(text)
    if mark:
        items += _mark_items(fonts, mark, text.x - space - side, BUREAU_Y - 0.38 * text.size - side / 2, side)
    return items


def _mark_items(fonts: Fonts, mark: str, x: float, y: float, side: float) -> list[Item]:
    """The bureau's cinnabar mark: one or two characters, one above the other, in a square."""
    if len(mark) > 2:
        raise TextTooLong("mark", mark)
    size = side * (0.44 if len(mark) == 2 else 0.8)
    items: list[Item] = [Shape(rectangle(x, y, side, side, 0.5), CINNABAR)]
    for i, character in enumerate(mark):
        left = x + (side - fonts.face("bold").advance(character) * size) / 2
        middle = y + side * (i + 0.5) / len(mark) + (0.15 if i == 0 else -0.15) * (len(mark) - 1)
        items.append(Text(left, middle + 0.38 * size, character, size, "bold", WHITE))
    return items


def _name_items(face: StickerFace, fonts: Fonts) -> list[Item]:
    """The shop's name as large as its place allows, in up to three lines, and the branch below."""
    branch_height = BRANCH * 1.35 if face.branch else 0.0
    size, lines = break_lines(
        fonts.face("bold"),
        face.shop_name,
        TEXT_WIDTH,
        NAME_BOTTOM - NAME_TOP - branch_height,
        NAME_MAX,
        NAME_MIN,
    )
    if not lines:
        raise TextTooLong("shop_name", face.shop_name)
    leading = 1.18 * size
    used = leading * (len(lines) - 1) + size + branch_height
    top = (NAME_TOP + NAME_BOTTOM - used) / 2
    items: list[Item] = []
    for i, line in enumerate(lines):
        x = CENTRE - fonts.face("bold").width(line, size) / 2
        items.append(Text(x, top + 0.88 * size + i * leading, line, size, "bold", INK))
    if face.branch:
        baseline = top + used - 0.12 * BRANCH
        items.append(
            fit_line(
                fonts, "branch", face.branch, "regular", BRANCH, 2.4, TEXT_WIDTH, CENTRE, baseline, QUIET
            )
        )
    return items


def _number_items(face: StickerFace, fonts: Fonts) -> list[Item]:
    """Serial and check group, flush with the card's edges."""
    baseline, size = NUMBERS_Y, 3.3
    left = f"{face.serial_word} {face.serial}".strip()
    right = f"{face.check_word} {face.human_check}".strip()
    bold = fonts.face("bold")
    right_width = bold.width(right, size, 0.05)
    if bold.width(left, size, 0.05) + right_width + 2 > CARD:
        raise TextTooLong("serial_word", left + right)
    return [
        Text(CARD_X, baseline, left, size, "bold", INK, 0.05),
        Text(CARD_X + CARD - right_width, baseline, right, size, "bold", INK, 0.05),
    ]


def _symbol_item(face: StickerFace, matrix: Matrix | None) -> Symbol:
    made = matrix or symbol(face.token, face.host, face.scheme)
    module = SYMBOL_PLACE / (made.size + 2 * QUIET_ZONE)
    margin = CARD_PADDING + QUIET_ZONE * module
    return Symbol(CARD_X + margin, CARD_Y + margin, made.size * module, made)


def _missing(items: tuple[Item, ...], fonts: Fonts) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for item in items:
        if isinstance(item, Text):
            face = fonts.face(item.weight)
            found.update((c, None) for c in item.text if not face.has(c))
    return tuple(found)
