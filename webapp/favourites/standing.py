"""How kept shops stand now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from webapp.core import clock
from webapp.directory import queries
from webapp.directory.asking import county_names
from webapp.directory.standing import verdicts
from webapp.shopfront.presentation import SEALS
from webapp.web import languages


def standings(numbers: Sequence[int]) -> list[dict[str, Any]]:
    """Of each shop: ``number``, ``name``, ``place``, ``says`` and ``tone``. Others than public ones are left out."""
    found = queries.public_by_number(list(dict.fromkeys(numbers)))
    now, names = verdicts(found, clock.today()), county_names()
    return [
        {
            "number": shop.id,
            "name": languages.shown(shop.public_full_name),
            "place": languages.shown(names.get(shop.public_region[:6], "")),
            "says": languages.shown(languages.say(f"favourites.{now[shop.id].value}")),
            "tone": SEALS[now[shop.id]][1],
        }
        for shop in found
        if now[shop.id] in SEALS
    ]
