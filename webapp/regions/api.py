"""Regions, lines of business, and the stations (市场监管所) with the streets that they serve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Literal

import sqlalchemy as sa

from webapp.openapi.declaring import (
    Category,
    District,
    Field,
    Filters,
    Item,
    Resource,
    Table,
    Text,
    bare,
    link,
)
from webapp.web.words import label

from . import queries
from .models import Industry, Region, Station
from .rules import office_phone


class RegionFilters(Filters):
    """Which regions: of a level, below a district."""

    level: Literal["province", "city", "county", "street"] | None = None
    district: District | None = None


class RegionItem(Item):
    """An administrative division (GB/T 2260), its trailing zeros cut."""

    code: str = Field(examples=["130606"])
    name: str
    level: str
    parent: str | None
    latitude: float | None
    longitude: float | None


class IndustryFilters(Filters):
    """Which lines of business."""

    category: Category | None = None


class IndustryItem(Item):
    """A line of business (GB/T 4754) and its consumer category."""

    code: str = Field(examples=["6210"])
    name: str
    category: str
    category_text: str


class StationFilters(Filters):
    """Which stations."""

    district: District | None = None
    q: Text | None = None


class StationItem(Item):
    """A station of the market-supervision bureau."""

    id: int
    name: str
    region: str
    district: str
    phone: str | None
    streets: list[str]
    page: str


def _regions(wanted: RegionFilters, _today: date) -> sa.Select[tuple[Region]]:
    found = sa.select(Region)
    if wanted.level is not None:
        found = found.where(Region.level == wanted.level)
    if wanted.district is not None:
        found = found.where(Region.code.startswith(wanted.district, autoescape=True))
    return found


def _region_items(rows: Sequence[Region], _today: date) -> list[RegionItem]:
    return [
        RegionItem(
            code=row.code,
            name=row.name,
            level=row.level,
            parent=row.parent,
            latitude=row.latitude,
            longitude=row.longitude,
        )
        for row in rows
    ]


def _industries(wanted: IndustryFilters, _today: date) -> sa.Select[tuple[Industry]]:
    found = sa.select(Industry)
    return found if wanted.category is None else found.where(Industry.category == wanted.category)


def _industry_items(rows: Sequence[Industry], _today: date) -> list[IndustryItem]:
    return [
        IndustryItem(
            code=row.code,
            name=row.name,
            category=row.category,
            category_text=label(f"category.{row.category}.long"),
        )
        for row in rows
    ]


def _stations(wanted: StationFilters, _today: date) -> sa.Select[tuple[Station]]:
    return queries.stations_named(district=bare(wanted.district), text=bare(wanted.q))


def _station_items(rows: Sequence[Station], _today: date) -> list[StationItem]:
    names = {county.code: county.name for county in queries.all_counties()}
    streets: dict[int, list[str]] = defaultdict(list)
    for street in queries.all_streets():
        if street.station_id is not None:
            streets[street.station_id].append(street.name)
    return [
        StationItem(
            id=row.id,
            name=row.name,
            region=row.region_code,
            district=names.get(row.region_code[:6], ""),
            phone=office_phone(row.phone),
            streets=streets[row.id],
            page=link(f"/stations?district={row.region_code[:6]}"),
        )
        for row in rows
    ]


RESOURCES = (
    Resource(
        name="stations",
        item=StationItem,
        filters=StationFilters,
        source=Table(_stations, Station.id, StationFilters(), newest=False),
        present=_station_items,
        page="/stations",
    ),
    Resource(
        name="regions",
        item=RegionItem,
        filters=RegionFilters,
        source=Table(
            _regions, Region.code, RegionFilters(), newest=False, read_key=lambda row: str(row.code)
        ),
        present=_region_items,
        key=str,
    ),
    Resource(
        name="industries",
        item=IndustryItem,
        filters=IndustryFilters,
        source=Table(
            _industries, Industry.code, IndustryFilters(), newest=False, read_key=lambda row: str(row.code)
        ),
        present=_industry_items,
        key=str,
    ),
)
