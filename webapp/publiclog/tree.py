"""The Merkle tree of RFC 6962, section 2.1 (the same in RFC 9162): hashes, proofs and their checking. Pure.

A tree is read through `Read`: ``read(level, index)`` gives the hash of the complete subtree over the leaves
``index * 2**level`` to ``(index + 1) * 2**level``, wherever it is kept. Hashes are 32 bytes of SHA-256.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

Read = Callable[[int, int], bytes]
HASH_BYTES: Final = 32
#: The hash of no leaves at all.
EMPTY: Final = hashlib.sha256().digest()


class ProofError(ValueError):
    """A proof does not show what it should."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf's bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True)
class Frontier:
    """The right edge of a tree: the roots of its complete subtrees, largest first. Enough to grow it."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def grown(self, hashes: Iterable[bytes]) -> Frontier:
        """With these leaf hashes appended."""
        size, peaks = self.size, list(self.peaks)
        for leaf in hashes:
            node, rest = leaf, size
            while rest & 1:
                node = node_hash(peaks.pop(), node)
                rest >>= 1
            peaks.append(node)
            size += 1
        return Frontier(size, tuple(peaks))

    def root(self) -> bytes:
        """The tree's root hash."""
        if not self.peaks:
            return EMPTY
        node = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            node = node_hash(peak, node)
        return node

    def to_bytes(self) -> bytes:
        """The peaks one behind the other."""
        return b"".join(self.peaks)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Frontier:
        """The reverse of :meth:`to_bytes`; ValueError when the number of peaks is not that of `size` leaves."""
        if len(data) != HASH_BYTES * size.bit_count():
            raise ValueError("the right edge does not fit the size")
        return cls(size, tuple(data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)))


def _split(count: int) -> int:
    """The largest power of two below `count` (at least 2)."""
    return 1 << ((count - 1).bit_length() - 1)


def range_hash(first: int, last: int, read: Read) -> bytes:
    """The hash over the leaves `first` to before `last`, where `first` begins a subtree that could hold them all."""
    count = last - first
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return read(level, first >> level)
    middle = first + _split(count)
    return node_hash(range_hash(first, middle, read), range_hash(middle, last, read))


def root(size: int, read: Read) -> bytes:
    """The root hash of the first `size` leaves."""
    return range_hash(0, size, read) if size else EMPTY


def inclusion(index: int, size: int, read: Read) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size` leaves, from the leaf's sibling up (section 2.1.1)."""
    if not 0 <= index < size:
        raise ProofError("there is no such leaf")
    path: list[bytes] = []
    first, last = 0, size
    while last - first > 1:
        middle = first + _split(last - first)
        if index < middle:
            path.append(range_hash(middle, last, read))
            last = middle
        else:
            path.append(range_hash(first, middle, read))
            first = middle
    return path[::-1]


def consistency(old: int, new: int, read: Read) -> list[bytes]:
    """The proof that the tree of `new` leaves begins with the tree of `old` (section 2.1.2)."""
    if not 0 <= old <= new:
        raise ProofError("a tree does not shrink")
    if old in {0, new}:
        return []
    path: list[bytes] = []
    first, last, whole = 0, new, True
    while old != last:
        middle = first + _split(last - first)
        if old <= middle:
            path.append(range_hash(middle, last, read))
            last = middle
        else:
            path.append(range_hash(first, middle, read))
            first, whole = middle, False
    if not whole:
        path.append(range_hash(first, last, read))
    return path[::-1]


def check_inclusion(index: int, size: int, leaf: bytes, path: list[bytes], expected: bytes) -> None:
    """Raise ProofError unless `path` leads from the leaf hash at `index` to the root `expected` of `size` leaves."""
    if not 0 <= index < size:
        raise ProofError("there is no such leaf")
    node, place, edge = leaf, index, size - 1
    for sibling in path:
        if edge == 0:
            raise ProofError("the path is too long")
        if place & 1 or place == edge:
            node = node_hash(sibling, node)
            while place and not place & 1:
                place, edge = place >> 1, edge >> 1
        else:
            node = node_hash(node, sibling)
        place, edge = place >> 1, edge >> 1
    if edge or node != expected:
        raise ProofError("the path does not lead to the root")


def check_consistency(old: int, new: int, path: list[bytes], old_root: bytes, new_root: bytes) -> None:
    """Raise ProofError unless `path` shows that the tree of `new` leaves begins with that of `old`."""
    if not 0 <= old <= new:
        raise ProofError("a tree does not shrink")
    if old == new:
        if path or old_root != new_root:
            raise ProofError("two roots for one size")
        return
    if old == 0:
        if path or old_root != EMPTY:
            raise ProofError("nothing leads from an empty tree")
        return
    rest = list(path) if old & (old - 1) else [old_root, *path]
    if not rest:
        raise ProofError("the proof is too short")
    if _climbed(old - 1, new - 1, rest) != (old_root, new_root):
        raise ProofError("the later tree does not begin with the earlier one")


def _climbed(place: int, edge: int, path: list[bytes]) -> tuple[bytes, bytes]:
    """The two roots that a consistency proof leads to (RFC 9162, 2.1.4.2)."""
    while place & 1:
        place, edge = place >> 1, edge >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if edge == 0:
            raise ProofError("the proof is too long")
        if place & 1 or place == edge:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while place and not place & 1:
                place, edge = place >> 1, edge >> 1
        else:
            after = node_hash(after, sibling)
        place, edge = place >> 1, edge >> 1
    if edge:
        raise ProofError("the proof is too short")
    return before, after
