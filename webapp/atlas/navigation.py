"""Addresses that open a map app's way to a shop. Pure. Each app is told the coordinate system that it is given.

Sources: AMap URI API (uri.amap.com/navigation: longitude first, ``coordinate=gaode`` is GCJ-02), Baidu URI API
(direction: ``coord_type=bd09ll``, ``src`` as webapp.company.app), Tencent URI API (routeplan: GCJ-02, latitude first),
Apple's Map Links (``daddr``, ``dirflg=w``; in the mainland Apple draws AMap's data, so GCJ-02), RFC 5870 for ``geo:``
(WGS-84 when no system is named; ``q`` with a name in brackets is Android's).
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlencode

from . import datums
from .datums import Datum, Place

APPS: Final = ("amap", "baidu", "tencent")
#: The map that came with the phone: which address it understands depends on the system, see `phone`.
PHONE: Final = "phone"


def way(app: str, place: Place, name: str, city: str, platform: str) -> str:
    """The https address by which `app` shows the way to `place` (WGS-84). Raises KeyError for an unknown app."""
    gcj = datums.convert(place, Datum.WGS84, Datum.GCJ02)
    bd = datums.convert(place, Datum.WGS84, Datum.BD09)
    plain = name.replace(",", " ").replace("|", " ").replace(":", " ").replace(";", " ")  # their separators
    return {
        "amap": "https://uri.amap.com/navigation?"
        + urlencode(
            {
                "to": f"{_pair(gcj[1], gcj[0])},{plain}",
                "mode": "walk",
                "coordinate": "gaode",
                "src": platform,
                "callnative": "1",
            }
        ),
        "baidu": "https://api.map.baidu.com/direction?"
        + urlencode(
            {
                "destination": f"latlng:{_pair(*bd)}|name:{plain}",
                "mode": "walking",
                "region": city,
                "coord_type": "bd09ll",
                "output": "html",
                "src": f"webapp.{city}.{platform}",
            }
        ),
        "tencent": "https://apis.map.qq.com/uri/v1/routeplan?"
        + urlencode(
            {"type": "walk", "to": plain, "tocoord": _pair(*gcj), "policy": "0", "referer": platform}
        ),
    }[app]


def phone(agent: str, place: Place, name: str) -> str:
    """The address by which the phone's own map shows the way to `place` (WGS-84). `agent`: what the browser calls
    itself. Where no such map is known it is Apple's, which is a page for every browser."""
    if "Android" in agent or "HarmonyOS" in agent:
        at, label = _pair(*place), quote(name.replace("(", " ").replace(")", " "))
        return f"geo:{at}?q={at}({label})"
    gcj = datums.convert(place, Datum.WGS84, Datum.GCJ02)
    return "https://maps.apple.com/?" + urlencode({"daddr": _pair(*gcj), "q": name, "dirflg": "w"})


def _pair(first: float, second: float) -> str:
    return f"{first:.6f},{second:.6f}"
