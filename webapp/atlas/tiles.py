"""Whose tiles lie under the map: nobody's (outlines only, offline), a known provider's, or the city's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from webapp.settings import SettingsError

from .datums import Datum


@dataclass(frozen=True)
class Tiles:
    """A tile server: address with {z} {x} {y} and perhaps {s}; `hosts` that the page must be allowed to fetch
    pictures from; whose they are; the coordinate system they are drawn in; how far in they go; `over`: the address of
    the names, where they are drawn apart."""

    url: str
    hosts: tuple[str, ...]
    credit: str
    datum: Datum
    subdomains: str = ""
    deepest: int = 18
    over: str = ""


_KNOWN: Final = {
    "osm": Tiles(
        "https://tile.openstreetmap.org/{z}/{x}/{y}.png",
        ("https://tile.openstreetmap.org",),
        "© OpenStreetMap contributors",
        Datum.WGS84,
        deepest=19,
    ),
    "amap": Tiles(
        "https://webrd0{s}.is.autonavi.com/appmaptile?lang=zh_cn&size=1&scale=1&style=8&x={x}&y={y}&z={z}",
        tuple(f"https://webrd0{n}.is.autonavi.com" for n in range(1, 5)),
        "© 高德地图",
        Datum.GCJ02,
        subdomains="1234",
    ),
}
#: CGCS2000, which is WGS-84 within centimetres. The ground and the names are two layers.
_TIANDITU: Final = (
    "https://t{s}.tianditu.gov.cn/DataServer?T=vec_w&x={x}&y={y}&l={z}&tk=",
    "https://t{s}.tianditu.gov.cn/DataServer?T=cva_w&x={x}&y={y}&l={z}&tk=",
    tuple(f"https://t{n}.tianditu.gov.cn" for n in range(8)),
)


def read(provider: str, key: str, datum: str) -> Tiles | None:
    """The tiles that the settings mean; None: no tiles. Raises SettingsError naming what is wrong.

    `provider` is empty, a known name (``osm``, ``amap``, ``tianditu`` with its `key`), or the https address of a tile
    server with {z}, {x} and {y}, whose tiles are drawn in `datum`.
    """
    if not provider:
        return None
    if provider in _KNOWN:
        return _KNOWN[provider]
    if provider == "tianditu":
        if not key.isalnum():
            raise SettingsError("YDYM_TILES_KEY: tianditu asks for its key (letters and digits)")
        ground, over, hosts = _TIANDITU
        return Tiles(ground + key, hosts, "© 天地图", Datum.WGS84, subdomains="01234567", over=over + key)
    split = urlsplit(provider)
    if (
        split.scheme not in {"http", "https"}
        or not split.hostname
        or not all(f"{{{n}}}" in provider for n in "zxy")
    ):
        raise SettingsError("YDYM_TILES: osm, amap, tianditu, or an address with {z}, {x} and {y}")
    if datum not in set(Datum):
        raise SettingsError("YDYM_TILES_DATUM: wgs84, gcj02 or bd09")
    return Tiles(provider, (f"{split.scheme}://{split.netloc}",), split.hostname, Datum(datum))
