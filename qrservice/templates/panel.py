"""The side panel that the landscape templates share: a field of the trust colour up to the cut, with the seal, the
title, the shop and the bureau on it; the white card of the symbol stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

from qrservice.drawing import Item, Shape
from qrservice.shapes import rectangle
from qrservice.sticker import StickerFace
from qrservice.templates import kit as k
from qrservice.templates.base import Kit
from qrservice.templates.imprint import imprint

BLEED = 10.0  # farther than any bleed


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Where things stand on a panel of `width` × `height`, from the left edge; mm."""

    width: float
    height: float
    inset: float
    seal: float
    seal_y: float
    title: float
    title_y: float
    rule_y: float
    name_top: float
    name_bottom: float
    name: float
    detail: float
    couplet_y: float
    couplet: float
    couplet_step: float
    foot_y: float
    foot: float

    @property
    def inner(self) -> float:
        return self.width - 2 * self.inset

    @property
    def centre(self) -> float:
        return self.width / 2


def fixed(kit: Kit, panel: Panel, title: str, lines: tuple[str, str]) -> list[Item]:
    """Ground, seal, title, couplet and foot."""
    c, words = kit.colours, kit.words
    items: list[Item] = [
        Shape(rectangle(-BLEED, -BLEED, BLEED + panel.width, panel.height + 2 * BLEED), c.trust),
        *k.seal(kit, panel.centre, panel.seal_y, panel.seal, c.card, 0.05 * panel.seal),
    ]
    shown = words.titled(kit.brand.city_name, title)
    tracking = 0.1 if words.upright else 0.01
    if shown:
        sizes, at = (panel.title, 0.5 * panel.title), (panel.centre, panel.title_y)
        items.append(k.line(kit, "title", shown, "display", sizes, panel.inner, at, c.card, tracking))
    items += _rule(kit, panel, panel.rule_y)
    for i, (field, text) in enumerate(zip(("couplet_first", "couplet_second"), lines, strict=True)):
        if text:
            at = (panel.centre, panel.couplet_y + i * panel.couplet_step)
            sizes = (panel.couplet, 0.55 * panel.couplet)
            items.append(k.line(kit, field, text, "display", sizes, panel.inner, at, c.tint, 2 * tracking))
    foot = (panel.foot, 1.5)
    return [*items, *imprint(kit, (panel.inset, panel.inner), panel.foot_y, foot, c.card)]


def _rule(kit: Kit, panel: Panel, y: float) -> list[Item]:
    """A fine rule with a diamond in its middle."""
    gap, reach, fill = 0.04 * panel.inner, 0.016 * panel.inner, kit.colours.tint
    length = panel.inner / 2 - gap
    return [
        Shape(rectangle(panel.inset, y - 0.07, length, 0.14), fill),
        Shape(rectangle(panel.centre + gap, y - 0.07, length, 0.14), fill),
        k.diamond(panel.centre, y, reach, fill),
    ]


def own(kit: Kit, panel: Panel, face: StickerFace, *, with_place: bool = True) -> list[Item]:
    """The shop's name and its branch."""
    c = kit.colours
    box = (panel.inset, panel.name_top, panel.inner, panel.name_bottom - panel.name_top)
    sizes, second = (panel.name, 1.9), (panel.detail, 1.6)
    return k.name_block(kit, face, box, sizes, second, (c.card, c.tint), with_place=with_place)
