"""The merchant's own short answers: kept, put in order, taken from the platform's to begin with."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.core.errors import Conflict, DomainError, Invalid, NotFound
from webapp.core.transaction import rollback
from webapp.merchants.models import Operator
from webapp.merchants.queries import operators
from webapp.web import access, paging
from webapp.web.errors import message_of
from webapp.web.words import label

from . import answer_texts, rules, showing_merchant
from .forms import TemplateForm
from .models import AnswerTemplate

bp = Blueprint("complaints_templates", __name__, url_prefix="/merchant/complaints/templates")


@bp.get("")
@access.merchant()
def index() -> ResponseReturnValue:
    """An operator's own texts in its order, and the platform's to begin with."""
    own, operator = _operators()
    if operator is None:
        return redirect(url_for("merchants.home"), 303)
    return render_template(
        "complaints/merchant_templates.html",
        operators=own,
        operator=operator,
        templates=answer_texts.of_operator(operator.id),
        ready=showing_merchant.ready_texts(),
        most=answer_texts.MOST,
    )


@bp.route("/new", methods=["GET", "POST"])
@access.merchant()
def new() -> ResponseReturnValue:
    """A new text, perhaps from one of the platform's."""
    form = TemplateForm()
    _own, operator = _operators()
    if operator is None:
        return redirect(url_for("merchants.home"), 303)
    if request.method != "POST":
        for code, title, text in showing_merchant.ready_texts():
            if code == request.args.get("from"):
                form.title.data, form.text.data = title, text
        return _page(form, operator)
    try:
        answer_texts.add(operator.id, form.named, form.said, access.current_actor(), clock.now())
    except (Invalid, Conflict) as refusal:
        rollback()
        return _page(form, operator, error=refusal), refusal.status
    flash(label("complaint.flash.template_saved"), "success")
    return redirect(url_for("complaints_templates.index", operator=operator.id), 303)


@bp.route("/<int:template_id>", methods=["GET", "POST"])
@access.merchant(on=answer_texts.scope_of)
def edit(template_id: int) -> ResponseReturnValue:
    """Change a text."""
    row, form = answer_texts.get(template_id), TemplateForm()
    [operator] = operators(frozenset({row.operator_id}))
    if request.method != "POST":
        form.title.data, form.text.data = row.title, row.text
        return _page(form, operator, row)
    try:
        answer_texts.edit(template_id, form.named, form.said, access.current_actor(), clock.now())
    except Invalid as refusal:
        rollback()
        return _page(form, operator, answer_texts.get(template_id), error=refusal), refusal.status
    flash(label("complaint.flash.template_saved"), "success")
    return redirect(url_for("complaints_templates.index", operator=operator.id), 303)


@bp.post("/<int:template_id>/delete")
@access.merchant(on=answer_texts.scope_of)
def delete(template_id: int) -> ResponseReturnValue:
    """Forget a text."""
    operator_id = answer_texts.delete(template_id, access.current_actor(), clock.now())
    flash(label("complaint.flash.template_deleted"), "success")
    return redirect(url_for("complaints_templates.index", operator=operator_id), 303)


@bp.post("/<int:template_id>/<any(up, down):way>")
@access.merchant(on=answer_texts.scope_of)
def move(template_id: int, way: str) -> ResponseReturnValue:
    """One place up or down."""
    operator_id = answer_texts.move(template_id, way)
    return redirect(
        url_for("complaints_templates.index", operator=operator_id, _anchor=f"t{template_id}"), 303
    )


def _operators() -> tuple[list[Operator], Operator | None]:
    """The person's own operators and the one asked for; None for who has none. Raises NotFound for another's."""
    own = operators(access.current_actor().operator_ids)
    asked = request.args.get("operator", type=paging.whole_number)
    chosen = [one for one in own if asked is None or one.id == asked]
    if own and not chosen:
        raise NotFound("no_such_thing")
    return own, chosen[0] if chosen else None


def _page(
    form: TemplateForm,
    operator: Operator,
    row: AnswerTemplate | None = None,
    *,
    error: DomainError | None = None,
) -> str:
    return render_template(
        "complaints/merchant_template.html",
        form=form,
        operator=operator,
        row=row,
        errors={error.field or "_form": message_of(error)} if error else {},
        places=showing_merchant.places_said(),
        title_max=answer_texts.TITLE_MAX,
        text_max=rules.TEXT_MAX,
    )
