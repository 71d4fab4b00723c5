"""放心消费指引图: the map, what it shows of a view, and the same in words for those who cannot use a map."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import sqlalchemy as sa
from flask import (
    Blueprint,
    abort,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.core.db import db
from webapp.directory import queries as directory
from webapp.directory.asking import asked, choices, county_names, kept, quick
from webapp.directory.standing import verdicts
from webapp.directory.wanted import Wanted
from webapp.mediation import public
from webapp.mediation.public import Listed
from webapp.mediation.queries import find_at_work
from webapp.mediation.rules import MediatorKind
from webapp.merchants.models import Shop
from webapp.settings import Settings
from webapp.web import access, headers, throttle
from webapp.web.words import label

from . import datums, gathering, navigation, rules, tiles
from .datums import Datum
from .gathering import GridCache
from .rules import Box, Cell
from .tiles import Tiles

bp = Blueprint("atlas", __name__)
#: Cells in one answer; more cannot be told apart on a screen.
CELLS_MOST = 400


def tiles_of(settings: Settings) -> Tiles | None:
    """The tiles that the settings mean; SettingsError when they mean none."""
    return tiles.read(settings.tiles, settings.tiles_key, settings.tiles_datum)


@bp.get("/shops/map")
@access.public
def index() -> ResponseReturnValue:
    """The map with the list's filters; without JavaScript the districts with their counts, as links into the list."""
    wanted, under, stations = asked(), _tiles(), request.args.get("stations") == "1"
    names = county_names()
    response = make_response(
        render_template(
            "atlas/public_map.html",
            wanted=wanted,
            tiles=under,
            quick=[_switch(wanted, stations=stations), *_quick(wanted, stations=stations)],
            stations=_stations(wanted.district) if stations else None,
            districts=_districts(wanted),
            list_url=url_for("directory.shops", **kept(wanted)),
            clear_url=url_for("atlas.index", **kept(Wanted(wanted.query)), **_layer(stations=stations)),
            active=sum(
                name in kept(wanted)
                for name in ("district", "street", "mall", "category", "industry", "promise", "hearts")
            ),
            kept=kept(wanted),
            choices=choices(wanted),
            county_names=names,
            cells_url=url_for("atlas.cells", **kept(wanted)),
        )
    )
    if under is not None:  # the one page that may fetch pictures from somebody else: the city chose so
        allowed = headers.CSP.replace("img-src 'self'", " ".join(["img-src 'self'", *under.hosts]))
        response.headers["Content-Security-Policy"] = allowed
    return response


@bp.get("/shops/map/cells")
@throttle.limiter.limit("600/minute")
@access.public
def cells() -> ResponseReturnValue:
    """What is in view: {"total", "cells": [[lat, lng, count, [s, w, n, e]]], "shops": […]}, in the map's own system."""
    view = rules.read_box(request.args.get("box", ""))
    if view is None:
        abort(400)
    zoom, wanted = rules.read_zoom(request.args.get("zoom", "")), asked()
    box = _turned(view, _datum(), Datum.WGS84)
    found = gathering.cells(wanted, zoom, box, cast("GridCache", current_app.extensions["ydym.grids"]))
    ids = gathering.singles(wanted, found, box)
    response = jsonify(
        total=sum(cell.count for cell in found),
        cells=[] if ids is not None else [_cell(cell) for cell in found[:CELLS_MOST]],
        shops=_shops(ids) if ids else [],
    )
    response.headers["Cache-Control"] = "public, max-age=15"
    return response


def _tiles() -> Tiles | None:
    return cast("Tiles | None", current_app.extensions["ydym.tiles"])


def _datum() -> Datum:
    under = _tiles()
    return Datum.WGS84 if under is None else under.datum


def _turned(box: Box, source: Datum, target: Datum) -> Box:
    south, west = datums.convert((box.south, box.west), source, target)
    north, east = datums.convert((box.north, box.east), source, target)
    return Box(south, west, north, east)


def _place(latitude: float, longitude: float) -> list[float]:
    return [round(part, 6) for part in datums.convert((latitude, longitude), Datum.WGS84, _datum())]


