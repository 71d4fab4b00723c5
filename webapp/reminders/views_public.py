"""Reminders and warnings for everybody: the list, one page each, RSS."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.core.db import db
from webapp.merchants.models import Category
from webapp.openapi import log_numbers, offered
from webapp.regions import queries as regions
from webapp.web import access, slots
from webapp.web.paging import paginate
from webapp.web.words import label

from . import grounds, queries, rss, rules
from .queries import Asked
from .rules import ReminderKind, ReminderState

bp = Blueprint("reminders", __name__)
PER_PAGE = 15
FEED_MOST = 30
FORMS = ("csv", "json", "rss")
_TEXT_LONGEST = 40


@bp.get("/reminders")
@access.public
def index() -> ResponseReturnValue:
    """消费提醒 and 消费警示, newest first."""
    counties, industries = regions.all_counties(), regions.industries()
    asked = _asked()
    page = paginate(queries.public_list(clock.today(), asked), PER_PAGE)
    given: dict[str, Any] = {"district": asked.region, "category": asked.category}
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
                asked.kind == kind.value,
            )
            for kind in ReminderKind
        ],
        kinds=[(entry.value, label(f"reminder.kind.{entry.value}")) for entry in ReminderKind],
        names={county.code: county.name for county in counties},
        active=sum(map(bool, (asked.region, asked.category, asked.industry, asked.kind, asked.text))),
        data=offered("reminders", FORMS, kind=asked.kind, q=asked.text, industry=asked.industry, **given),
        numbers=log_numbers(
            "reminder", [one.id for one in page.items], "reminder.publish", "reminder.revise"
        ),
        feed_url=url_for("reminders.feed", **{name: value for name, value in given.items() if value}),
        text_longest=_TEXT_LONGEST,
    )


def _asked() -> Asked:
    """What the address asks for; what nothing is called so is left out."""
    known: dict[str, set[str]] = {
        "district": {county.code for county in regions.all_counties()},
        "category": {entry.value for entry in Category},
        "industry": {industry.code for industry in regions.industries()},
        "kind": {kind.value for kind in ReminderKind},
    }
    given = {name: request.args.get(name, "") for name in known}
    given = {name: value if value in known[name] else "" for name, value in given.items()}
    text = request.args.get("q", "").replace("\0", "").strip()[:_TEXT_LONGEST]
    return Asked(given["district"], given["category"], given["industry"], given["kind"], text)


@bp.get("/reminders/<int:reminder_id>")
@access.public
def show(reminder_id: int) -> ResponseReturnValue:
    """One reminder. One that has ended says so and nothing else (410); a newer version is led to."""
    reminder, today = queries.get_public(reminder_id), clock.today()
    newer = queries.successor_of(reminder_id)
    if newer is not None and reminder.state is not ReminderState.PUBLISHED:
        return redirect(url_for("reminders.show", reminder_id=newer.id), 301)
    if not rules.visible(reminder.state, reminder.term_until, today):
        return render_template("reminders/public_gone.html", reminder=reminder), 410
    return render_template(
        "reminders/public_show.html",
        reminder=reminder,
        region=regions.find(reminder.region_code),
        industry=regions.find_industry(reminder.industry_code),
        ground=grounds.get(reminder.ground),
        log_number=_log_number(reminder_id),
    )


def _log_number(reminder_id: int) -> int | None:
    """Where its publication stands in the public log (from 1), None before it has a place there."""
    given: dict[str, Any] = {
        "kind": "reminder.publish",
        "subject_type": "reminder",
        "subject_id": reminder_id,
    }
    found: list[int] = slots.collect(current_app, "log.number", **given)
    return next(iter(found), None)


@bp.get("/reminders.rss")
@access.public
def feed() -> ResponseReturnValue:
    """The newest as RSS 2.0; narrowed by the same arguments as the list."""
    asked = _asked()
    found = list(db.session.scalars(queries.public_list(clock.today(), asked).limit(FEED_MOST)))
    names = {county.code: county.name for county in regions.all_counties()}
    response = make_response(rss.document(found, names, asked))
    response.content_type = "application/rss+xml; charset=utf-8"
    response.headers["Cache-Control"] = "public, no-cache"
    response.add_etag()
    return response.make_conditional(request)
