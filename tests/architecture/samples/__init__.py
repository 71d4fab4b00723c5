"""One shop with its people, and a value for every argument that an address may have.

The route walk (`test_access.py`) builds each address from these. A feature with a new argument adds its maker to the
`SAMPLES` of its file here: the key is the argument's name, or ``endpoint:argument`` where one name means several
things. The thing made must belong to `world.shop` (or to `world.owner`), so that the owner and the officers of its
county reach it.
"""

from __future__ import annotations

from . import (
    accounts,
    applications,
    codes,
    complaints,
    frame,
    honours,
    licences,
    listings,
    mediation,
    oversight,
    printing,
    ratings,
    tips,
)
from .excuses import ADMITTED, CITY_WIDE, PERSONAL, UNSCOPED
from .mediation import mediator_of, other_mediator
from .world import THE_CITY, Maker, World, make_world

__all__ = [
    "ADMITTED",
    "CITY_WIDE",
    "PERSONAL",
    "SAMPLES",
    "THE_CITY",
    "UNSCOPED",
    "Maker",
    "World",
    "make_world",
    "mediator_of",
    "other_mediator",
]

SAMPLES: dict[str, Maker] = {}
for _file in (
    *(accounts, applications, codes, complaints, frame, honours, licences),
    *(listings, mediation, oversight, printing, ratings, tips),
):
    _twice = SAMPLES.keys() & _file.SAMPLES.keys()
    assert not _twice, f"two files of samples have {_twice}"
    SAMPLES |= _file.SAMPLES
