"""Who vouches and where to complain, beside the bureau's emblem: the foot of several templates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from qrservice.drawing import Item
from qrservice.errors import TextTooLong
from qrservice.templates import kit as k
from qrservice.templates.base import Kit
from qrservice.typeset import LEADING, break_lines

_STEP: Final = 1.26


@dataclass(frozen=True, slots=True)
class Imprint:
    """Lines as (field, text) at one size, beside an emblem of `side`; `height` reaches down to the last baseline."""

    left: float
    width: float
    size: float
    smallest: float
    side: float
    rows: tuple[tuple[str, str], ...]

    @property
    def height(self) -> float:
        text = ((len(self.rows) - 1) * _STEP + 0.88) * self.size
        return max(text, text / 2 + self.side / 2 - 0.06 * self.size)


@lru_cache(maxsize=128)
def planned(kit: Kit, span: tuple[float, float], sizes: tuple[float, float]) -> Imprint:
    """The bureau (a long name in two lines) and the hotline within `span` (left, width). Raises TextTooLong."""
    left, width = span
    side = 2.5 * sizes[0]
    _, wide = k.emblem(kit, 0, 0, side)
    shift = wide + (0.45 * sizes[0] if wide else 0.0)
    bold, room = kit.fonts.face("bold"), width - shift
    height = (1 + LEADING) * sizes[0] + 1e-6
    size, lines = break_lines(bold, kit.brand.bureau_name, room, height, *sizes)
    if not lines or len(lines) > 2:
        raise TextTooLong("bureau_name", kit.brand.bureau_name)
    rows = [("bureau_name", text) for text in lines]
    if k.hotline(kit):
        rows.append(("hotline", k.hotline(kit)))
    return Imprint(left, width, size, sizes[1], side, tuple(rows))


def drawn(kit: Kit, plan: Imprint, bottom: float, fill: str, *, centred: bool = True) -> list[Item]:
    """The lines with the last baseline at `bottom`, and the emblem in the middle of their height."""
    _, wide = k.emblem(kit, 0, 0, plan.side)
    shift = wide + (0.18 * plan.side if wide else 0.0)
    room, size = plan.width - shift, plan.size
    bold = kit.fonts.face("bold")
    used = shift + max(min(room, bold.width(text, size)) for _, text in plan.rows)
    x = plan.left + ((plan.width - used) / 2 if centred else 0.0)
    middle = bottom - k.MIDDLE * size - (len(plan.rows) - 1) * _STEP * size / 2
    items, _ = k.emblem(kit, x, middle - plan.side / 2, plan.side)
    sizes = (size, plan.smallest)
    for i, (field, text) in enumerate(reversed(plan.rows)):
        at = (x + shift, bottom - i * _STEP * size)
        items.append(k.line(kit, field, text, "bold", sizes, room + 1e-6, at, fill, align="start"))
    return items
