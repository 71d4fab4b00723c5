"""Officers' side of complaints: the list within reach, the case, decisions, internal notes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.audit import queries as audit_queries
from webapp.audit import sight
from webapp.audit.rules import Seen, purpose_of
from webapp.audit.wording import purposes
from webapp.clocks import queries as clocks
from webapp.clocks import showing as clock_showing
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.errors import Conflict, DomainError, Invalid
from webapp.core.identifiers import format_phone
from webapp.core.transaction import rollback
from webapp.letters import Subject, serving
from webapp.merchants.models import Shop
from webapp.regions import offices
from webapp.regions import queries as regions
from webapp.web import access, paging, typed
from webapp.web.errors import message_of
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import documents, operations, queries, rules, showing, timing
from .forms import DecisionForm, SayingForm
from .models import Complaint, Side
from .rules import STEPS, ComplaintState

bp = Blueprint("complaints_office", __name__)
S = ComplaintState

ACTIONS = (
    "accept",
    "settle",
    "refer",
    "inform",
    "resume",
    "pause",
    "transfer",
    "transfer_out",
    "serve",
    "refuse",
    "end",
)
_BY_OFFICER = "any(" + ", ".join(ACTIONS) + ")"


def menu(actor: Actor) -> MenuEntry | None:
    """投诉, with the number of those that wait for the authority."""
    posts = access.reach(actor, "complaint.read")
    if not posts:
        return None
    waiting = queries.waiting_for_office(posts)
    return MenuEntry(
        url_for("complaints_office.index"),
        "complaint.menu.office",
        waiting or None,
        "chat",
        also=("/office/groups",),
    )


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
    due = request.args.get("due", "")
    due_before = clock_showing.due_before(due, now)
    if state not in {"", "open", "ended", *ComplaintState}:
        state = "open"
    statement = queries.office_list(
        posts,
        state=state,
        overdue_at=now if overdue else None,
        due_before=due_before,
        shop_id=shop_id,
        text=text,
    )
    page = paging.paginate(statement)
    return render_template(
        "complaints/office_index.html",
        page=page,
        state=state,
        overdue=overdue,
        text=text,
        shop_id=shop_id,
        due=due if due in clock_showing.DUE else "",
        counts=queries.counts_by_state(posts),
        states=[(one.value, label(f"complaint.state.{one.value}")) for one in ComplaintState],
        situations=showing.situations(page.items, now, Side.OFFICER),
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
    purpose = purpose_of(request.form.get("purpose", ""))
    if purpose is None:
        missing = Invalid("purpose_missing", field="purpose")
        return _page(queries.get(complaint_id), tried="contact", error=missing), missing.status
    complaint = operations.reveal_contact(complaint_id, purpose, access.current_actor(), clock.now())
    sight.note(Seen.CONTACT, "complaint", complaint_id, purpose=purpose)
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
            handler=offices.read(form.handler.data or ""),
        )
    except (Invalid, Conflict) as error:
        rollback()
        return _page(queries.get(complaint_id), tried=action, form=form, error=error), error.status
    flash(label(f"complaint.flash.{action}"), "success")
    if not access.may("complaint.read", queries.get(complaint_id).scope):
        return redirect(url_for("complaints_office.index"), 303)  # the case has gone to another office
    return redirect(url_for("complaints_office.show", complaint_id=complaint_id), 303)


def _grounds(complaint: Complaint) -> dict[str, list[tuple[str, str]]]:
    """The grounds that the law of the complaint's day of receipt offers for each step that wants one."""
    over = bool(timing.may_end(complaint, clock.now()))
    offered = {
        kind: [
            (
                ground.code,
                f"{label(f'complaint.ground.{kind}.{ground.code}')}{showing.cited(ground)}",
            )
            for ground in rules.grounds_for(kind, complaint.law)
            if over or ground.code != rules.TIME_OVER
        ]
        for kind in sorted(rules.ON_A_GROUND)
    }
    return offered | {
        "pause": [(code, label(f"clock.ground.{code}")) for code in timing.pause_grounds(complaint)]
    }


