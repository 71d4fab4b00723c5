"""The mediators' side, ``/mediation/``: what is entrusted to their body, each dispute, hearings, the agreement."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.audit import sight
from webapp.audit.rules import Seen
from webapp.complaints.models import Side
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.errors import Conflict, DomainError, Invalid
from webapp.core.transaction import rollback
from webapp.web import access, paging
from webapp.web.filters import day
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import handling, queries
from .forms import DeedForm
from .models import Mediation

bp = Blueprint("mediation", __name__)

DEEDS = tuple(action for action in handling.DEEDS if action not in {"agree", "take_back"})
_BY_MEDIATOR = "any(" + ", ".join(DEEDS) + ")"


def menu(actor: Actor) -> MenuEntry | None:
    """调解, in the menu of people whose phone account acts for a body."""
    if not actor.body_ids:
        return None
    waiting = queries.waiting(actor.body_ids)
    return MenuEntry(
        url_for("mediation.index"), "mediation.menu", waiting or None, "chat", below="/mediation"
    )


def home(actor: Actor) -> str | None:
    """Slot ``merchant.elsewhere``: who acts for a body and has no shop begins with the mediations."""
    return url_for("mediation.index") if actor.body_ids else None


@bp.get("/mediation/")
@access.mediator()
def index() -> ResponseReturnValue:
    """Disputes entrusted to the body: first due first."""
    actor, now = access.current_actor(), clock.now()
    view = "ended" if request.args.get("view") == "ended" else "open"
    page = paging.paginate(queries.of_bodies(actor.body_ids, ended=view == "ended"))
    sight.note(
        Seen.STATEMENT, "complaint", [one.complaint_id for one in page.items]
    )  # each line begins with its words
    return _private(
        render_template(
            "mediation/index.html",
            page=page,
            view=view,
            waiting=queries.waiting(actor.body_ids),
            bodies=[queries.get_body(one) for one in sorted(actor.body_ids)],
            coming={one.id: queries.next_hearing(one, now) for one in page.items},
            dues={one.id: _last_day(one) for one in page.items},
            tones=handling.STATE_TONES,
        )
    )


def _last_day(mediation: Mediation) -> str:
    """The complaint's next deadline as its last day: the instant itself is the midnight after it."""
    due = mediation.complaint.next_due_at
    return day(due - timedelta(seconds=1)) if due is not None else ""


@bp.get("/mediation/cases/<int:mediation_id>")
@access.mediator(on=queries.scope_of)
def show(mediation_id: int) -> ResponseReturnValue:
    """One dispute: the facts, hearings, statements, the agreement. The contact is masked."""
    return _page(mediation_id)


@bp.post(f"/mediation/cases/<int:mediation_id>/<{_BY_MEDIATOR}:action>")
@access.mediator(on=queries.scope_of)
def act(mediation_id: int, action: str) -> ResponseReturnValue:
    """A deed of the mediator."""
    form = DeedForm()
    try:
        handling.take(mediation_id, action, form, access.current_actor(), clock.now())
    except (Invalid, Conflict) as error:
        rollback()
        return _page(mediation_id, tried=action, form=form, error=error), error.status
    flash(label(f"mediation.flash.{action}"), "success")
    if action == "give_back":
        return redirect(url_for("mediation.index"), 303)
    return redirect(url_for("mediation.show", mediation_id=mediation_id), 303)


def _page(
    mediation_id: int, *, tried: str = "", form: DeedForm | None = None, error: DomainError | None = None
) -> Response:
    mediation = queries.get(mediation_id)
    shown = handling.context(
        mediation, access.current_actor(), Side.MEDIATOR, tried=tried, form=form, error=error
    )
    here = {action: url_for("mediation.act", mediation_id=mediation_id, action=action) for action in DEEDS}
    return _private(render_template("mediation/show.html", **shown, here=here))


def _private(page: str) -> Response:
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response
