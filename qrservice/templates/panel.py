"""The side panel that the landscape templates share: a field of the trust colour up to the cut, with the seal, the
title, the shop and the bureau on it; the white card of the symbol stands beside it.

Seal and title hang from the top and the foot stands on the bottom, however many lines it has; the couplet stands on the
foot, and the shop's name has what is left between.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from qrservice.drawing import Item, Shape
from qrservice.shapes import notched, rectangle
from qrservice.sticker import StickerFace
from qrservice.templates import imprint
from qrservice.templates import kit as k
from qrservice.templates.base import Kit

BLEED: Final = 11.0  # farther than any bleed
_SMALLEST: Final = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Where things stand on a panel of `width` × `height`, from the left edge; mm."""

    width: float
    height: float
    frame: float  # of the fine line, from the edges
    inset: float  # of everything else
    seal: float
    seal_y: float
    city: float
    city_y: float
    title: float
    title_y: float
    rule_y: float
    name_top: float
    name: float
    detail: float
    couplet: float
    foot_y: float
    foot: float

    @property
    def inner(self) -> float:
        return self.width - 2 * self.inset

    @property
    def centre(self) -> float:
        return self.width / 2


@dataclass(frozen=True, slots=True)
class _Flow:
    """What depends on the words: the foot, the couplet's size and baselines, and where the name's place ends."""

    foot: imprint.Imprint
    couplet: tuple[tuple[str, float], ...]  # text, baseline
    couplet_size: float
    tracking: float
    name_bottom: float


@lru_cache(maxsize=64)
def _flow(kit: Kit, panel: Panel, lines: tuple[str, str]) -> _Flow:
    foot = imprint.planned(kit, (panel.inset, panel.inner), (panel.foot, _SMALLEST))
    tracking = 0.2 if kit.words.upright else 0.02
    shown = [text for text in lines if text]
    size = panel.couplet * (1.0 if kit.words.upright else 0.86)
    for text in shown:
        fitted = k.line(
            kit, "couplet_first", text, "display", (size, _SMALLEST), panel.inner, (0, 0), "", tracking
        )
        size = fitted.size
    below = panel.foot_y - foot.height - 0.75 * panel.couplet
    last = below - 0.12 * size
    step = 1.36 * size
    baselines = tuple((text, last - (len(shown) - 1 - i) * step) for i, text in enumerate(shown))
    top = baselines[0][1] - 0.88 * size if baselines else below
    return _Flow(foot, baselines, size, tracking, top - 0.62 * panel.couplet)


def fixed(kit: Kit, panel: Panel, title: str, lines: tuple[str, str]) -> list[Item]:
    """Ground, seal, title, couplet and foot."""
    c, flow = kit.colours, _flow(kit, panel, lines)
    items: list[Item] = [
        Shape(rectangle(-BLEED, -BLEED, BLEED + panel.width, panel.height + 2 * BLEED), c.trust),
        _frame(kit, panel),
        *k.seal(kit, panel.centre, panel.seal_y, panel.seal, c.card, 0.05 * panel.seal),
        *_title(kit, panel, title),
        *_rule(kit, panel),
    ]
    size = flow.couplet_size
    for text, baseline in flow.couplet:
        at, room = (panel.centre, baseline), panel.inner + 1e-6
        items.append(
            k.line(kit, "couplet_first", text, "display", (size, 0.0), room, at, c.tint, flow.tracking)
        )
    return [*items, *imprint.drawn(kit, flow.foot, panel.foot_y, c.card)]


def _frame(kit: Kit, panel: Panel) -> Shape:
    """A fine line with notched corners, as on a certificate."""
    path = None
    for edge in (panel.frame, panel.frame + 0.17):
        outline = notched(edge, edge, panel.width - 2 * edge, panel.height - 2 * edge, 0.055 * panel.width)
        path = outline if path is None else path + outline
    assert path is not None
    return Shape(path, kit.colours.tint)


def _title(kit: Kit, panel: Panel, title: str) -> list[Item]:
    """The city's name small, and the title large below it."""
    items: list[Item] = []
    tracking = 0.12 if kit.words.upright else 0.01
    for field, text, size, y in (
        ("city_name", kit.brand.city_name, panel.city, panel.city_y),
        ("title", title, panel.title, panel.title_y),
    ):
        if text:
            sizes, at = (size, 0.5 * size), (panel.centre, y)
            items.append(
                k.line(kit, field, text, "display", sizes, panel.inner, at, kit.colours.card, tracking)
            )
            tracking *= 0.7
    return items


def _rule(kit: Kit, panel: Panel) -> list[Item]:
    """A fine rule with a diamond in its middle."""
    gap, reach, fill, y = 0.045 * panel.inner, 0.018 * panel.inner, kit.colours.tint, panel.rule_y
    length = 0.36 * panel.inner
    return [
        Shape(rectangle(panel.centre - gap - length, y - 0.07, length, 0.14), fill),
        Shape(rectangle(panel.centre + gap, y - 0.07, length, 0.14), fill),
        k.diamond(panel.centre, y, reach, fill),
    ]


def own(
    kit: Kit, panel: Panel, face: StickerFace, lines: tuple[str, str], *, with_place: bool = True
) -> list[Item]:
    """The shop's name and its branch."""
    c, bottom = kit.colours, _flow(kit, panel, lines).name_bottom
    box = (panel.inset, panel.name_top, panel.inner, bottom - panel.name_top)
    sizes, second = (panel.name, 1.8), (panel.detail, _SMALLEST)
    return k.name_block(kit, face, box, sizes, second, (c.card, c.tint), with_place=with_place)
