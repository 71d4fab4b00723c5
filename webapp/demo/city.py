"""The demo city: any number of shops, one after another, the same for the same seed and day.

Shop `index` depends on (seed, index, today) alone, so that one shop can be made again without the others,
for example to draw its picture when somebody first looks at it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from webapp.demo import words
from webapp.demo.draw import Draw
from webapp.demo.licences import DemoLicence, Issue, make_licences
from webapp.demo.names import Trade, draw_brand, draw_trade
from webapp.demo.operators import DemoOperator, make_operator
from webapp.demo.places import Street, draw_street
from webapp.demo.shops import (
    OpeningHours,
    branch_name,
    draw_place,
    opening_hours,
    shop_name,
    shop_phone,
)

# Shops come in blocks of 16. In one block of four the last four shops are branches of one enterprise.
BLOCK = 16
CHAIN_FROM = 12


@dataclass(frozen=True, slots=True)
class DemoShop:
    """One shop with all its plain facts.

    `index` counts from 0; shop and operator belong together by `operator.uscc`, and `is_first_of_operator`
    marks the shop whose writer should also insert the operator (every chain comes in index order, so it is
    always earlier). `opening_hours`: weekday "1".."7" to spans of ["HH:MM", "HH:MM"], shared, read only.
    `latitude`, `longitude`: WGS-84 degrees. `region_code`: nine digits of the street. `phone`: E.164.
    `commitments`: codes of the catalogue of commitments, the required ones always.
    """

    index: int
    name: str
    branch: str
    trade: Trade
    category: str
    industry_code: str
    address: str
    region_code: str
    street: Street
    latitude: float
    longitude: float
    phone: str
    opening_hours: OpeningHours
    operator: DemoOperator
    is_first_of_operator: bool
    licences: tuple[DemoLicence, ...]
    commitments: tuple[str, ...]


def operator_index(seed: int, index: int) -> int:
    """The index of the first shop of the operator that runs shop `index`: its own, or that of its chain."""
    block, place = divmod(index, BLOCK)
    if place < CHAIN_FROM or not Draw(seed, "chain", block).chance(250):
        return index
    return block * BLOCK + CHAIN_FROM


def generate(seed: int, count: int, today: date, start: int = 0) -> Iterator[DemoShop]:
    """Shops `start` to `start + count - 1`, one at a time: memory does not grow with `count`."""
    for index in range(start, start + count):
        yield make_shop(seed, index, today)


def make_shop(seed: int, index: int, today: date) -> DemoShop:
    """Shop `index` of the city with this seed, as it is on `today` (licences run out relative to it)."""
    first = operator_index(seed, index)
    in_chain = index % BLOCK >= CHAIN_FROM and (first != index or operator_index(seed, first + 1) == first)
    # Brand, trade and the operator's seat come from the operator's stream: all branches agree on them.
    own = Draw(seed, "operator", first)
    trade = draw_trade(own)
    brand = draw_brand(own)
    name = shop_name(own, brand, trade)
    seat = draw_place(own, draw_street(own))
    operator = make_operator(
        own, first, brand, name, trade, seat.street, seat.address, today, always_enterprise=in_chain
    )
    draw = Draw(seed, "shop", index)
    place = seat if first == index else draw_place(draw, draw_street(draw))
    licences = make_licences(
        Issue(Draw(seed, "licence", index), index, place.street),
        Issue(Draw(seed, "operator licence", first), first, seat.street),
        operator,
        trade,
        today,
    )
    return DemoShop(
        index=index,
        name=name,
        branch=branch_name(place, is_first=first == index) if in_chain else "",
        trade=trade,
        category=trade.category,
        industry_code=trade.industry_code,
        address=place.address,
        region_code=place.street.code,
        street=place.street,
        latitude=place.latitude,
        longitude=place.longitude,
        phone=shop_phone(draw),
        opening_hours=opening_hours(trade.hours),
        operator=operator,
        is_first_of_operator=first == index,
        licences=licences,
        commitments=tuple(code for code, permille in _commitments(trade.category) if draw.chance(permille)),
    )


@cache
def _commitments(category: str) -> tuple[tuple[str, int], ...]:
    """What shops of a category may promise, and how many of a thousand do."""
    return tuple(
        (row["code"], int(row["permille"]))
        for row in words.table("commitments.csv")
        if not row["categories"] or category in row["categories"].split()
    )
