"""The onboarding: whom the register lets in, and what an application still lacks. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.core.identifiers import normalise
from webapp.merchants.lookup import RegistryFacts
from webapp.merchants.rules import DAYS

#: The steps of the onboarding after the operator, in the order of its pages. A step is the end of its address.
SHOP_STEPS = ("shop", "place", "trade", "hours", "photos")
PHOTOS_MOST = 6

#: A part that an officer can ask to have mended → the step where the merchant mends it.
STEP_OF_PART = {
    "name": "shop",
    "address": "place",
    "position": "place",
    "industry": "trade",
    "phone": "hours",
    "opening_hours": "hours",
    "photos": "photos",
    "licences": "licences",
    "commitments": "commitments",
}

STREET_CODE_LENGTH = 9


@dataclass(frozen=True)
class Missing:
    """Something that an application lacks. `step` is where to give it, `item` a part of that step (a licence kind).

    `word` is a word key whose placeholders `details` fill.
    """

    step: str
    word: str
    item: str = ""
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ShopFacts:
    """What the rules need to know of a draft's shop."""

    name: str
    region_code: str
    address: str
    latitude: float | None
    longitude: float | None
    category: str | None
    industry_code: str | None
    phone: str
    opening_hours: Mapping[str, Any]
    photos: int


def gate(facts: RegistryFacts | None) -> list[str]:
    """Why the register does not let this operator apply; empty when it does.

    Codes: ``unknown``, ``moved_out``, ``closed``, ``licence_revoked``, ``deregistered``, ``abnormal``,
    ``serious_violation``. Source: the entry gates of the city's rules for 放心消费诚信码.
    """
    if facts is None:
        return ["unknown"]
    faults = [] if facts.status == "active" else [facts.status]
    if facts.abnormal:
        faults.append("abnormal")
    if facts.serious_violation:
        faults.append("serious_violation")
    return faults


def mask_name(name: str) -> str:
    """The first character of a name and a star for each other: shown to somebody who still has to prove it."""
    return name[:1] + "*" * (len(name) - 1)


_NAME_NOISE = re.compile(r"[\s·•・.]+")


def same_name(typed: str, registered: str) -> bool:
    """Is it the same person's name? Blanks, full-width forms and the dots of transcribed names are forgiven."""
    return _plain_name(typed) == _plain_name(registered) != ""


def _plain_name(name: str) -> str:
    return normalise(_NAME_NOISE.sub("", name))


def place_in(registered: str, county: str, streets: Mapping[str, str]) -> tuple[str, str]:
    """(street's code or "", the rest) of a registered address, as far as it names `county` and one of its `streets`.

    `streets` maps code to name. An address that does not name the county gives nothing: it may lie elsewhere.
    """
    _before, named, rest = registered.partition(county)
    if not named:
        return "", ""
    for code, name in streets.items():
        if rest.startswith(name):
            return code, rest[len(name) :].strip()
    return "", rest.strip()


def missing_of_shop(shop: ShopFacts) -> list[Missing]:
    """What the shop's own facts lack, in the order of the pages."""
    wanted = (
        ("shop", "name", bool(shop.name.strip())),
        ("place", "street", len(shop.region_code) == STREET_CODE_LENGTH),
        ("place", "address", bool(shop.address.strip())),
        ("place", "position", shop.latitude is not None and shop.longitude is not None),
        ("trade", "industry", bool(shop.category and shop.industry_code)),
        ("hours", "opening_hours", any(shop.opening_hours.values())),
        ("hours", "phone", bool(shop.phone)),
        ("photos", "photos", shop.photos > 0),
    )
    return [Missing(step, f"onboarding.missing.{word}") for step, word, given in wanted if not given]


def first_open_step(steps: Sequence[str], missing: Iterable[Missing]) -> str | None:
    """The first of `steps` that still lacks something, or None."""
    open_steps = {lack.step for lack in missing}
    return next((step for step in steps if step in open_steps), None)


def neighbours(steps: Sequence[str], step: str) -> tuple[str | None, str | None]:
    """The steps before and after `step`; None at the ends."""
    place = list(steps).index(step)
    return (steps[place - 1] if place else None), (steps[place + 1] if place + 1 < len(steps) else None)


def fingerprint(facts: Iterable[object]) -> str:
    """A short mark of what a page showed, so that a form can tell that the facts moved on meanwhile."""
    return hashlib.sha256("\x1f".join(str(fact) for fact in facts).encode()).hexdigest()[:16]


# --- opening hours -------------------------------------------------------------------------------------------

WEEKDAYS = DAYS
#: Quick patterns: which days are open. ``custom`` asks each day by itself.
PATTERNS: dict[str, tuple[str, ...]] = {
    "every_day": WEEKDAYS,
    "workdays": WEEKDAYS[:5],
    "monday_off": WEEKDAYS[1:],
    "always": WEEKDAYS,
    "custom": (),
}
Spans = list[list[str]]


def week(pattern: str, spans: Spans, by_day: Mapping[str, Spans] | None = None) -> dict[str, Spans]:
    """Opening hours of a week from a quick pattern with one set of spans, or `by_day` for ``custom``."""
    if pattern == "custom":
        given = by_day or {}
        return {day: list(given.get(day, [])) for day in WEEKDAYS}
    hours = [["00:00", "24:00"]] if pattern == "always" else spans
    open_days = PATTERNS[pattern]
    return {day: [list(span) for span in hours] if day in open_days else [] for day in WEEKDAYS}


def pattern_of(hours: Mapping[str, Any]) -> tuple[str, Spans]:
    """The quick pattern and spans that give `hours`; ``custom`` when none does, ``every_day`` for nothing yet."""
    spans: Spans = next((list(hours[day]) for day in WEEKDAYS if hours.get(day)), [])
    if not spans:
        return "every_day", []
    for pattern in ("always", "every_day", "workdays", "monday_off"):
        if week(pattern, spans) == {day: [list(span) for span in hours.get(day, [])] for day in WEEKDAYS}:
            return pattern, spans
    return "custom", spans
