"""Region codes (GB/T 2260 and its street supplement), pure."""

from __future__ import annotations

import re
from typing import Final

#: Digits of a code whose trailing zeros are cut, by level.
LENGTHS: Final = {"province": 2, "city": 4, "county": 6, "street": 9}
_LEVELS: Final = {length: level for level, length in LENGTHS.items()}


def trimmed(code: str, level: str) -> str:
    """`code` as written in the standard ("130600") as it is kept here ("1306"): a subtree is then a prefix.

    Cut by level, not by counting zeros: a county or street may itself end in zero. ValueError when `level` is
    unknown, the code is no number of 6 or 9 digits, or anything but zeros would be lost.
    """
    if level not in LENGTHS:
        raise ValueError(f"no such level: {level!r}")
    if not (code.isascii() and code.isdigit()) or len(code) not in {6, 9}:
        raise ValueError(f"a region code has 6 or 9 digits: {code!r}")
    kept, lost = code[: LENGTHS[level]], code[LENGTHS[level] :]
    if len(kept) != LENGTHS[level] or lost.strip("0"):
        raise ValueError(f"{code!r} is no code of level {level}")
    return kept


def level_of(code: str) -> str | None:
    """The level of a trimmed code, or None when its length fits none."""
    return _LEVELS.get(len(code)) if code.isascii() and code.isdigit() else None


def lineage(code: str) -> list[str]:
    """The trimmed codes from the province down to `code` itself: "130606003" gives 13, 1306, 130606, 130606003."""
    return [code[:length] for length in LENGTHS.values() if length <= len(code)]


def county_of(code: str) -> str:
    """The county's code of a street's or county's code; shorter codes come back unchanged."""
    return code[: LENGTHS["county"]]


_MOBILE = re.compile(r"1[3-9][0-9]{9}")


def office_phone(phone: str | None) -> str | None:
    """An office's number as open data may hold it: None for a mobile one, which is somebody's own."""
    digits = re.sub(r"[^0-9]", "", phone or "").removeprefix("0086").removeprefix("86")
    return None if not digits or _MOBILE.fullmatch(digits) else phone
