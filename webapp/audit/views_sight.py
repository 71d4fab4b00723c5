"""Who looked at personal data: the search for those who watch over it, and what the person concerned reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flask import Blueprint, Flask, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.transaction import note_afterwards
from webapp.web import access, slots, spreadsheet
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import operations, sight, sight_queries, wording
from .models import PersonalView
from .rules import Seen
from .sight_queries import Search
from .views_office import EXPORT_MOST, number, read_days

bp = Blueprint("audit_sight", __name__, url_prefix="/office/audit/views")

FILTERS = ("who", "account", "subject", "number", "seen", "shop", "whence", "since", "until")
_NUMBERS = ("account", "number", "shop")
COLUMNS = ("at", "who", "role", "seen", "subject", "page", "purpose", "whence", "request")


def menu(actor: Actor) -> MenuEntry | None:
    """The entry, for who may read it."""
    if not access.reach(actor, "sight.read"):
        return None
    return MenuEntry(url_for("audit_sight.index"), "office.menu.sight")


def _given() -> dict[str, str]:
    return {name: request.args.get(name, "").replace("\0", "").strip()[:120] for name in FILTERS}


def _wanted(given: dict[str, str]) -> tuple[Search, dict[str, str]]:
    """The search, and what of it could not be read, by field."""
    days, errors = read_days(given)
    numbers = {name: number(given[name]) for name in _NUMBERS}
    errors |= {
        name: label("error.audit_number") for name in _NUMBERS if given[name] and numbers[name] is None
    }
    wanted = Search(
        who=given["who"],
        account=numbers["account"],
        subject=given["subject"],
        number=numbers["number"],
        seen=Seen(given["seen"]) if given["seen"] in {one.value for one in Seen} else None,
        shop=numbers["shop"],
        since=days["since"],
        until=days["until"],
        whence=given["whence"],
    )
    return wanted, errors


def line(view: PersonalView) -> dict[str, Any]:
    """A trace in words."""
    named = label(
        "audit.subject_number", kind=wording.subject_word(view.subject_type), number=view.subject_id
    )
    return {
        "at": view.at,
        "who": view.actor_name,
        "account": view.actor_id,
        "role": wording.role_word(view.actor_role),
        "seen": label(f"audit.seen.{view.seen}"),
        "subject": named if view.subject_id else wording.subject_word(view.subject_type),
        "subject_type": view.subject_type,
        "subject_id": view.subject_id,
        "page": wording.page_word(view.page),
        "purpose": label(f"audit.purpose.{view.purpose}") if view.purpose else "",
        "whence": wording.whence_word(view.origin),
        "request_id": view.request_id,
    }


@bp.get("")
@access.officer("sight.read")
def index() -> ResponseReturnValue:
    """Who looked, newest first, with filters in the address."""
    actor, given = access.current_actor(), _given()
    posts = access.reach(actor, "sight.read")
    wanted, errors = _wanted(given)
    views, further = sight_queries.search(wanted, posts, actor, number(request.args.get("before", "")))
    kept: dict[str, Any] = {name: value for name, value in given.items() if value}
    page = render_template(
        "audit/sight_index.html",
        views=[line(view) for view in views],
        total=sight_queries.count(wanted, posts, actor),
        count_most=sight_queries.COUNT_MOST,
        given=given,
        errors=errors,
        kept=kept,
        further=url_for("audit_sight.index", before=further, **kept) if further else None,
        first="before" in request.args,
        kinds=[(kind, wording.subject_word(kind)) for kind in sight_queries.subjects()],
        seens=[(one.value, label(f"audit.seen.{one}")) for one in Seen],
    )
    return page, 422 if errors else 200


@bp.get("/export.csv")
@access.officer("sight.read")
def table() -> ResponseReturnValue:
    """The same as a CSV file, the newest 50 000 at most. Whoever takes it is written down before it leaves."""
    actor, given = access.current_actor(), _given()
    wanted, errors = _wanted(given)
    kept: dict[str, Any] = {name: value for name, value in given.items() if value}
    if errors:
        return redirect(url_for("audit_sight.index", **kept))
    views = list(sight_queries.walk(wanted, access.reach(actor, "sight.read"), actor, EXPORT_MOST))
    answer = Response("".join(spreadsheet.as_csv(_rows(views))), mimetype="text/csv")
    sight.note(Seen.TABLE, "personal_view", 0)
    note_afterwards(lambda: operations.note_export(actor, kept, len(views), clock.now(), of="personal_view"))
    answer.headers["Content-Disposition"] = f'attachment; filename="views-{clock.today():%Y%m%d}.csv"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _rows(views: Iterable[PersonalView]) -> Iterator[list[str]]:
    yield [label(f"audit.column.{column}") for column in COLUMNS]
    for view in views:
        told = line(view) | {"request": view.request_id}
        told["at"] = view.at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        yield [str(told[column]) for column in COLUMNS]


def for_the_person(subject_type: str, subject_id: int) -> Markup:
    """On the page of the person concerned: in which role somebody looked, when, at what. No names of officers."""
    views = [line(view) for view in sight_queries.of_record(subject_type, subject_id)]
    told = render_template(
        "audit/_who_looked.html", views=views, keep_days=sight_queries.keep_days(clock.today())
    )
    return Markup(told)  # noqa: S704 - our own template, which escapes


def register(app: Flask) -> None:
    """Add the addresses, the menu entry and the piece for the person's own page."""
    app.register_blueprint(bp)
    slots.add(app, "office.menu", 71, menu)
    slots.add(app, "complaint.follow", 95, lambda complaint, **_c: for_the_person("complaint", complaint.id))
    slots.add(app, "tip.follow", 95, lambda tip, **_c: for_the_person("tip", tip.id))
