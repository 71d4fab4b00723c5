"""Who vouches and where to complain, beside the bureau's emblem: the foot of several templates."""

from __future__ import annotations

from typing import Final

from qrservice.drawing import Item
from qrservice.errors import TextTooLong
from qrservice.templates import kit as k
from qrservice.templates.base import Kit
from qrservice.typeset import LEADING, break_lines

_STEP: Final = 1.26


def imprint(
    kit: Kit,
    span: tuple[float, float],
    bottom: float,
    sizes: tuple[float, float],
    fill: str,
    *,
    centred: bool = True,
) -> list[Item]:
    """The emblem and beside it the bureau (a long name in two lines), then the hotline; the last baseline at `bottom`.

    `span` is (left, width). Raises TextTooLong.
    """
    left, width = span
    side = 2.5 * sizes[0]
    _, wide = k.emblem(kit, 0, 0, side)
    space = 0.45 * sizes[0] if wide else 0.0
    bold, room = kit.fonts.face("bold"), width - wide - space
    height = (1 + LEADING) * sizes[0] + 1e-6
    size, lines = break_lines(bold, kit.brand.bureau_name, room, height, *sizes)
    if not lines or len(lines) > 2:
        raise TextTooLong("bureau_name", kit.brand.bureau_name)
    rows = [("bureau_name", text) for text in lines]
    if k.hotline(kit):
        rows.append(("hotline", k.hotline(kit)))
    used = wide + space + max(min(room, bold.width(text, size)) for _, text in rows)
    x = left + (width - used) / 2 if centred else left
    middle = bottom - 0.38 * size - (len(rows) - 1) * _STEP * size / 2
    items, _ = k.emblem(kit, x, middle - side / 2, side)
    for i, (field, text) in enumerate(reversed(rows)):
        at = (x + wide + space, bottom - i * _STEP * size)
        items.append(k.line(kit, field, text, "bold", (size, sizes[1]), room + 1e-6, at, fill, align="start"))
    return items
