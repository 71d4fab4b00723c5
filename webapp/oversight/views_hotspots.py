"""Hot spots of complaints and tips for officers: the table, the cases behind one, one click to a draft."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.core.actor import Post
from webapp.core.errors import NotFound
from webapp.regions import queries as regions
from webapp.reminders.rules import ReminderKind
from webapp.web import access
from webapp.web.paging import paginate
from webapp.web.words import label

from . import hotspots

bp = Blueprint("oversight_hotspots", __name__)
READ = "hotspot.read"


@bp.get("/office/hotspots")
@access.officer(READ)
def index() -> ResponseReturnValue:
    """Counties × categories with cases in the period, hot ones first, each with its reason."""
    today = clock.today()
    looked_at = hotspots.period(today)
    found = hotspots.found(_posts(), looked_at, today)
    return render_template(
        "oversight/office_hotspots.html",
        spots=[(one, hotspots.compared(one, looked_at.days)) for one in found],
        looked_at=looked_at,
        limits=hotspots.limits(today),
        may_propose=access.may("oversight.propose"),
        names={county.code: county.name for county in regions.all_counties()},
        kinds=[(kind.value, label(f"reminder.kind.{kind.value}")) for kind in ReminderKind],
    )


@bp.get("/office/hotspots/<county>/<category>")
@access.officer(READ, on=hotspots.scope_of_county)
def cases(county: str, category: str) -> ResponseReturnValue:
    """The complaints and tips behind one; ``?until=`` the last day of its period."""
    _check(category)
    today = clock.today()
    looked_at = hotspots.period(today, _until(today))
    posts, region = _posts(), regions.find(county)
    tips = access.reach(access.current_actor(), "tip.read")
    return render_template(
        "oversight/office_hotspot.html",
        spot=hotspots.spot(posts, county, category, looked_at, today),
        compared=hotspots.compared,
        looked_at=looked_at,
        region=region,
        category=category,
        page=paginate(hotspots.complaints_of(posts, county, category, looked_at)),
        tips=hotspots.tips_of(tips, county, category, looked_at),
        shops=hotspots.shops_of(posts, county, category, looked_at),
        reference=hotspots.reference(county, category, looked_at),
        may_propose=access.may("oversight.propose"),
        kinds=[(kind.value, label(f"reminder.kind.{kind.value}")) for kind in ReminderKind],
    )


@bp.post("/office/hotspots/<county>/<category>/draft")
@access.officer(READ, on=hotspots.scope_of_county)
def draft(county: str, category: str) -> ResponseReturnValue:
    """Make a draft with the figures filled in, and open it."""
    _check(category)
    kind = request.form.get("kind", "")
    today = clock.today()
    looked_at = hotspots.period(today, _until(today))
    one = hotspots.spot(_posts(), county, category, looked_at, today)
    made = hotspots.draft(
        one,
        ReminderKind(kind) if kind in set(ReminderKind) else ReminderKind.REMINDER,
        looked_at,
        access.current_actor(),
        clock.now(),
    )
    flash(label("oversight.hotspot.drafted"), "success")
    return redirect(url_for("reminders_office.edit", reminder_id=made.id), 303)


def _posts() -> tuple[Post, ...]:
    return access.reach(access.current_actor(), READ)


def _check(category: str) -> None:
    if category not in hotspots.categories():
        raise NotFound("no_such_thing")


def _until(today: date) -> date | None:
    """The last day asked for; none, when it is unreadable or has not passed yet."""
    try:
        asked = date.fromisoformat(request.values.get("until", ""))
    except ValueError:
        return None
    return asked if date(2000, 1, 1) <= asked <= today - timedelta(days=1) else None
