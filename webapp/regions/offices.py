"""The offices that handle matters: a county's bureau, or one of its stations. How they are chosen and called."""

from __future__ import annotations

from webapp.core.actor import Scope
from webapp.web.words import label

from . import queries, rules

#: Groups of (value, name), as a select takes them: by county its bureau and its stations.
Choices = list[tuple[str, list[tuple[str, str]]]]


def read(chosen: str) -> Scope | None:
    """The office that a form's value means, "county" or "county/station id"; None for anything else.

    A station is found in its own county only: a place that no officer's post covers would lose what is sent there.
    """
    county, slash, number = chosen.partition("/")
    region = queries.find(county)
    if region is None or rules.level_of(county) != "county":
        return None
    if not slash:
        return Scope(county)
    if not (number.isascii() and number.isdigit()) or len(number) > 18:
        return None
    station = queries.find_station(int(number))
    if station is None or rules.county_of(station.region_code) != county:
        return None
    return Scope(county, station.id)


def choices(here: Scope) -> Choices:
    """Where a matter may be transferred from the office `here`: every other one."""
    stations: dict[str, list[tuple[str, str]]] = {}
    for station in queries.stations():
        if station.id != here.station_id:
            county = rules.county_of(station.region_code)
            stations.setdefault(county, []).append((f"{county}/{station.id}", station.name))
    own = "" if here.station_id is not None else rules.county_of(here.region_code)
    found: Choices = []
    for region in queries.all_counties():
        bureau = [(region.code, label("region.bureau", county=region.name))]
        found.append((region.name, ([] if region.code == own else bureau) + stations.get(region.code, [])))
    return found


def name_of(scope: Scope) -> str:
    """What the office that handles a matter is called."""
    station = queries.find_station(scope.station_id)
    if station is not None:
        return station.name
    county = queries.find(rules.county_of(scope.region_code))
    return label("region.bureau", county=county.name if county is not None else "")
