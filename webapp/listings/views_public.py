"""The public lists: /lists/red and /lists/black."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.merchants.models import Category
from webapp.regions import queries as regions
from webapp.web import access
from webapp.web.paging import paginate
from webapp.web.words import label

from . import queries
from .rules import Colour

bp = Blueprint("listings", __name__)
PER_PAGE = 20


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
    text = request.args.get("q", "").strip()[:40]
    region = region if region in {county.code for county in counties} else ""
    category = category if category in set(Category) else ""
    page = paginate(queries.public_list(colour, today, region=region, category=category, text=text), PER_PAGE)
    return render_template(
        "listings/public_list.html",
        colour=colour.value,
        page=page,
        counts=queries.public_counts(today),
        districts=[(county.code, county.name) for county in counties],
        names={county.code: county.name for county in counties},
        categories=[(entry.value, label(f"category.{entry.value}.long")) for entry in Category],
        region=region,
        category=category,
        text=text,
        deciders=queries.deciding_regions(page.items),
    )
