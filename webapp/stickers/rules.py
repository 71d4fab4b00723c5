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
    SUSPENDED = "suspended"  # this paper alone: under check, may come back
    REPLACED = "replaced"
    LOST = "lost"
    DESTROYED = "destroyed"


S = StickerState
_OFFICERS = {Role.STATION_OFFICER, Role.BUREAU_OFFICER}
_PEOPLE = {Role.MERCHANT, *_OFFICERS}
#: States in which the paper may still be ended. A shop whose sticker is under check need not wait for a new one.
STANDING: Final = frozenset({S.VALID, S.SUSPENDED})

STEPS: Steps[StickerState] = Steps(
    "sticker",
    S.VALID,
    [
        step("suspend", {S.VALID}, S.SUSPENDED, _OFFICERS, needs_reason=True),
        step("resume", {S.SUSPENDED}, S.VALID, _OFFICERS, needs_reason=True),
        step("replace", STANDING, S.REPLACED, _PEOPLE, needs_reason=True),
        step("report_lost", STANDING, S.LOST, _PEOPLE, needs_reason=True),
        step("destroy", STANDING, S.DESTROYED, {*_PEOPLE, Role.SYSTEM}, needs_reason=True),
    ],
)

#: Who may have another sticker made; the system does it with a new code.
ISSUERS: Final = frozenset({*_PEOPLE, Role.SYSTEM})

#: Why a sticker is made anew, or is worth nothing any more. Words: ``sticker.reason.<code>``.
REPLACE_REASONS: Final = ("worn", "shop_changed", "damaged", "copied", "other")
LOST_REASONS: Final = ("lost", "stolen", "taken_down")
DESTROY_REASONS: Final = ("misprinted", "place_gone", "other")
SUSPEND_REASONS: Final = ("copied", "wrong_shop", "under_check", "other")
RESUME_REASONS: Final = ("cleared", "other")
#: By action: the reasons that it may have.
REASONS: Final = {
    "suspend": SUSPEND_REASONS,
    "resume": RESUME_REASONS,
    "replace": REPLACE_REASONS,
    "report_lost": LOST_REASONS,
    "destroy": DESTROY_REASONS,
}

SERIAL_MAX: Final = 65535
AT_ONCE_MAX: Final = 60
#: Characters of a free label; what does not fit a template is cut there.
SPOT_LONGEST: Final = 12

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


_RANGE = re.compile(
    r"(?P<head>\D*)(?P<first>[0-9]{1,4})(?P<unit>\D*?)[-~\u81f3\u5230](?P<again>\D*?)(?P<last>[0-9]{1,4})(?P<tail>\D*)"
)
_BETWEEN = re.compile(r"[,\u3001;\n]")


def parse_spots(text: str) -> tuple[str, ...] | None:
    """The labels in a list as a person types it: names with commas between them, and ranges.

    A range is two growing numbers with a dash, a tilde or the Chinese for “to” between them, with whatever stands
    before and after: ``A1-A3`` is A1, A2, A3. Full-width characters are made half-width. Each label once, in order.
    None when there are more than :data:`AT_ONCE_MAX`, or one is longer than :data:`SPOT_LONGEST` or cannot be printed.
    """
    found: dict[str, None] = {}
    for part in _BETWEEN.split(half_width(text)):
        labels = _spread(" ".join(part.split()))
        if labels is None:
            return None
        found.update(dict.fromkeys(labels))
    fits = len(found) <= AT_ONCE_MAX and all(len(spot) <= SPOT_LONGEST for spot in found)
    return tuple(found) if fits and all(spot.isprintable() for spot in found) else None


def _spread(word: str) -> list[str] | None:
    """The labels of one name or range; None for too long a range."""
    match = _RANGE.fullmatch(word)
    is_range = (
        match is not None and match["again"] in {"", match["head"]} and match["unit"] in {"", match["tail"]}
    )
    if match is None or not is_range or int(match["first"]) > int(match["last"]):
        return [word] if word else []
    first, last = int(match["first"]), int(match["last"])
    if last - first >= AT_ONCE_MAX:
        return None
    width = len(match["first"]) if match["first"].startswith("0") else 0
    return [f"{match['head']}{number:0{width}d}{match['tail']}" for number in range(first, last + 1)]


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A key that sorts 2 before 10."""
    return tuple(
        (int(part), "") if part.isascii() and part.isdigit() else (-1, part)
        for part in re.split("([0-9]+)", text)
    )


class Verdict(enum.StrEnum):
    """What the check page says of a sticker. Only GENUINE is good."""

    GENUINE = "genuine"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    REPLACED = "replaced"
    ENDED = "ended"
    UNKNOWN = "unknown"  # signed by us, yet not in the books
    DISTRUSTED = "distrusted"  # by a compromised key, and not shown to be older than the declared moment


def judge(state: StickerState | None, code_state: str | None) -> Verdict:
    """The verdict on a genuine code: the paper's state first, then the shop's code (a value of codes' CodeState)."""
    if state is None or code_state is None:
        return Verdict.UNKNOWN
    if state is StickerState.REPLACED:
        return Verdict.REPLACED
    if state not in STANDING:
        return Verdict.ENDED
    if code_state == "active":
        return Verdict.GENUINE if state is StickerState.VALID else Verdict.SUSPENDED
    return Verdict.SUSPENDED if code_state == "suspended" else Verdict.REVOKED
