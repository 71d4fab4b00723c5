"""Addresses that open a map app's way to a shop. Pure. Each app is told the coordinate system that it is given.

Sources: AMap URI API (uri.amap.com/navigation), Baidu URI API (direction), Tencent URI API (routeplan).
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from . import datums
from .datums import Datum, Place

APPS: Final = ("amap", "baidu", "tencent")


def way(app: str, place: Place, name: str, city: str, platform: str) -> str:
    """The https address by which `app` shows the way to `place` (WGS-84). Raises KeyError for an unknown app."""
    gcj = datums.convert(place, Datum.WGS84, Datum.GCJ02)
    bd = datums.convert(place, Datum.WGS84, Datum.BD09)
    plain = name.replace(",", " ").replace("|", " ").replace(":", " ").replace(";", " ")  # their separators
    return {
        "amap": "https://uri.amap.com/navigation?"
        + urlencode(
            {"to": f"{_pair(gcj[1], gcj[0])},{plain}", "mode": "walk", "src": platform, "callnative": "1"}
        ),
        "baidu": "https://api.map.baidu.com/direction?"
        + urlencode(
            {
                "destination": f"latlng:{_pair(*bd)}|name:{plain}",
                "mode": "walking",
                "region": city,
                "coord_type": "bd09ll",
                "output": "html",
                "src": platform,
            }
        ),
        "tencent": "https://apis.map.qq.com/uri/v1/routeplan?"
        + urlencode(
            {"type": "walk", "to": plain, "tocoord": _pair(*gcj), "policy": "0", "referer": platform}
        ),
    }[app]


def _pair(first: float, second: float) -> str:
    return f"{first:.6f},{second:.6f}"