def _steps(complaint: Complaint, actor: Actor) -> list[str]:
    """The steps offered now, in the order of the bar: a pause only where the clock that runs has a ground for it."""
    if not access.may("complaint.handle", complaint.scope):
        return []
    offered = {step.action for step in STEPS.open_to(complaint.state, actor, complaint.scope)}
    paused = timing.is_paused(complaint)
    if paused or not timing.pause_grounds(complaint):
        offered.discard("pause")
    if not paused:
        offered.discard("resume")
    if not timing.waits_to_serve(complaint):
        offered.discard("serve")
    if "settle" in offered and operations.held_by(complaint, "settle") is not None:
        offered.discard("settle")
    return [action for action in ACTIONS if action in offered]


@bp.post("/office/complaints/<int:complaint_id>/registration")
@access.officer("complaint.handle", on=queries.scope_of)
def registration(complaint_id: int) -> ResponseReturnValue:
    """Issue the registration form for the office's file."""
    complaint = queries.get_locked(complaint_id)
    documents.register(complaint, access.current_actor(), clock.now())
    flash(label("complaint.flash.registration"), "success")
    return redirect(url_for("complaints_office.show", complaint_id=complaint_id, _anchor="letters"), 303)


bp.add_url_rule(
    "/office/complaints/<int:complaint_id>/letters/<int:letter_id>",
    "letter",
    access.officer("complaint.read", on=lambda complaint_id, **_rest: queries.scope_of(complaint_id))(
        serving.download(lambda complaint_id: Subject(timing.SUBJECT, complaint_id), recorded=True)
    ),
    methods=["POST"],
)


def _letter_url(complaint: Complaint) -> Callable[[int], str]:
    return lambda letter_id: url_for(
        "complaints_office.letter", complaint_id=complaint.id, letter_id=letter_id
    )


def _page(
    complaint: Complaint,
    *,
    tried: str = "",
    form: SayingForm | None = None,
    error: DomainError | None = None,
    revealed: bool = False,
) -> Response:
    actor, now = access.current_actor(), clock.now()
    sight.note(Seen.STATEMENT, "complaint", complaint.id)
    page = render_template(
        "complaints/office_show.html",
        complaint=complaint,
        region=" ".join(regions.path_names(complaint.shop.region_code)[1:]),
        shop_phone=format_phone(complaint.shop.phone),
        situation=showing.situation(complaint, now, Side.OFFICER),
        thread=showing.thread(complaint, Side.OFFICER),
        photos=showing.photos(queries.photos(complaint), Side.OFFICER),
        steps=_steps(complaint, actor),
        needs_reason={step.action for step in STEPS if step.needs_reason},
        grounds=_grounds(complaint),
        offices=offices.choices(complaint.scope) if complaint.state in {S.REFERRED, S.MEDIATING} else [],
        may_end=timing.may_end(complaint, now),
        clocks=[
            clock_showing.tell(row, Side.OFFICER.value, now)
            for row in clocks.running(timing.SUBJECT, complaint.id)
        ],
        moves=clock_showing.moves(timing.SUBJECT, complaint.id),
        letter_url=_letter_url(complaint),
        handles=access.may("complaint.handle", complaint.scope),
        chosen=(form.ground.data or "") if isinstance(form, DecisionForm) else "",
        handler=offices.name_of(complaint.scope),
        history=audit_queries.history("complaint", complaint.id),
        masked=showing.masked_contact(complaint),
        revealed=revealed,
        purposes=purposes(),
        contact_phone=format_phone(complaint.contact_phone or "") if revealed else "",
        tried=tried,
        typed=(form.text.data or "") if form else "",
        error=message_of(error) if error else "",
        error_field=error.field if isinstance(error, Invalid) else "",
        state_tone=showing.STATE_TONES[complaint.state],
        text_max=rules.TEXT_MAX,
        aside=access.must_stand_aside(complaint.scope),
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response
