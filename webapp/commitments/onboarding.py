"""What commitments add to the application: its step, statement, check and pieces of pages. All by slots.

The step is drawn inside a `frame` of its caller: `steps`, `current`, `here`, `back`, `next`, `asked`, `title`.
"""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.core import clock
from webapp.core.checks import Check
from webapp.core.errors import DomainError, NotFound
from webapp.merchants.models import Shop
from webapp.web.access import current_actor
from webapp.web.errors import message_of
from webapp.web.words import label

from . import operations, queries, rules
from .forms import SigningForm


class Step:
    """The step of the onboarding where commitments are chosen and signed."""

    key = "commitments"
    order = 70

    def missing(self, shop: Shop) -> list[tuple[str, str, dict[str, str]]]:
        """What is lacking: (item, word key, details of the words)."""
        lacking = queries.lacking(shop, clock.today())
        return [("", "commitment.missing", {"title": template.title}) for template in lacking]

    def answer(self, shop: Shop, item: str, frame: Any) -> ResponseReturnValue:
        """The signing page; takes what it posts."""
        if item:
            raise NotFound("no_such_thing")
        form = SigningForm()
        if request.method != "POST":
            return _page(shop, form, {}, frame)
        error = _take(shop, form)
        if error is not None:
            return _page(shop, form, error, frame), 422
        flash(label("commitment.signed"), "success")
        return redirect(frame.next or frame.here, 303)


def _take(shop: Shop, form: SigningForm) -> dict[str, str] | None:
    """Sign what was chosen, take back what is no longer; a dict of errors instead when something is wrong."""
    if not form.validate_on_submit():
        return {"chosen": label("error.commitment_changed")}
    templates = {template.id: template for template in queries.offered_to(shop, clock.today())}
    held = {template.id: commitment for commitment, template in queries.signatures(shop.id)}
    chosen = set(form.chosen.data or [])
    required = {key for key, template in templates.items() if template.required}
    errors = {}
    if not required <= chosen | held.keys():
        errors["chosen"] = label("error.commitment_required_first")
    if not rules.is_name(form.name.data or "") and chosen - held.keys():
        errors["name"] = label("error.signature_name")
    if errors:
        return errors
    actor, now = current_actor(), clock.now()
    try:
        operations.sign(shop.id, sorted(chosen - held.keys()), form.name.data or actor.name, actor, now)
        for template_id, commitment in held.items():
            if template_id in templates and template_id not in chosen and template_id not in required:
                operations.withdraw(commitment.id, actor, now)
    except DomainError as error:
        return {error.field or "chosen": message_of(error)}
    return None


def _page(shop: Shop, form: SigningForm, errors: dict[str, str], frame: Any) -> str:
    held = {template.id: commitment for commitment, template in queries.signatures(shop.id)}
    templates = queries.offered_to(shop, clock.today())
    posted = request.method == "POST"
    chosen = set(form.chosen.data or []) if posted else set(held) | {t.id for t in templates if t.required}
    names = [commitment.signed_name for commitment in held.values()]
    return render_template(
        "commitments/merchant_step.html",
        shop=shop,
        templates=templates,
        held=held,
        chosen=chosen,
        name=form.name.data if posted else (names[0] if names else ""),
        errors=errors,
        frame=frame,
    )


def checks(shop: Shop) -> list[Check]:
    """For the slot ``application.checks``."""
    return [rules.check(template.title for template in queries.lacking(shop, clock.today()))]


def statement(shop: Shop) -> dict[str, dict[str, dict[str, str]]]:
    """For the slot ``application.statement``: what is signed, by code."""
    section = {}
    for commitment, template in queries.signatures(shop.id):
        section[template.code] = {
            "name": template.title,
            "version": str(template.version),
            "signed_name": commitment.signed_name,
        }
    return {"commitments": section}


def review(shop: Shop) -> Markup | None:
    """For the slot ``application.review``."""
    rows, lacking = queries.signatures(shop.id), queries.lacking(shop, clock.today())
    return Markup(render_template("commitments/_office_review.html", rows=rows, lacking=lacking))  # noqa: S704


def preview(shop: Shop) -> Markup | None:
    """For the slot ``application.preview``."""
    return Markup(render_template("commitments/_preview.html", rows=queries.standing(shop.id)))  # noqa: S704
