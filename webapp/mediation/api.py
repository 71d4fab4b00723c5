"""Who mediates besides the authority: service stations, ODR enterprises, people's mediation committees at work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from webapp.openapi.declaring import District, Filters, Item, Resource, Table, Text, bare, link
from webapp.regions import queries as regions
from webapp.regions.rules import office_phone

from . import hours, queries
from .areas import Names
from .models import MediationBody


class BodyFilters(Filters):
    """Which bodies."""

    kind: Literal["station", "odr", "people"] | None = None
    district: District | None = None
    q: Text | None = None


class BodyItem(Item):
    """A body that mediates. People's names and mobile numbers are not in it."""

    id: int
    kind: Literal["station", "odr", "people"]
    name: str
    region: str
    district: str
    address: str
    phone: str | None
    opening_hours: str | None
    area: str
    area_regions: list[str]
    area_malls: list[str]
    latitude: float | None
    longitude: float | None
    page: str


def _select(wanted: BodyFilters, _today: date) -> sa.Select[tuple[MediationBody]]:
    found = queries.public_bodies(kind=bare(wanted.kind), region=bare(wanted.district), text=bare(wanted.q))
    return found.options(selectinload(MediationBody.areas))


def _present(rows: Sequence[MediationBody], _today: date) -> list[BodyItem]:
    names, areas = {county.code: county.name for county in regions.all_counties()}, Names()
    return [
        BodyItem(
            id=row.id,
            kind=row.kind.value,  # type: ignore[arg-type]  # the database refuses the authority itself
            name=row.name,
            region=row.region_code,
            district=names.get(row.region_code[:6], ""),
            address=row.address,
            phone=office_phone(row.phone),
            opening_hours=hours.text_of(row.opening_hours) or None,
            area=areas.text(row.area),
            area_regions=sorted(row.area.regions),
            area_malls=[areas.malls[mall][0] for mall in sorted(row.area.malls) if mall in areas.malls],
            latitude=row.latitude,
            longitude=row.longitude,
            page=link(f"/stations/mediation?kind={row.kind.value}#body-{row.id}"),
        )
        for row in rows
    ]


RESOURCES = (
    Resource(
        name="mediation-bodies",
        item=BodyItem,
        filters=BodyFilters,
        source=Table(_select, MediationBody.id, BodyFilters(), newest=False),
        present=_present,
        page="/stations/mediation",
    ),
)
