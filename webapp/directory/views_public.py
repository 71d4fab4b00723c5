"""The front page, the directory of shops, the stations, and what all this is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.core.db import db
from webapp.feed import queries as feed
from webapp.files.queries import picture_of
from webapp.merchants.models import Shop
from webapp.merchants.rules import is_open
from webapp.openapi import offered
from webapp.regions import queries as regions
from webapp.reminders.queries import newest as newest_reminders
from webapp.shopfront.rendering import render_for
from webapp.shopfront.rules import Verdict
from webapp.web import access, languages, throttle
from webapp.web.kept import CITY, keep
from webapp.web.negotiation import view_of
from webapp.web.paging import number_asked
from webapp.web.samesite import sent_from_here
from webapp.web.typed import line

from . import front, nearby, queries, rules
from .asking import SWITCHED, active, asked, categories, choices, county_names, kept, misread, named, quick
from .standing import verdicts
from .wanted import Wanted

bp = Blueprint("directory", __name__)
PER_PAGE = 20
#: What does not come through the feed (scans, the turn of the day) is no older than this on the front page.
KEPT = timedelta(seconds=60)
SUGGESTED = 8
STATION_TEXT = 40

#: Of these the list does not say that they are open.
CLOSED = frozenset({"revoked", "black"})
#: Seal and tone of a verdict in a list; no seal: the words alone (it bears none on a sticker either).
SEALS: dict[Verdict, tuple[str, str]] = {
    Verdict.TRUSTED: ("valid", "good"),
    Verdict.UNCERTAIN: ("", "caution"),
    Verdict.SUSPENDED: ("suspended", "caution"),
    Verdict.REVOKED: ("revoked", "stop"),
    Verdict.BLACK: ("black", "stop"),
    Verdict.NOT_VOUCHED: ("", "quiet"),
}


@bp.get("/")
@access.public
def home() -> ResponseReturnValue:
    """Who we are, the search, what is alive now, how to check a sticker. The same for everybody, so it is kept."""
    view, seq, now = view_of(request.environ), feed.head(), clock.now()
    html = render_for(
        "directory/public_home.html",
        url_for("directory.home"),
        view,
        front=front.gather(now),
        categories=categories(),
        names=county_names(),
    )
    if not current_app.debug:
        keep(shop_id=CITY, seq=seq, expires_at=now + KEPT)
    response = make_response(html)
    response.headers["Vary"] = "Accept, Accept-Encoding, Accept-Language, Cookie"
    return response


@bp.get("/shops")
@access.public
def shops() -> ResponseReturnValue:
    """Shops that are or were vouched for. ``to=complain``: choosing the shop to complain of."""
    wanted = asked()
    listed = queries.listed(wanted, number_asked(), PER_PAGE)
    complain = request.args.get("to") == "complain"
    asked_for = any((wanted.query.text, wanted.district, wanted.category, wanted.industry))
    return render_template(
        "directory/public_shops.html",
        choosing=complain and not asked_for,
        county_stations=_county_stations(wanted.district) if complain else [],
        page=listed.page,
        listed=listed,
        rows=_rows(listed.page.items, complain=complain),
        **_frame(wanted, complain=complain),
    )


@bp.get("/shops/near")
@access.public
def near_again() -> ResponseReturnValue:
    """The address without a place (reloaded, sent to somebody): the list with the button that asks for it."""
    return redirect(url_for("directory.shops", **kept(asked())))


@bp.post("/shops/near")
@throttle.limiter.limit("60/minute")
@access.public
def near() -> ResponseReturnValue:
    """The same list by distance. The place is posted, so that it is in no address, no history and no server's log;
    nothing of it is kept, and the answer is kept by nobody (``no-store``)."""
    wanted = asked()
    place = nearby.read_place(request.form.get("latitude", ""), request.form.get("longitude", ""))
    found = nearby.near(wanted, place) if place is not None and sent_from_here() else nearby.Near([])
    rows = _rows([shop for shop, _ in found.shops], complain=False)
    response = make_response(
        render_template(
            "directory/public_shops.html",
            place=place,
            near=found,
            why="" if place else request.form.get("why", ""),
            rows=[row | {"metres": far} for row, (_, far) in zip(rows, found.shops, strict=True)],
            **_frame(wanted, complain=False),
        )
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _frame(wanted: Wanted, *, complain: bool) -> dict[str, Any]:
    """What stands around the list: filters, switches, the way to the map."""
    to: dict[str, Any] = {"to": "complain"} if complain else {}
    names = () if complain else SWITCHED
    given, taps, offered_form = kept(wanted), quick(wanted, to, names), choices(wanted)
    return {
        "named": named(wanted, taps, offered_form),
        "wanted": wanted,
        "kept": given,
        "complain": complain,
        "map_url": url_for("atlas.index", **{name: said for name, said in given.items() if name != "sort"}),
        "active": active(wanted),
        "quick": [(words, url_for("directory.shops", **args), on) for words, args, on in taps],
        "clear_url": url_for("directory.shops", q=wanted.query.text or None, **to),
        "choices": offered_form,
        "misread": misread(wanted),
        "longest": rules.QUERY_LONGEST,
    }


@bp.get("/shops/suggest")
@throttle.limiter.limit("300/minute")
@access.public
def suggest() -> ResponseReturnValue:
    """What may be meant while it is typed: {"shops": [{"name", "place", "url"}]}, at most eight."""
    wanted = asked()
    complain = request.args.get("to") == "complain"
    found = queries.by_number(queries.suggested(wanted, SUGGESTED)) if wanted.query.terms else []
    names = county_names()
    response = jsonify(
        shops=[
            {
                "name": languages.shown(shop.public_full_name),
                "place": languages.shown(names.get(shop.public_region[:6], "")),
                "url": f"/s/{shop.id}/complain" if complain else f"/s/{shop.id}",
            }
            for shop in found
        ]
    )
    response.headers["Cache-Control"] = "public, max-age=30"
    response.headers["Vary"] = "Accept-Language, Cookie"
    return response


@bp.get("/stations")
@access.public
def stations() -> ResponseReturnValue:
    """The stations (市场监管所) by district, with their phones and streets; found by name or street."""
    names = county_names()
    chosen, text = request.args.get("district", ""), line(request.args.get("q", ""))[:STATION_TEXT]
    chosen = chosen if chosen in names else ""
    found = list(db.session.scalars(regions.stations_named(district=chosen, text=text)))
    streets: dict[int, list[str]] = {}
    for street in regions.all_streets():
        if street.station_id is not None:
            streets.setdefault(street.station_id, []).append(street.name)
    by_county = {code: [s for s in found if s.region_code[:6] == code] for code in names}
    return render_template(
        "directory/public_stations.html",
        shown=[(code, names[code], there) for code, there in by_county.items() if there],
        streets=streets,
        asked=chosen,
        reminders=newest_reminders(clock.today(), front.SHOWN, chosen) if chosen else [],
        text=text,
        text_longest=STATION_TEXT,
        districts=list(names.items()),
        data=offered("stations", ("csv", "json"), district=chosen, q=text),
    )


@bp.get("/about")
@access.public
def about() -> ResponseReturnValue:
    """What the code proves, how shops are checked, who answers, what becomes of personal data."""
    return render_template("directory/public_about.html")


def _county_stations(district: str) -> list[Any]:
    """The stations of the district asked for, for whom the shop is not here; none while none is asked for."""
    return [one for one in regions.stations() if district and one.region_code[:6] == district]


def _rows(found: list[Shop], *, complain: bool) -> list[dict[str, Any]]:
    """What a row of the list shows of each shop."""
    standing = verdicts(found, clock.today())
    photos, stars, names = queries.photos_of(found), queries.stars_of(s.id for s in found), county_names()
    rows, now = [], clock.now()
    for shop in found:
        seal, tone = SEALS[standing[shop.id]]
        photo = photos.get(shop.id)
        rows.append(
            {
                "shop": shop,
                "url": f"/s/{shop.id}/complain" if complain else f"/s/{shop.id}",
                "verdict": standing[shop.id].value,
                "seal": seal,
                "tone": tone,
                "photo": None if photo is None else picture_of(photo, 72),
                "stars": stars.get(shop.id, (None, 0)),
                "open": is_open(shop.opening_hours, now)
                if shop.opening_hours and seal not in CLOSED
                else None,
                "county": names.get(shop.region_code[:6], ""),
                "address": rules.without_region(shop.address, regions.path_names(shop.region_code[:6])),
            }
        )
    return rows
