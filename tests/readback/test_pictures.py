"""The pictures of stickers in the documentation show what is drawn now."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageChops

from qrservice import LANGUAGES, TEMPLATES
from tests.support import sticker_pictures
from tests.support.databases import ROOT

FOLDER = ROOT / "docs" / "screens" / "stickers"


@pytest.mark.parametrize("template", list(TEMPLATES))
def test_pictures_are_up_to_date(template: str) -> None:
    for language in LANGUAGES:
        now = Image.open(io.BytesIO(sticker_pictures.single(template, language))).convert("L")
        kept = Image.open(FOLDER / f"{template}-{language}.png").convert("L")
        # The kept ones have fewer colours, and another Pillow may draw an edge another way.
        assert now.size == kept.size
        differing = ImageChops.difference(now, kept).point([0] * 64 + [255] * 192).histogram()[255]
        assert differing < 0.002 * now.width * now.height, (
            f"python -m tests.support.sticker_pictures {FOLDER.relative_to(ROOT)}"
        )


def test_no_picture_is_left_over() -> None:
    names = {f"{template}-{what}.png" for template in TEMPLATES for what in (*LANGUAGES, "sheet")}
    assert {path.name for path in FOLDER.iterdir()} == names
