"""Which pictures of licences may be shown, what must be covered in them, and how the shown one is drawn.

A phone's photo of a licence has no fixed layout, so no rule can know where on it a number stands: an officer marks the
cells of a grid that hold something personal, looks at what came out, and only that picture is ever published. What has
to be covered in which kind is said here.

Source: 《个人信息保护法》 arts. 6 and 28 (no more than the purpose needs), GB/T 35273 (identity numbers, phones, homes,
signatures). The legal representative's name stays: it is public in the register (《市场主体登记管理条例》 ?).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

COLUMNS: Final = 10
ROWS: Final = 14
#: Longest side of what is published, pixels: to be read on a phone, not to be printed as if it were the licence.
LONGEST: Final = 1280
#: Kinds of which no picture is shown: the form itself is full of a person's data.
NEVER: Final = frozenset({"car_repair_filing", "food_filing"})
#: What is to be covered in every kind, and besides in some; each has a word (``licence.cover.<part>``).
ALWAYS: Final = ("identity_number", "phone", "home", "signature", "portrait")
BESIDES: Final[dict[str, tuple[str, ...]]] = {
    "food_catering": ("supervisor",),
    "food_sales": ("supervisor",),
    "small_food": ("supervisor", "portrait_of_trader"),
    "transport": ("vehicle",),
    "medical_practice": ("practitioner",),
}
FONT: Final = Path(__file__).parents[2] / "static" / "vendor" / "fonts" / "NotoSansSC-Bold.ttf"


def may_show(kind_code: str) -> bool:
    """May a picture of this kind of licence be published at all?"""
    return kind_code not in NEVER


def to_cover(kind_code: str) -> tuple[str, ...]:
    """Which parts must be covered in a picture of this kind."""
    return (*ALWAYS, *BESIDES.get(kind_code, ()))


def checked(cells: Iterable[int]) -> list[int]:
    """The cells in order, each once; ValueError for one that is not on the grid."""
    found = sorted(set(cells))
    if found and not 0 <= found[0] <= found[-1] < COLUMNS * ROWS:
        raise ValueError("a cell is not on the grid")
    return found


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
