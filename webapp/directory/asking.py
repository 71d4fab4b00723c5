"""What of the city's shops is asked for, read from the address; the same for the list, the map and what lies near."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import request

from webapp.commitments import queries as commitments
from webapp.core import clock
from webapp.core.db import db
from webapp.merchants.models import Category, Mall
from webapp.regions import queries as regions
from webapp.web import languages
from webapp.web.paging import whole_number
from webapp.web.words import label

from . import rules
from .facts import HEARTS
from .wanted import Wanted


def asked() -> Wanted:
    """The filters of the address or of the posted form; what is nonsense is left out."""
    args = request.values
    district, category, industry = (args.get(name, "") for name in ("district", "category", "industry"))
    district = district if district in county_names() else ""
    mall, hearts = args.get("mall", type=whole_number), args.get("hearts", 0, type=whole_number)
    promise = args.get("promise", "")
    return Wanted(
        query=rules.read_query(args.get("q", "")),
        district=district,
        category=category if category in set(Category) else "",
        industry=industry if industry and regions.find_industry(industry) else "",
        trusted=args.get("trusted") == "1",
        by_stars=args.get("sort") == "stars",
        street=_street(args.get("street", ""), district),
        mall=mall if mall is not None and any(mall == one.id for one in malls(district)) else None,
        promise=promise if promise and promise in dict(promises()) else "",
        hearts=hearts if hearts in HEARTS else 0,
        returns=args.get("returns") == "1",
        open_now=args.get("open") == "1",
    )


def kept(wanted: Wanted) -> dict[str, Any]:
    """The filters as they stand in an address, without those that ask for nothing: `asked` reads the same from it."""
    given = {
        "q": wanted.query.text,
        "district": wanted.district,
        "street": wanted.street,
        "mall": "" if wanted.mall is None else str(wanted.mall),
        "category": wanted.category,
        "industry": wanted.industry,
        "promise": wanted.promise,
        "hearts": str(wanted.hearts or ""),
        "trusted": "1" if wanted.trusted else "",
        "open": "1" if wanted.open_now else "",
        "returns": "1" if wanted.returns else "",
        "sort": "stars" if wanted.by_stars else "",
    }
    return {name: value for name, value in given.items() if value}


#: The filters of the form, as an address has them.
FORM = ("district", "street", "mall", "category", "industry", "promise", "hearts")


def misread(wanted: Wanted) -> list[str]:
    """Words of the filters that the address has and that mean nothing here: left out, and the page says so."""
    given = kept(wanted)
    return [
        languages.say(f"directory.filter.{name}")
        for name in FORM
        if request.values.get(name) and name not in given
    ]


def active(wanted: Wanted) -> int:
    """How many filters of the form are on."""
    return sum(name in FORM for name in kept(wanted))


#: Filters that are switched by one tap; the others stand in the form below.
SWITCHED = ("trusted", "open", "returns", "sort")


@dataclass(frozen=True)
class Choices:
    """What the form of filters offers: pairs of value and words. Streets only once a district is chosen."""

    districts: list[tuple[str, str]]
    streets: list[tuple[str, str]]
    malls: list[tuple[str, str]]
    categories: list[tuple[str, str]]
    industries: list[tuple[str, list[tuple[str, str]]]]
    promises: list[tuple[str, str]]
    hearts: list[tuple[str, str]]


def choices(wanted: Wanted) -> Choices:
    """The form for `wanted`."""
    trades = regions.industries()
    return Choices(
        districts=list(county_names().items()),
        streets=[(one.code, one.name) for one in regions.streets(wanted.district)] if wanted.district else [],
        malls=[(str(one.id), one.name) for one in malls(wanted.district)],
        categories=[(code, languages.translate(words)) for code, words in categories()],
        industries=[
            (languages.translate(words), [(one.code, one.name) for one in trades if one.category == code])
            for code, words in categories()
        ],
        promises=[(code, languages.translate(title)) for code, title in promises()],
        hearts=[(str(n), languages.say(f"directory.hearts.{n}")) for n in HEARTS],
    )


def named(wanted: Wanted, taps: list[tuple[str, dict[str, Any], bool]], form: Choices) -> list[str]:
    """What was asked for, in words: what was typed, then every filter that is on. For the page's title."""
    given = kept(wanted)
    single = {
        "district": form.districts,
        "street": form.streets,
        "mall": form.malls,
        "industry": [trade for _group, trades in form.industries for trade in trades],
        "promise": form.promises,
        "hearts": form.hearts,
    }
    found = [f"“{wanted.query.text}”"] if wanted.query.text else []
    found += [
        words
        for name, options in single.items()
        for value, words in options
        if str(given.get(name)) == str(value)
    ]
    return found + [words for words, _args, on in taps if on]


def malls(district: str) -> list[Mall]:
    """Malls and shopping streets at work, of the district or of the whole city, by name."""
    found = sa.select(Mall).where(Mall.closed_at.is_(None), Mall.region_code.startswith(district))
    return list(db.session.scalars(found.order_by(Mall.name, Mall.id)))


def promises() -> list[tuple[str, str]]:
    """Commitments that can be signed today: code and title."""
    found = {one.code: one.title for one in commitments.in_force(clock.today())}
    return list(found.items())


def categories() -> list[tuple[str, str]]:
    """吃住游购娱 for a select."""
    return [(entry.value, label(f"category.{entry.value}.long")) for entry in Category]


def county_names() -> dict[str, str]:
    """The city's counties by code."""
    return {county.code: county.name for county in regions.all_counties()}


def quick(
    wanted: Wanted, fixed: dict[str, Any], names: tuple[str, ...]
) -> list[tuple[str, dict[str, Any], bool]]:
    """One-tap filters: words, the address's arguments after a tap, whether on. `names`: which of `SWITCHED`."""
    now = kept(wanted) | fixed
    offered = {
        "trusted": ("1", languages.say("directory.only_trusted")),
        "open": ("1", languages.say("directory.open_now")),
        "returns": ("1", languages.say("directory.returns")),
        "sort": ("stars", languages.say("directory.by_stars")),
    }
    taps = [(name, *offered[name]) for name in names]
    taps += [("category", entry.value, languages.say(f"category.{entry.value}")) for entry in Category]
    found = []
    for name, value, words in taps:
        on = now.get(name) == value
        others = {key: said for key, said in now.items() if key != name}
        found.append((words, others if on else others | {name: value}, on))
    return found


def _street(code: str, district: str) -> str:
    """A street of the chosen district; another's is forgotten with the district."""
    if not district or not code.startswith(district):
        return ""
    return code if any(code == one.code for one in regions.streets(district)) else ""
