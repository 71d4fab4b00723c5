"""The register as the public reads it: bodies at work, with hours, area and phone, by district, kind and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import selectinload

from webapp.core.db import db

from . import hours, queries
from .areas import Names
from .models import MediationBody
from .rules import MediatorKind

KINDS: Final = (MediatorKind.STATION, MediatorKind.ODR, MediatorKind.PEOPLE)
#: Digits of a county's code.
_COUNTY: Final = 6


@dataclass(frozen=True)
class Listed:
    """A body as people are told of it. `county` is the code of where it stands; texts may be empty."""

    id: int
    kind: MediatorKind
    name: str
    county: str
    address: str
    phone: str
    hours: str
    area: str
    position: tuple[float, float] | None


def listed(district: str = "") -> list[Listed]:
    """All bodies at work that stand or serve in the district (empty: in the city), by place and name."""
    statement = queries.public_bodies(region=district).options(selectinload(MediationBody.areas))
    return described(list(db.session.scalars(statement)))


def described(bodies: Sequence[MediationBody]) -> list[Listed]:
    """What the public is told of each. People's names and mobile numbers are not in it, as in the open data."""
    names = Names()
    return [_listed(body, names) for body in bodies]


def _listed(body: MediationBody, names: Names) -> Listed:
    placed = body.latitude is not None and body.longitude is not None
    return Listed(
        id=body.id,
        kind=body.kind,
        name=body.name,
        county=body.region_code[:_COUNTY],
        address=body.address,
        phone=body.public_phone,
        hours=hours.text_of(body.opening_hours),
        area=names.text(body.area),
        position=(body.latitude or 0.0, body.longitude or 0.0) if placed else None,
    )
