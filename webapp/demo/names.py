"""Trades, shop names and the names under which their operators are registered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from webapp.demo import words
from webapp.demo.draw import Draw
from webapp.demo.people import draw_surname


@dataclass(frozen=True, slots=True)
class Trade:
    """A line of business: one row of `data/trades.csv`.

    `category` is eat, stay, tour, shop or play (吃住游购娱); `industry_code` is of GB/T 4754-2017 (four
    digits); `licences` are keys of `data/licences.csv`; `look` chooses the storefront's style; `weight` its
    share of the city.
    """

    key: str
    name: str
    category: str
    industry_code: str
    industry_name: str
    weight: int
    enterprise_percent: int
    suffixes: tuple[str, ...]
    company_word: str
    licences: tuple[str, ...]
    hours: str
    look: str
    mark: str
    scope: str


@cache
def trades() -> tuple[Trade, ...]:
    """All trades of the city, in the order of the file."""
    return tuple(
        Trade(
            key=row["key"],
            name=row["name"],
            category=row["category"],
            industry_code=row["industry_code"],
            industry_name=row["industry_name"],
            weight=int(row["weight"]),
            enterprise_percent=int(row["enterprise_percent"]),
            suffixes=tuple(row["suffixes"].split("|")),
            company_word=row["company_word"],
            licences=tuple(row["licences"].split()),
            hours=row["hours"],
            look=row["look"],
            mark=row["mark"],
            scope=row["scope"],
        )
        for row in words.table("trades.csv")
    )


@cache
def _tickets() -> tuple[Trade, ...]:
    return tuple(trade for trade in trades() for _ in range(trade.weight))


def draw_trade(draw: Draw) -> Trade:
    """A trade, by weight."""
    return draw.choice(_tickets())


def draw_brand(draw: Draw) -> str:
    """The first part of a shop's name: a neighbour's family name or a word of the town."""
    surname = draw_surname(draw)
    word = draw.choice(words.lines("brands.txt"))
    pattern = draw.choice(("old_master", "family_mark", "family_home", "", "", "", "", ""))
    return words.phrases()[pattern].format(surname=surname) if pattern else word


def registered_name(kind: str, brand: str, shop_name: str, trade: Trade, county: str) -> str:
    """The operator's name in the register, by its kind (enterprise, self_employed, cooperative)."""
    phrases = words.phrases()
    if kind == "enterprise":
        return phrases["company"].format(brand=brand, word=trade.company_word)
    if kind == "cooperative":
        return phrases["cooperative"].format(county=county, brand=brand)
    is_a_place = shop_name.endswith(tuple(phrases["shop_endings"]))
    return phrases["household" if is_a_place else "household_shop"].format(county=county, name=shop_name)
