"""Which papers of a compromised key are believed all the same: those whose leaf stands early enough in the public log.

The list is read from the published log once, when the key is declared, and kept as a file beside the ring, so that a
scan looks it up in memory. It holds eight bytes a paper: 100,000 of them are 0.8 MB in each worker.
"""

from __future__ import annotations

import hashlib
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from typing import Final

_MAGIC: Final = b"ydym-believed-1\n"
_SHA256: Final = 32


def file_name(kid: int, leaf: int) -> str:
    """Where the list of the key lies in the folder of the keys. Another declared index is another file."""
    return f"believed-{kid}-{leaf}.bin"


class Believed:
    """Shop number and serial of each paper that is believed."""

    def __init__(self, papers: Iterable[tuple[int, int]] = ()) -> None:
        self._places = array("Q", sorted({shop << 16 | serial for shop, serial in papers}))

    def __len__(self) -> int:
        return len(self._places)

    def holds(self, shop_number: int, serial: int) -> bool:
        """Is it one of them?"""
        wanted = shop_number << 16 | serial
        at = bisect_left(self._places, wanted)
        return at < len(self._places) and self._places[at] == wanted

    def to_bytes(self) -> bytes:
        """As the file holds it."""
        body = array("Q", self._places)
        if sys.byteorder == "little":
            body.byteswap()
        data = _MAGIC + body.tobytes()
        return data + hashlib.sha256(data).digest()

    @classmethod
    def from_bytes(cls, data: bytes) -> Believed:
        """The reverse; ValueError for a file that is cut off or changed."""
        body, check = data[:-_SHA256], data[-_SHA256:]
        if not body.startswith(_MAGIC) or hashlib.sha256(body).digest() != check:
            raise ValueError("not a whole list of believed papers")
        found = cls()
        found._places.frombytes(body[len(_MAGIC) :])
        if sys.byteorder == "little":
            found._places.byteswap()
        return found
