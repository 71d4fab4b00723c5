"""Repeatable chance: a stream of numbers that depends on (seed, purpose, index) and on nothing else.

Each shop has its own stream, so that any shop of a million can be made alone and the order of making does
not matter. BLAKE2b is used as a counter-mode generator: making a stream costs a microsecond,
`random.Random(n)` ten times that. Not for secrets.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from struct import Struct
from typing import TypeVar

_Item = TypeVar("_Item")
_SIXTEEN = Struct("<16I")


class Draw:
    """Numbers for one thing. `purpose` keeps streams apart: adding a draw in one never shifts another."""

    __slots__ = ("_block", "_key", "_next", "_words")

    def __init__(self, seed: int, purpose: str, index: int) -> None:
        self._key = f"{seed}/{purpose}/{index}".encode()
        self._block = 0
        self._words: tuple[int, ...] = _SIXTEEN.unpack(blake2b(self._key).digest())
        self._next = 0

    def below(self, bound: int) -> int:
        """A whole number from 0 to `bound` - 1 (bound up to 2**32)."""
        if self._next == 16:
            self._block += 1
            self._words = _SIXTEEN.unpack(
                blake2b(self._key, salt=self._block.to_bytes(16, "little")).digest()
            )
            self._next = 0
        word = self._words[self._next]
        self._next += 1
        return (word * bound) >> 32

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def chance(self, permille: int) -> bool:
        """True in `permille` of a thousand cases."""
        return self.below(1000) < permille

    def choice(self, items: Sequence[_Item]) -> _Item:
        """One of the items, each as likely."""
        return items[self.below(len(items))]

    def fraction(self) -> float:
        """A real number, 0 <= x < 1."""
        return self.below(1 << 32) / (1 << 32)
