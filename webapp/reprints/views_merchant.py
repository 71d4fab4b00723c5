"""The shop's side, on the phone: what has to be printed anew and why, replace, print, or say that it need not be."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.core.errors import Conflict, Invalid
from webapp.core.transaction import note_afterwards
from webapp.merchants.models import Shop
from webapp.merchants.status import ShopStatus
from webapp.stickers import printing, serving
from webapp.stickers.models import StickerState
from webapp.web import access, typed
from webapp.web.downloads import attach
from webapp.web.errors import message_of
from webapp.web.paging import paginate
from webapp.web.words import label

from . import operations, queries, showing
from .forms import AnswerForm
from .models import ReprintTask
from .rules import ASK_REASONS, STANDING, ReprintState

bp = Blueprint("reprints_merchant", __name__)
Page = ResponseReturnValue


def statuses(shops: Sequence[Shop]) -> dict[int, ShopStatus]:
    """Slot ``merchant.shop_status``: stickers that have to be printed anew, and until when."""
    return {task.shop_id: _status(task) for task in queries.standing_of_shops([shop.id for shop in shops])}


def _status(task: ReprintTask) -> ShopStatus:
    found = showing.view(task)
    waits = task.state is ReprintState.OPEN
    return ShopStatus(
        label("reprint.status" if waits else "reprint.status_asked"),
        "stop" if waits and found["days"] < 0 else found["tone"],
        found["why"],
        url_for("reprints_merchant.show", task_id=task.id),
        label("reprint.status_action"),
        task.due_on if waits else None,
        urgent=waits,
    )


@bp.get("/merchant/reprints")
@access.merchant()
def index() -> Page:
    """The tasks of all one's shops, those that are due first."""
    page = paginate(queries.of_operators(access.current_actor().operator_ids))
    return render_template(
        "reprints/merchant_index.html", page=page, rows=[showing.view(task) for task in page.items]
    )


@bp.get("/merchant/reprints/<int:task_id>")
@access.merchant(on=queries.scope_of)
def show(task_id: int) -> Page:
    """One task."""
    return _show(queries.get(task_id), AnswerForm(formdata=None), {})


def _show(task: ReprintTask, form: AnswerForm, errors: dict[str, str]) -> str:
    return render_template(
        "reprints/merchant_show.html",
        **showing.page(task),
        shop=task.shop,
        form=form,
        errors=errors,
        reasons=[(code, label(f"reprint.ask.{code}")) for code in ASK_REASONS],
    )


@bp.post("/merchant/reprints/<int:task_id>/replace")
@access.merchant(on=queries.scope_of)
def replace(task_id: int) -> Page:
    """New papers for the old ones, from now on; printing them is the next step of the same page."""
    made = operations.replace_papers(task_id, access.current_actor(), clock.now())
    flash(label("reprint.done.replace", count=len(made)), "success" if made else "info")
    return redirect(url_for(".show", task_id=task_id) + "#print", 303)


@bp.get("/merchant/reprints/<int:task_id>/stickers.pdf")
@access.merchant(on=queries.scope_of)
def sheet(task_id: int) -> Response:
    """The new papers on A4 sheets; that they were taken to print is noted, which may finish the task."""
    task, actor = queries.get(task_id), access.current_actor()
    valid = [
        paper.new
        for paper in queries.papers_of(task)
        if paper.new is not None and paper.new.state is StickerState.VALID
    ]
    if not valid:
        raise Conflict("no_valid_sticker")
    pairs = [serving.printable(task.shop_id, sticker.serial) for sticker in valid]
    title = f"{label('sticker.file')}-{task.shop_id:06d}"
    response = send_file(BytesIO(printing.sheets(pairs, title)), mimetype=printing.MIME["pdf"])
    attach(response, f"stickers-{task.shop_id:06d}.pdf", f"{title}.pdf")
    if request.method == "GET" and task.state in STANDING:
        serials = [sticker.serial for sticker in valid]
        note_afterwards(lambda: operations.note_printed(task_id, serials, actor, clock.now()))
    return response


@bp.post("/merchant/reprints/<int:task_id>/ask")
@access.merchant(on=queries.scope_of)
def ask(task_id: int) -> Page:
    """Say that nothing has to be printed; an officer answers."""
    form = AnswerForm()
    form.validate_on_submit()
    code, note = form.reason.data or "", typed.lines(form.note.data)
    try:
        operations.ask(task_id, code, note, access.current_actor(), clock.now(), form.seen)
    except Invalid as error:
        field = error.field or "_form"
        return _show(queries.get(task_id), form, {field: message_of(error)}), 422
    flash(label("reprint.done.ask"), "success")
    return redirect(url_for(".show", task_id=task_id), 303)
