"""Cleaning what exports do to text. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

# Full-width digits and letters to ASCII; Chinese punctuation in names and addresses stays as it was written.
_HALF: Final = {
    code: code - 0xFEE0
    for first, last in ((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))
    for code in range(first, last + 1)
}
# For comparing words, punctuation and brackets are one as well.
_FOLD: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x3001: 0x2C}
_BLANK: Final = re.compile(r"[\s\u00a0\u200b-\u200f\u2060\ufeff\u3000\x00-\x1f\x7f-\x9f]+")
_FORMULA: Final = re.compile(r'="(.*)"\Z', re.DOTALL)
#: Anything that :func:`clean` may have to change inside a cell; most cells have nothing of it.
_SUSPECT: Final = re.compile(
    r"\A[='\s]|\s\Z|  |[\x00-\x1f\x7f-\xa0\u200b-\u200f\u2028-\u202f\u2060\ufeff\u3000]"
    r"|[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]"
)
_UNSTORABLE: Final = re.compile("[\ud800-\udfff\ufffd]")
#: Cells in which neither is found, which is nearly all: one look instead of two.
_ODD: Final = re.compile(f"{_SUSPECT.pattern}|{_UNSTORABLE.pattern}")


def clean(text: str) -> str:
    """A cell as it was meant: outer blanks, control characters and a spreadsheet's ``="…"`` or leading ' taken off."""
    if not _SUSPECT.search(text):
        return text
    kept = _BLANK.sub(" ", text).strip()
    match = _FORMULA.match(kept)
    if match:
        kept = match[1].strip()
    return kept.removeprefix("'").strip().translate(_HALF)


@lru_cache(maxsize=65_536)
def key_of(text: str) -> str:
    """A word or heading folded for comparing: half-width, lower case, without blanks."""
    return _BLANK.sub("", text.translate(_FOLD)).lower()


def is_clean(text: str) -> bool:
    """True for a cell that :func:`clean` leaves as it is and that is storable."""
    return _ODD.search(text) is None


def is_storable(text: str) -> bool:
    """False for what no database takes as text: halves of surrogate pairs, or marks of bytes that were not readable."""
    return _UNSTORABLE.search(text) is None
