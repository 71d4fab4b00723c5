"""The officers' side of applications: the queue, the case, decisions, notes, approving many."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.audit import sight
from webapp.audit.rules import Seen
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.errors import Conflict, DomainError, Forbidden, Invalid
from webapp.core.transaction import rollback
from webapp.holidays import queries as holidays
from webapp.regions import queries as regions
from webapp.web import access, paging, slots
from webapp.web.errors import message_of
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import checks, operations, queries, queue, review, rules
from .forms import BulkForm, DecisionForm, NoteForm
from .models import Application
from .queue import Wanted
from .rules import STEPS

#: The desk's first page; its endpoint is ``office.home``.
desk = Blueprint("office", __name__, url_prefix="/office")
bp = Blueprint("applications_office", __name__, url_prefix="/office/applications")

#: How many rows of the queue stand beside a case.
BESIDE = 30


def menu(actor: Actor) -> MenuEntry | None:
    """The entry with the number of cases that wait for this officer's level."""
    if not access.reach(actor, "application.read"):
        return None
    waiting = queue.counts(actor, clock.today())["all"]
    home_url, cases = url_for("office.home"), bp.url_prefix or ""
    return MenuEntry(home_url, "office.menu.queue", waiting or None, "list", below=cases)


# --- the queue --------------------------------------------------------------------------------------------------------


@desk.get("/")
@access.officer("office.home")
def home() -> ResponseReturnValue:
    """The work queue by due day, with filters in the address."""
    actor, today = access.current_actor(), clock.today()
    wanted = Wanted.from_args(request.args)
    page = queue.queue(wanted, actor, today, paging.number_asked())
    return render_template(
        "applications/office_queue.html",
        wanted=wanted,
        page=page,
        rows=[_row(application) for application in page.rows],
        counts=queue.counts(actor, today),
        choices=_choices(),
        reads=bool(access.reach(actor, "application.read")),
        reviews=bool(access.reach(actor, "application.review")),
        bulk=len(queue.ready_for_bulk(actor)),
    )


def _row(application: Application) -> dict[str, Any]:
    results = [item["result"] for item in application.checks]
    return {
        "application": application,
        "shop": application.shop,
        "days": review.remaining(application, clock.today()),
        "failed": results.count("failed"),
        "doubts": results.count("needs_person"),
    }


def _choices() -> dict[str, list[tuple[str, str]]]:
    """The options of the filters: only places that this officer reaches."""
    posts = access.reach(access.current_actor(), "application.read")
    states = [("", label("application.queue.mine")), (queue.RUNNING, label("application.queue.running"))]
    return {
        "states": states
        + [(state.value, label(f"application.state.{state.value}")) for state in queue.STATES],
        "districts": [(region.code, region.name) for region in regions.counties_of(posts)],
        "stations": [(str(station.id), station.name) for station in regions.stations_of(posts)],
        "industries": [(industry.code, industry.name) for industry in regions.industries()],
        "due": [(due, label(f"application.due.{due}")) for due in queue.DUE],
    }


@bp.get("/next")
@access.officer("application.review")
def next_case() -> ResponseReturnValue:
    """Open the next case by due day that this officer may decide; back to the queue when there is none."""
    after = request.args.get("after", "")
    current = None
    if after.isascii() and after.isdigit():
        current = queries.find_application(int(after[:18]))
    found = queue.find_next(access.current_actor(), clock.today(), current, Wanted.from_args(request.args))
    if found is None:
        flash(label("application.queue.empty"), "info")
        return redirect(url_for("office.home", **_filters()))
    return redirect(url_for("applications_office.show", application_id=found.id, **_filters()))


# --- a case -----------------------------------------------------------------------------------------------------------


@bp.get("/<int:application_id>")
@access.officer("application.read", on=queries.scope_of_submitted)
def show(application_id: int) -> ResponseReturnValue:
    """One application: what the merchant says beside what the register says."""
    return _case(queries.get_application(application_id))


