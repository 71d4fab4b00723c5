"""The outlines made smaller: neighbours keep one line between them, and no border moves far."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def vendor() -> Any:
    spec = importlib.util.spec_from_file_location("vendor", ROOT / "deploy" / "vendor.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_two_neighbours_keep_one_line(vendor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendor, "in_wgs84", lambda point: point)
    wavy = [(1.0, part / 100) for part in range(101)]
    wavy = [(x + (0.0002 if at % 2 else 0) + (0.1 if at == 50 else 0), y) for at, (x, y) in enumerate(wavy)]
    left = [(0.0, 0.0), *wavy, (0.0, 1.0)]
    right = [(2.0, 1.0), *reversed(wavy), (2.0, 0.0)]
    borders = vendor.Borders([left, right])
    one, other = borders.thinned(left), borders.thinned(right)
    mine, yours = ({tuple(point) for point in ring if 0 < point[0] < 2} for ring in (one, other))
    assert mine == yours
    assert (1.1, 0.5) in mine, "what matters stays"
    assert len(one) < 12, "ripples go"
    assert one[0] == one[-1]


def test_an_island_keeps_its_shape(vendor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendor, "in_wgs84", lambda point: point)
    ring = [(0.0, 0.0), (0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    assert vendor.Borders([ring]).thinned(ring) == [
        [0.0, 0.0],
        [1.0, 0.0],
        [1.0, 1.0],
        [0.0, 1.0],
        [0.0, 0.0],
    ]


def test_the_citys_outlines_are_small_and_whole() -> None:
    path = ROOT / "static" / "vendor" / "geo" / "baoding.json"
    assert path.stat().st_size < 130_000
    edges: Counter[frozenset[tuple[float, float]]] = Counter()
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        for polygon in feature["geometry"]["coordinates"]:
            for ring in polygon:
                points = [tuple(point) for point in ring]
                edges.update(frozenset(pair) for pair in pairwise(points))
    # A border is of two districts, or of one and the world; where an enclave touches, the package says some thrice.
    assert sum(count > 2 for count in edges.values()) < len(edges) / 100
    shared = sum(count == 2 for count in edges.values()) / len(edges)
    assert shared > 0.5
