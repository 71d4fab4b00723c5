"""放心消费指引图: the map, what it shows of a view, and the same in words for those who cannot use a map."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

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

from webapp.core.db import db
from webapp.directory import queries as directory
from webapp.directory.asking import active, asked, choices, county_names, kept, misread, quick
from webapp.directory.wanted import Wanted
from webapp.mediation import public
from webapp.mediation.public import Listed
from webapp.mediation.queries import find_at_work
from webapp.mediation.rules import MediatorKind
from webapp.merchants.models import Shop
from webapp.settings import Settings
from webapp.web import access, headers, languages, throttle

from . import answering, gathering, layers, navigation, rules, tiles
from .answering import View
from .datums import Datum
from .gathering import GridCache
from .layers import Layers
from .tiles import Tiles

bp = Blueprint("atlas", __name__)


def tiles_of(settings: Settings) -> Tiles | None:
    """The tiles that the settings mean; SettingsError when they mean none."""
    return tiles.read(settings.tiles, settings.tiles_key, settings.tiles_datum)


@bp.get("/shops/map")
@access.public
def index() -> ResponseReturnValue:
    """The map with the list's filters; without JavaScript the districts with their counts, as links into the list."""
    wanted, under, shown = asked(), _tiles(), layers.read(request.args)
    response = make_response(
        render_template(
            "atlas/public_map.html",
            wanted=wanted,
            tiles=under,
            shown=shown,
            switches=_switches(wanted, shown),
            quick=_quick(wanted, shown),
            stations=_stations(wanted.district) if shown.stations else None,
            districts=_districts(wanted) if shown.shops else [],
            points=_districts(replace(wanted, returns=True)) if shown.points else None,
            list_url=url_for("directory.shops", **kept(wanted)),
            clear_url=url_for("atlas.index", **kept(Wanted(wanted.query)), **shown.kept()),
            active=active(wanted),
            kept=kept(wanted),
            choices=choices(wanted),
            misread=misread(wanted),
            county_names=county_names(),
            cells_url=url_for("atlas.cells", **kept(wanted), **shown.kept()),
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
    """What is in view, in the map's own system (see ``answering.layer``); "points" beside it when they are shown."""
    box = rules.read_box(request.args.get("box", ""))
    if box is None:
        abort(400)
    wanted, shown = asked(), layers.read(request.args)
    view = View.of(box, rules.read_zoom(request.args.get("zoom", "")), _datum())
    grids = cast("GridCache", current_app.extensions["ydym.grids"])
    answer = answering.layer(wanted, view, grids) if shown.shops else dict(answering.NOTHING)
    if shown.points:
        answer["points"] = answering.layer(replace(wanted, returns=True), view, grids)
    response = jsonify(answer)
    response.headers["Cache-Control"] = "public, max-age=15"
    response.headers["Vary"] = "Accept-Language, Cookie"
    return response


def _tiles() -> Tiles | None:
    return cast("Tiles | None", current_app.extensions["ydym.tiles"])


def _datum() -> Datum:
    under = _tiles()
    return Datum.WGS84 if under is None else under.datum


def _switches(wanted: Wanted, shown: Layers) -> list[tuple[str, str, str, bool]]:
    """The layers' switches as links: what is shown can be sent to somebody by its address. Name, words, address, on."""
    return [
        (
            name,
            languages.say(f"atlas.layer.{name}"),
            url_for("atlas.index", **kept(wanted), **shown.switched(name).kept()),
            getattr(shown, name),
        )
        for name in layers.NAMES
    ]


def _stations(district: str) -> list[tuple[Listed, str]]:
    """The bodies that somebody can go to, each with its place "lat,lng" in the map's own system (empty: none)."""
    return [
        (
            one,
            ",".join(str(part) for part in answering.place(*one.position, _datum())) if one.position else "",
        )
        for one in public.listed(district)
        if one.kind is not MediatorKind.ODR or one.position is not None
    ]


def _quick(wanted: Wanted, shown: Layers) -> list[tuple[str, str, bool]]:
    """One-tap filters, as above the list."""
    taps = quick(wanted, shown.kept(), ("trusted", "open", "returns"))
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


@bp.get("/s/<int:shop_id>/go/<any(amap, baidu, tencent, phone):app>")
@access.public
def go(shop_id: int, app: str) -> ResponseReturnValue:
    """On to a map app with the way to the shop. The app learns the shop's place and nothing of who asks."""
    shops = directory.public_by_number([shop_id])
    return _on_the_way(app, shops[0].public_position, shops[0].public_full_name) if shops else abort(404)


@bp.get("/stations/<int:body_id>/go/<any(amap, baidu, tencent, phone):app>")
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
    if app == navigation.PHONE:
        address = navigation.phone(request.user_agent.string, position, name)
    else:
        address = navigation.way(app, position, name, settings.city_name, settings.platform_name)
    response = redirect(address)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Vary"] = "User-Agent"
    return response
