"""What of the city's shops is asked for, read from the address; the same for the list and the map."""

from __future__ import annotations

from flask import request

from webapp.merchants.models import Category
from webapp.regions import queries as regions
from webapp.web.words import label

from . import rules
from .queries import Wanted


def asked() -> Wanted:
    """The filters of the address; what is nonsense is left out."""
    args = request.args
    district, category, industry = (args.get(name, "") for name in ("district", "category", "industry"))
    return Wanted(
        query=rules.read_query(args.get("q", "")),
        district=district if district in county_names() else "",
        category=category if category in set(Category) else "",
        industry=industry if industry and regions.find_industry(industry) else "",
        trusted=args.get("trusted") == "1",
        by_stars=args.get("sort") == "stars",
    )


def categories() -> list[tuple[str, str]]:
    """吃住游购娱 for a select."""
    return [(entry.value, label(f"category.{entry.value}.long")) for entry in Category]


def county_names() -> dict[str, str]:
    """The city's counties by code."""
    return {county.code: county.name for county in regions.all_counties()}
