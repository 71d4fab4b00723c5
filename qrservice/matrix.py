"""QR symbols (ISO/IEC 18004) as immutable module matrices, made by the `qrcode` package.

The address goes in as two segments: scheme, host and path in byte mode (some phones do not open an
upper-case scheme), the token in alphanumeric mode. Error correction Q. Version 8 (49 modules) for hosts up
to 17 characters with https, else the smallest that fits up to MAX_VERSION. The mask is fixed, so that
symbols can be made by table: a reader accepts any of the eight, and a token is random enough that none is bad.
Measured over 150 tokens and three sizes, OpenCV's older detector, the weakest reader at hand, read mask 3 most often
(98.9 %; the encoder's own choice by penalty, ISO/IEC 18004, 7.8.3, 95 %); other readers read all.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from qrcode import QRCode, constants
from qrcode.exceptions import DataOverflowError
from qrcode.util import ALPHA_NUM, MODE_8BIT_BYTE, MODE_ALPHA_NUM, QRData

from qrservice.errors import SymbolTooLarge
from qrservice.links import build_url
from qrservice.payload import TOKEN_CHARS

MIN_VERSION = 8
MAX_VERSION = 10
MASK = 3
QUIET_ZONE = 4
_RUN = re.compile("1+")


@dataclass(frozen=True, slots=True)
class Matrix:
    """A square of `size` × `size` modules without quiet zone.

    `bits` holds them row by row, the top left module as the most significant bit; 1 is dark.
    """

    size: int
    bits: int
    version: int
    mask: int = MASK
    error_correction: str = "Q"

    def __getitem__(self, position: tuple[int, int]) -> bool:
        row, column = position
        if not (0 <= row < self.size and 0 <= column < self.size):
            raise IndexError(position)
        return bool(self.bits >> (self.size * self.size - 1 - row * self.size - column) & 1)

    def rows(self) -> tuple[int, ...]:
        """The rows from the top, each as a number of `size` bits, the leftmost module first."""
        size, all_ones = self.size, (1 << self.size) - 1
        return tuple(self.bits >> size * (size - 1 - row) & all_ones for row in range(size))

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """(row, column, length) of every horizontal run of dark modules."""
        for number, row in enumerate(self.rows()):
            for run in _RUN.finditer(f"{row:0{self.size}b}"):
                yield number, run.start(), run.end() - run.start()


def symbol(token: str, host: str, scheme: str = "https") -> Matrix:
    """The symbol of one sticker address. Raises InvalidHost, SymbolTooLarge. For many, see SymbolTable."""
    prefix = build_url(host, "", scheme)
    return _encode(prefix, token, _version_for(prefix))


def _version_for(prefix: str) -> int:
    code = _qr(prefix, "A" * TOKEN_CHARS, None)
    try:
        version = code.best_fit(start=MIN_VERSION)
    except DataOverflowError:
        version = MAX_VERSION + 1
    if version > MAX_VERSION:
        raise SymbolTooLarge(f"{prefix} needs a larger symbol than version {MAX_VERSION}")
    return version


# The published types want literals where the package itself offers plain int constants.
def _qr(prefix: str, token: str, version: int | None) -> QRCode:  # type: ignore[type-arg]
    code: QRCode = QRCode(  # type: ignore[type-arg]
        version=version, error_correction=constants.ERROR_CORRECT_Q, border=0, mask_pattern=MASK
    )
    code.add_data(QRData(prefix.encode("ascii"), mode=MODE_8BIT_BYTE))  # type: ignore[call-overload]
    code.add_data(QRData(token.encode("ascii"), mode=MODE_ALPHA_NUM))  # type: ignore[call-overload]
    return code


def _encode(prefix: str, token: str, version: int) -> Matrix:
    code = _qr(prefix, token, version)
    code.make(fit=False)
    text = "".join("1" if dark else "0" for row in code.modules for dark in row)
    return Matrix(len(code.modules), int(text, 2), version)


class SymbolTable:
    """Symbols for many tokens of one host, each in microseconds and equal to the encoder's.

    With version and mask fixed a symbol is an affine function over GF(2) of the data bits (Reed–Solomon is
    linear, the mask and all patterns are constant). Two characters of the token make one 11-bit group, so
    the encoder is run once for a base token and once for each bit of each group; any other symbol is an XOR
    of those differences. Building takes a second or two; keep the table. Raises InvalidHost,
    SymbolTooLarge.
    """

    _LOW_BITS = 6
    # Any pair whose group stays a pair with one bit changed; not zeros, on which the encoder's division
    # fails.
    _BASE_PAIR = "AA"

    def __init__(self, host: str, scheme: str = "https") -> None:
        prefix = build_url(host, "", scheme)
        self.version = _version_for(prefix)
        base = _encode(prefix, self._BASE_PAIR * (TOKEN_CHARS // 2), self.version)
        self._size, self._base = base.size, base.bits
        characters = ALPHA_NUM.decode("ascii")
        value_of = {
            first + second: i * 45 + j
            for i, first in enumerate(characters)
            for j, second in enumerate(characters)
        }
        pair_of = {value: pair for pair, value in value_of.items()}
        start = value_of[self._BASE_PAIR]
        # Where a pair's group differs from the base's, as the two places in the tables.
        self._places = {
            pair: ((value ^ start) % (1 << self._LOW_BITS), (value ^ start) >> self._LOW_BITS)
            for pair, value in value_of.items()
        }
        self._low: list[list[int]] = []
        self._high: list[list[int]] = []
        for position in range(0, TOKEN_CHARS, 2):
            deltas = []
            for bit in range(11):
                groups = [self._BASE_PAIR] * (TOKEN_CHARS // 2)
                groups[position // 2] = pair_of[start ^ 1 << bit]
                token = "".join(groups)
                deltas.append(_encode(prefix, token, self.version).bits ^ base.bits)
            self._low.append(_combinations(deltas[: self._LOW_BITS]))
            self._high.append(_combinations(deltas[self._LOW_BITS :]))

    def symbol(self, token: str) -> Matrix:
        """The symbol of a token made by `links.issue` for this host."""
        if len(token) != TOKEN_CHARS:
            raise SymbolTooLarge(f"a token has {TOKEN_CHARS} characters, not {len(token)}")
        bits = self._base
        places = [self._places[token[start : start + 2]] for start in range(0, TOKEN_CHARS, 2)]
        for (low_place, high_place), low, high in zip(places, self._low, self._high, strict=True):
            bits ^= low[low_place] ^ high[high_place]
        return Matrix(self._size, bits, self.version)


#: The process's tables by prefix and mask; version and level follow from the prefix. A table is not changed once built.
_tables: dict[tuple[str, int], SymbolTable] = {}
_tables_lock = threading.Lock()
#: A table takes some 2 MB; a process has one host, tests and demonstrations a few.
_TABLES_MOST = 4


def table_for(host: str, scheme: str = "https") -> SymbolTable:
    """The process's table for this host, built by whoever asks first while others wait. Raises as SymbolTable does."""
    key = _table_key(host, scheme)
    with _tables_lock:
        if key not in _tables:
            while len(_tables) >= _TABLES_MOST:
                del _tables[next(iter(_tables))]
            _tables[key] = SymbolTable(host, scheme)
        return _tables[key]


