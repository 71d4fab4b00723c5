"""The status seals: one drawing each, in a 120 × 120 box, for pages, stickers, posters and icons.

Shape, word and colour say the same thing, so that the seal is understood without colour. A seal is a list
of parts; each part is one even-odd outline in the role of `ground` (the seal's own colour) or `mark` (drawn
on a dark ground). Words and signs are holes in the ground, so that the paper or page shows through.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from html import escape
from typing import Final

from qrservice import words
from qrservice.seal_glyphs import GLYPHS
from qrservice.shapes import Path, circle, cross, number, parse, polygon, rectangle, ring, sector, stroke

BOX: Final = 120.0


class Status(StrEnum):
    """What a seal can say."""

    TRUSTED = "trusted"
    SUSPENDED = "suspended"
    DELISTED = "delisted"
    BLACKLISTED = "blacklisted"
    APPEALED = "appealed"
    FOREIGN = "foreign"
    REPLACED = "replaced"


# Default colours; a page may override `color` on the svg and `fill` on .seal-ground and .seal-mark by CSS.
COLOURS: Final = {
    Status.TRUSTED: "#0b7a53",
    Status.SUSPENDED: "#b45309",
    Status.DELISTED: "#ff8577",
    Status.BLACKLISTED: "#ff8577",
    Status.APPEALED: "#b45309",
    Status.FOREIGN: "#667085",
    Status.REPLACED: "#475467",
}
BLACK: Final = "#15191f"


@dataclass(frozen=True, slots=True)
class SealPart:
    """One filled outline. `colour` is None where the seal's own colour applies."""

    path: Path
    role: str
    colour: str | None = None


def text_path(text: str, centre: float, baseline: float, size: float, tracking: float = 0.0) -> Path:
    """A line of seal characters, centred on `centre`, `size` units an em."""
    left = centre - (len(text) * size + (len(text) - 1) * tracking) / 2
    path = Path()
    for i, character in enumerate(text):
        x = left + i * (size + tracking)
        path += parse(GLYPHS[character]).transformed(size / 1000, x, baseline, flip=True)
    return path


def _trusted() -> list[SealPart]:
    (word,) = words.SEAL_LINES["trusted"]
    tick = stroke([(42.5, 34.5), (55.5, 47), (79, 20.5)], 8.5)
    ground = circle(60, 60, 59) + ring(60, 60, 54.6, 53) + tick + text_path(word, 60, 92.5, 39, 0.5)
    return [SealPart(ground, "ground")]


def _suspended() -> list[SealPart]:
    (word,) = words.SEAL_LINES["suspended"]
    ground = ring(60, 60, 59, 51) + rectangle(34, 30, 52, 11, 2) + text_path(word, 60, 87, 38, 0.5)
    return [SealPart(ground, "ground")]


def _square(word: str, size: float) -> list[SealPart]:
    edge = rectangle(7, 7, 106, 106, 7) + rectangle(10.5, 10.5, 99, 99, 4)
    mark = edge + cross(60, 37, 21, 9) + text_path(word, 60, 98, size, 1)
    return [SealPart(rectangle(1, 1, 118, 118, 12), "ground", BLACK), SealPart(mark, "mark")]


def _delisted() -> list[SealPart]:
    return _square(words.SEAL_LINES["delisted"][0], 30)


def _blacklisted() -> list[SealPart]:
    return _square(words.SEAL_LINES["blacklisted"][0], 38)


