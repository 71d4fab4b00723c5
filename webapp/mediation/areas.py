"""Whom a body serves, as people write it: "莲池区、竞秀区先锋街道、万博广场". Read into regions and malls."""

from __future__ import annotations

import re
from collections import defaultdict

import sqlalchemy as sa
from flask import current_app

from webapp.core.db import db
from webapp.core.errors import Invalid
from webapp.merchants.models import Mall
from webapp.regions import queries as regions
from webapp.regions.models import Region

from .rules import AREA_MOST, Area

_CITY = 4
_COUNTY = 6


class Names:
    """The city's regions and malls by name: read once for a form or a file."""

    def __init__(self) -> None:
        city = current_app.extensions["ydym.settings"].city_region
        found = db.session.scalars(
            sa.select(Region).where(Region.code.startswith(city)).order_by(Region.code)
        )
        self.regions = {region.code: region.name for region in found}
        self.city = city
        # Closed ones too: an area of one that has closed must not become empty, which would mean the whole county.
        malls = db.session.scalars(sa.select(Mall).order_by(Mall.id))
        self.malls = {mall.id: (mall.name, mall.region_code) for mall in malls}
        self._by_name: dict[str, list[tuple[str, Area]]] = defaultdict(list)
        for code, name in self.regions.items():
            self._know(name, code, Area(regions=frozenset({code})))
        for mall_id, (name, code) in self.malls.items():
            self._know(name, code, Area(malls=frozenset({mall_id})))
        self._know("全市", city, Area(regions=frozenset({city})))

    def _know(self, name: str, code: str, area: Area) -> None:
        self._by_name[name].append((code, area))
        if len(code) > _COUNTY or area.malls:  # "竞秀区先锋街道": as it is written where two share a name
            self._by_name[f"{self.regions.get(code[:_COUNTY], '')}{name}"].append((code, area))

    def county(self, text: str) -> str:
        """The code of a county given by its name or code; empty when there is none."""
        if text in self.regions and len(text) == _COUNTY:
            return text
        found = [
            code for code, _ in self._by_name.get(text, []) if len(code) == _COUNTY and code in self.regions
        ]
        return next((code for code in found if self.regions[code] == text), "")

    def read(self, text: str, home: str) -> Area:
        """The area in `text`; where a name is that of several, the one in the county `home` is meant.

        Nothing written is an empty area. Raises Invalid with the field "area" (``area_unknown``, ``area_ambiguous``,
        ``area_too_many``).
        """
        parts = [part for part in (one.strip() for one in re.split("[、，,；;\n]+", text)) if part]
        if len(parts) > AREA_MOST:
            raise Invalid("area_too_many", field="area", most=AREA_MOST)
        area = Area()
        for part in parts:
            area |= self._one(part, home[:_COUNTY])
        return area

    def _one(self, part: str, home: str) -> Area:
        code = part[:_COUNTY] if part.isdecimal() and len(part) == _COUNTY else part
        if code in self.regions and len(code) >= _CITY:
            return Area(regions=frozenset({code}))
        found = self._by_name.get(part, [])
        if not found:
            raise Invalid("area_unknown", field="area", text=part[:30])
        near = [area for code, area in found if code.startswith(home)] or [area for _, area in found]
        if len(near) > 1:
            raise Invalid("area_ambiguous", field="area", text=part[:30])
        return near[0]

    def text(self, area: Area) -> str:
        """The area as :meth:`read` reads it, the widest regions first. Malls that have closed are left out."""
        codes = sorted(area.regions, key=lambda code: (len(code), code))
        parts = [self._region(code) for code in codes if code in self.regions]
        parts += [self._mall(mall_id) for mall_id in sorted(area.malls) if mall_id in self.malls]
        return "、".join(parts)

    def _region(self, code: str) -> str:
        if code == self.city:
            return "全市"
        name = self.regions[code]
        return name if len(code) <= _COUNTY else f"{self.regions.get(code[:_COUNTY], '')}{name}"

    def _mall(self, mall_id: int) -> str:
        name, code = self.malls[mall_id]
        return name if len(self._by_name[name]) == 1 else f"{self.regions.get(code[:_COUNTY], '')}{name}"


def choices(county: str, names: Names) -> tuple[list[str], list[str]]:
    """What can be written for a county: its streets, its malls."""
    streets = [region.name for region in regions.streets(county)]
    return streets, [name for name, code in names.malls.values() if code.startswith(county)]
