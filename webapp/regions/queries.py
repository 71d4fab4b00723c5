"""Reading regions, stations, departments and industries. Codes are trimmed: 2, 4, 6 or 9 digits."""

from __future__ import annotations

import sqlalchemy as sa

from webapp.core.actor import Post
from webapp.core.db import db

from . import rules
from .models import Department, Industry, Region, Station


def find(code: str) -> Region | None:
    """The region with this trimmed code, or None."""
    return db.session.get(Region, code)


def children(code: str) -> list[Region]:
    """The regions one level below `code`, by code."""
    return list(db.session.scalars(sa.select(Region).where(Region.parent == code).order_by(Region.code)))


def path_names(code: str) -> list[str]:
    """Names from the province down to `code`, as in 河北省, 保定市, 莲池区, 西关街道; unknown levels are left out."""
    statement = sa.select(Region.name).where(Region.code.in_(rules.lineage(code)))
    return list(db.session.scalars(statement.order_by(sa.func.length(Region.code))))


def street_station(code: str) -> Station | None:
    """The station that serves the street `code`; None for anything that is no street with a station."""
    statement = sa.select(Station).join(Region, Region.station_id == Station.id).where(Region.code == code)
    return db.session.scalar(statement)


def all_counties() -> list[Region]:
    """Every county, by code."""
    return _of_level("county")


def streets(county: str) -> list[Region]:
    """The streets of one county, by code."""
    return [region for region in children(county) if region.level == "street"]


def all_streets() -> list[Region]:
    """Every street, by code: for one grouped choice without a second page."""
    return _of_level("street")


def find_station(station_id: int | None) -> Station | None:
    """The station with this id, or None."""
    return None if station_id is None else db.session.get(Station, station_id)


def stations() -> list[Station]:
    """Every station, by county and name."""
    return list(db.session.scalars(sa.select(Station).order_by(Station.region_code, Station.name)))


def counties_of(posts: tuple[Post, ...]) -> list[Region]:
    """The counties that one of `posts` reaches, by code: for an officer's choices."""
    return [county for county in all_counties() if any(_meets(post, county.code) for post in posts)]


def stations_of(posts: tuple[Post, ...]) -> list[Station]:
    """The stations that one of `posts` reaches, by county and name: for an officer's choices."""
    return [
        station
        for station in stations()
        if any(_meets(post, station.region_code) and post.station_id in {None, station.id} for post in posts)
    ]


def stations_named(*, district: str = "", text: str = "") -> sa.Select[tuple[Station]]:
    """Stations by county and name, for paging. `text`: a part of the station's name, or of a street that it serves."""
    found = sa.select(Station).order_by(Station.region_code, Station.name)
    if district:
        found = found.where(Station.region_code.startswith(district, autoescape=True))
    if text:
        named = Region.name.contains(text, autoescape=True)
        serves = sa.exists().where(Region.station_id == Station.id, named)
        found = found.where(sa.or_(Station.name.contains(text, autoescape=True), serves))
    return found


def _meets(post: Post, code: str) -> bool:
    """One lies in the other: a street's officer chooses among the street's county, too."""
    return code.startswith(post.region_code) or post.region_code.startswith(code)


def find_industry(code: str | None) -> Industry | None:
    """The industry with this code (GB/T 4754, four digits), or None."""
    return None if code is None else db.session.get(Industry, code)


def industries(category: str | None = None) -> list[Industry]:
    """The industries (of one consumer category: eat, stay, tour, shop, play), in their shown order."""
    statement = sa.select(Industry).order_by(Industry.position, Industry.code)
    if category is not None:
        statement = statement.where(Industry.category == category)
    return list(db.session.scalars(statement))


def find_department(code: str | None) -> Department | None:
    """The department with this code, or None."""
    return None if code is None else db.session.get(Department, code)


def departments() -> list[Department]:
    """Every department, by code."""
    return list(db.session.scalars(sa.select(Department).order_by(Department.code)))


def _of_level(level: str) -> list[Region]:
    return list(db.session.scalars(sa.select(Region).where(Region.level == level).order_by(Region.code)))
