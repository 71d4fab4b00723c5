"""What is read from addresses and settings, and the ways into map apps."""

from __future__ import annotations

import math
from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.atlas import datums, navigation, rules, tiles
from webapp.atlas.datums import Datum
from webapp.atlas.rules import Box, Cell
from webapp.settings import SettingsError

BOX = Box(38.0, 115.0, 39.0, 116.0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1,2,3",
        "1,2,3,4,5",
        "a,b,c,d",
        "nan,1,2,3",
        "1,1,inf,2",
        "39,115,38,116",
        "38,116,39,115",
        "-86,0,1,1",
        "0,0,86,1",
        "0,-181,1,1",
    ],
)
def test_what_is_no_box(text: str) -> None:
    assert rules.read_box(text) is None


def test_a_box() -> None:
    assert rules.read_box("38,115,39,116") == BOX
    assert BOX.has(38.5, 115.0)
    assert not BOX.has(39.1, 115.5)


@given(st.text(max_size=8))
def test_any_zoom_is_one_that_there_is(text: str) -> None:
    assert rules.ZOOM_LEAST <= rules.read_zoom(text) <= rules.ZOOM_MOST


def test_cells_halve_with_each_zoom_and_the_largest_come_first() -> None:
    assert rules.cell_degrees(9) == 2 * rules.cell_degrees(10)
    small, large, out = (Cell(lat, 115.5, n, BOX, None) for lat, n in ((38.1, 2), (38.2, 9), (40.0, 99)))
    assert rules.within([small, out, large], BOX) == [large, small]


@given(
    st.lists(st.tuples(st.floats(38, 40), st.floats(114, 117)), min_size=1, max_size=60), st.integers(1, 6)
)
def test_wider_cells_are_folded_as_if_counted(places: list[tuple[float, float]], steps: int) -> None:
    def counted(zoom: int) -> dict[rules.Spot, Cell]:
        side = rules.cell_degrees(zoom)
        found: dict[rules.Spot, list[int]] = {}
        for number, (latitude, longitude) in enumerate(places):
            spot = (math.floor(latitude / (side * rules.NARROW)), math.floor(longitude / side))
            found.setdefault(spot, []).append(number)
        return {spot: cell(numbers) for spot, numbers in found.items()}

    def cell(numbers: list[int]) -> Cell:
        north, east = ([places[number][axis] for number in numbers] for axis in (0, 1))
        box = Box(min(north), min(east), max(north), max(east))
        one = numbers[0] if len(numbers) == 1 else None
        return Cell(sum(north) / len(north), sum(east) / len(east), len(numbers), box, one)

    def seen(cells: Iterable[Cell]) -> list[tuple[Box, int, int | None]]:
        return sorted(((one.box, one.count, one.shop_id) for one in cells), key=str)

    folded = rules.folded(counted(13), steps)
    assert seen(folded) == seen(counted(13 - steps).values())
    assert sum(one.latitude * one.count for one in folded) == pytest.approx(sum(at[0] for at in places))


def test_tiles() -> None:
    assert tiles.read("", "", "wgs84") is None
    assert tiles.read("amap", "", "wgs84").datum is Datum.GCJ02  # type: ignore[union-attr]
    assert tiles.read("osm", "", "wgs84").datum is Datum.WGS84  # type: ignore[union-attr]
    known = tiles.read("tianditu", "abc123", "wgs84")
    assert known is not None
    assert known.url.endswith("&tk=abc123")
    assert len(known.hosts) == 8
    own = tiles.read("https://maps.example.cn:8443/{z}/{x}/{y}.png", "", "gcj02")
    assert own is not None
    assert own.hosts == ("https://maps.example.cn:8443",)
    assert own.datum is Datum.GCJ02


@pytest.mark.parametrize(
    ("provider", "key", "datum", "names"),
    [
        ("tianditu", "", "wgs84", "YDYM_TILES_KEY"),
        ("google", "", "wgs84", "YDYM_TILES:"),
        ("https://maps.example.cn/{z}/{x}.png", "", "wgs84", "YDYM_TILES:"),
        ("javascript:{x}{y}{z}", "", "wgs84", "YDYM_TILES:"),
        ("https://maps.example.cn/{z}/{x}/{y}.png", "", "mars", "YDYM_TILES_DATUM"),
    ],
)
def test_wrong_tiles_stop_the_start(provider: str, key: str, datum: str, names: str) -> None:
    with pytest.raises(SettingsError, match=names):
        tiles.read(provider, key, datum)


def test_each_app_gets_its_own_system() -> None:
    place, name = (38.874, 115.464), "老槐树,面馆|（裕华路店）"
    asked = {}
    for app in navigation.APPS:
        split = urlsplit(navigation.way(app, place, name, "保定市", "一码通"))
        assert split.scheme == "https"
        asked[app] = {key: values[0] for key, values in parse_qs(split.query).items()}
    gcj, bd = datums.to_gcj(place), datums.to_bd(datums.to_gcj(place))
    assert asked["amap"]["to"] == f"{gcj[1]:.6f},{gcj[0]:.6f},老槐树 面馆 （裕华路店）"
    assert asked["tencent"]["tocoord"] == f"{gcj[0]:.6f},{gcj[1]:.6f}"
    assert asked["baidu"]["destination"] == f"latlng:{bd[0]:.6f},{bd[1]:.6f}|name:老槐树 面馆 （裕华路店）"
    assert asked["baidu"]["coord_type"] == "bd09ll"
    assert asked["baidu"]["src"] == "webapp.保定市.一码通"
    assert asked["amap"]["coordinate"] == "gaode"
    with pytest.raises(KeyError):
        navigation.way("other", place, name, "保定市", "一码通")


@given(st.floats(38, 40), st.floats(114, 117), st.text(max_size=20))
def test_the_phones_own_map_gets_its_own_system(latitude: float, longitude: float, name: str) -> None:
    place = (latitude, longitude)
    geo = navigation.phone("Mozilla/5.0 (Linux; Android 12)", place, name)
    at = geo.removeprefix("geo:").partition("?")[0]
    assert [float(part) for part in at.split(",")] == pytest.approx(place, abs=1e-6), "RFC 5870: WGS-84"
    assert geo.count("(") == geo.count(")") == 1
    apple = parse_qs(urlsplit(navigation.phone("Mozilla/5.0 (iPhone)", place, name)).query)
    daddr = [float(part) for part in apple["daddr"][0].split(",")]
    assert daddr == pytest.approx(datums.to_gcj(place), abs=1e-6)
