"""The reference tables, filled from the real files and read back."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from webapp.core.actor import Post, Role
from webapp.core.db import db
from webapp.regions import queries
from webapp.regions.models import Industry, Region, Station
from webapp.regions.operations import REGIONS, sync

pytestmark = pytest.mark.each_database


def test_the_city_is_filled_and_filling_again_changes_nothing(context: Flask) -> None:
    assert sync() > 100
    db.session.commit()
    assert sync() == 0
    assert [region.name for region in queries.children("13")] == ["保定市"]
    assert "莲池区" in [county.name for county in queries.all_counties()]
    assert queries.path_names("130606003") == ["河北省", "保定市", "莲池区", "西关街道"]
    station = queries.street_station("130606009")
    assert station is not None
    assert station.name == "莲池区裕华市场监管所"
    assert station.region_code == "130606"
    assert queries.street_station("130606") is None
    assert queries.find("999999") is None


def test_every_street_has_a_station_of_its_own_county(context: Flask) -> None:
    sync()
    for street in queries.all_streets():
        station = queries.street_station(street.code)
        assert station is not None, street.name
        assert station.region_code == street.parent


def test_a_changed_file_changes_rows_and_loses_none(context: Flask, tmp_path: Path) -> None:
    sync()
    before = db.session.scalar(sa.select(sa.func.count()).select_from(Region))
    lines = REGIONS.read_text(encoding="utf-8").splitlines(keepends=True)
    other = tmp_path / "regions.csv"
    other.write_text("\ufeff" + "".join(lines[:4]).replace("竞秀区", "新名区"), encoding="utf-8")
    assert sync(other) == 1
    assert queries.path_names("130602")[-1] == "新名区"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Region)) == before


def test_industries_cover_the_five_categories_and_name_departments(context: Flask) -> None:
    sync()
    found = queries.industries()
    assert {industry.category for industry in found} == {"eat", "stay", "tour", "shop", "play"}
    departments = {department.code for department in queries.departments()}
    assert {industry.department_code for industry in found} <= departments
    assert [industry.category for industry in queries.industries("stay")] == ["stay"] * len(
        queries.industries("stay")
    )
    assert len(found) == db.session.scalar(sa.select(sa.func.count()).select_from(Industry))
    assert queries.find_industry("6210") is not None
    assert queries.find_industry(None) is None


def test_stations_are_found_by_id(context: Flask) -> None:
    sync()
    station = db.session.scalars(sa.select(Station)).first()
    assert station is not None
    assert queries.find_station(station.id) is station
    assert queries.find_station(None) is None
    assert len(queries.stations()) == len({entry.name for entry in queries.stations()})


def test_an_officers_choices_are_the_places_within_reach(context: Flask) -> None:
    sync()
    station = queries.street_station("130606009")
    assert station is not None
    city, county = Post(Role.BUREAU_OFFICER, "1306"), Post(Role.BUREAU_OFFICER, "130606")
    one = Post(Role.STATION_OFFICER, "130606", station.id)
    assert queries.counties_of((city,)) == queries.all_counties()
    assert queries.stations_of((city,)) == queries.stations()
    assert [found.code for found in queries.counties_of((county,))] == ["130606"]
    assert {found.region_code for found in queries.stations_of((county,))} == {"130606"}
    assert queries.stations_of((one,)) == [station]
    assert [found.code for found in queries.counties_of((Post(Role.BUREAU_OFFICER, "130606009"),))] == [
        "130606"
    ]
    assert queries.counties_of(()) == queries.stations_of(()) == []
