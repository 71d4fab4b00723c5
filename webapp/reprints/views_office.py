"""Officers' side: which shops have to print anew, what is overdue, answering those who say that they need not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.accounts import queries as accounts
from webapp.audit import queries as audit
from webapp.audit import sight
from webapp.audit.rules import Seen
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.errors import Invalid
from webapp.merchants.models import Shop
from webapp.web import access, typed
from webapp.web.errors import message_of
from webapp.web.paging import paginate
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import operations, queries, showing
from .forms import AnswerForm
from .models import ReprintTask
from .rules import STEPS, Cause

bp = Blueprint("reprints_office", __name__)
ACTIONS = {"insist": operations.insist, "waive": operations.waive}
Page = ResponseReturnValue


def menu(actor: Actor) -> MenuEntry | None:
    """换贴任务, with the number of those that wait for an officer's answer or are overdue."""
    posts = access.reach(actor, "reprint.read")
    if not posts:
        return None
    found = queries.counts(posts, clock.today())
    return MenuEntry(
        url_for("reprints_office.index"), "reprint.menu", found["overdue"] + found["asked"] or None, "print"
    )


def shop_section(shop: Shop, **_more: Any) -> Markup | None:
    """Slot ``office.shop``: the shop's tasks; nothing for a shop without any."""
    tasks = queries.of_shop(shop.id) if access.may("reprint.read", shop.scope) else []
    if not tasks:
        return None
    rows = [showing.view(task) for task in tasks[:5]]
    return Markup(render_template("reprints/_office_shop.html", rows=rows))  # noqa: S704 - our template


@bp.get("/office/reprints")
@access.officer("reprint.read")
def index() -> Page:
    """The list by due day: what stands, is overdue, waits for an answer, is done, was waived."""
    posts, today = access.reach(access.current_actor(), "reprint.read"), clock.today()
    show = request.args.get("show", "standing")
    show = show if show in queries.SHOWN else "standing"
    cause = request.args.get("cause", "")
    cause = cause if cause in set(Cause) else ""
    text = typed.line(request.args.get("q"), 40)
    page = paginate(queries.office_list(posts, today, show=show, cause=cause, text=text))
    _note_names(page.items)
    return render_template(
        "reprints/office_index.html",
        page=page,
        rows=[showing.view(task) for task in page.items],
        counts=queries.counts(posts, today),
        show=show,
        cause=cause,
        text=text,
        causes=[(one.value, label(f"reprint.cause.{one.value}")) for one in Cause],
    )


@bp.get("/office/reprints/<int:task_id>")
@access.officer("reprint.read", on=queries.scope_of)
def show(task_id: int) -> Page:
    """One task: why, which papers, how far it is, and answering it."""
    return _show(queries.get(task_id), "", AnswerForm(formdata=None), {})


def _note_names(tasks: Sequence[ReprintTask]) -> None:
    """A new representative is named, old and new: who looked is written down."""
    named = [task for task in tasks if any(one["cause"] == Cause.REPRESENTATIVE for one in task.causes)]
    sight.note(Seen.PERSON, "operator", {task.shop.operator_id for task in named})


def _show(task: ReprintTask, panel: str, form: AnswerForm, errors: dict[str, str]) -> str:
    _note_names([task])
    actor = access.current_actor()
    open_now = {step.action for step in STEPS.open_to(task.state, actor, task.shop.scope)}
    return render_template(
        "reprints/office_show.html",
        **showing.page(task),
        shop=task.shop,
        panel=panel,
        form=form,
        errors=errors,
        steps=[action for action in ACTIONS if action in open_now],
        aside=access.must_stand_aside(task.shop.scope),
        names=accounts.names_of([task.asked_by_id, task.ended_by_id]),
        history=audit.history(operations.OWNER_TYPE, task.id, 50),
    )


@bp.post("/office/reprints/<int:task_id>/<any(insist, waive):action>")
@access.officer("reprint.handle", on=queries.scope_of)
def act(task_id: int, action: str) -> Page:
    """It has to be printed all the same, or nothing has to be; each with a reason."""
    form = AnswerForm()
    form.validate_on_submit()
    reason = typed.lines(form.reason.data)
    try:
        ACTIONS[action](task_id, reason, access.current_actor(), clock.now(), form.seen)
    except Invalid as error:
        return _show(queries.get(task_id), action, form, {error.field or "_form": message_of(error)}), 422
    flash(label(f"reprint.done.{action}"), "success")
    return redirect(url_for(".show", task_id=task_id), 303)
