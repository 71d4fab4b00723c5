"""How light a colour is: for a reader of symbols, and for a reader of words. Pure figures."""

from __future__ import annotations

import re
from functools import lru_cache

from qrservice.errors import BrandRefused

_COLOUR = re.compile(r"#[0-9a-f]{6}")


def rgb(colour: str) -> tuple[float, float, float]:
    """The linear parts 0..1 of `#rrggbb` (sRGB, IEC 61966-2-1). Raises BrandRefused (`colour_form`)."""
    if not _COLOUR.fullmatch(colour.lower()):
        raise BrandRefused("colour_form", f"{colour!r} is not #rrggbb")
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return red, green, blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


@lru_cache(maxsize=256)
def luminance(colour: str) -> float:
    """Relative luminance 0..1, about what a diffuse print reflects of white light."""
    red, green, blue = rgb(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@lru_cache(maxsize=256)
def symbol_contrast(dark: str, light: str) -> float:
    """Reflectance of light less that of dark modules, 0..1; negative for a symbol printed the wrong way round.

    The symbol contrast of ISO/IEC 15415, 7.8.3. Scanners look with red light (660 nm) and phones with all of it:
    the worse of the two counts, so that red modules, which a scanner cannot see, do not pass.
    """
    return min(luminance(light) - luminance(dark), rgb(light)[0] - rgb(dark)[0])


def legibility(text: str, ground: str) -> float:
    """The contrast ratio of WCAG 2.2, 1..21."""
    one, two = sorted((luminance(text), luminance(ground)))
    return (two + 0.05) / (one + 0.05)
