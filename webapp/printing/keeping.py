"""A job's file in the store of private files, in parts of fixed size: neither writing nor reading it takes memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from webapp.files.stores import Store

PART_BYTES: Final = 4 * 1024 * 1024
#: Parts are numbered by two to four digits: 40 GB.
PARTS_MOST: Final = 10_000


_UNSAID: Final = 8


def part_name(key: str, number: int) -> str:
    """The name of a part in the store."""
    return f"{key}/{number:02d}"


class PartWriter:
    """A binary output (write, flush; not seekable) that keeps what it is given in parts under `key`."""

    def __init__(self, store: Store, key: str, media_type: str) -> None:
        self._store, self._key, self._media_type = store, key, media_type
        self._waiting = bytearray()
        self._hash = hashlib.sha256()
        self.parts = 0
        self.size = 0

    def write(self, data: bytes) -> int:
        """Take `data`; whole parts leave at once."""
        self._hash.update(data)
        self.size += len(data)
        self._waiting += data
        while len(self._waiting) >= PART_BYTES:
            self._put(bytes(self._waiting[:PART_BYTES]))
            del self._waiting[:PART_BYTES]
        return len(data)

    def flush(self) -> None:
        """Nothing: a part is kept when it is full, the last one by :meth:`finish`."""

    def finish(self) -> str:
        """Keep the last part; the SHA-256 of all, in hexadecimal."""
        if self._waiting or not self.parts:
            self._put(bytes(self._waiting))
            self._waiting.clear()
        return self._hash.hexdigest()

    def _put(self, part: bytes) -> None:
        if self.parts >= PARTS_MOST:
            raise OverflowError("the file is too large")
        self._store.put(part_name(self._key, self.parts), part, self._media_type)
        self.parts += 1


def read(store: Store, key: str, parts: int) -> Iterator[bytes]:
    """The parts in order. The first is read before the iterator is given, so that a lost file is known in time.

    Raises ``stores.Missing``.
    """
    first = store.get(part_name(key, 0))

    def rest() -> Iterator[bytes]:
        yield first
        for number in range(1, parts):
            yield store.get(part_name(key, number))

    return rest()


#: What a server is given at a time: it takes some of these ahead of what a slow client has got.
SLICE_BYTES: Final = 64 * 1024


def sliced(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in slices of :data:`SLICE_BYTES`."""
    for part in parts:
        for start in range(0, len(part), SLICE_BYTES):
            yield part[start : start + SLICE_BYTES]


def erase(store: Store, key: str, parts: int) -> None:
    """Delete the parts, and those that a worker may have written after it last said how many there are."""
    for number in range(parts + _UNSAID):
        store.delete(part_name(key, number))
