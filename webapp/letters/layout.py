"""Placing a document's blocks on A4 pages, after GB/T 9704-2012. Pure: knows widths of characters, no PDF.

Margins 37 mm above, 35 mm below, 28 mm left, 26 mm right; 22 lines of 28 characters of size 三号 (16 pt; so that 28
fill 156 mm, 15.8 pt are set). Lengths are in points, y downwards from the top of the page (or of the strip while it
has no page). A document is cut into strips, which are then dealt out to pages; what must stay together is one strip.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from .lines import Line

MM: Final = 72 / 25.4
PAGE_WIDTH: Final = 210 * MM
PAGE_HEIGHT: Final = 297 * MM
TOP: Final = 37 * MM
BOTTOM: Final = 35 * MM
LEFT: Final = 28 * MM
RIGHT: Final = 26 * MM
WIDTH: Final = PAGE_WIDTH - LEFT - RIGHT
HEIGHT: Final = PAGE_HEIGHT - TOP - BOTTOM
PITCH: Final = HEIGHT / 22
SIZE: Final = WIDTH / 28

Face = Literal["body", "title"]
Measure = Callable[[str, Face], float]
INK: Final = "#000000"
QUIET: Final = "#6b6b6b"
FAINT: Final = "#b9b9b9"
RED: Final = "#b8402f"


@dataclass(frozen=True)
class Text:
    """A set line: `x` where it begins, `y` its baseline."""

    x: float
    y: float
    line: Line
    size: float
    face: Face = "body"
    colour: str = INK
    angle: float = 0.0


@dataclass(frozen=True)
class Rule:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float = 0.6
    colour: str = INK


@dataclass(frozen=True)
class SealPlace:
    """Where the seal goes: centre and side. Drawn as a broken frame with `words`, or as the bureau's own picture."""

    x: float
    y: float
    side: float
    words: Text | None = None


@dataclass(frozen=True)
class Symbol:
    """The QR symbol of the check address, its left top corner and side."""

    x: float
    y: float
    side: float
    text: str


Item = Text | Rule | SealPlace | Symbol


def moved(item: Item, down: float) -> Item:
    """The item lower by `down`."""
    if isinstance(item, Rule):
        return replace(item, y1=item.y1 + down, y2=item.y2 + down)
    if isinstance(item, SealPlace):
        return replace(
            item, y=item.y + down, words=replace(item.words, y=item.words.y + down) if item.words else None
        )
    return replace(item, y=item.y + down)


@dataclass
class Strip:
    """A piece of the page's height. `table`: a cut beside it is closed by a rule, below only unless it is `closed`.

    `loose`: nothing at a page's top. `with_next`: on one page with the next.
    """

    height: float
    items: list[Item] = field(default_factory=list)
    table: bool = False
    closed: bool = False
    loose: bool = False
    with_next: bool = False


@dataclass
class Page:
    """A page's items, in the page's own coordinates."""

    items: list[Item] = field(default_factory=list)


def joined(strips: list[Strip]) -> Strip:
    """Several strips as one that is never torn."""
    last = strips[-1]
    whole = Strip(0.0, table=last.table, closed=last.closed, with_next=last.with_next)
    for strip in strips:
        whole.items += [moved(item, whole.height) for item in strip.items]
        whole.height += strip.height
    return whole


def deal(strips: list[Strip], foot: Strip | None) -> tuple[list[Page], float]:
    """Strips on pages from the top, and how much of the last page they fill (0 to 1).

    `foot` is put at the bottom of the last page, on one more when it has no room there.
    """
    pages, y = [Page()], 0.0
    previous: Strip | None = None
    for strip in _bound(strips):
        if y + strip.height > HEIGHT + 0.01 and y > 0:
            if previous is not None and previous.table and strip.table:
                strip.items.append(_edge(0))
                if not previous.closed:
                    pages[-1].items.append(_edge(TOP + y))
            pages.append(Page())
            y = 0.0
        if strip.loose and y == 0 and len(pages) > 1:
            continue
        pages[-1].items += [moved(item, TOP + y) for item in strip.items]
        y += strip.height
        previous = strip
    if foot is not None:
        if y + foot.height > HEIGHT + 0.01:
            pages.append(Page())
            y = 0.0
        pages[-1].items += [moved(item, TOP + HEIGHT - foot.height) for item in foot.items]
        y += foot.height
    return pages, y / HEIGHT


def _bound(strips: list[Strip]) -> list[Strip]:
    """Strips that want the next one beside them are made one with it, as far as a page holds them."""
    bound: list[Strip] = []
    for strip in strips:
        if bound and bound[-1].with_next and bound[-1].height + strip.height <= HEIGHT:
            bound[-1] = joined([bound[-1], strip])
        else:
            bound.append(replace(strip, items=list(strip.items)))
    return bound


def _edge(y: float) -> Rule:
    return Rule(LEFT, y, LEFT + WIDTH, y)
