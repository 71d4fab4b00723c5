"""Items of a layout as PDF operators: colours, outlines, symbols. Text and pictures need resources: see pdf_canvas."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from qrservice.drawing import Shape, Symbol
from qrservice.pdf_writer import decimal
from qrservice.shapes import Path

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
_boxes: dict[tuple[int, int, int], bytes] = {}


def symbol(item: Symbol) -> bytes:
    """One filled path. Rows are looked up seven modules at a time, which is several times faster than by
    runs.
    """
    size = item.matrix.size
    scale = decimal(item.side / size, 6)
    parts = [b"q %b %b 0 0 %b %b %b cm" % (colour(item.fill), scale, scale, decimal(item.x), decimal(item.y))]
    for number, row in enumerate(item.matrix.rows()):
        for column in range(0, size, _CHUNK):
            shift = size - column - _CHUNK
            bits = (row >> shift if shift >= 0 else row << -shift) & 0x7F
            if bits:
                key = (number, column, bits)
                parts.append(_boxes.get(key) or _chunk_boxes(key))
    parts.append(b"f Q")
    return b"\n".join(parts)


def _chunk_boxes(key: tuple[int, int, int]) -> bytes:
    number, column, bits = key
    pieces = []
    start: int | None = None
    for offset, dark in enumerate(f"{bits:07b}0"):
        if dark == "1" and start is None:
            start = column + offset
        elif dark == "0" and start is not None:
            pieces.append(b"%d %d %d 1 re" % (start, number, column + offset - start))
            start = None
    boxes = _boxes[key] = b" ".join(pieces)
    return boxes
