"""Officers' side of licences: renewals that wait for a look, and the two answers to each."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.errors import Invalid
from webapp.merchants.models import Shop
from webapp.merchants.queries import within
from webapp.web import access
from webapp.web.errors import message_of
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import onboarding, operations, queries
from .forms import RefusalForm

bp = Blueprint("licences_office", __name__)


def _waiting(actor: Actor) -> list[dict[str, object]]:
    posts = access.reach(actor, "application.review")
    today = clock.today()
    names = queries.names()
    return [
        {
            "licence": licence,
            "shop": shop,
            "kind": names[licence.kind_code],
            "checks": queries.checks_of(licence, shop.operator.uscc, today),
            "file": onboarding.image_of(licence),
            "aside": actor.must_stand_aside(shop.scope),
        }
        for licence, shop in queries.renewals(sa.select(Shop.id).where(within(posts)))
    ]


def menu(actor: Actor) -> MenuEntry | None:
    """The entry with the number of renewals that wait, for officers who review."""
    posts = access.reach(actor, "application.review")
    if not posts:
        return None
    count = len(queries.renewals(sa.select(Shop.id).where(within(posts))))
    return MenuEntry(url_for("licences_office.index"), "licence.menu.renewals", count or None, "form")


@bp.get("/office/licences")
@access.officer("application.review")
def index() -> ResponseReturnValue:
    """Renewals that merchants have stated beside a verified licence."""
    return render_template(
        "licences/office_renewals.html", rows=_waiting(access.current_actor()), errors={}, form=None
    )


@bp.post("/office/licences/<int:licence_id>/verify")
@access.officer("application.review", on=queries.scope_of_licence)
def verify(licence_id: int) -> ResponseReturnValue:
    """Image, number and register agree."""
    operations.verify(licence_id, access.current_actor(), clock.now())
    flash(label("licence.verified"), "success")
    return redirect(_back(), 303)


def _back() -> str:
    """The list of renewals, or the case from which the form was sent."""
    application_id = request.form.get("application", type=int)
    if application_id is None:
        return url_for("licences_office.index")
    return url_for("applications_office.show", application_id=application_id, _anchor="licences")


@bp.post("/office/licences/<int:licence_id>/refuse")
@access.officer("application.review", on=queries.scope_of_licence)
def refuse(licence_id: int) -> ResponseReturnValue:
    """Not accepted, with the reason."""
    form = RefusalForm()
    valid, error = form.validate_on_submit(), label("error.licence_reason_too_long")
    if valid:
        try:
            operations.refuse(licence_id, form.reason.data or "", access.current_actor(), clock.now())
            flash(label("licence.refused"), "info")
            return redirect(_back(), 303)
        except Invalid as refusal:
            error = message_of(refusal)
    if "application" in request.form:
        flash(error, "stop")
        return redirect(_back(), 303)
    rows = _waiting(access.current_actor())
    return render_template(
        "licences/office_renewals.html", rows=rows, errors={licence_id: error}, form=form
    ), 422
