"""A picture to share: a shop's name, its seal and a symbol that opens the shop's page. Not a sticker.

It carries no token: a sticker's code would hang in every chat, be scanned far from its door, and raise the alarm of a
copied sticker. The symbol holds the plain address of the shop's page, which never claims that a sticker was checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from qrcode import QRCode, constants
from qrcode.util import MODE_8BIT_BYTE, QRData

from qrservice.brand import Brand
from qrservice.drawing import Item, Layout, Shape, Symbol, Text
from qrservice.errors import SymbolTooLarge, TextTooLong
from qrservice.fonts import Fonts
from qrservice.matrix import MASK, QUIET_ZONE, Matrix
from qrservice.shapes import notched, rectangle
from qrservice.templates import kit as k
from qrservice.templates.base import Kit
from qrservice.typeset import LEADING, break_lines
from qrservice.words.catalogue import Words

#: Three to four, as chats show a picture whole; ten pixels a millimetre make 1080 × 1440.
WIDTH: Final = 108.0
HEIGHT: Final = 144.0
POSTER_DPI: Final = 254
_CENTRE: Final = WIDTH / 2
_FRAME: Final = 4.0
_SEAL: Final = 26.0
_SEAL_Y: Final = 21.5
_TITLE_Y: Final = 42.0
_NAME: Final = (10.0, 45.0, 88.0, 22.5)  # left, top, width, height
_CARD: Final = 48.0
_CARD_Y: Final = 69.8
_CALL_Y: Final = 124.9
_NOTE_Y: Final = 130.0
_BUREAU_Y: Final = 136.4
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class PosterFace:
    """What a poster says. `title` stands over the shop's name, `call` below the symbol, `note` says what it is not."""

    shop_name: str
    branch: str = ""
    address: str  # of the page, with its scheme
    title: str
    call: str
    note: str
    brand: Brand
    words: Words


def address_symbol(address: str) -> Matrix:
    """The symbol of a plain address, level Q, the smallest that holds it. Raises SymbolTooLarge, ValueError (ASCII)."""
    if len(address) > _LONGEST:
        raise SymbolTooLarge(f"an address of {len(address)} characters")
    code: QRCode = QRCode(error_correction=constants.ERROR_CORRECT_Q, border=0, mask_pattern=MASK)  # type: ignore[type-arg]
    code.add_data(QRData(address.encode("ascii"), mode=MODE_8BIT_BYTE))  # type: ignore[call-overload]
    code.make(fit=True)
    text = "".join("1" if dark else "0" for row in code.modules for dark in row)
    return Matrix(len(code.modules), int(text, 2), code.version)


def compose_poster(face: PosterFace, fonts: Fonts) -> Layout:
    """The layout of a poster. A name that is too long for its place is cut with an ellipsis."""
    kit, matrix = Kit(fonts, face.brand, face.words), address_symbol(face.address)
    module = _CARD / (matrix.size + 2 * QUIET_ZONE)
    at = (_CENTRE - _CARD / 2 + QUIET_ZONE * module, _CARD_Y + QUIET_ZONE * module)
    items = (*_frame(kit), *_head(kit, face), *_name(kit, face), *_card(kit), *_foot(kit, face))
    lacking = {
        c: None
        for item in items
        if isinstance(item, Text)
        for c in item.text
        if not fonts.face(item.weight).has(c)
    }
    return Layout(
        WIDTH,
        HEIGHT,
        kit.colours.paper,
        (),
        (*items, Symbol(*at, matrix.size * module, matrix, kit.colours.symbol)),
        face.shop_name,
        tuple(lacking),
        "poster",
        0.3,
        language=face.words.language,
    )


def _frame(kit: Kit) -> list[Item]:
    c, items = kit.colours, list[Item]()
    for inset, width in ((0.0, 0.5), (1.05, 0.16)):
        outer, inner = (
            notched(x, x, WIDTH - 2 * x, HEIGHT - 2 * x, 4.2)
            for x in (_FRAME + inset, _FRAME + inset + width)
        )
        items.append(Shape(outer + inner, c.trust))
    return items


