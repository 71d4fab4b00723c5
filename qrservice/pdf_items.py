"""Items of a layout as PDF operators: colours, outlines, symbols. Text and pictures need resources: see pdf_canvas."""

from __future__ import annotations

import re
from functools import lru_cache
from struct import Struct
from typing import Final

from qrservice.drawing import Shape, Symbol
from qrservice.matrix import Matrix
from qrservice.pdf_writer import decimal
from qrservice.shapes import Path

_RUN: Final = re.compile(b"1+")
_OPERATORS: Final = {"M": b"m", "L": b"l", "C": b"c"}


@lru_cache(maxsize=256)
def colour(fill: str) -> bytes:
    """The operator that sets the filling colour. Grey ones are DeviceGray, so that black is black ink alone."""
    red, green, blue = (int(fill[i : i + 2], 16) / 255 for i in (1, 3, 5))
    if red == green == blue:
        return b"%b g" % decimal(red)
    return b"%b %b %b rg" % (decimal(red), decimal(green), decimal(blue))


def path(outline: Path) -> bytes:
    """The operators that make an outline the current path."""
    operations: list[bytes] = []
    for name, *numbers in outline.commands:
        if name == "Z":
            operations.append(b"h")
        else:
            operations += [decimal(float(n)) for n in numbers]
            operations.append(_OPERATORS[str(name)])
    return b" ".join(operations)


def shape(item: Shape) -> bytes:
    return b"%b %b f*" % (colour(item.fill), path(item.path))


_CHUNK: Final = 7


def symbol(item: Symbol) -> bytes:
    """One filled path. Rows are looked up seven modules at a time, which is many times faster than by runs."""
    size = item.matrix.size
    scale = decimal(item.side / size, 6)
    head = b"q %b %b 0 0 %b %b %b cm" % (colour(item.fill), scale, scale, decimal(item.x), decimal(item.y))
    chunks, tables = _tables(size)
    boxes = map(dict.__getitem__, tables, chunks.unpack(_digits(item.matrix)))
    return b"\n".join((head, *filter(None, boxes), b"f Q"))


def _digits(matrix: Matrix) -> bytes:
    """The modules as the digits 0 and 1, each row made longer to whole chunks."""
    size, spare = matrix.size, -matrix.size % _CHUNK
    if not spare:
        return f"{matrix.bits:0{size * size}b}".encode("ascii")
    return "".join(f"{row << spare:0{size + spare}b}" for row in matrix.rows()).encode("ascii")


class _Boxes(dict[bytes, bytes]):
    """The boxes of the chunks that begin at one place, by the chunk's digits; each is spelled out when first seen."""

    __slots__ = ("_column", "_row")

    def __init__(self, row: int, column: int) -> None:
        super().__init__()
        self._row, self._column = row, column

    def __missing__(self, digits: bytes) -> bytes:
        boxes = self[digits] = b" ".join(
            b"%d %d %d 1 re" % (self._column + run.start(), self._row, run.end() - run.start())
            for run in _RUN.finditer(digits)
        )
        return boxes


@lru_cache(maxsize=4)
def _tables(size: int) -> tuple[Struct, tuple[_Boxes, ...]]:
    """(how to cut digits into chunks, what each chunk looks like) for symbols of so many modules."""
    places = [(row, column) for row in range(size) for column in range(0, size, _CHUNK)]
    return Struct(f"{_CHUNK}s" * len(places)), tuple(_Boxes(*place) for place in places)
