"""The public lists: /lists/red and /lists/black."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.merchants.models import Category
from webapp.openapi import log_numbers, offered
from webapp.regions import queries as regions
from webapp.web import access, slots
from webapp.web.paging import paginate
from webapp.web.typed import line
from webapp.web.words import label

from . import queries
from .rules import Colour

bp = Blueprint("listings", __name__)
PER_PAGE = 20


FORMS = ("csv", "json", "geojson", "rss")


def tabs() -> list[tuple[str, str, str, int]]:
    """The two lists among the public registers (slot ``public.lists``: word, address, endpoint, how many)."""
    counts = queries.public_counts(clock.today())
    return [
        (
            label(f"listing.colour.{colour.value}"),
            url_for(f"listings.{colour.value}"),
            colour.value,
            counts[colour],
        )
        for colour in (Colour.RED, Colour.BLACK)
    ]


@bp.get("/lists/red")
@access.public
def red() -> ResponseReturnValue:
    """红榜: shops that the bureau names as models."""
    return _list(Colour.RED)


@bp.get("/lists/black")
@access.public
def black() -> ResponseReturnValue:
    """黑榜: shops whose code was revoked for a serious ground."""
    return _list(Colour.BLACK)


def _list(colour: Colour) -> str:
    today, counties = clock.today(), regions.all_counties()
    region = request.args.get("district", "")
    category = request.args.get("category", "")
    text = line(request.args.get("q", ""))[:40]
    region = region if region in {county.code for county in counties} else ""
    category = category if category in set(Category) else ""
    page = paginate(queries.public_list(colour, today, region=region, category=category, text=text), PER_PAGE)
    return render_template(
        "listings/public_list.html",
        colour=colour.value,
        page=page,
        tabs=[entry for found in slots.collect(current_app, "public.lists") for entry in found],
        numbers=log_numbers("listing", [one.id for one in page.items], "listing.confirm", "listing.publish"),
        data=offered("listings", FORMS, colour=colour.value, district=region, category=category, q=text),
        districts=[(county.code, county.name) for county in counties],
        names={county.code: county.name for county in counties},
        categories=[(entry.value, label(f"category.{entry.value}.long")) for entry in Category],
        region=region,
        category=category,
        text=text,
        deciders=queries.deciding_regions(page.items),
    )
