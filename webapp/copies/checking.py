"""「我在这家店吗？」: what can be said to somebody who lets us look at the phone's position. Pure."""

from __future__ import annotations

import enum
import math
import re
from dataclasses import dataclass
from typing import Final

from webapp.stickers.rules import StickerPlace

from .geography import Point, metres
from .rules import FIXED, Limits


class Verdict(enum.StrEnum):
    """The three answers."""

    HERE = "here"
    AWAY = "away"
    CANNOT_SAY = "cannot_say"


#: Why a phone gave no position, as the page's script says it. Words: ``copy.why.<code>``.
NO_FIX: Final = ("denied", "unavailable", "timeout", "unsupported", "missing")
#: A number as JavaScript writes it. `float` alone takes more: underscores, other scripts' digits, "nan".
_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?(e[-+]?[0-9]{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fix:
    """A position as a browser gives it, with its accuracy: the radius in metres in which it lies (95 %)."""

    point: Point
    accuracy: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said. `metres` (rounded) with HERE and AWAY; `why` with CANNOT_SAY: a code of ``copy.why``."""

    verdict: Verdict
    metres: int | None = None
    why: str = ""


def unanswerable(place: StickerPlace, shop: Point | None) -> str:
    """Why no position can tell anything of this sticker; empty when one can."""
    if place not in FIXED:
        return f"moves_{place.value}"
    return "no_shop_position" if shop is None else ""


def answer(fix: Fix | None, why: str, place: StickerPlace, shop: Point | None, limits: Limits) -> Answer:
    """At the shop, so many metres away, or not to be said and why. `why`: of :data:`NO_FIX`, without a `fix`.

    Away is said only when the whole circle of the fix lies beyond the door; here only when the fix is sharp.
    """
    hindrance = unanswerable(place, shop)
    if hindrance or shop is None:
        return Answer(Verdict.CANNOT_SAY, why=hindrance)
    if fix is None:
        return Answer(Verdict.CANNOT_SAY, why=why if why in NO_FIX else "missing")
    distance = metres(fix.point, shop, limits.datum)
    if distance - fix.accuracy > limits.near_metres:
        return Answer(Verdict.AWAY, rounded(distance))
    if fix.accuracy > limits.sharp_metres:
        return Answer(Verdict.CANNOT_SAY, rounded(fix.accuracy), "rough")
    return Answer(Verdict.HERE, rounded(distance))


def is_worth_keeping(fix: Fix, limits: Limits) -> bool:
    """May this fix be evidence? Only one whose whole circle is small against the rules' distances."""
    return fix.accuracy <= limits.accuracy_most_metres


def rounded(distance: float) -> int:
    """Metres as people say them: tens below 200, fifties below 1 km, hundreds below 10 km, then whole kilometres."""
    step = 10 if distance < 200 else 50 if distance < 1000 else 100 if distance < 10_000 else 1000
    return max(step, math.floor(distance / step + 0.5) * step)


def read_fix(latitude: str, longitude: str, accuracy: str) -> Fix | None:
    """The fix that a form brings, None for anything that is none. Digits, a dot, a sign and an exponent only."""
    texts = (latitude.strip(), longitude.strip(), accuracy.strip())
    if not all(_NUMBER.fullmatch(text) for text in texts):
        return None
    north, east, radius = map(float, texts)
    point = Point(north, east)
    return Fix(point, radius) if point.is_possible and 0 <= radius < math.inf else None
