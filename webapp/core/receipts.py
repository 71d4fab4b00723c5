"""Receipts that open a record without an account: 100 random bits in base32, written down and read aloud. Pure."""

from __future__ import annotations

from typing import Final

from .identifiers import normalise

_BASE32: Final = frozenset("abcdefghijklmnopqrstuvwxyz234567")
CHARS: Final = 20  # base32: 100 bits
#: Base32 has no 0, 1 and 8, so reading them as o, l and b cannot make two receipts one.
_MISREAD: Final = str.maketrans("018", "olb")


def tidy(text: str) -> str | None:
    """A receipt as typed → its 20 characters, or None. Blanks, hyphens, case do not count; 0 1 8 are read as o l b."""
    if len(text) > 64:
        return None
    kept = normalise(text).lower().translate(_MISREAD)
    return kept if len(kept) == CHARS and _BASE32.issuperset(kept) else None


def show(receipt: str) -> str:
    """Groups of five, for reading aloud and writing down."""
    return "-".join(receipt[start : start + 5] for start in range(0, len(receipt), 5))
