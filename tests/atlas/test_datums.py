"""Coordinate systems: known places, ways there and back, what lies outside."""

from __future__ import annotations

import csv
import json
import math
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.atlas import datums
from webapp.atlas.datums import Datum, convert

ROOT = Path(__file__).resolve().parents[2]

MAINLAND = st.tuples(st.floats(20, 50), st.floats(76, 132))


def metres(first: datums.Place, second: datums.Place) -> float:
    north = (first[0] - second[0]) * 111_320
    return math.hypot(north, (first[1] - second[1]) * 111_320 * math.cos(math.radians(first[0])))


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [
        ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
        ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
        ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
    ],
)
def test_known_places(wgs: datums.Place, gcj: datums.Place) -> None:
    assert datums.to_gcj(wgs) == pytest.approx(gcj, abs=1e-9)


@given(MAINLAND, st.sampled_from(Datum), st.sampled_from(Datum))
def test_there_and_back_is_the_same_place(place: datums.Place, one: Datum, other: Datum) -> None:
    assert metres(datums.convert(datums.convert(place, one, other), other, one), place) < 0.01


@given(MAINLAND)
def test_how_far_they_lie_apart(place: datums.Place) -> None:
    gcj, bd = (datums.convert(place, Datum.WGS84, one) for one in (Datum.GCJ02, Datum.BD09))
    assert 10 < metres(place, gcj) < 1100
    assert 300 < metres(gcj, bd) < 1400


@pytest.mark.parametrize("place", [(48.86, 2.35), (-33.9, 151.2), (40.7, -74.0)])
def test_outside_nothing_is_put_out_of_place(place: datums.Place) -> None:
    assert datums.to_gcj(place) == datums.from_gcj(place) == place


def test_the_outlines_are_in_wgs84() -> None:
    """Their middles fit the regions' own places; as they come in the package they lie half a kilometre beside them."""
    with (ROOT / "webapp" / "regions" / "gb2260_baoding.csv").open(encoding="utf-8") as stream:
        own = {row["code"]: (float(row["lat"]), float(row["lng"])) for row in csv.DictReader(stream)}
    shape = json.loads((ROOT / "static" / "vendor" / "geo" / "baoding.json").read_text(encoding="utf-8"))
    seen = 0
    for feature in shape["features"]:
        longitude, latitude = feature["properties"]["label"]
        at = own[feature["properties"]["code"]]
        assert metres((latitude, longitude), at) < 20, feature["properties"]["name"]
        assert 450 < metres(datums.to_gcj((latitude, longitude)), at) < 650
        seen += 1
    assert seen == 24


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_the_script_says_the_same(datum: str) -> None:
    """What the browser turns (outlines, where somebody stands) lies where the server puts the shops."""
    places = [(38.87, 115.46), (39.9, 116.4), (22.3, 114.2), (51.5, 0.0)]
    program = (
        "global.window={};require(process.argv[1]);const [d,p]=JSON.parse(process.argv[2]);"
        "console.log(JSON.stringify(p.map(a=>window.DATUMS.shown(d,a[0],a[1]))))"
    )
    node = shutil.which("node")
    assert node is not None
    done = subprocess.run(
        [node, "-e", program, str(ROOT / "static" / "js" / "datums.js"), json.dumps([datum, places])],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    for place, shown in zip(places, json.loads(done.stdout), strict=True):
        assert shown == pytest.approx(convert(place, Datum.WGS84, Datum(datum)), abs=1e-9)
