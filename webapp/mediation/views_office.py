"""The office's side of mediation: opened on a complaint's page, followed on its own, and the register of bodies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.audit import queries as audit
from webapp.audit import sight
from webapp.audit.models import AuditEvent
from webapp.audit.rules import Seen
from webapp.complaints import queries as complaints
from webapp.complaints.models import Complaint, Side
from webapp.complaints.rules import ComplaintState
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.errors import Conflict, DomainError, Forbidden, Invalid
from webapp.core.transaction import rollback
from webapp.regions import queries as regions
from webapp.web import access, paging
from webapp.web.errors import message_of
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import areas, bodies, handling, operations, queries
from .forms import BodyForm, DeedForm, PersonForm, StartForm
from .models import Mediation, MediationBody
from .rules import MediationState, MediatorKind

bp = Blueprint("mediation_office", __name__)

DEEDS = tuple(action for action in handling.DEEDS if action != "give_back")
_BY_OFFICER = "any(" + ", ".join(DEEDS) + ")"
KINDS = (MediatorKind.STATION, MediatorKind.ODR, MediatorKind.PEOPLE)


def menu(actor: Actor) -> MenuEntry | None:
    """调解组织, for those who keep the register."""
    if not access.reach(actor, "mediation.manage"):
        return None
    return MenuEntry(url_for("mediation_office.index"), "mediation.bodies.menu", None, "info")


def section(complaint: Complaint, **_context: Any) -> Markup | None:
    """For the officer's page of a complaint (slot ``office.complaint``): its mediations, and how to begin one."""
    found = queries.of_complaint(complaint.id)
    running = next((one for one in found if one.state.value == "open"), None)
    may_start = (
        running is None
        and complaint.state is ComplaintState.MEDIATING
        and access.may("complaint.handle", complaint.scope)
    )
    if not found and not may_start:
        return None
    return Markup(  # noqa: S704 - our own template, which escapes
        render_template(
            "mediation/_office_complaint.html",
            complaint=complaint,
            mediations=found,
            may_start=may_start,
            next_step=_next_step(running) if running is not None else _after(found),
            running=running,
            bodies=queries.at_work(complaint.scope.region_code) if complaint.consent_entrust else [],
            tones=handling.STATE_TONES,
        )
    )


def _next_step(running: Mediation) -> str:
    """What brings the mediation under way to its end: a word's last part."""
    if running.signed_by_both:
        return "agree"
    return "sign" if running.agreement else "draft"


def _after(found: list[Mediation]) -> str:
    """What the last attempt, which did not succeed, leaves to be decided: a word's last part, or ""."""
    if not found or found[-1].state not in {MediationState.FAILED, MediationState.RETURNED}:
        return ""
    if found[-1].state is MediationState.RETURNED:
        return "returned"
    return "absent" if any(one.absent and not one.held for one in found[-1].hearings) else "failed"


@bp.post("/office/complaints/<int:complaint_id>/mediation")
@access.officer("complaint.handle", on=complaints.scope_of)
def start(complaint_id: int) -> ResponseReturnValue:
    """Begin the authority's own mediation, or entrust a body."""
    form = StartForm()
    chosen = form.body.data or "own"
    body_id = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 18 else None
    try:
        mediation = operations.start(
            complaint_id, body_id, access.current_actor(), clock.now(), form.version.data
        )
    except Conflict as error:
        rollback()
        flash(message_of(error), "error")
        return redirect(url_for("complaints_office.show", complaint_id=complaint_id), 303)
    flash(label("mediation.flash.start"), "success")
    return redirect(url_for("mediation_office.show", mediation_id=mediation.id), 303)


@bp.get("/office/mediations/<int:mediation_id>")
@access.officer("complaint.read", on=queries.scope_of)
def show(mediation_id: int) -> ResponseReturnValue:
    """One attempt: hearings, what both sides stated, the agreement."""
    return _case(mediation_id)


@bp.post(f"/office/mediations/<int:mediation_id>/<{_BY_OFFICER}:action>")
@access.officer("complaint.handle", on=queries.scope_of)
def act(mediation_id: int, action: str) -> ResponseReturnValue:
    """A deed of the officer."""
    form = DeedForm()
    try:
        handling.take(mediation_id, action, form, access.current_actor(), clock.now())
    except (Invalid, Conflict) as error:
        rollback()
        return _case(mediation_id, tried=action, form=form, error=error), error.status
    flash(label(f"mediation.flash.{action}"), "success")
    return redirect(url_for("mediation_office.show", mediation_id=mediation_id), 303)


def _case(
    mediation_id: int, *, tried: str = "", form: DeedForm | None = None, error: DomainError | None = None
) -> Response:
    mediation, actor = queries.get(mediation_id), access.current_actor()
    shown = handling.context(mediation, actor, Side.OFFICER, tried=tried, form=form, error=error)
    if not access.may("complaint.handle", mediation.scope):
        shown["steps"] = []
    here = {
        action: url_for("mediation_office.act", mediation_id=mediation_id, action=action) for action in DEEDS
    }
    aside = access.must_stand_aside(mediation.scope)
    return _private(render_template("mediation/office_show.html", **shown, here=here, aside=aside))


# --- the register -----------------------------------------------------------------------------------------------------


@bp.get("/office/bodies")
@access.officer("mediation.manage")
def index() -> ResponseReturnValue:
    """Bodies within reach."""
    posts = access.reach(access.current_actor(), "mediation.manage")
    page = paging.paginate(queries.bodies(posts))
    names = {region.code: region.name for region in regions.all_counties()}
    return render_template(
        "mediation/office_bodies.html",
        page=page,
        names=names,
        people={body.id: len(queries.people_of(body.id)) for body in page.items},
    )


