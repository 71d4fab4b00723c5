"""What the public reads: figures beside volume, cases, RSS, open data. Nothing here is a verdict on quality."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound as NoSuchPage

from webapp.complaints.rules import ENDED, TOPICS
from webapp.core import clock, policy
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.merchants.models import Category, Shop
from webapp.merchants.queries import get_shop
from webapp.oversight.queries import Asked as OversightAsked
from webapp.oversight.queries import public as public_oversight
from webapp.regions import queries as regions
from webapp.reminders.queries import newest as newest_reminders
from webapp.scans import queries as scans
from webapp.web import access, paging, snapshots, throttle
from webapp.web.words import label

from . import queries, rss, showing
from .recount import COLUMNS

bp = Blueprint("disclosure", __name__)
#: Of a county's reminders on its page; the whole list is one tap away.
REMINDERS_MOST = 5
PER_PAGE = 10
#: address → (file of the snapshot, media type)
FILES = {
    "complaints.csv": ("csv", "text/csv; charset=utf-8"),
    "complaints.json": ("json", "application/json"),
    "complaint-figures.json": ("figures", "application/json"),
}


@bp.get("/disclosures")
@access.public
def index() -> ResponseReturnValue:
    """公示: figures of the city, a county, a line of business or a shop, and the cases."""
    counties = {county.code: county.name for county in regions.all_counties()}
    industries = queries.industry_names()
    region, industry = _one_of("district", counties), _one_of("industry", industries)
    category, topic = _one_of("category", set(Category)), _one_of("topic", TOPICS)
    shop = _shop()
    kind, code = (
        ("shops", str(shop.id))
        if shop
        else (("regions", region) if region else (("industries", industry) if industry else ("all", "")))
    )
    today, snapshot = clock.today(), queries.newest_snapshot()
    found = queries.figure(kind, code)
    return render_template(
        "disclosure/public_index.html",
        snapshot=snapshot,
        figures=showing.shown(found, _scans(shop) if shop else 0),
        kind=kind,
        shop=shop,
        region=region,
        industry=industry,
        category=category,
        topic=topic,
        counties=counties,
        industries=industries,
        tables=_tables(counties, industries) if kind == "all" else [],
        least=policy.get_int("disclosure.min_sample", today),
        days=policy.get_int("disclosure.days", today),
        page=paging.paginate(
            queries.published(
                region=region, category=category, topic=topic, shop_id=shop.id if shop else None
            ),
            PER_PAGE,
        ),
        categories=[(entry.value, label(f"category.{entry.value}.long")) for entry in Category],
        topics=[(entry, label(f"complaint.topic.{entry}")) for entry in TOPICS],
        ended=ENDED,
        reminders=newest_reminders(today, REMINDERS_MOST, region) if region else [],
        oversight=public_oversight(today, OversightAsked(region=region), REMINDERS_MOST) if region else [],
    )


def _one_of(name: str, known: object) -> str:
    asked = request.args.get(name, "")
    return asked if asked in known else ""  # type: ignore[operator]


def _shop() -> Shop | None:
    asked = request.args.get("shop", type=paging.whole_number)
    if not request.args.get("shop"):
        return None
    try:
        return get_shop(asked or 0)
    except NotFound:
        raise NoSuchPage from None


def _scans(shop: Shop) -> int:
    today = clock.today()
    first = today - timedelta(days=policy.get_int("disclosure.days", today))
    return scans.by_shop([shop.id], first, today - timedelta(days=1)).get(shop.id, 0)


def _tables(
    counties: dict[str, str], industries: dict[str, str]
) -> list[tuple[str, str, str, list[tuple[str, str, showing.Shown]]]]:
    """For the page of the city: (title, word of the first column, name of the filter, rows) by county and industry."""
    made, here = [], url_for("disclosure.index")
    for kind, names, argument in (("regions", counties, "district"), ("industries", industries, "industry")):
        found = queries.figures_of(kind)
        rows = [
            (names[code], f"{here}?{argument}={code}", showing.shown(found[code]))
            for code in names
            if code in found
        ]
        made.append((label(f"disclosure.by.{kind}"), label(f"disclosure.column.{kind}"), argument, rows))
    return made


@bp.get("/disclosures/<int:disclosure_id>")
@access.public
def show(disclosure_id: int) -> ResponseReturnValue:
    """One case: what the consumer said, how it ended, the merchant's reply beside it, the day of a correction."""
    case = queries.get_published(disclosure_id)
    return render_template(
        "disclosure/public_case.html", case=case, runs_again=case.complaint.state not in ENDED
    )


@bp.get("/disclosures.rss")
@access.public
def feed() -> ResponseReturnValue:
    """The newest cases as RSS 2.0."""
    cases = list(db.session.scalars(queries.published().limit(30)))
    response = make_response(rss.document(cases))
    response.content_type = "application/rss+xml; charset=utf-8"
    response.headers["Cache-Control"] = "public, no-cache"
    response.add_etag()
    return response.make_conditional(request)


def open_data_entry() -> tuple[str, str, str]:
    """The rows of complaints among the open data: name, a sentence, address."""
    return (
        label("disclosure.open_data"),
        label("disclosure.open_data.about"),
        url_for("disclosure.open_data"),
    )


@bp.get("/open-data/complaints")
@access.public
def open_data() -> ResponseReturnValue:
    """What the open data are, where, and how to check the figures."""
    return render_template(
        "disclosure/public_open_data.html",
        snapshot=queries.newest_snapshot(),
        columns=[(column, label(f"disclosure.open.{column}")) for column in COLUMNS],
        least=policy.get_int("disclosure.min_sample", clock.today()),
    )


@throttle.limiter.limit(snapshots.LIMIT)
@access.public
def open_file(name: str) -> ResponseReturnValue:
    """A file of the newest day's open data."""
    which, media = FILES[name]
    snapshot = queries.newest_snapshot()
    if snapshot is None:
        raise NoSuchPage
    return snapshots.answer(
        lambda: queries.snapshot_file(snapshot.day, which),
        sha256=getattr(snapshot, f"{which}_sha256"),
        media=media,
        day=snapshot.day,
        made_at=snapshot.made_at,
    )


for _name in FILES:  # addresses of their own, beside those of the sets (webapp.openapi)
    bp.add_url_rule(f"/open-data/{_name}", "open_file", open_file, defaults={"name": _name})
