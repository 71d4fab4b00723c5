"""The tokens as the style page shows them: read from the style sheet itself, with the contrast of each colour computed.

Contrast is that of WCAG 2.2 (success criterion 1.4.3): (L1 + 0.05) / (L2 + 0.05) of relative luminances.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

COLOUR: Final = re.compile(r"#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?$")
#: What a colour is used upon; others stand on the card.
GROUNDS: Final = {
    "on-fill": "fill",
    "trust-deep": "trust-soft",
    "caution-deep": "caution-soft",
    "stop-deep": "stop-soft",
    "info-deep": "info-soft",
    "seal-red": "seal-black",
    "on-black": "seal-black",
    "on-black-2": "seal-black",
    "black": "white",
    "pencil": "white",
}
#: Words in this colour: 4.5. Marks, edges and drawings: 3. Grounds and hairlines are no information: nothing.
WORDS: Final = frozenset({
    "ink", "ink-2", "quiet", "link", "on-fill", "trust", "trust-deep", "caution", "caution-deep", "stop", "stop-deep",
    "info", "info-deep", "seal-red", "on-black", "on-black-2", "black",
})  # fmt: skip
MARKS: Final = frozenset({"line-2", "seal", "heart", "star", "focus", "fill", "fill-2"})


@dataclass(frozen=True)
class Swatch:
    """A colour with what it is measured against, the ratio, and the least that it must be (0: nothing)."""

    name: str
    value: str
    ground: str
    ratio: float
    least: float

    @property
    def enough(self) -> bool:
        """Whether it can be seen by everybody."""
        return self.ratio >= self.least


def luminance(colour: str) -> float:
    """The relative luminance of #rgb or #rrggbb, 0 to 1."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The ratio of two colours, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@lru_cache(maxsize=8)
def _read(path: Path, _changed: float, *, dark: bool, elder: bool) -> dict[str, str]:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    wanted = (
        [r"^:root \{"]
        + ([r':root\[data-theme="dark"\] \{'] if dark else [])
        + ([r":root\.elder \{"] if elder else [])
    )
    found: dict[str, str] = {}
    for start in wanted:
        block = re.search(start + r"([^}]*)\}", text, re.MULTILINE)
        if block:
            found.update(
                (name, value.strip()) for name, value in re.findall(r"--([\w-]+)\s*:\s*([^;]+);", block[1])
            )
    return found


def read(path: Path, *, dark: bool = False, elder: bool = False) -> dict[str, str]:
    """Name and value of every token in a mode."""
    return _read(path, path.stat().st_mtime, dark=dark, elder=elder)


def swatches(tokens: dict[str, str]) -> list[Swatch]:
    """The colours among the tokens, each against its ground."""
    found = []
    for name, value in tokens.items():
        if not COLOUR.match(value):
            continue
        ground = GROUNDS.get(name, "card")
        least = 4.5 if name in WORDS else 3.0 if name in MARKS else 0.0
        found.append(Swatch(name, value, ground, round(contrast(value, tokens[ground]), 2), least))
    return found


def sizes(tokens: dict[str, str]) -> list[tuple[str, str]]:
    """The tokens that are no colours: type, spaces, corners, shadows, layers, durations."""
    return [(name, value) for name, value in tokens.items() if not COLOUR.match(value)]
