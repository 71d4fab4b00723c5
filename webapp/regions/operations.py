"""Filling the reference tables from the files beside this module. Running it again changes nothing."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from webapp.core.db import Base, db

from . import rules
from .models import Department, Industry, Region, Station

HERE = Path(__file__).parent
REGIONS = HERE / "gb2260_baoding.csv"
DEPARTMENTS = HERE / "departments.csv"
INDUSTRIES = HERE / "industries.csv"


def sync(regions: Path = REGIONS) -> int:
    """Bring regions, stations, departments and industries up to the files; returns how many rows changed.

    Rows that a file no longer names stay: shops may hang on them.
    """
    changed = _sync_regions(_rows(regions))
    changed += _put(
        Department, "code", ({"code": row["code"], "name": row["name"]} for row in _rows(DEPARTMENTS))
    )
    db.session.flush()
    changed += _put(Industry, "code", (_industry(row) for row in _rows(INDUSTRIES)))
    db.session.flush()
    return changed


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def _sync_regions(rows: list[dict[str, str]]) -> int:
    """Regions from the top down (a parent must be there first), with the stations that streets name."""
    stations: dict[str, str] = {}
    for row in rows:
        if row.get("station"):
            stations.setdefault(row["station"], rules.county_of(row["code"]))
    changed = _put(Station, "name", ({"name": name, "region_code": code} for name, code in stations.items()))
    db.session.flush()
    ids = dict(db.session.execute(sa.select(Station.name, Station.id)).tuples().all())
    ordered = sorted(
        (_region(row, ids) for row in rows), key=lambda region: (len(region["code"]), region["code"])
    )
    changed += _put(Region, "code", ordered)
    db.session.flush()
    return changed


def _region(row: dict[str, str], stations: dict[str, int]) -> dict[str, Any]:
    code = rules.trimmed(row["code"], row["level"])
    above = [part for part in rules.lineage(code) if part != code]
    return {
        "code": code,
        "parent": above[-1] if above else None,
        "level": row["level"],
        "name": row["name"],
        "latitude": float(row["lat"]) if row.get("lat") else None,
        "longitude": float(row["lng"]) if row.get("lng") else None,
        "station_id": stations.get(row.get("station") or ""),
    }


def _industry(row: dict[str, str]) -> dict[str, Any]:
    return {
        "code": row["code"],
        "name": row["name"],
        "category": row["category"],
        "department_code": row["department"],
        "position": int(row["position"]),
    }


def _put(table: type[Base], key: str, rows: Iterable[dict[str, Any]]) -> int:
    """Insert or update `rows` by their `key`; returns how many were new or different."""
    known = {getattr(thing, key): thing for thing in db.session.scalars(sa.select(table))}
    changed = 0
    for row in rows:
        thing = known.get(row[key])
        if thing is None:
            db.session.add(table(**row))
            changed += 1
            continue
        different = {name: value for name, value in row.items() if getattr(thing, name) != value}
        for name, value in different.items():
            setattr(thing, name, value)
        changed += bool(different)
    return changed
