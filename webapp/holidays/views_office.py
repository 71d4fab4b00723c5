"""The office's pages of the calendar: every officer sees it, city administrators enter the State Council's notices."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.core import clock, policy
from webapp.core.actor import Actor
from webapp.core.errors import Conflict, DomainError, Invalid
from webapp.core.transaction import rollback
from webapp.core.workdays import KNOWN_YEARS, LIBRARY, Calendar
from webapp.web import access
from webapp.web.errors import message_of
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import operations, queries, rules
from .forms import NoticeForm, WithdrawForm
from .models import HolidayNotice
from .reading import Reading
from .rules import Draft, Moved

bp = Blueprint("holidays", __name__, url_prefix="/office/holidays")
Page = ResponseReturnValue
#: Deadlines listed by name in a preview; the counts are of all.
LISTED = 50


def menu(actor: Actor) -> MenuEntry | None:
    """放假安排 for administrators, with a 1 when a notice must be entered."""
    if not access.reach(actor, "holiday.manage"):
        return None
    waits = _manages() and queries.awaited_year(clock.today()) is not None
    return MenuEntry(url_for("holidays.index"), "holidays.menu", 1 if waits else None)


def banner() -> Markup | None:
    """On every page of a city administrator, from October until the next year's notice is entered."""
    if not _manages() or request.blueprint == bp.name:
        return None
    year = queries.awaited_year(clock.today())
    if year is None:
        return None
    return Markup(render_template("holidays/_banner.html", year=year))  # noqa: S704 - our template


def _manages() -> bool:
    return access.may("holiday.manage", queries.scope_of_calendar())


@bp.get("")
@access.officer("holiday.read")
def index() -> Page:
    """A year's calendar, where it comes from, and all that was entered."""
    today = clock.today()
    years = range(today.year - 1, today.year + 2)
    asked = request.args.get("year", "")
    year = next((known for known in years if str(known) == asked), today.year)
    calendar, rows = queries.calendar(), queries.in_force()
    history = queries.history()
    return render_template(
        "holidays/office_index.html",
        year=year,
        years=years,
        known=calendar.known(year),
        row=next((row for row in rows if row.year == year), None),
        in_force={row.id for row in rows},
        months=rules.months(year, calendar),
        differs=_library_differs(year, calendar),
        awaited=rules.awaited(today, calendar),
        manages=_manages(),
        history=history,
        names=queries.names_of({by for row in history for by in (row.entered_by_id, row.withdrawn_by_id)}),
    )


def _library_differs(year: int, calendar: Calendar) -> bool:
    """Does the library, which knows the year too, say otherwise than the entry?"""
    first, last = rules.touched_from(year), rules.touched_from(year + 1)
    known = KNOWN_YEARS[0] <= year <= KNOWN_YEARS[1]
    return known and bool(LIBRARY.differs(calendar, first, last))


@bp.get("/new")
@access.officer("holiday.manage", on=queries.scope_of_calendar)
def new() -> Page:
    """The empty form, for the awaited year or the next."""
    form, today = NoticeForm(formdata=None), clock.today()
    form.year.data = str(queries.awaited_year(today) or today.year + 1)
    return _form(form)


@bp.post("/preview")
@access.officer("holiday.manage", on=queries.scope_of_calendar)
def preview() -> Page:
    """What was read, what is doubtful in it, and which deadlines move; or the form again."""
    form = NoticeForm()
    if request.form.get("do") == "edit":
        return _form(form)
    try:
        form.take_file()
        draft, found = form.draft()
        after = operations.proposed(draft, clock.now())
    except Invalid as error:
        return _form(form, error), error.status
    return _preview(form, draft, found, after)


@bp.post("")
@access.officer("holiday.manage", on=queries.scope_of_calendar)
def enter() -> Page:
    """Put it in force as it was previewed."""
    form = NoticeForm()
    try:
        draft, _found = form.draft()
        moves = _moves(operations.proposed(draft, clock.now()), draft.notice.year)
        row = operations.enter(draft, form.revision, access.current_actor(), clock.now())
    except (Invalid, Conflict) as error:  # what was typed stays, also when somebody else was first
        rollback()
        return _form(form, error), error.status
    flash(label("holidays.done.enter", year=row.year, count=len(moves)), "success")
    return redirect(url_for(".index", year=row.year), 303)


@bp.get("/<int:notice_id>/withdraw")
@access.officer("holiday.manage", on=queries.scope_of_notice)
def ask_withdraw(notice_id: int) -> Page:
    """What would move if the entry were taken back."""
    return _withdrawal(queries.get_notice(notice_id))


@bp.post("/<int:notice_id>/withdraw")
@access.officer("holiday.manage", on=queries.scope_of_notice)
def withdraw(notice_id: int) -> Page:
    """Take it back with a reason."""
    form = WithdrawForm()
    try:
        row = operations.withdraw(notice_id, form.reason.data or "", access.current_actor(), clock.now())
    except Invalid as error:
        rollback()
        return _withdrawal(queries.get_notice(notice_id), form, error), error.status
    flash(label("holidays.done.withdraw", year=row.year), "success")
    return redirect(url_for(".index", year=row.year), 303)


def _form(form: NoticeForm, error: DomainError | None = None) -> str:
    today = clock.today()
    return render_template(
        "holidays/office_new.html",
        form=form,
        years=[(str(year), str(year)) for year in (today.year, today.year + 1)],
        rules=rules,
        errors={error.field or "_form": message_of(error)} if error else {},
    )


def _preview(form: NoticeForm, draft: Draft, found: Reading, after: Calendar) -> str:
    year = draft.notice.year
    statutory = policy.get_int("holiday.statutory_days", rules.touched_from(year + 1))
    doubts = [label(f"holidays.doubt.{code}", **n) for code, n in rules.doubts(draft.notice, statutory)]
    if found.missing:
        names = label("audit.comma").join(label(f"holidays.festival.{code}") for code in found.missing)
        doubts.append(label("holidays.doubt.festivals", names=names))
    if found.unused:
        doubts.append(label("holidays.doubt.unused", dates=label("audit.comma").join(found.unused)))
    return render_template(
        "holidays/office_preview.html",
        form=form,
        draft=draft,
        seen=queries.last_revision(year),
        off=rules.spans(draft.notice.days_off),
        made_up=sorted(draft.notice.made_up),
        months=rules.months(year, after),
        doubts=doubts,
        replaces=next((row for row in queries.in_force() if row.year == year), None),
        **_told(_moves(after, year)),
    )


def _withdrawal(row: HolidayNotice, form: WithdrawForm | None = None, error: Invalid | None = None) -> str:
    return render_template(
        "holidays/office_withdraw.html",
        row=row,
        reason=form.reason.data if form else "",
        error=message_of(error) if error else "",
        longest=rules.REASON_LONGEST,
        **_told(_moves(operations.without(row), row.year)),
    )


def _moves(after: Calendar, year: int) -> list[Moved]:
    return queries.moves(queries.calendar(), after, rules.touched_from(year))


def _told(moves: list[Moved]) -> dict[str, Any]:
    return {"moves": moves[:LISTED], "counts": rules.counts(moves), "more": max(0, len(moves) - LISTED)}
