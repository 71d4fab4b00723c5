"""From what a sticker says to what is drawn: a template filled, checked, and ready for every renderer.

Items that depend only on the bureau are `fixed` and made once; those of the shop are `own`: a sheet of many stickers
draws the fixed ones once. Whether the symbol has its quiet zone and its contrast is a question of the fixed items, so
it too is asked once for each bureau, template and size of symbol.
"""

from __future__ import annotations

from functools import lru_cache

from qrservice.brand import Brand
from qrservice.drawing import Item, Layout, Symbol, Text
from qrservice.errors import MissingGlyphs, WouldNotScan
from qrservice.fonts import Fonts
from qrservice.matrix import QUIET_ZONE, Matrix, symbol
from qrservice.reflectance import symbol_contrast
from qrservice.scannability import Figures, Reason, bounds, surroundings
from qrservice.sticker import StickerFace
from qrservice.templates import Kit, Template, named
from qrservice.words.catalogue import Words


def compose(
    face: StickerFace,
    fonts: Fonts,
    matrix: Matrix | None = None,
    *,
    template: str = "door",
    strict: bool = True,
) -> Layout:
    """The layout of a sticker. `matrix` may be given when it was made by a SymbolTable.

    Raises TextTooLong if a text cannot be set legibly, WouldNotScan with a reason and figures if the sticker could not
    be read from the distance that the template is for, and MissingGlyphs if `strict` and the font lacks a character;
    otherwise 〓 is drawn for it and `Layout.missing` lists it. Raises SymbolTooLarge for a very long host, ValueError
    for an unknown template.
    """
    kind = named(template)
    made = matrix or symbol(face.token, face.host, face.scheme)
    brand = _brand(face.brand, mono=kind.mono)
    fixed, fixed_missing = _fixed(kind.name, fonts, brand, face.words, made.size)
    own = kind.own(Kit(fonts, brand, face.words), face)
    _keep_clear(kind, own, fonts)
    missing = _missing(own, fonts, fixed_missing)
    if missing and strict:
        raise MissingGlyphs(missing)
    return Layout(
        kind.width,
        kind.height,
        getattr(brand.colours, kind.ground),
        fixed,
        (*own, _symbol(kind, made, brand.colours.symbol)),
        f"{face.shop_name} {face.serial}",
        missing,
        kind.name,
        kind.distance,
        kind.round,
        kind.mono,
        face.words.language,
    )


@lru_cache(maxsize=32)
def _brand(brand: Brand, *, mono: bool) -> Brand:
    return brand.mono() if mono else brand


@lru_cache(maxsize=64)
def _fixed(
    name: str, fonts: Fonts, brand: Brand, words: Words, modules: int
) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """(items, characters without a glyph), if a symbol of so many modules can be read among them."""
    kind = named(name)
    items = _fixed_items(name, fonts, brand, words)
    place = _symbol(kind, Matrix(modules, 0, 0), brand.colours.symbol)
    quiet, ground = surroundings(place, items, getattr(brand.colours, kind.ground), fonts)
    found = Figures(
        quiet, symbol_contrast(place.fill, ground), place.side, place.side / modules, kind.distance
    )
    refusal = found.refusal()
    if refusal:
        raise refusal
    return items, _missing(items, fonts, ())


@lru_cache(maxsize=64)
def _fixed_items(name: str, fonts: Fonts, brand: Brand, words: Words) -> tuple[Item, ...]:
    return named(name).fixed(Kit(fonts, brand, words))


def _symbol(kind: Template, made: Matrix, fill: str) -> Symbol:
    module = kind.side / (made.size + 2 * QUIET_ZONE)
    margin = QUIET_ZONE * module
    return Symbol(kind.left + margin, kind.top + margin, made.size * module, made, fill)


def _keep_clear(kind: Template, own: tuple[Item, ...], fonts: Fonts) -> None:
    """No line of the shop's may stand in the symbol's place: it holds the quiet zone. Raises WouldNotScan."""
    left, top, right, bottom = kind.left, kind.top, kind.left + kind.side, kind.top + kind.side
    for item in own:
        if isinstance(item, Text):
            x0, y0, x1, y1 = bounds(item, fonts)
            if x0 < right and x1 > left and y0 < bottom and y1 > top:
                raise WouldNotScan(Reason.QUIET_ZONE, 0.0, QUIET_ZONE, "modules")


def _missing(items: tuple[Item, ...], fonts: Fonts, known: tuple[str, ...]) -> tuple[str, ...]:
    found = dict.fromkeys(known)
    for item in items:
        if isinstance(item, Text):
            face = fonts.face(item.weight)
            found.update((c, None) for c in item.text if not face.has(c))
    return tuple(found)
