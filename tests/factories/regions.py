"""Regions for tests: the real reference files, or a few rows where speed matters."""

from __future__ import annotations

from webapp.core.db import db
from webapp.regions.models import Department, Industry, Region, Station

STREET = "130606003"


def sync_reference() -> None:
    """The city's real reference tables."""
    from webapp.regions.operations import sync

    sync()


def make_street(code: str = STREET, station: str = "莲池区西关市场监管所") -> Region:
    """One street with its county, city, province and station; existing rows are kept."""
    found = db.session.get(Region, code)
    if found is not None:
        return found
    serving = Station(region_code=code[:6], name=station)
    db.session.add(serving)
    names = {
        2: ("province", "河北省"),
        4: ("city", "保定市"),
        6: ("county", "莲池区"),
        9: ("street", "西关街道"),
    }
    db.session.flush()
    for length, (level, name) in names.items():
        if db.session.get(Region, code[:length]) is None:
            parent = {2: None, 4: code[:2], 6: code[:4], 9: code[:6]}[length]
            station_id = serving.id if length == 9 else None
            db.session.add(
                Region(code=code[:length], parent=parent, level=level, name=name, station_id=station_id)
            )
            db.session.flush()
    return db.session.get_one(Region, code)


def make_industry(
    code: str = "6220", category: str = "eat", department: str = "market_supervision"
) -> Industry:
    """One industry with its department; existing rows are kept."""
    found = db.session.get(Industry, code)
    if found is not None:
        return found
    if db.session.get(Department, department) is None:
        db.session.add(Department(code=department, name="市场监督管理局"))
        db.session.flush()
    industry = Industry(code=code, name="快餐服务", category=category, department_code=department)
    db.session.add(industry)
    db.session.flush()
    return industry
