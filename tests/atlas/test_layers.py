"""The layers of the map in addresses."""

from __future__ import annotations

import itertools

import pytest

from webapp.atlas import layers
from webapp.atlas.layers import NAMES, Layers

ALL = [Layers(*parts) for parts in itertools.product([True, False], repeat=3) if any(parts)]


@pytest.mark.parametrize("shown", ALL)
def test_an_address_says_what_is_shown(shown: Layers) -> None:
    assert layers.read(shown.kept()) == shown


def test_shops_alone_need_no_saying_and_nonsense_is_not_read() -> None:
    assert Layers().kept() == {}
    assert layers.read({"shops": "no", "stations": "yes", "points": "2"}) == Layers()
    assert layers.read({"shops": "0"}) == Layers(), "an empty map tells nothing"


@pytest.mark.parametrize("shown", ALL)
@pytest.mark.parametrize("name", NAMES)
def test_a_switch_switches_back_but_the_last_layer_stays(shown: Layers, name: str) -> None:
    after = shown.switched(name)
    if shown.kept() and sum(getattr(shown, one) for one in NAMES) == 1 and getattr(shown, name):
        assert after == shown
    elif after != shown:
        assert after.switched(name) == shown
    assert any(getattr(after, one) for one in NAMES)
