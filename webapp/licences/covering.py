"""Which pictures of licences may be shown and what must be covered in them (drawn by :mod:`.drawing`).

A phone's photo of a licence has no fixed layout, so no rule can know where on it a number stands: an officer marks the
cells of a grid that hold something personal, looks at what came out, and only that picture is ever published. What has
to be covered in which kind is said here.

Source: 《个人信息保护法》 arts. 6 and 28 (no more than the purpose needs), GB/T 35273 (identity numbers, phones, homes,
signatures). The legal representative's name stays: it is public in the register (《市场主体登记管理条例》 ?).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

COLUMNS: Final = 10
ROWS: Final = 14
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


def may_show(kind_code: str) -> bool:
    """May a picture of this kind of licence be published at all?"""
    return kind_code not in NEVER


def to_cover(kind_code: str) -> tuple[str, ...]:
    """Which parts must be covered in a picture of this kind."""
    return (*ALWAYS, *BESIDES.get(kind_code, ()))


def box(first_row: int, first_column: int, last_row: int, last_column: int) -> list[int]:
    """The cells of a rectangle, both corners in it, rows and columns counted from 1 as people do, in any order.

    ValueError for a corner off the grid.
    """
    top, bottom = sorted((first_row, last_row))
    left, right = sorted((first_column, last_column))
    if not (1 <= top <= bottom <= ROWS and 1 <= left <= right <= COLUMNS):
        raise ValueError("a corner is not on the grid")
    return [
        (row - 1) * COLUMNS + column - 1
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    ]


def checked(cells: Iterable[int]) -> list[int]:
    """The cells in order, each once; ValueError for one that is not on the grid."""
    found = sorted(set(cells))
    if found and not 0 <= found[0] <= found[-1] < COLUMNS * ROWS:
        raise ValueError("a cell is not on the grid")
    return found
