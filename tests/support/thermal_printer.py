"""A receipt printer of 58 mm on paper: takes ESC/POS bytes by the command reference of Epson, gives the dots printed.

Knows what such printers know: initialise (ESC @), line feed, feed lines (ESC d), raster picture (GS v 0), cut (GS V).
Anything else is a fault, and so is a picture wider than the head or larger than the memory of a small printer.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

HEAD = 384
MEMORY_BYTES = 16 * 1024
LINE = 30  # dots of a line feed after ESC @: 1/6 inch at 180 dots, as the reference has it
_SCALES = {0: (1, 1), 1: (2, 1), 2: (1, 2), 3: (2, 2), 48: (1, 1), 49: (2, 1), 50: (1, 2), 51: (2, 2)}


class PrinterFault(Exception):
    """The printer would print rubbish from here on."""


@dataclass
class Printer:
    """`paper` is what came out so far (1 is a burnt dot), `cuts` the rows at which it was cut."""

    paper: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, HEAD), np.uint8))
    cuts: list[int] = field(default_factory=list)

    def take(self, data: bytes) -> None:
        """Print `data`. Raises PrinterFault at the first byte that is no command."""
        at = 0
        while at < len(data):
            at += self._command(data[at:], at)

    def _command(self, data: bytes, at: int) -> int:
        """Carry out the command that `data` begins with; its length."""
        if data[:2] == b"\x1b@":
            return 2
        if data[:1] == b"\n":
            self._feed(1)
            return 1
        if data[:2] == b"\x1bd" and len(data) > 2:
            self._feed(data[2])
            return 3
        if data[:3] == b"\x1dv0" and len(data) >= 8:
            return self._picture(data, at)
        if data[:2] == b"\x1dV" and data[2:3] in (b"\x00", b"\x01", b"0", b"1"):
            self.cuts.append(len(self.paper))
            return 3
        if data[:2] == b"\x1dV" and data[2:3] in (b"A", b"B") and len(data) > 3:
            self._rows(np.zeros((data[3], HEAD), np.uint8))
            self.cuts.append(len(self.paper))
            return 4
        raise PrinterFault(f"{data[:4].hex()} at byte {at}")

    def _picture(self, data: bytes, at: int) -> int:
        across, down = _SCALES.get(data[3], (0, 0))
        width, height = data[4] + 256 * data[5], data[6] + 256 * data[7]
        size = width * height
        if not across or not size or 8 * width * across > HEAD or size > MEMORY_BYTES or len(data) < 8 + size:
            raise PrinterFault(f"a picture of {width} bytes by {height} rows at byte {at}")
        dots = np.unpackbits(np.frombuffer(data, np.uint8, size, 8).reshape(height, width), axis=1)
        rows = np.zeros((height * down, HEAD), np.uint8)
        rows[:, : 8 * width * across] = dots.repeat(down, axis=0).repeat(across, axis=1)
        self._rows(rows)
        return 8 + size

    def _feed(self, lines: int) -> None:
        self._rows(np.zeros((lines * LINE, HEAD), np.uint8))

    def _rows(self, rows: NDArray[np.uint8]) -> None:
        self.paper = np.vstack((self.paper, rows))
