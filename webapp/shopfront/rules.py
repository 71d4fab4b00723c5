"""The verdict on a shop and on the sticker that was scanned. Pure.

Green is never the default: it is reached only when every condition has been looked at and holds. A fact that
is missing counts against it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta


class Verdict(enum.StrEnum):
    """The one thing that the page says first. Each has its own seal (shape, word, colour)."""

    TRUSTED = "trusted"
    UNCERTAIN = "uncertain"  # active, but a condition of green does not hold
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    BLACK = "black"
    REPLACED = "replaced"  # this paper is worth nothing; the shop's own verdict stands beside it
    NOT_VOUCHED = "not_vouched"  # the shop exists here but was never approved
    FORGED = "forged"


class StickerFact(enum.StrEnum):
    """What the database knows of the serial that was scanned."""

    NOT_SCANNED = "not_scanned"
    VALID = "valid"
    REPLACED = "replaced"
    SUSPENDED = "suspended"  # this paper alone is under check; the shop is another matter
    ENDED = "ended"  # lost or destroyed
    UNKNOWN = "unknown"  # signed by us, yet not in the books
    DISTRUSTED = "distrusted"  # by a compromised key, and not shown to be older than the declared moment


@dataclass(frozen=True)
class Facts:
    """Everything that the verdict hangs on.

    `code_state` is a value of codes' CodeState or None; `grounds` the open suspension grounds' codes;
    `licences_lacking` the kinds of required licences that are missing, expired or unchecked; `registry_status` a value
    of registry's RegistryStatus or None when the register has no record.
    """

    code_state: str | None
    grounds: tuple[str, ...] = ()
    revoked_ground: str | None = None
    black_listed: bool = False
    registry_status: str | None = None
    registry_abnormal: bool = False
    licences_lacking: tuple[str, ...] = ()
    sticker: StickerFact = StickerFact.NOT_SCANNED


@dataclass(frozen=True)
class Judgement:
    """The verdict on the shop, and on the paper when one was scanned. `reasons` are word keys' last parts."""

    shop: Verdict
    shown: Verdict
    reasons: tuple[str, ...] = field(default=())


def judge(facts: Facts) -> Judgement:
    """The verdict. Worst first: black list, revoked, paper worth nothing, suspended, anything lacking, green."""
    shop, reasons = _judge_shop(facts)
    if facts.sticker in {StickerFact.UNKNOWN, StickerFact.DISTRUSTED}:
        return Judgement(shop, Verdict.REPLACED, (f"sticker_{facts.sticker.value}", *reasons))
    if facts.sticker in {StickerFact.REPLACED, StickerFact.SUSPENDED, StickerFact.ENDED} and shop not in {
        Verdict.BLACK,
        Verdict.REVOKED,
    }:
        return Judgement(shop, Verdict.REPLACED, (f"sticker_{facts.sticker.value}", *reasons))
    return Judgement(shop, shop, reasons)


def _judge_shop(facts: Facts) -> tuple[Verdict, tuple[str, ...]]:
    if facts.black_listed:
        return Verdict.BLACK, ("black_listed",)
    if facts.code_state is None:
        return Verdict.NOT_VOUCHED, ("never_approved",)
    if facts.code_state == "revoked":
        return Verdict.REVOKED, (facts.revoked_ground or "revoked",)
    if facts.code_state == "suspended" or facts.grounds:
        return Verdict.SUSPENDED, facts.grounds or ("suspended",)
    if facts.code_state != "active":
        return Verdict.UNCERTAIN, ("state_unknown",)
    lacking = []
    if facts.registry_status is None:
        lacking.append("register_unknown")
    elif facts.registry_status != "active":
        lacking.append("register_not_active")
    if facts.registry_abnormal:
        lacking.append("abnormal_list")
    if facts.licences_lacking:
        lacking.append("licence_lacking")
    return (Verdict.UNCERTAIN, tuple(lacking)) if lacking else (Verdict.TRUSTED, ())


#: A rendering is made anew after this many days at the latest, whatever we think that it hangs on.
LONGEST_DAYS = 31


def turns_on(
    today: date,
    periods: Iterable[tuple[date | None, date | None]],
    last_days: Iterable[date | None],
    notice_days: int,
    grace_days: int,
) -> date:
    """The next day on which the calendar alone may change the page: until then only the feed can.

    `periods` are the licences' first and last days, `last_days` the last days of other terms (a listing's). The new
    year turns it too (dates of this year are written without it).
    """
    days = [today + timedelta(days=LONGEST_DAYS), date(today.year + 1, 1, 1)]
    for start, end in periods:
        if start is not None:
            days.append(start)
        if end is not None:
            days += [
                end - timedelta(days=notice_days),
                end + timedelta(days=1),
                end + timedelta(days=grace_days + 1),
            ]
    days += [last + timedelta(days=1) for last in last_days if last is not None]
    return min(day for day in days if day > today)
