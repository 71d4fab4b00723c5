"""The officers' view of the history: search, pages, export, and a shop's history on its own page."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Flask, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.transaction import note_afterwards
from webapp.web import access, slots
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import export, operations, queries, sight, wording
from .queries import Search
from .rules import Seen

bp = Blueprint("audit_office", __name__, url_prefix="/office/audit")

EXPORT_MOST = 50_000
FILTERS = ("who", "action", "subject", "number", "shop", "reason", "whence", "since", "until")


def menu(actor: Actor) -> MenuEntry | None:
    """The entry, for who may read the history."""
    return (
        MenuEntry(url_for("audit_office.index"), "office.menu.audit")
        if access.reach(actor, "audit.read")
        else None
    )


def number(text: str) -> int | None:
    """A typed number, or None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def read_days(given: dict[str, str]) -> tuple[dict[str, date | None], dict[str, str]]:
    """The days `since` and `until`, and which of them could not be read."""
    days: dict[str, date | None] = {}
    errors: dict[str, str] = {}
    for field in ("since", "until"):
        try:
            days[field] = date.fromisoformat(given[field]) if given[field] else None
        except ValueError:
            days[field] = None
            errors[field] = label("error.audit_day")
    return days, errors


def _wanted(given: dict[str, str]) -> tuple[Search, dict[str, str]]:
    """The search, and what of it could not be read, by field."""
    days, errors = read_days(given)
    errors |= {
        field: label(f"error.audit_{field}")
        for field in ("shop", "number")
        if given[field] and number(given[field]) is None
    }
    subject = f"{given['subject']}:{given['number']}" if given["number"] else given["subject"]
    wanted = Search(
        given["who"],
        given["action"],
        subject,
        number(given["shop"]),
        reason=given["reason"],
        reason_codes=wording.reason_codes_with(given["reason"]),
        whence=given["whence"],
        **days,
    )
    return wanted, errors


def _given() -> dict[str, str]:
    return {name: request.args.get(name, "").replace("\0", "").strip()[:120] for name in FILTERS}


@bp.get("")
@access.officer("audit.read")
def index() -> ResponseReturnValue:
    """The history, newest first, with filters in the address."""
    actor = access.current_actor()
    posts = access.reach(actor, "audit.read")
    given = _given()
    wanted, errors = _wanted(given)
    events, further = queries.search(wanted, posts, actor, number(request.args.get("before", "")))
    sight.note(Seen.PERSON, "operator", wording.operators_with_persons(events))
    kept: dict[str, Any] = {name: value for name, value in given.items() if value}
    page = render_template(
        "audit/office_index.html",
        events=[wording.line(event) for event in events],
        total=queries.count(wanted, posts, actor),
        given=given,
        errors=errors,
        kept=kept,
        further=url_for("audit_office.index", before=further, **kept) if further else None,
        first="before" in request.args,
        actions=[(action, wording.action_word(action)) for action in queries.actions()],
        subjects=[(kind, wording.subject_word(kind)) for kind in queries.subjects()],
        count_most=queries.COUNT_MOST,
    )
    return page, 422 if errors else 200


@bp.get("/export.csv")
@access.officer("audit.read")
def table() -> ResponseReturnValue:
    """The same as a CSV file, the newest 50 000 at most. Whoever takes it is written down before it leaves."""
    actor, given = access.current_actor(), _given()
    wanted, errors = _wanted(given)
    kept: dict[str, Any] = {name: value for name, value in given.items() if value}
    if errors:
        return redirect(url_for("audit_office.index", **kept))
    events = list(queries.walk(wanted, access.reach(actor, "audit.read"), actor, EXPORT_MOST))
    answer = Response("".join(export.as_csv(events)), mimetype="text/csv")
    sight.note(Seen.TABLE, "audit_event", 0)
    note_afterwards(lambda: operations.note_export(actor, kept, len(events), clock.now()))
    answer.headers["Content-Disposition"] = f'attachment; filename="audit-{clock.today():%Y%m%d}.csv"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def shop_section(shop: Any, **_context: object) -> Markup | None:
    """For the slot ``office.shop``: what happened to the shop and everything of it."""
    events = [wording.line(event) for event in queries.shop_history(shop.id, limit=50)]
    told = render_template(
        "audit/_shop_history.html", events=events, shop=shop, more=access.may("audit.read", shop.scope)
    )
    return Markup(told)  # noqa: S704 - our own template, which escapes


def register(app: Flask) -> None:
    """Add the addresses, the menu entry and the shop page's section."""
    app.register_blueprint(bp)
    slots.add(app, "office.menu", 70, menu)
    slots.add(app, "office.shop", 90, shop_section)
