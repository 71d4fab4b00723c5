"""A whole set as CSV, JSON or GeoJSON, made in pieces."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from webapp.web.spreadsheet import harmless

from . import rules
from .resources import Resource

if TYPE_CHECKING:
    from pydantic import BaseModel

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "geojson": "application/geo+json",
    "rss": "application/rss+xml; charset=utf-8",
}


def columns(resource: Resource) -> list[str]:
    """The columns of the table, in order."""
    return list(_blank(resource.item))


def _blank(model: Any, prefix: str = "") -> Iterator[str]:
    for name, info in model.model_fields.items():
        inner = inner_model(info.annotation)
        if inner is None:
            yield prefix + name
        else:
            yield from _blank(inner, f"{prefix}{name}_")


def inner_model(annotation: Any) -> Any:
    """The model that a field holds, also one that may be missing; None for plain facts."""
    for kind in (annotation, *getattr(annotation, "__args__", ())):
        if hasattr(kind, "model_fields") and getattr(annotation, "__origin__", None) is not list:
            return kind
    return None


def as_csv(resource: Resource, batches: Iterable[list[BaseModel]], *, bom: bool) -> Iterator[str]:
    """RFC 4180 with a header, UTF-8; `bom` for spreadsheets. No text is ever run as a formula."""
    names = columns(resource)
    yield ("\ufeff" if bom else "") + _lines([names])
    for batch in batches:
        rows = (rules.flat(item.model_dump(mode="json")) for item in batch)
        if text := _lines([_cell(row.get(name, "")) for name in names] for row in rows):
            yield text


def _cell(value: Any) -> str:
    return harmless(value) if isinstance(value, str) else str(value)


def _lines(rows: Iterable[list[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue()


def as_json(resource: Resource, batches: Iterable[list[BaseModel]]) -> Iterator[str]:
    """``{"set", "version", "items": [...]}``, the items as in the API."""
    yield f'{{"set":"{resource.name}","version":"{rules.SCHEMA_DATE}","items":['
    between = ""
    for batch in batches:
        yield "".join((between if n == 0 else ",\n") + item.model_dump_json() for n, item in enumerate(batch))
        between = ",\n" if batch else between
    yield "]}\n"


def as_geojson(resource: Resource, batches: Iterable[list[BaseModel]]) -> Iterator[str]:
    """A FeatureCollection (RFC 7946: WGS-84, longitude first) of the things whose place is known."""
    yield '{"type":"FeatureCollection","features":['
    between = ""
    for batch in batches:
        for item in batch:
            if feature := _feature(resource, item.model_dump(mode="json")):
                yield between + json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
                between = ",\n"
    yield "]}\n"


def _feature(resource: Resource, item: dict[str, Any]) -> dict[str, Any] | None:
    place: dict[str, Any] = item
    for name in resource.place_of or ():
        place = item.get(name) or {}
    latitude, longitude = place.get("latitude"), place.get("longitude")
    if latitude is None or longitude is None:
        return None
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
        "properties": item,
    }