@bp.post("/<int:application_id>/decide")
@access.officer("application.review", on=queries.scope_of_submitted)
def decide(application_id: int) -> ResponseReturnValue:
    """Take a step; the page again with what is wrong, or the news that somebody else was first."""
    form = DecisionForm()
    action = form.action.data or ""
    try:
        operations.decide(
            application_id,
            action,
            access.current_actor(),
            clock.now(),
            form.seen_version,
            form.reason_code.data or None,
            form.reason.data or "",
            form.fields.data or [],
            form.until,
        )
    except Conflict as error:
        rollback()
        return _conflict(application_id, error, form), 409
    except (Invalid, Forbidden) as error:
        rollback()
        return _case(queries.get_application(application_id), form, error), error.status
    flash(label(f"application.done.{action}"), "success")
    return redirect(url_for("applications_office.show", application_id=application_id, **_filters()), 303)


@bp.post("/<int:application_id>/notes")
@access.officer("application.note", on=queries.scope_of_submitted)
def note(application_id: int) -> ResponseReturnValue:
    """Add an internal note."""
    form = NoteForm()
    try:
        operations.add_note(application_id, form.text.data or "", access.current_actor(), clock.now())
    except Invalid as error:
        return _case(queries.get_application(application_id), note=form, note_error=message_of(error)), 422
    here = url_for("applications_office.show", application_id=application_id, _anchor="notes", **_filters())
    return redirect(here, 303)


@bp.post("/<int:application_id>/stand-aside")
@access.officer("application.review", on=queries.scope_of_submitted)
def stand_aside(application_id: int) -> ResponseReturnValue:
    """Declare a recusal (回避) for the operator."""
    operations.stand_aside(application_id, access.current_actor(), clock.now())
    flash(label("application.stood_aside"), "info")
    return redirect(url_for("applications_office.show", application_id=application_id, **_filters()), 303)


def _filters() -> dict[str, Any]:
    return Wanted.from_args(request.args).args()


def _case(
    application: Application,
    form: DecisionForm | None = None,
    error: Invalid | Forbidden | None = None,
    note: NoteForm | None = None,
    note_error: str = "",
) -> str:
    actor, now = access.current_actor(), clock.now()
    shop, register = application.shop, review.register_of(application)
    sight.note(Seen.PERSON, "operator", shop.operator_id)
    running = application.state in rules.IN_REVIEW
    found = checks.gather(shop) if running else checks.stored(application)
    if running:
        found = [*found, checks.unchanged(application)]
    wanted = Wanted.from_args(request.args)
    account_id = actor.account_id or 0
    return render_template(
        "applications/office_case.html",
        application=application,
        shop=shop,
        operator=shop.operator,
        register=register,
        compared=review.compare(application, register),
        stated=review.stated(application),
        changes=review.changes(application),
        asked=_asked(application),
        checks=review.check_lines(found),
        shut=_shut(error),
        sections=slots.collect(current_app, "application.review", shop=shop),
        photos=review.photos(shop),
        place=review.place(shop),
        station=regions.find_station(shop.station_id),
        history=review.history(application),
        days=review.remaining(application, clock.today()),
        provisional=_provisional(application),
        steps=operations.open_steps(application, actor, now),
        take_backs=rules.TAKE_BACKS,
        reasons={step.action: rules.reasons_for(step.action) for step in STEPS},
        parts=rules.FIELDS,
        form=form,
        error=error,
        message=message_of(error) if error else "",
        note=note,
        note_error=note_error,
        aside=access.must_stand_aside(shop.scope),
        same_person=application.state is rules.S.BUREAU_REVIEW
        and queries.passed_on_by(application.id, account_id),
        reviews=access.may("application.review", shop.scope),
        audits=access.may("audit.read", shop.scope),
        wanted=wanted,
        beside=[_row(row) for row in queue.queue(wanted, actor, clock.today(), size=BESIDE).rows],
    )


