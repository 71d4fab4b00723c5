"""Drawing the covered and marked picture of a licence. Loaded when one is drawn: a worker starts without Pillow."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from .covering import COLUMNS, ROWS, checked

#: Longest side of what is published, pixels: to be read on a phone, not to be printed as if it were the licence.
LONGEST: Final = 1280
FONT: Final = Path(__file__).parents[2] / "static" / "vendor" / "fonts" / "NotoSansSC-Bold.ttf"


def covered(picture: Image.Image, cells: Iterable[int], mark: str) -> Image.Image:
    """The picture to publish: made smaller, the cells painted over, `mark` written across it again and again.

    The pixels under a cell are replaced, not veiled: nothing of them is in the file.
    """
    shown = picture.convert("RGB")
    shown.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(shown)
    for cell in checked(cells):
        row, column = divmod(cell, COLUMNS)
        # Each cell reaches a pixel over its edges, so that no line of what lies below is left between two.
        draw.rectangle(
            (
                column * shown.width // COLUMNS - 1,
                row * shown.height // ROWS - 1,
                (column + 1) * shown.width // COLUMNS + 1,
                (row + 1) * shown.height // ROWS + 1,
            ),
            fill="#5f6878",
        )
    return _marked(shown, mark)


def _marked(picture: Image.Image, mark: str) -> Image.Image:
    """The mark across the whole picture, dark with a light edge, so that it is read on any ground."""
    size = max(14, picture.width // 34)
    font = _font(size)
    width = round(font.getlength(mark)) + 3 * size
    side = int((picture.width**2 + picture.height**2) ** 0.5) + 2
    layer = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    for number, top in enumerate(range(0, side, size * 6)):
        for left in range(-(number % 2) * width // 2, side, width):
            draw.text(
                (left, top),
                mark,
                font=font,
                fill=(31, 42, 55, 92),
                stroke_width=1,
                stroke_fill=(255, 255, 255, 92),
            )
    turned = layer.rotate(28, resample=Image.Resampling.BICUBIC)
    x, y = (side - picture.width) // 2, (side - picture.height) // 2
    whole = picture.convert("RGBA")
    whole.alpha_composite(turned.crop((x, y, x + picture.width, y + picture.height)))
    return whole.convert("RGB")


@lru_cache(maxsize=4)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size, layout_engine=ImageFont.Layout.BASIC)