def _appealed() -> list[SealPart]:
    (word,) = words.SEAL_LINES["appealed"]
    # Upper half solid with a balance cut out, lower half hollow with the word: both sides are still to be
    # heard.
    upper = sector(60, 60, 59, 0.01, -180, 0)
    balance = (
        rectangle(58.2, 14, 3.6, 36)
        + rectangle(36, 18, 22.2, 3.6)
        + rectangle(61.8, 18, 22.2, 3.6)
        + rectangle(48, 50, 24, 4)
        + polygon((27, 38), (47, 38), (43, 45), (31, 45))
        + polygon((73, 38), (93, 38), (89, 45), (77, 45))
        + stroke([(28.6, 38), (37, 21.6), (45.4, 38)], 1.8)
        + stroke([(74.6, 38), (83, 21.6), (91.4, 38)], 1.8)
    )
    lower = sector(60, 60, 59, 53, 0, 180)
    return [SealPart(upper + balance + lower + text_path(word, 60, 91, 27, 0.5), "ground")]


def _foreign() -> list[SealPart]:
    ground = Path()
    count = 20
    for i in range(count):
        start = i * 360 / count - 90
        ground += sector(60, 60, 59, 53, start, start + 11)
    # A question mark is narrower than the em that a character gets, so it is centred by its outline.
    question = text_path(words.SEAL_QUESTION, 60, 52, 48)
    left, _, right, _ = question.bounds()
    ground += question.transformed(1, 60 - (left + right) / 2)
    first, second = words.SEAL_LINES["foreign"]
    ground += text_path(first, 60, 76, 20.5, 0.3) + text_path(second, 60, 99, 20.5, 0.3)
    return [SealPart(ground, "ground")]


def _replaced() -> list[SealPart]:
    # The old one peeps out behind the new one: its ring stops where the new one, and a gap around it, begins.
    old_centre, old_radius, new_centre, cut = 40.0, 38.5, 73.0, 50.0
    distance = math.hypot(new_centre - old_centre, new_centre - old_centre)
    cosine = (old_radius**2 + distance**2 - cut**2) / (2 * old_radius * distance)
    half = math.degrees(math.acos(cosine))
    old = sector(old_centre, old_centre, old_radius, old_radius - 5, 45 + half, 405 - half)
    first, second = words.SEAL_LINES["replaced"]
    new = circle(new_centre, new_centre, 46) + ring(new_centre, new_centre, 42.6, 41.3)
    new += text_path(first, new_centre, 69, 26, 0.5) + text_path(second, new_centre, 94.5, 22.5, 0.3)
    return [SealPart(old + new, "ground")]


_DRAWINGS: Final = {
    Status.TRUSTED: _trusted,
    Status.SUSPENDED: _suspended,
    Status.DELISTED: _delisted,
    Status.BLACKLISTED: _blacklisted,
    Status.APPEALED: _appealed,
    Status.FOREIGN: _foreign,
    Status.REPLACED: _replaced,
}


@cache
def seal_parts(status: str) -> tuple[SealPart, ...]:
    """The outlines of a seal in its 120-unit box. Raises ValueError for an unknown status."""
    return tuple(_DRAWINGS[Status(status)]())


def seal_svg(status: str, size: float | None = None, label: str | None = None) -> str:
    """The seal as an inline SVG element without style attributes, safe under a strict content policy.

    `size` is the side in CSS pixels (left out: the page's CSS decides). `label` is what a screen reader
    says, by default the seal's own words; an empty label hides the seal from screen readers, for where text
    says it already. The root has class `seal seal-<status>`, the parts `seal-ground` and `seal-mark`;
    one-colour seals take `currentColor`. Raises ValueError for an unknown status.
    """
    kind = Status(status)
    words_said = words.SEAL_LABELS[kind] if label is None else label
    spoken = f'role="img" aria-label="{escape(words_said)}"' if words_said else 'aria-hidden="true"'
    sides = f' width="{number(size)}" height="{number(size)}"' if size else ""
    parts = "".join(
        f'<path class="seal-{part.role}" fill="{part.colour or "currentColor"}" fill-rule="evenodd"'
        f' d="{part.path.svg(1)}"/>'
        for part in seal_parts(kind)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="seal seal-{kind}" viewBox="0 0 120 120"{sides}'
        f' color="{COLOURS[kind]}" {spoken} focusable="false">{parts}</svg>'
    )
