"""Status colours for people who see colours otherwise: contrast that stays, a shape of its own, and a word.

The three dichromacies are simulated in linear RGB (Machado, Oliveira and Fernandes 2009, severity 1); contrast is that
of WCAG 2.2. Two statuses may look alike in colour then: what tells them apart is shape and word, never colour alone.
"""

from __future__ import annotations

import ast
import re

import pytest

from webapp.settings import ROOT

SIMULATED = {
    "everybody": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
STATUSES = ("trust", "caution", "stop", "info")
COMPONENTS = ("badge", "status_line", "alert", "flash", "countdown")


def tokens(theme: str) -> dict[str, str]:
    """The colours of tokens.css: those of light, or of dark over them."""
    text = (ROOT / "static" / "css" / "tokens.css").read_text("utf-8")
    light, dark = text.split("@media (prefers-color-scheme: dark)", 1)
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light.split("}", 1)[0]))
    if theme == "dark":
        found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", dark.split("}", 1)[0]))
    return found


def linear(colour: str) -> list[float]:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def seen(colour: str, eyes: str) -> float:
    """The relative luminance of a colour as these eyes see it."""
    light = linear(colour)
    red, green, blue = (
        min(1.0, max(0.0, sum(weight * part for weight, part in zip(row, light, strict=True))))
        for row in SIMULATED[eyes]
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str, eyes: str) -> float:
    bright, dim = sorted((seen(one, eyes), seen(other, eyes)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("eyes", SIMULATED)
def test_status_colours_keep_their_contrast(theme: str, eyes: str) -> None:
    colours = tokens(theme)
    low = [
        f"{status} on {ground}: {contrast(colours[status], colours[ground], eyes):.2f}"
        for status in STATUSES
        for ground in ("paper", "card", f"{status}-soft")
        if contrast(colours[status], colours[ground], eyes) < 4.5
    ]
    assert not low, low


@pytest.mark.parametrize("name", COMPONENTS)
def test_every_status_has_a_shape_of_its_own(name: str) -> None:
    source = (ROOT / "templates" / "components" / f"{name}.html").read_text("utf-8")
    found = re.search(r"set shapes = (\{.*?\})", source)
    assert found is not None
    shapes: dict[str, str | None] = ast.literal_eval(found[1])
    drawn = [shape for shape in shapes.values() if shape]
    assert len(drawn) == len(set(drawn)) >= 4
    assert any(
        word in source for word in ("text", "title", "words")
    )  # … and a word: no macro draws the mark alone


def test_the_simulation_would_see_a_colour_that_fades() -> None:
    assert contrast("#d2322d", "#15181c", "everybody") > contrast("#d2322d", "#15181c", "protanopia")
