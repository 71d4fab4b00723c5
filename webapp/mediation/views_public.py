"""Who mediates besides the authority, for everybody: service stations (消费维权服务站), ODR enterprises, committees."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.openapi import offered
from webapp.regions import queries as regions
from webapp.web import access
from webapp.web.paging import paginate
from webapp.web.typed import line
from webapp.web.words import label

from . import public, queries
from .rules import MediatorKind

bp = Blueprint("mediation_public", __name__)
PER_PAGE = 20
KINDS = (MediatorKind.STATION, MediatorKind.ODR, MediatorKind.PEOPLE)
FORMS = ("csv", "json", "geojson")
_TEXT_LONGEST = 40


@bp.get("/stations/mediation")
@access.public
def index() -> ResponseReturnValue:
    """The bodies at work, by kind, district (where they stand or serve) and name.

    Their people are not named, nor mobile numbers.
    """
    counties = [(county.code, county.name) for county in regions.all_counties()]
    asked = {name: request.args.get(name, "") for name in ("kind", "district")}
    known: dict[str, set[str]] = {"kind": set(KINDS), "district": {code for code, _ in counties}}
    asked = {name: value if value in known[name] else "" for name, value in asked.items()}
    text = line(request.args.get("q", ""))[:_TEXT_LONGEST]
    found = queries.public_bodies(kind=asked["kind"], region=asked["district"], text=text)
    page = paginate(found, PER_PAGE)
    return render_template(
        "mediation/public_bodies.html",
        page=page,
        shown=public.described(page.items),
        kinds=[(kind.value, label(f"mediation.kind.{kind.value}")) for kind in KINDS],
        districts=counties,
        names=dict(counties),
        kind=asked["kind"],
        district=asked["district"],
        text=text,
        text_longest=_TEXT_LONGEST,
        active=sum(map(bool, (*asked.values(), text))),
        data=offered("mediation-bodies", FORMS, **asked, q=text),
    )