def _shut(error: DomainError | None) -> list[tuple[str, str]]:
    """The entry gates that stood in the way of an approval."""
    found = error.details.get("checks") if error is not None else None
    return review.check_lines(found) if isinstance(found, list) else []


def _asked(application: Application) -> dict[str, Any] | None:
    """What the merchant was asked to mend before this submission."""
    decision = queries.last_return(application)
    if decision is None:
        return None
    fields = [label(f"application.field.{field}") for field in decision.fields]
    return {"at": decision.at, "words": review.reason_words(decision), "fields": fields}


def _provisional(application: Application) -> bool:
    if application.due_on is None or application.submitted_at is None:
        return False
    return holidays.calendar().provisional(clock.day_of(application.submitted_at), application.due_on)


def _conflict(application_id: int, error: Conflict, form: DecisionForm) -> str:
    """Somebody else was first: who, what, when; and what was typed here, so that it is not lost."""
    application = queries.get_application(application_id)
    last = queries.last_decision(application_id)
    names = queries.names_of([last.by_id] if last else [])
    return render_template(
        "applications/office_conflict.html",
        application=application,
        wanted=Wanted.from_args(request.args),
        last=last,
        who=names.get(last.by_id or 0, "") if last else "",
        why=review.reason_words(last) if last else "",
        moved=application.version != form.seen_version,
        message=message_of(error),
        typed=form.reason.data or "",
    )


# --- many at once -----------------------------------------------------------------------------------------------------


@bp.get("/bulk")
@access.officer("application.review")
def bulk() -> ResponseReturnValue:
    """What may be approved in one go, with boxes to tick."""
    return _bulk_page("choose", queue.ready_for_bulk(access.current_actor()), BulkForm())


@bp.post("/bulk")
@access.officer("application.review")
def bulk_confirm() -> ResponseReturnValue:
    """The summary of what was ticked, to be confirmed with a reason."""
    form = BulkForm()
    chosen = _ticked(form)
    if not chosen:
        rows = queue.ready_for_bulk(access.current_actor())
        return _bulk_page("choose", rows, form, label("error.nothing_chosen")), 422
    return _bulk_page("confirm", chosen, form)


@bp.post("/bulk/approve")
@access.officer("application.review")
def bulk_approve() -> ResponseReturnValue:
    """Approve what was confirmed; a result for each."""
    form = BulkForm()
    reason = rules.find_reason("approve", form.reason_code.data)
    if reason is None or (reason.needs_text and not (form.reason.data or "").strip()):
        word = "error.reason_code" if reason is None else "error.reason_required"
        return _bulk_page("confirm", _ticked(form), form, label(word)), 422
    # What lies outside one's reach is left out, so that guessing numbers tells nothing.
    reached = [pair for pair in form.pairs if _reached(pair[0])]
    results = operations.bulk_approve(
        reached, access.current_actor(), clock.now(), reason.code, form.reason.data or ""
    )
    rows = [
        (queries.get_application(result.application_id), message_of(result.error) if result.error else "")
        for result in results
    ]
    return render_template("applications/office_bulk_result.html", rows=rows)


def _reached(application_id: int) -> bool:
    application = queries.find_application(application_id)
    return application is not None and access.may("application.review", application.shop.scope)


def _ticked(form: BulkForm) -> list[Application]:
    """What was ticked and may still be approved in one go."""
    ids = {number for number, _version in form.pairs}
    return [row for row in queue.ready_for_bulk(access.current_actor()) if row.id in ids]


def _bulk_page(stage: str, rows: list[Application], form: BulkForm, message: str = "") -> str:
    return render_template(
        "applications/office_bulk.html",
        stage=stage,
        rows=[_row(row) for row in rows],
        form=form,
        message=message,
        reasons=rules.reasons_for("approve"),
        seen=dict(form.pairs),
    )


def register(app: Flask) -> None:
    """Add the addresses and the menu entry."""
    app.register_blueprint(desk)
    app.register_blueprint(bp)
    slots.add(app, "office.menu", 10, menu)