def _head(kit: Kit, face: PosterFace) -> list[Item]:
    at = (_CENTRE, _TITLE_Y)
    title = k.line(kit, "title", face.title, "display", (4.6, 2.8), 70.0, at, kit.colours.trust, 0.1)
    room = (_FRAME + 5, WIDTH - _FRAME - 5)
    return [*k.seal(kit, _CENTRE, _SEAL_Y, _SEAL), *k.flanked(kit, title, kit.colours.trust, 3.0, room)]


def _name(kit: Kit, face: PosterFace) -> list[Item]:
    """The name as large as its place allows, the branch below."""
    left, top, width, height = _NAME
    bold, name = kit.fonts.face("bold"), face.shop_name
    below = 5.2 if face.branch else 0.0
    size, lines = break_lines(bold, name, width, height - below, 10.0, 4.0)
    while not lines:
        name = _shorter("shop_name", name)
        size, lines = break_lines(bold, name, width, height - below, 10.0, 4.0)
    used = LEADING * size * (len(lines) - 1) + size + below
    start, items = top + (height - used) / 2, list[Item]()
    for number, text in enumerate(lines):
        x = left + (width - bold.width(text, size)) / 2
        items.append(
            Text(x, start + 0.88 * size + number * LEADING * size, text, size, "bold", kit.colours.ink)
        )
    if face.branch:
        at = (_CENTRE, start + used - 0.5)
        items.append(_fitted(kit, "branch", face.branch, "regular", (3.6, 2.4), 80.0, at, kit.colours.quiet))
    return items


def _shorter(field: str, text: str) -> str:
    """One character less, with an ellipsis at its end. Raises TextTooLong when hardly anything would be left."""
    bare = text.removesuffix("…")[:-1].rstrip()
    if not bare:
        raise TextTooLong(field, text)
    return f"{bare}…"


def _fitted(
    kit: Kit,
    field: str,
    text: str,
    weight: str,
    sizes: tuple[float, float],
    width: float,
    at: tuple[float, float],
    fill: str,
) -> Text:
    """One line, cut with an ellipsis when even its smallest size is too wide."""
    while True:
        try:
            return k.line(kit, field, text, weight, sizes, width, at, fill)  # type: ignore[arg-type]
        except TextTooLong:
            text = _shorter(field, text)


def _card(kit: Kit) -> list[Item]:
    x, c = _CENTRE - _CARD / 2, kit.colours
    return [
        Shape(rectangle(x - 1.25, _CARD_Y - 1.25, _CARD + 2.5, _CARD + 2.5, 2.6), c.line),
        Shape(rectangle(x - 1.0, _CARD_Y - 1.0, _CARD + 2.0, _CARD + 2.0, 2.4), c.card),
    ]


def _foot(kit: Kit, face: PosterFace) -> list[Item]:
    c = kit.colours
    items: list[Item] = [
        _fitted(kit, "call", face.call, "bold", (3.6, 2.4), 92.0, (_CENTRE, _CALL_Y), c.ink),
        _fitted(kit, "note", face.note, "regular", (2.6, 1.9), 92.0, (_CENTRE, _NOTE_Y), c.quiet),
    ]
    _, wide = k.emblem(kit, 0, 0, 4.6)
    space = 1.4 if wide else 0.0
    at = (_CENTRE + (wide + space) / 2, _BUREAU_Y)
    name = _fitted(kit, "bureau_name", kit.brand.bureau_name, "bold", (3.2, 2.2), 80.0 - wide, at, c.ink)
    mark, _ = k.emblem(kit, name.x - space - wide, _BUREAU_Y - k.MIDDLE * name.size - 2.3, 4.6)
    return [*items, name, *mark]
