"""The life of a sticker (码贴) and what can be said of a scanned or typed code. Pure."""

from __future__ import annotations

import enum
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from webapp.core.actor import Role
from webapp.core.steps import Steps, step


class StickerPlace(enum.StrEnum):
    """Where a sticker hangs."""

    DOOR = "door"
    TILL = "till"
    TABLE = "table"
    RECEIPT = "receipt"
    VEHICLE = "vehicle"


class StickerState(enum.StrEnum):
    """What a sticker is worth by itself; the trust code's state comes on top."""

    VALID = "valid"
    REPLACED = "replaced"
    LOST = "lost"
    DESTROYED = "destroyed"


S = StickerState
_PEOPLE = {Role.MERCHANT, Role.STATION_OFFICER, Role.BUREAU_OFFICER}

STEPS: Steps[StickerState] = Steps(
    "sticker",
    S.VALID,
    [
        step("replace", {S.VALID}, S.REPLACED, _PEOPLE, needs_reason=True),
        step("report_lost", {S.VALID}, S.LOST, _PEOPLE, needs_reason=True),
        step("destroy", {S.VALID}, S.DESTROYED, {*_PEOPLE, Role.SYSTEM}, needs_reason=True),
    ],
)

#: Who may have another sticker made; the system does it with a new code.
ISSUERS: Final = frozenset({*_PEOPLE, Role.SYSTEM})

#: Why a sticker is made anew, or is worth nothing any more. Words: ``sticker.reason.<code>``.
REPLACE_REASONS: Final = ("worn", "shop_changed", "damaged", "copied", "other")
LOST_REASONS: Final = ("lost", "stolen", "taken_down")

SERIAL_MAX: Final = 65535
AT_ONCE_MAX: Final = 20
SHEET_MAX: Final = 500

_LABEL = re.compile(r"(?:NO\.?)?([0-9]{1,10})-([0-9]{1,5})")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\u30fc", "-"))


@dataclass(frozen=True)
class Printed:
    """The number printed on a sticker, ``000123-04``."""

    shop_number: int
    serial: int


def half_width(text: str) -> str:
    """`text` with full-width letters, digits and dashes as half-width ones: what Chinese keyboards type."""
    return unicodedata.normalize("NFKC", text).translate(_DASHES)


def parse_printed(text: str) -> Printed | None:
    """The printed number that a person typed: blanks, full-width characters and “No.” are forgiven. None: not one."""
    match = _LABEL.fullmatch("".join(half_width(text).split()).upper())
    if match is None:
        return None
    number, serial = int(match[1]), int(match[2])
    in_range = 1 <= number <= 0xFFFFFFFF and 1 <= serial <= SERIAL_MAX
    return Printed(number, serial) if in_range else None


class Verdict(enum.StrEnum):
    """What the check page says of a sticker. Only GENUINE is good."""

    GENUINE = "genuine"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    REPLACED = "replaced"
    ENDED = "ended"
    UNKNOWN = "unknown"  # signed by us, yet not in the books


def judge(state: StickerState | None, code_state: str | None) -> Verdict:
    """The verdict on a genuine code: the paper's state first, then the shop's code (a value of codes' CodeState)."""
    if state is None or code_state is None:
        return Verdict.UNKNOWN
    if state is StickerState.REPLACED:
        return Verdict.REPLACED
    if state is not StickerState.VALID:
        return Verdict.ENDED
    if code_state == "active":
        return Verdict.GENUINE
    return Verdict.SUSPENDED if code_state == "suspended" else Verdict.REVOKED
