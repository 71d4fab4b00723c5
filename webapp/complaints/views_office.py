"""Officers' side of complaints: the list within reach, the case, decisions, internal notes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.audit import queries as audit_queries
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.errors import Conflict, DomainError, Invalid
from webapp.core.identifiers import format_phone
from webapp.core.transaction import rollback
from webapp.merchants.models import Shop
from webapp.regions import queries as regions
from webapp.web import access, paging, typed
from webapp.web.errors import message_of
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import operations, queries, rules, showing
from .forms import DecisionForm, SayingForm
from .models import Complaint, Side
from .rules import STEPS, ComplaintState

bp = Blueprint("complaints_office", __name__)

ACTIONS = ("accept", "settle", "refer", "refuse", "end")
_BY_OFFICER = "any(" + ", ".join(ACTIONS) + ")"


def menu(actor: Actor) -> MenuEntry | None:
    """投诉, with the number of those that wait for the authority."""
    posts = access.reach(actor, "complaint.read")
    if not posts:
        return None
    waiting = queries.waiting_for_office(posts)
    return MenuEntry(url_for("complaints_office.index"), "complaint.menu.office", waiting or None, "chat")


def shop_section(shop: Shop, **_context: Any) -> Markup | None:
    """For the officer's page of a shop (slot ``office.shop``): counts and the newest complaints."""
    if not access.may("complaint.read", shop.scope):
        return None
    return Markup(  # noqa: S704 - our own template, which escapes
        render_template(
            "complaints/_office_shop.html",
            shop=shop,
            record=queries.recount(shop.id),
            open_count=queries.open_count(shop.id),
            latest=queries.of_shop(shop.id),
            tones=showing.STATE_TONES,
        )
    )


@bp.get("/office/complaints")
@access.officer("complaint.read")
def index() -> ResponseReturnValue:
    """Complaints within reach: those that wait for the authority first."""
    posts, now = access.reach(access.current_actor(), "complaint.read"), clock.now()
    text, state = typed.line(request.args.get("text"), 80), request.args.get("state", "open")
    overdue, shop_id = bool(request.args.get("overdue")), request.args.get("shop", type=paging.whole_number)
    if state not in {"", "open", "ended", *ComplaintState}:
        state = "open"
    statement = queries.office_list(
        posts, state=state, overdue_at=now if overdue else None, shop_id=shop_id, text=text
    )
    page = paging.paginate(statement)
    return render_template(
        "complaints/office_index.html",
        page=page,
        state=state,
        overdue=overdue,
        text=text,
        shop_id=shop_id,
        counts=queries.counts_by_state(posts),
        states=[(one.value, label(f"complaint.state.{one.value}")) for one in ComplaintState],
        situations={c.id: showing.situation(c, now, Side.OFFICER) for c in page.items},
        tones=showing.STATE_TONES,
    )


@bp.get("/office/complaints/<int:complaint_id>")
@access.officer("complaint.read", on=queries.scope_of)
def show(complaint_id: int) -> ResponseReturnValue:
    """The whole case. Name and phone are shown on request, which is written down."""
    return _page(queries.get(complaint_id))


@bp.post("/office/complaints/<int:complaint_id>/contact")
@access.officer("complaint.read", on=queries.scope_of)
def contact(complaint_id: int) -> ResponseReturnValue:
    """Show the complainant's name and phone once; the audit trail says who looked."""
    complaint = operations.reveal_contact(complaint_id, access.current_actor(), clock.now())
    return _page(complaint, revealed=True)


@bp.post("/office/complaints/<int:complaint_id>/note")
@access.officer("complaint.read", on=queries.scope_of)
def note(complaint_id: int) -> ResponseReturnValue:
    """An internal note."""
    form = SayingForm()
    try:
        operations.note(complaint_id, form.said, access.current_actor(), clock.now())
    except Invalid as error:
        rollback()
        return _page(queries.get(complaint_id), tried="note", form=form, error=error), error.status
    return redirect(url_for("complaints_office.show", complaint_id=complaint_id, _anchor="thread"), 303)


@bp.post(f"/office/complaints/<int:complaint_id>/<{_BY_OFFICER}:action>")
@access.officer("complaint.handle", on=queries.scope_of)
def act(complaint_id: int, action: str) -> ResponseReturnValue:
    """A decision with its reason."""
    form = DecisionForm()
    try:
        operations.act(
            complaint_id,
            action,
            access.current_actor(),
            clock.now(),
            text=form.said,
            ground=form.ground.data or "",
            version=form.version.data,
        )
    except (Invalid, Conflict) as error:
        rollback()
        return _page(queries.get(complaint_id), tried=action, form=form, error=error), error.status
    flash(label(f"complaint.flash.{action}"), "success")
    return redirect(url_for("complaints_office.show", complaint_id=complaint_id), 303)


def _page(
    complaint: Complaint,
    *,
    tried: str = "",
    form: SayingForm | None = None,
    error: DomainError | None = None,
    revealed: bool = False,
) -> Response:
    actor = access.current_actor()
    handles = access.may("complaint.handle", complaint.scope)
    open_steps = STEPS.open_to(complaint.state, actor, complaint.scope) if handles else []
    steps = [step for step in open_steps if step.action in ACTIONS]
    page = render_template(
        "complaints/office_show.html",
        complaint=complaint,
        region=" ".join(regions.path_names(complaint.shop.region_code)[1:]),
        shop_phone=format_phone(complaint.shop.phone),
        situation=showing.situation(complaint, clock.now(), Side.OFFICER),
        thread=showing.thread(complaint, Side.OFFICER),
        photos=showing.photos(queries.photos(complaint), Side.OFFICER),
        steps=sorted(steps, key=lambda step: ACTIONS.index(step.action)),
        history=audit_queries.history("complaint", complaint.id),
        masked=showing.masked_contact(complaint),
        revealed=revealed,
        contact_phone=format_phone(complaint.contact_phone or "") if revealed else "",
        tried=tried,
        typed=(form.text.data or "") if form else "",
        error=message_of(error) if error else "",
        state_tone=showing.STATE_TONES[complaint.state],
        text_max=rules.TEXT_MAX,
        aside=access.must_stand_aside(complaint.scope),
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response