@bp.get("/office/bodies/new")
@access.officer("mediation.manage")
def new() -> ResponseReturnValue:
    """An empty form."""
    return _body_form(BodyForm(formdata=None), {})


@bp.post("/office/bodies/new")
@access.officer("mediation.manage")
def create() -> ResponseReturnValue:
    """Enter a body."""
    form = BodyForm()
    form.validate()
    try:
        body = bodies.add(form.facts(), access.current_actor(), clock.now())
    except (Invalid, Forbidden) as error:
        return _body_form(form, _errors(error)), 422
    flash(label("mediation.bodies.flash.add"), "success")
    return redirect(url_for("mediation_office.body", body_id=body.id), 303)


@bp.get("/office/bodies/<int:body_id>")
@access.officer("mediation.manage", on=queries.body_scope)
def body(body_id: int) -> ResponseReturnValue:
    """What the register says of a body, and who acts for it."""
    found = queries.get_body(body_id)
    form = BodyForm(formdata=None, obj=found)
    form.show(found)
    return _body_form(form, {}, found)


@bp.post("/office/bodies/<int:body_id>")
@access.officer("mediation.manage", on=queries.body_scope)
def edit(body_id: int) -> ResponseReturnValue:
    """Correct it."""
    form = BodyForm()
    form.validate()
    try:
        bodies.edit(body_id, form.facts(), access.current_actor(), clock.now(), form.version.data)
    except (Invalid, Conflict, Forbidden) as error:
        rollback()
        return _body_form(form, _errors(error), queries.get_body(body_id)), 422
    flash(label("mediation.bodies.flash.edit"), "success")
    return redirect(url_for("mediation_office.body", body_id=body_id), 303)


@bp.post("/office/bodies/<int:body_id>/<any(close, reopen):state>")
@access.officer("mediation.manage", on=queries.body_scope)
def set_state(body_id: int, state: str) -> ResponseReturnValue:
    """Close it, or open it again."""
    deed = bodies.close if state == "close" else bodies.reopen
    try:
        deed(body_id, access.current_actor(), clock.now())
        flash(label(f"mediation.bodies.flash.{state}"), "success")
    except Conflict as error:
        rollback()
        flash(message_of(error), "error")
    return redirect(url_for("mediation_office.body", body_id=body_id), 303)


@bp.post("/office/bodies/<int:body_id>/people")
@access.officer("mediation.manage", on=queries.body_scope)
def add_person(body_id: int) -> ResponseReturnValue:
    """Let a phone's account act for the body."""
    form = PersonForm()
    try:
        bodies.add_person(body_id, form.phone.data or "", access.current_actor(), clock.now())
    except Invalid as error:
        rollback()
        found = queries.get_body(body_id)
        shown = BodyForm(formdata=None, obj=found)
        shown.show(found)
        page = _body_form(shown, {"person": message_of(error)}, found, person=form.phone.data or "")
        return page, 422
    flash(label("mediation.bodies.flash.add_person"), "success")
    return redirect(url_for("mediation_office.body", body_id=body_id, _anchor="people"), 303)


@bp.post("/office/bodies/<int:body_id>/people/<int:account_id>/remove")
@access.officer("mediation.manage", on=queries.body_scope)
def remove_person(body_id: int, account_id: int) -> ResponseReturnValue:
    """The account acts for the body no more."""
    bodies.remove_person(body_id, account_id, access.current_actor(), clock.now())
    flash(label("mediation.bodies.flash.remove_person"), "success")
    return redirect(url_for("mediation_office.body", body_id=body_id, _anchor="people"), 303)


def _errors(error: DomainError) -> dict[str, str]:
    if isinstance(error, Forbidden):
        return {"region_code": label("error.body_out_of_reach")}
    return {error.field or "_form": message_of(error)}


def _body_form(
    form: BodyForm, errors: dict[str, str], found: MediationBody | None = None, person: str = ""
) -> str:
    posts = access.reach(access.current_actor(), "mediation.manage")
    counties = [
        (county.code, county.name)
        for county in regions.all_counties()
        if any(county.code.startswith(post.region_code) for post in posts)
    ]
    if found is not None and (found.contact or found.phone):
        sight.note(Seen.CONTACT, "mediation_body", found.id)
    return render_template(
        "mediation/office_body.html",
        form=form,
        errors=errors,
        body=found,
        counties=counties,
        kinds=[(kind.value, label(f"mediation.kind.{kind.value}")) for kind in KINDS],
        people=queries.people_of(found.id) if found is not None else [],
        person=person,
        history=_history(found) if found is not None else [],
        choices=areas.choices((form.region_code.data or "")[:6], areas.Names()),
    )


@dataclass(frozen=True)
class Corrected:
    """A row of a body's history: who did what, and each field's words before and after."""

    event: AuditEvent
    fields: list[tuple[str, str, str]]


def _history(body: MediationBody) -> list[Corrected]:
    """What was corrected when by whom, newest first."""
    shown = []
    for event in audit.history(bodies.SUBJECT, body.id, 50):
        old, new = event.old or {}, event.new or {}
        fields = [
            (label(f"mediation.body.{name}"), _words(name, old.get(name)), _words(name, new.get(name)))
            for name in bodies.FIELDS
            if name in old or new.get(name)
        ]
        shown.append(Corrected(event, fields))
    return shown


def _words(name: str, value: Any) -> str:
    """A value of the register as people read it."""
    if value in {None, ""}:
        return ""
    if name == "kind":
        return label(f"mediation.kind.{value}")
    if name == "region_code":
        return "".join(regions.path_names(str(value))[2:])
    return str(value)


def _private(page: str) -> Response:
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response
