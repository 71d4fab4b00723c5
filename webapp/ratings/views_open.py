"""How shops are ranked: the formula, its numbers, and the rows to recompute it from."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound as NoSuchPage

from webapp.core import clock, policy
from webapp.web import access, snapshots, throttle
from webapp.web.words import label

from . import grounds, opendata
from .score import COLUMNS

bp = Blueprint("ratings_open", __name__)
#: address → (file of the snapshot, media type)
FILES = {
    "ratings.csv": ("csv", "text/csv; charset=utf-8"),
    "rating-scores.json": ("scores", "application/json"),
}


@bp.get("/ratings/how")
@access.public
def how() -> ResponseReturnValue:
    """评价怎么算: who may rate, how shops are ranked, when a rating is removed, how to check it."""
    today = clock.today()
    snapshot = opendata.newest()
    return render_template(
        "ratings/public_how.html",
        snapshot=snapshot,
        numbers=opendata.numbers_on(today),
        period=policy.get_int("rating.period_days", today),
        marks=policy.get_int("rating.mark_days", today),
        years=policy.get_int("rating.open_days", today) // 365,
        columns=[(column, label(f"rating.open.{column}")) for column in COLUMNS],
        grounds=grounds.catalogue(),
    )


# Fixed addresses: a pattern would give way to that of the other sets.
@bp.get("/open-data/ratings.csv")
@throttle.limiter.limit(snapshots.LIMIT)
@access.public
def rows() -> ResponseReturnValue:
    """The newest day's ratings, one a row."""
    return _file("ratings.csv")


@bp.get("/open-data/rating-scores.json")
@throttle.limiter.limit(snapshots.LIMIT)
@access.public
def scores() -> ResponseReturnValue:
    """The scores counted from them."""
    return _file("rating-scores.json")


def _file(name: str) -> ResponseReturnValue:
    """A file of the newest day's open data."""
    which, media = FILES[name]
    snapshot = opendata.newest()
    if snapshot is None:
        raise NoSuchPage
    return snapshots.answer(
        lambda: opendata.packed(snapshot.day, which),
        sha256=getattr(snapshot, f"{which}_sha256"),
        media=media,
        day=snapshot.day,
        made_at=snapshot.made_at,
    )
