"""Reminders and warnings for everybody: the list, and one page each."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.merchants.models import Category
from webapp.regions import queries as regions
from webapp.web import access
from webapp.web.paging import paginate
from webapp.web.words import label

from . import queries
from .rules import ReminderKind, ReminderState

bp = Blueprint("reminders", __name__)
PER_PAGE = 15


@bp.get("/reminders")
@access.public
def index() -> ResponseReturnValue:
    """消费提醒 and 消费警示, newest first."""
    counties, industries = regions.all_counties(), regions.industries()
    known: dict[str, set[str]] = {
        "district": {county.code for county in counties},
        "category": {entry.value for entry in Category},
        "industry": {industry.code for industry in industries},
        "kind": {kind.value for kind in ReminderKind},
    }
    asked = {name: request.args.get(name, "") for name in known}
    asked = {name: value if value in known[name] else "" for name, value in asked.items()}
    page = paginate(
        queries.public_list(
            clock.today(),
            region=asked["district"],
            category=asked["category"],
            industry=asked["industry"],
            kind=asked["kind"],
        ),
        PER_PAGE,
    )
    return render_template(
        "reminders/public_list.html",
        page=page,
        asked=asked,
        districts=[(county.code, county.name) for county in counties],
        categories=[(entry.value, label(f"category.{entry.value}.long")) for entry in Category],
        industries=[
            (
                label(f"category.{entry.value}.long"),
                [(i.code, i.name) for i in industries if i.category == entry],
            )
            for entry in Category
        ],
        kind_links=[
            (
                label(f"reminder.kind.{kind.value}"),
                url_for("reminders.index", kind=kind.value),
                asked["kind"] == kind.value,
            )
            for kind in ReminderKind
        ],
        kinds=[(entry.value, label(f"reminder.kind.{entry.value}")) for entry in ReminderKind],
        names={county.code: county.name for county in counties},
    )


@bp.get("/reminders/<int:reminder_id>")
@access.public
def show(reminder_id: int) -> ResponseReturnValue:
    """One reminder. A withdrawn one says so and nothing else (410)."""
    reminder = queries.get(reminder_id)
    gone = reminder.state is ReminderState.WITHDRAWN
    page = render_template(
        "reminders/public_gone.html" if gone else "reminders/public_show.html",
        reminder=reminder,
        region=regions.find(reminder.region_code),
        industry=regions.find_industry(reminder.industry_code),
    )
    return (page, 410) if gone else page
