"""What a template is: figures of a paper, and two functions that fill it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from qrservice.brand import Brand, Colours
from qrservice.drawing import Item
from qrservice.fonts import Fonts
from qrservice.sticker import StickerFace
from qrservice.words.catalogue import Words


@dataclass(frozen=True, slots=True)
class Kit:
    """What the parts of a sticker are drawn with."""

    fonts: Fonts
    brand: Brand
    words: Words

    @property
    def colours(self) -> Colours:
        return self.brand.colours


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One kind of sticker; lengths in millimetres, the distance in metres.

    `width` × `height` is what is left after cutting; nothing that is read comes nearer to the cut than `safe`. The
    symbol with its quiet zone fills the square of `side` at (`left`, `top`), whatever its version. `fixed` draws what
    all stickers of a bureau share, `own` what belongs to one shop, the symbol apart.

    `sheet`: four doors `fill` an A4 sheet, the others keep its margins. Neighbours that `abut` share their cut, so that
    no colour but the paper's may reach it; with a `gutter` each has its own bleed.
    """

    name: str
    width: float
    height: float
    safe: float
    left: float
    top: float
    side: float
    distance: float
    fixed: Callable[[Kit], tuple[Item, ...]]
    own: Callable[[Kit, StickerFace], tuple[Item, ...]]
    round: bool = False
    mono: bool = False
    sheet: Literal["fill", "abut", "gutter"] = "gutter"
    ground: str = "paper"  # which of the brand's colours the paper has, over the bleed too
