"""One shop with its people, and what every file of samples needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from tests.factories.accounts import make_merchant, make_officer
from tests.factories.merchants import make_member, make_operator, make_shop
from tests.factories.regions import make_street
from webapp.accounts.models import Account
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.merchants.models import Operator, Shop
from webapp.regions.models import Department

#: Another county of the same city, with a street and a station of its own.
ELSEWHERE = "130602001"
OTHER_STREET = "130606001"
#: Where a post lies that covers every county.
THE_CITY = "the city"


@dataclass
class World:
    """A shop of the county 130606, its owner, another operator's owner, and whatever samples made for it."""

    operator: Operator
    shop: Shop
    owner: Account
    other: Account
    people: dict[str, Account] = field(default_factory=dict)
    made: dict[str, Any] = field(default_factory=dict)

    def officer(self, role: Role, *, where: str) -> Account:
        """An officer who may hold the role `here`, or `elsewhere` (another county, station or department)."""
        if role is Role.ADMINISTRATOR and where == THE_CITY and "keeper" in self.people:
            return self.people["keeper"]  # who proposed, and alone may take it back
        return make_officer(role, **post_of(self.shop, role, where))


def make_world() -> World:
    """Fresh rows each time; regions and industries are shared."""
    owner, other = make_merchant("店主"), make_merchant("别家店主")
    operator, rival = make_operator(), make_operator("别家餐饮有限公司")
    shop = make_shop(operator)
    make_member(operator, owner)
    make_member(rival, other)
    make_shop(rival, "别家面馆")
    return World(operator, shop, owner, other)


def post_of(shop: Shop, role: Role, where: str) -> dict[str, Any]:
    """The keyword arguments of `make_officer` for a post that covers the shop, or one that just does not."""
    county = shop.region_code[:6]
    away = make_street(ELSEWHERE, "竞秀区市场监管所")
    if where == "another county":
        station = away.station_id if role is Role.STATION_OFFICER else None
        department = shop.department_code if role is Role.DEPARTMENT_OFFICER else None
        return {"region_code": away.code[:6], "station_id": station, "department_code": department}
    if where == "another station":
        return {"region_code": county, "station_id": make_street(OTHER_STREET, "莲池区另一所").station_id}
    if where == "another department":
        return {"region_code": county, "department_code": other_department(shop)}
    if where == THE_CITY:
        return {"region_code": county[:4]}
    station = shop.station_id if role is Role.STATION_OFFICER else None
    department = shop.department_code if role is Role.DEPARTMENT_OFFICER else None
    return {"region_code": county, "station_id": station, "department_code": department}


def other_department(shop: Shop) -> str:
    """A department that does not answer for the shop's industry."""
    found = db.session.scalar(
        sa.select(Department.code).where(Department.code != shop.department_code).limit(1)
    )
    assert found, "the reference tables have one department only"
    return found


Maker = Callable[[World], object]


def fixed(value: str) -> Maker:
    """A value that needs no row."""
    return lambda _world: value
