"""The public registers: demonstration units, and shops that take goods back."""

from __future__ import annotations

from typing import Any

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
from .models import Honour
from .rules import SECTORS, HonourKind

bp = Blueprint("honours", __name__)
PER_PAGE = 20
FORMS = ("csv", "json", "geojson", "rss")
_TEXT_LONGEST = 40


def tabs() -> list[tuple[str, str, str, int]]:
    """These registers among the public ones (slot ``public.lists``: word, address, key, how many)."""
    counts = queries.published_counts(clock.today())
    returns = sum(counts[kind] for kind in queries.RETURNS)
    return [
        (
            label("honour.list.demonstration"),
            url_for("honours.demonstration"),
            "demonstration",
            counts[HonourKind.DEMONSTRATION],
        ),
        (label("honour.list.returns"), url_for("honours.returns"), "returns", returns),
    ]


@bp.get("/lists/demonstration")
@access.public
def demonstration() -> ResponseReturnValue:
    """放心消费示范单位, by sector, each with its standard."""
    asked = _asked()
    sector = _one_of("sector", SECTORS)
    found = queries.published(HonourKind.DEMONSTRATION, sector=sector, **_filters(asked), today=clock.today())
    given = {"sector": sector, **asked}
    return render_template(
        "honours/public_demonstration.html",
        sector=sector,
        sectors=[(code, label(f"honour.sector.{code}")) for code in SECTORS],
        data=offered("demonstration-units", FORMS, **given),
        **_shown(found, given),
    )


@bp.get("/lists/returns")
@access.public
def returns() -> ResponseReturnValue:
    """线下无理由退货 and 异地异店退换货, with days and terms, and the chains that one may choose."""
    asked = _asked()
    today = clock.today()
    chains = queries.chains(today)
    kind = _one_of("kind", [kind.value for kind in queries.RETURNS])
    chain = _one_of("chain", [str(entry.id) for entry, _ in chains])
    found = queries.published(
        *([kind] if kind else queries.RETURNS),
        chain_id=int(chain) if chain else None,
        **_filters(asked),
        today=today,
    )
    given = {"kind": kind, "chain": chain, **asked}
    return render_template(
        "honours/public_returns.html",
        kind=kind,
        kinds=[(entry.value, label(f"honour.kind.{entry.value}")) for entry in queries.RETURNS],
        chain=next((entry for entry, _ in chains if str(entry.id) == chain), None),
        chains=chains,
        data=offered("return-shops", FORMS, **given),
        **_shown(found, given),
    )


def _asked() -> dict[str, str]:
    """District, category and text as the address has them; what nothing is called so is left out."""
    return {
        "district": _one_of("district", [county.code for county in regions.all_counties()]),
        "category": _one_of("category", list(Category)),
        "q": line(request.args.get("q", ""))[:_TEXT_LONGEST],
    }


def _one_of(name: str, known: Any) -> str:
    value = request.args.get(name, "")
    return value if value in known else ""


def _filters(asked: dict[str, str]) -> dict[str, Any]:
    return {"region": asked["district"], "category": asked["category"], "text": asked["q"]}


def _shown(found: Any, given: dict[str, str]) -> dict[str, Any]:
    """What both pages show."""
    page = paginate(found, PER_PAGE)
    honours: list[Honour] = page.items
    counties = [(county.code, county.name) for county in regions.all_counties()]
    return {
        "page": page,
        "asked": given,
        "active": sum(map(bool, given.values())),
        "tabs": [entry for told in slots.collect(current_app, "public.lists") for entry in told],
        "numbers": log_numbers("honour", [one.id for one in honours], "honour.confirm"),
        "districts": counties,
        "names": dict(counties),
        "categories": [(entry.value, label(f"category.{entry.value}.long")) for entry in Category],
        "text_longest": _TEXT_LONGEST,
    }
