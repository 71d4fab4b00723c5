"""Tiles and bundles of entries as C2SP `tlog-tiles` names and lays them out. Pure.

A full tile holds 256 hashes. Level 0 has leaf hashes; each hash of a higher level is that of a full tile below.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from .tree import HASH_BYTES, node_hash

WIDTH: Final = 256
_HEIGHT: Final = 8
#: The length of an entry is told by 16 bits.
ENTRY_MAX: Final = 0xFFFF
_PATH = re.compile(
    r"tile/(entries|0|[1-5]?[0-9]|6[0-3])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII
)


@dataclass(frozen=True)
class Tile:
    """A tile, or with `level` None a bundle of entries: the `number`-th of its level, `width` of 256 places filled."""

    level: int | None
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where it is served, below the log's address."""
        parts = [f"{self.number % 1000:03}"]
        rest = self.number // 1000
        while rest:
            parts.insert(0, f"x{rest % 1000:03}")
            rest //= 1000
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{'entries' if self.level is None else self.level}/{'/'.join(parts)}{partial}"

    @property
    def first(self) -> int:
        """The number of its first hash (or entry) in its level."""
        return self.number * WIDTH


def parse_path(path: str) -> Tile | None:
    """The tile of that path, spelled as it must be; None for anything else."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    level = None if match[1] == "entries" else int(match[1])
    number = int(match[2].replace("x", "").replace("/", ""))
    tile = Tile(level, number, int(match[3]) if match[3] else WIDTH)
    return tile if tile.path == path and 0 < tile.width <= WIDTH else None


def rows(size: int, level: int) -> int:
    """How many hashes the level has in a tree of `size` leaves."""
    return size >> (_HEIGHT * level)


def levels(size: int) -> range:
    """The levels that have hashes."""
    return range(max(1, -(-size.bit_length() // _HEIGHT))) if size else range(0)


def tile_of(level: int | None, index: int, size: int) -> Tile:
    """The tile that holds the hash (entry) `index` of its level, as wide as in a tree of `size` leaves."""
    number = index // WIDTH
    count = rows(size, level or 0)
    return Tile(level, number, min(WIDTH, count - number * WIDTH))


def new_tiles(old: int, new: int, level: int | None) -> Iterator[Tile]:
    """The tiles of one level that a tree of `new` leaves has and one of `old` had not, from left to right."""
    before, after = rows(old, level or 0), rows(new, level or 0)
    if after == before:
        return
    for number in range(before // WIDTH, -(-after // WIDTH)):
        yield Tile(level, number, min(WIDTH, after - number * WIDTH))


def split(data: bytes) -> list[bytes]:
    """The hashes of a tile's bytes."""
    if len(data) % HASH_BYTES:
        raise ValueError("a tile is a row of hashes of 32 bytes")
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def top(hashes: Sequence[bytes]) -> bytes:
    """The hash over a power of two of neighbouring hashes."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def pack(entries: Sequence[bytes]) -> bytes:
    """A bundle: each entry behind its length."""
    if any(len(entry) > ENTRY_MAX for entry in entries):
        raise ValueError("an entry is longer than a bundle can tell")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unpack(data: bytes) -> list[bytes]:
    """The entries of a bundle; ValueError when it is cut off."""
    found, at = [], 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if end > len(data) or at + 2 > len(data):
            raise ValueError("the bundle is cut off")
        found.append(data[at + 2 : end])
        at = end
    return found


def reader(size: int, fetch: Callable[[Tile], bytes]) -> Callable[[int, int], bytes]:
    """Reads a tree of `size` leaves (``tree.Read``) from its tiles; each tile is fetched once and kept.

    Raises ValueError when a tile has not the width that the size asks for.
    """
    kept: dict[Tile, list[bytes]] = {}

    def read(level: int, index: int) -> bytes:
        above, below = divmod(level, _HEIGHT)
        first = index << below
        tile = tile_of(above, first, size)
        if tile not in kept:
            kept[tile] = split(fetch(tile))
            if len(kept[tile]) != tile.width:
                raise ValueError(f"{tile.path} holds {len(kept[tile])} hashes")
        at = first - tile.first
        row = kept[tile][at : at + (1 << below)]
        if len(row) != 1 << below:
            raise ValueError(f"{tile.path} does not reach that far")
        return top(row)

    return read
