"""Slots: a feature adds its menu entry or its piece of a page without the page knowing the feature.

slots.add("office.menu", 20, office_menu)       # in a feature's register()
{% for entry in menu("office") %}               # in a layout
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask, request

from .access import current_actor


@dataclass(frozen=True)
class MenuEntry:
    """A link in a menu. `label` is a word key, `count` a number shown beside it (None: no number)."""

    url: str
    label: str
    count: int | None = None
    icon: str = ""
    below: str = ""  # the addresses that belong to it, where they are not those below its own
    also: tuple[str, ...] = ()  # further addresses whose pages belong to it
    seldom: bool = False  # the large view keeps it behind 「更多」, unless something waits there
    active: bool = False  # set by `menu`

    def leads_to(self, path: str) -> bool:
        """True when `path` is the entry's page or one that belongs to it."""
        roots = (self.below or self.url, *self.also)
        return path == self.url or f"{path}/".startswith(tuple(f"{root.rstrip('/')}/" for root in roots))


def add(app: Flask, name: str, order: int, supply: Callable[..., Any]) -> None:
    """Add `supply` to the slot `name`; it is called with the slot's context and may return None to stay out."""
    app.extensions.setdefault("ydym.slots", {}).setdefault(name, []).append((order, supply))


def collect(app: Flask, name: str, **context: Any) -> list[Any]:
    """What the suppliers of slot `name` give for `context`, in order, without the Nones."""
    found = (supply(**context) for supply in suppliers(app, name))
    return [piece for piece in found if piece is not None]


def suppliers(app: Flask, name: str) -> list[Callable[..., Any]]:
    """The suppliers of slot `name` themselves, in order, for who asks each more than once."""
    found = sorted(app.extensions.get("ydym.slots", {}).get(name, []), key=lambda pair: pair[0])
    return [supply for _, supply in found]


def menu(app: Flask, side: str) -> list[MenuEntry]:
    """The entries of a side's menu (``office`` or ``merchant``) for the present actor; the closest one is active."""
    entries: list[MenuEntry] = collect(app, f"{side}.menu", actor=current_actor())
    closest = max(
        (entry for entry in entries if entry.leads_to(request.path)), key=lambda e: len(e.url), default=None
    )
    return [replace(entry, active=entry is closest) for entry in entries]
