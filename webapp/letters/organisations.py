"""Who issues documents: the city's bureau, a county's, a station, with name and mark (what numbers begin with).

Names and marks follow from the settings and the regions. What is called otherwise stands in ``organisations.csv`` in
the letters' folder: columns ``code,name,mark``, the code ``1306``, ``130606``, or a station's name in the regions.
A seal is ``seals/<code>.png`` in the same folder (a station's code is ``station-<id>``).
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import current_app

from webapp.core.errors import NotFound
from webapp.regions import queries as regions
from webapp.settings import Settings
from webapp.web.words import label

_CODE: Final = re.compile(r"[a-z0-9-]{1,40}")
#: What is left out of a region's name in a mark.
_LEVELS: Final = "市区县"


@dataclass(frozen=True)
class Organisation:
    """An issuing organisation. `code` never changes: numbers run on it. `mark` begins the number."""

    code: str
    name: str
    mark: str

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code) or not self.name or not self.mark:
            raise ValueError(f"no organisation: {self.code!r}")


def bureau(region_code: str = "") -> Organisation:
    """The bureau of a region (street codes: their county's); without one, and for the city's own code, the city's.

    Raises NotFound for a region that is not known.
    """
    settings = _settings()
    code = region_code[:6]
    if len(code) <= len(settings.city_region):
        mark = label("letter.organisation.bureau_mark", place=settings.letter_place, region="")
        return _named(Organisation(settings.city_region, settings.bureau_name, mark), settings.city_region)
    region = regions.find(code)
    if region is None:
        raise NotFound("no_such_thing")
    city = settings.city_name if region.name.endswith(_LEVELS[1]) else ""
    name = label("letter.organisation.bureau", city=city, region=region.name)
    short = region.name.rstrip(_LEVELS) if len(region.name) > 2 else region.name
    mark = label("letter.organisation.bureau_mark", place=settings.letter_place, region=short)
    return _named(Organisation(code, name, mark), code)


def station(station_id: int) -> Organisation:
    """A station acting in its own name; its county's bureau's name stands before its own. Raises NotFound."""
    found = regions.find_station(station_id)
    if found is None:
        raise NotFound("no_such_thing")
    above = bureau(found.region_code)
    region = regions.find(found.region_code[:6])
    own = found.name.removeprefix(region.name if region is not None else "")
    short = own.removesuffix(label("letter.organisation.station"))
    made = Organisation(f"station-{found.id}", f"{above.name}{own}", f"{above.mark}{short}")
    return _named(made, found.name)


def seal_of(organisation_code: str) -> bytes | None:
    """The seal's picture that the bureau put there, or None."""
    path = _settings().letters_dir / "seals" / f"{organisation_code}.png"
    return path.read_bytes() if _CODE.fullmatch(organisation_code) and path.is_file() else None


def _named(made: Organisation, key: str) -> Organisation:
    path = _settings().letters_dir / "organisations.csv"
    if not path.is_file():
        return made
    own = _read(path, path.stat().st_mtime_ns).get(key)
    return made if own is None else replace(made, name=own[0] or made.name, mark=own[1] or made.mark)


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> dict[str, tuple[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return {
            row["code"].strip(): ((row.get("name") or "").strip(), (row.get("mark") or "").strip())
            for row in csv.DictReader(stream)
        }


def _settings() -> Settings:
    settings: Settings = current_app.extensions["ydym.settings"]
    return settings