def ready_table(host: str, scheme: str = "https") -> SymbolTable | None:
    """The table for this host if this process has built it already; never waits."""
    return _tables.get(_table_key(host, scheme))


def _table_key(host: str, scheme: str) -> tuple[str, int]:
    return build_url(host, "", scheme), MASK


def _combinations(deltas: list[int]) -> list[int]:
    """The XOR of every subset of `deltas`, indexed by the subset's bits."""
    sums = [0]
    for delta in deltas:
        sums += [known ^ delta for known in sums]
    return sums


def terminal(matrix: Matrix, quiet_zone: int = QUIET_ZONE) -> str:
    """The symbol for a terminal: two modules a character, black on white whatever the terminal's own
    colours.
    """
    width = matrix.size + 2 * quiet_zone
    blank = [0] * quiet_zone
    rows = [*blank, *(row << quiet_zone for row in matrix.rows()), *blank]
    if len(rows) % 2:
        rows.append(0)
    lines = []
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        cells = zip(f"{upper:0{width}b}", f"{lower:0{width}b}", strict=True)
        body = "".join({"00": " ", "10": "▀", "01": "▄", "11": "█"}[top + bottom] for top, bottom in cells)
        lines.append(f"\x1b[38;5;16;48;5;231m{body}\x1b[0m")
    return "\n".join(lines) + "\n"
