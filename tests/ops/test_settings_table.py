"""The README's settings table is the code's."""

from __future__ import annotations

import pytest

from webapp.ops.settings_table import put_into
from webapp.settings import ROOT


def test_the_readme_lists_every_setting() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert put_into(text) == text, "run: python -m webapp.ops.settings_table --write"


def test_missing_markers_are_an_error() -> None:
    with pytest.raises(ValueError, match="markers"):
        put_into("no markers here")
