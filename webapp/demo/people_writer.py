"""The demo city's officers and merchants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webapp.accounts.operations import create_merchant, create_officer
from webapp.core.actor import Actor, Post, Role
from webapp.demo import words
from webapp.regions.queries import stations

#: For trying out only: they are printed by the welcome text, and production refuses to make them.
PASSWORD = "Fangxin-2026"  # noqa: S105
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105
MERCHANT_PHONE = "15400000001"
SECOND_PHONE = "15400000002"
MEDIATOR_PHONE = "15400000003"

#: username → (name in phrases.csv, role, region, department)
OFFICERS: dict[str, tuple[str, Role, str, str | None]] = {
    "zhan": ("officer_station", Role.STATION_OFFICER, "130602", None),
    "zhan2": ("officer_station_2", Role.STATION_OFFICER, "130606", None),
    "shiju": ("officer_bureau", Role.BUREAU_OFFICER, "1306", None),
    "shiju2": ("officer_bureau_2", Role.BUREAU_OFFICER, "1306", None),
    "wenlv": ("officer_department", Role.DEPARTMENT_OFFICER, "1306", "culture_tourism"),
    "admin": ("officer_admin", Role.ADMINISTRATOR, "1306", None),
    # An appeal is decided by somebody who neither proposed nor confirmed.
    "shiju3": ("officer_bureau_3", Role.BUREAU_OFFICER, "1306", None),
}


@dataclass(frozen=True)
class People:
    """Actors of the demo city. `station` reaches the whole city here: it speaks for all stations' past."""

    station: Actor
    bureau: Actor
    second: Actor
    owner_id: int
    second_owner_id: int


def _posts(role: Role, region: str, department: str | None) -> tuple[Post, ...]:
    """One post; for a station officer one at each of the county's stations (the demo has few hands)."""
    if role is not Role.STATION_OFFICER:
        return (Post(role, region, None, department),)
    return tuple(
        Post(role, station.region_code, station.id) for station in stations() if station.region_code == region
    )


def write_people(now: datetime) -> People:
    """Make the accounts; call inside a transaction on a database without them."""
    phrases = words.phrases()
    for station in stations():
        station.phone = station.phone or f"0312-000{station.id:04}"  # no such numbers exist
    ids = {}
    for username, (name, role, region, department) in OFFICERS.items():
        posts = _posts(role, region, department)
        ids[username] = create_officer(phrases[name], username, PASSWORD, posts, now, TOTP_SECRET).id
    owner = create_merchant(phrases["merchant"], MERCHANT_PHONE, PASSWORD, now)
    second_owner = create_merchant(phrases["merchant_2"], SECOND_PHONE, PASSWORD, now)

    def officer(username: str, role: Role) -> Actor:
        return Actor(ids[username], phrases[OFFICERS[username][0]], role, (Post(role, "1306"),))

    return People(
        station=officer("zhan", Role.STATION_OFFICER),
        bureau=officer("shiju", Role.BUREAU_OFFICER),
        second=officer("shiju2", Role.BUREAU_OFFICER),
        owner_id=owner.id,
        second_owner_id=second_owner.id,
    )