def _cell(cell: Cell) -> list[Any]:
    box = _turned(cell.box, Datum.WGS84, _datum())
    return [
        *_place(cell.latitude, cell.longitude),
        cell.count,
        [round(part, 6) for part in (box.south, box.west, box.north, box.east)],
    ]


def _shops(ids: list[int]) -> list[dict[str, Any]]:
    """What a pin tells of each shop: the same verdict as in the list and on its own page."""
    found = directory.by_number(ids)
    standing, stars, names = verdicts(found, clock.today()), directory.stars_of(ids), county_names()
    shown = []
    for shop in found:
        position = shop.public_position
        if position is None:
            continue
        verdict = standing[shop.id].value
        mean, ratings = stars.get(shop.id, (None, 0))
        shown.append(
            {
                "name": shop.public_full_name,
                "at": _place(*position),
                "verdict": verdict,
                "word": label(f"directory.state.{verdict}"),
                "place": names.get(shop.public_region[:6], ""),
                "stars": None if mean is None else f"{mean:.1f}",
                "ratings": ratings,
                "url": f"/s/{shop.id}",
            }
        )
    return shown


def _layer(*, stations: bool) -> dict[str, Any]:
    """The part of an address that shows the service stations on the map, too."""
    return {"stations": "1"} if stations else {}


def _switch(wanted: Wanted, *, stations: bool) -> tuple[str, str, bool]:
    """The switch of the layer, as a link: what is shown can be sent to somebody by its address."""
    address = url_for("atlas.index", **kept(wanted), **_layer(stations=not stations))
    return label("mediation.kind.station"), address, stations


def _stations(district: str) -> list[tuple[Listed, str]]:
    """The bodies that somebody can go to, each with its place "lat,lng" in the map's own system (empty: none)."""
    return [
        (one, ",".join(str(part) for part in _place(*one.position)) if one.position else "")
        for one in public.listed(district)
        if one.kind is not MediatorKind.ODR or one.position is not None
    ]


def _quick(wanted: Wanted, *, stations: bool) -> list[tuple[str, str, bool]]:
    """One-tap filters, as above the list."""
    taps = quick(wanted, _layer(stations=stations), ("trusted", "open", "returns"))
    return [(words, url_for("atlas.index", **args), on) for words, args, on in taps]


def _districts(wanted: Wanted) -> list[tuple[str, int, str]]:
    """For every district: its name, how many shops that fit, the list of them. Districts without any are left out."""
    column = sa.func.substr(Shop.region_code, 1, 6)
    everywhere = replace(wanted, district="", street="", mall=None)
    matching = gathering.conditions(everywhere)
    statement = sa.select(column, sa.func.count()).where(*matching).group_by(column)
    counts = dict(db.session.execute(statement).tuples().all())
    given = kept(everywhere)
    return [
        (name, counts[code], url_for("directory.shops", **(given | {"district": code})))
        for code, name in county_names().items()
        if counts.get(code)
    ]


@bp.get("/s/<int:shop_id>/go/<any(amap, baidu, tencent):app>")
@access.public
def go(shop_id: int, app: str) -> ResponseReturnValue:
    """On to a map app with the way to the shop. The app learns the shop's place and nothing of who asks."""
    shops = directory.public_by_number([shop_id])
    return _on_the_way(app, shops[0].public_position, shops[0].public_full_name) if shops else abort(404)


@bp.get("/stations/<int:body_id>/go/<any(amap, baidu, tencent):app>")
@access.public
def go_to_station(body_id: int, app: str) -> ResponseReturnValue:
    """The same to a service station or another mediating body that is at work."""
    body = find_at_work(body_id)
    if body is None or body.latitude is None or body.longitude is None:
        abort(404)
    return _on_the_way(app, (body.latitude, body.longitude), body.name)


def _on_the_way(app: str, position: tuple[float, float] | None, name: str) -> ResponseReturnValue:
    if position is None:
        abort(404)
    settings = cast("Settings", current_app.extensions["ydym.settings"])
    response = redirect(navigation.way(app, position, name, settings.city_name, settings.platform_name))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
