"""Commitments: which templates concern a shop, what is signed, what is lacking. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from webapp.core.checks import Check, CheckResult

#: Of a signature: a name has at least two characters, and fits the column.
NAME_SHORTEST, NAME_LONGEST = 2, 40


@dataclass(frozen=True)
class Pledge:
    """A template as the rules read it. `categories` empty: for all shops."""

    code: str
    version: int
    required: bool
    categories: frozenset[str]
    in_force_from: date
    in_force_until: date | None


def body_hash(body: str) -> str:
    """SHA-256 (hex) of a pledge's text: what a signature is about."""
    return hashlib.sha256(body.encode()).hexdigest()


def applies(pledge: Pledge, category: str | None, today: date) -> bool:
    """Can a shop of `category` sign it today? `in_force_until` is the first day on which it cannot."""
    if today < pledge.in_force_from or (pledge.in_force_until is not None and today >= pledge.in_force_until):
        return False
    return not pledge.categories or category in pledge.categories


def newest(pledges: Iterable[Pledge]) -> list[Pledge]:
    """Of each code the newest version, in the order given."""
    best: dict[str, Pledge] = {}
    for pledge in pledges:
        if pledge.code not in best or pledge.version > best[pledge.code].version:
            best[pledge.code] = pledge
    return list(best.values())


def lacking(offered: Iterable[Pledge], signed_codes: Collection[str]) -> list[str]:
    """Codes of required pledges that are not signed (a standing older version counts until its own end)."""
    return [pledge.code for pledge in offered if pledge.required and pledge.code not in signed_codes]


def check(titles: Iterable[str]) -> Check:
    """The check for an application: `titles` are the required pledges that are not signed."""
    missing = list(titles)
    if missing:
        return Check("commitment.required", CheckResult.FAILED, {"titles": missing[0], "count": len(missing)})
    return Check("commitment.required", CheckResult.PASSED, {"titles": "", "count": 0})


def is_name(name: str) -> bool:
    """Can this be a person's name as a signature? Letters of any script, blanks and the dot of transcribed names."""
    letters = [c for c in name.strip() if c not in " ·•・.'-"]
    return NAME_SHORTEST <= len(letters) <= NAME_LONGEST and all(c.isalpha() for c in letters)
