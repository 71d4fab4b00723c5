"""The outlines of the city's districts, from the file that also the map picker uses; none when it is not there."""

from __future__ import annotations

import json
import logging
from functools import lru_cache
from pathlib import Path

from flask import current_app

from .geography import Point
from .plot import County

log = logging.getLogger("webapp.copies")
FILE = "vendor/geo/baoding.json"


def counties() -> tuple[County, ...]:
    """The districts; read once for each version of the file."""
    path = Path(current_app.static_folder or "") / FILE
    try:
        return _read(path, path.stat().st_mtime)
    except (OSError, ValueError, KeyError) as error:
        log.warning("no outlines of districts", extra={"kind": type(error).__name__})
        return ()


@lru_cache(maxsize=2)
def _read(path: Path, _changed: float) -> tuple[County, ...]:
    found = []
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        longitude, latitude = feature["properties"]["label"]
        rings = tuple(
            tuple((point[0], point[1]) for point in ring)
            for polygon in feature["geometry"]["coordinates"]
            for ring in polygon
        )
        found.append(County(feature["properties"]["name"], Point(latitude, longitude), rings))
    return tuple(found)
