"""What a consumer's account keeps together, and how two lists or two accounts become one. Pure."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

#: As many shops as the device keeps (``static/js/favourites.js``).
MOST_KEPT: Final = 200
NAME_MAX: Final = 120
PLACE_MAX: Final = 60
#: A device's clock may be so many seconds fast; what lies further ahead is taken as now.
CLOCK_SLACK: Final = 300
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)


class Way(enum.StrEnum):
    """The ways to sign in."""

    PHONE = "phone"
    WECHAT = "wechat"

    @property
    def other(self) -> Way:
        """The other way."""
        return Way.WECHAT if self is Way.PHONE else Way.PHONE


class Link(enum.StrEnum):
    """What becomes of a phone or WeChat that a signed-in consumer has just proved."""

    ADD = "add"
    ALREADY = "already"
    MERGE = "merge"
    ANOTHER = "another"  # the account has another one of this kind: taken off first
    TAKEN = "taken"  # two accounts, each with both ways or two of the same: nobody can say which is meant


@dataclass(frozen=True)
class Ways:
    """The keyed hashes by which an account is found, None where it has none."""

    phone: str | None = None
    wechat: str | None = None

    def of(self, way: Way) -> str | None:
        """The hash of one way."""
        return self.phone if way is Way.PHONE else self.wechat


def link(mine: Ways, way: Way, proved: str, found: Ways | None) -> Link:
    """What to do with `proved` (a keyed hash of `way`) for an account with `mine`; `found`: the account that has it."""
    if mine.of(way) == proved:
        return Link.ALREADY
    if mine.of(way) is not None:
        return Link.ANOTHER
    if found is None:
        return Link.ADD
    # Both were proved in this browser, so both are one person's; but two of the same kind do not fit into one account.
    return Link.MERGE if found.of(way.other) is None else Link.TAKEN


def may_unlink(mine: Ways, way: Way) -> bool:
    """The last way in stays: without it nobody comes back to what is kept."""
    return mine.of(way) is not None and mine.of(way.other) is not None


@dataclass(frozen=True)
class Kept:
    """One shop in a list: `name` and `place` as on the page then, `at` seconds since 1970, `gone`: taken out.

    The shape is that of ``static/js/favourites.js``.
    """

    name: str
    place: str
    at: int
    gone: bool = False

    def as_device(self) -> dict[str, Any]:
        """The entry as the device writes it."""
        return {"n": self.name, "p": self.place, "at": self.at, "gone": int(self.gone)}


def read_device(data: Any, now: int) -> dict[int, Kept]:
    """A device's list (decoded JSON) by shop number; what is misshapen is left out. `now`: seconds since 1970."""
    shops = data.get("shops") if isinstance(data, dict) and data.get("v") == 1 else None
    found: dict[int, Kept] = {}
    for number, entry in shops.items() if isinstance(shops, dict) else ():
        if len(found) >= MOST_KEPT:
            break
        if not (isinstance(number, str) and _NUMBER.fullmatch(number) and isinstance(entry, dict)):
            continue
        at = entry.get("at")
        if isinstance(at, bool) or not isinstance(at, (int, float)) or not 0 < at < 2**40:
            continue
        at = int(at) if at <= now + CLOCK_SLACK else now
        name, place = _text(entry.get("n"), NAME_MAX), _text(entry.get("p"), PLACE_MAX)
        found[int(number)] = Kept(name, place, at, bool(entry.get("gone")))
    return found


def merged(mine: Mapping[int, Kept], theirs: Mapping[int, Kept]) -> dict[int, Kept]:
    """Of each shop the newer entry, mine where they are as old; the newest `MOST_KEPT` of all."""
    both = dict(mine)
    for number, entry in theirs.items():
        if number not in both or both[number].at < entry.at:
            both[number] = entry
    newest = sorted(both, key=lambda number: (-both[number].at, number))[:MOST_KEPT]
    return {number: both[number] for number in newest}


def _text(value: Any, most: int) -> str:
    if not isinstance(value, str):
        return ""
    # Control characters and halves of a pair are nobody's name, and no database takes them.
    shown = "".join(mark for mark in value if mark.isprintable() or mark.isspace())
    return " ".join(shown.split())[:most]
