"""The office's side of tips: the queue by due date, the case, decisions, the second officer's word on more time.

Whoever must stand aside from the shop's operator (回避) does not even learn that there is a tip.
"""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.audit import queries as audit_queries
from webapp.audit import sight
from webapp.audit.rules import Seen, purpose_of
from webapp.audit.wording import purposes
from webapp.clocks import showing as clock_showing
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.errors import Conflict, DomainError, Invalid, NotFound
from webapp.core.identifiers import format_phone
from webapp.core.transaction import rollback
from webapp.letters import Subject, serving
from webapp.regions import offices
from webapp.regions import queries as regions
from webapp.web import access, paging, typed
from webapp.web.errors import message_of
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import extending, operations, queries, rules, showing, telling, timing
from .forms import DecisionForm, SayingForm
from .models import Tip, TipExtension, TipSide
from .rules import STEPS, TipState

bp = Blueprint("tips_office", __name__)

ACTIONS = ("file_case", "file_no_case", "tell", "resume", "pause", "transfer", "transfer_out")
_STATES = {"", "open", "told", "ended", *TipState}
_BY_OFFICER = "any(" + ", ".join(ACTIONS) + ")"


def menu(actor: Actor) -> MenuEntry | None:
    """举报, with the number of those that wait for the office."""
    posts = access.reach(actor, "tip.read")
    if not posts:
        return None
    waiting = queries.waiting(posts, actor.aside_from)
    return MenuEntry(url_for("tips_office.index"), "tip.menu.office", waiting or None, "flag")


@bp.get("/office/tips")
@access.officer("tip.read")
def index() -> ResponseReturnValue:
    """Tips within reach: what is due first."""
    actor, now = access.current_actor(), clock.now()
    text, state = typed.line(request.args.get("text"), 80), request.args.get("state", "open")
    due, shop_id = request.args.get("due", ""), request.args.get("shop", type=paging.whole_number)
    state, due = state if state in _STATES else "open", due if due in clock_showing.DUE else ""
    statement = queries.office_list(
        access.reach(actor, "tip.read"),
        actor.aside_from,
        state=state,
        due_before=clock_showing.due_before(due, now),
        shop_id=shop_id,
        text=text,
    )
    page = paging.paginate(statement)
    return _private(
        render_template(
            "tips/office_index.html",
            page=page,
            state=state,
            due=due,
            text=text,
            shop_id=shop_id,
            states=[(one.value, label(f"tip.state.{one.value}")) for one in TipState],
            situations=showing.situations(page.items, now, TipSide.OFFICER),
            asked={tip.id for tip in page.items if extending.asked(tip) is not None},
            tones=showing.STATE_TONES,
        )
    )


@bp.get("/office/tips/<int:tip_id>")
@access.officer("tip.read", on=queries.scope_of)
def show(tip_id: int) -> ResponseReturnValue:
    """The whole case. Name and phone are shown on request, which is written down."""
    return _page(queries.get(tip_id))


@bp.post("/office/tips/<int:tip_id>/contact")
@access.officer("tip.read", on=queries.scope_of)
def contact(tip_id: int) -> ResponseReturnValue:
    """Show the reporter's name and phone once; the audit trail says who looked."""
    purpose = purpose_of(request.form.get("purpose", ""))
    if purpose is None:
        missing = Invalid("purpose_missing", field="purpose")
        return _page(queries.get(tip_id), tried="contact", error=missing), missing.status
    tip = operations.reveal_contact(tip_id, purpose, access.current_actor(), clock.now())
    sight.note(Seen.CONTACT, "tip", tip_id, purpose=purpose)
    return _page(tip, revealed=True)


@bp.post("/office/tips/<int:tip_id>/note")
@access.officer("tip.read", on=queries.scope_of)
def note(tip_id: int) -> ResponseReturnValue:
    """An internal note."""
    form = SayingForm()
    try:
        operations.note(tip_id, form.said, access.current_actor(), clock.now())
    except Invalid as error:
        return _refused(tip_id, "note", form, error)
    return redirect(url_for("tips_office.show", tip_id=tip_id, _anchor="thread"), 303)


@bp.post("/office/tips/<int:tip_id>/registration")
@access.officer("tip.handle", on=queries.scope_of)
def registration(tip_id: int) -> ResponseReturnValue:
    """Issue the registration form for the file."""
    operations.register_on_paper(tip_id, access.current_actor(), clock.now())
    flash(label("tip.flash.registration"), "success")
    return redirect(url_for("tips_office.show", tip_id=tip_id, _anchor="letters"), 303)


@bp.post("/office/tips/<int:tip_id>/extension/<any(ask, withdraw):request_>")
@access.officer("tip.handle", on=queries.scope_of)
def extension(tip_id: int, request_: str) -> ResponseReturnValue:
    """Ask for more time, or take the request back."""
    return _extend(tip_id, request_)


@bp.post("/office/tips/<int:tip_id>/extension/<any(approve, refuse):decision>")
@access.officer("tip.extend", on=queries.scope_of)
def decide(tip_id: int, decision: str) -> ResponseReturnValue:
    """The second officer's word on more time."""
    return _extend(tip_id, decision)


def _extend(tip_id: int, action: str) -> ResponseReturnValue:
    form, actor, now = SayingForm(), access.current_actor(), clock.now()
    try:
        if action == "ask":
            operations.ask_extension(tip_id, form.said, actor, now, form.version.data)
        else:
            operations.decide_extension(tip_id, action, form.said, actor, now, form.version.data)
    except (Invalid, Conflict) as error:
        return _refused(tip_id, f"{action}_extension", form, error)
    flash(label(f"tip.flash.{action}_extension"), "success")
    return redirect(url_for("tips_office.show", tip_id=tip_id), 303)


@bp.post(f"/office/tips/<int:tip_id>/<{_BY_OFFICER}:action>")
@access.officer("tip.handle", on=queries.scope_of)
def act(tip_id: int, action: str) -> ResponseReturnValue:
    """A decision with its ground and words."""
    form = DecisionForm()
    try:
        operations.act(
            tip_id,
            action,
            access.current_actor(),
            clock.now(),
            text=form.said,
            ground=form.ground.data or "",
            version=form.version.data,
            handler=offices.read(form.handler.data or ""),
            addressee=typed.line(form.addressee.data),
        )
    except (Invalid, Conflict) as error:
        return _refused(tip_id, action, form, error)
    flash(label(f"tip.flash.{action}"), "success")
    if not access.may("tip.read", queries.get(tip_id).scope):
        return redirect(url_for("tips_office.index"), 303)  # the case has gone to another office
    return redirect(url_for("tips_office.show", tip_id=tip_id), 303)


bp.post("/office/tips/<int:tip_id>/letters/<int:letter_id>", endpoint="letter")(
    access.officer("tip.read", on=queries.scope_of)(
        serving.download(lambda tip_id: Subject(timing.SUBJECT, tip_id), recorded=True)
    )
)


def _refused(tip_id: int, tried: str, form: SayingForm, error: DomainError) -> ResponseReturnValue:
    rollback()
    return _page(queries.get(tip_id), tried=tried, form=form, error=error), error.status


def _grounds(tip: Tip) -> dict[str, list[tuple[str, str]]]:
    """The grounds that the law of the tip's day of receipt offers for each step that wants one."""
    offered = {
        kind: [
            (ground.code, f"{label(f'tip.ground.{kind}.{ground.code}')}（{ground.article}）")
            for ground in rules.grounds_for(kind, tip.law)
        ]
        for kind in sorted(rules.ON_A_GROUND)
    }
    return offered | {"pause": [(code, label(f"clock.ground.{code}")) for code in timing.pause_grounds()]}


def _steps(tip: Tip, actor: Actor) -> list[str]:
    """The steps offered now, in the order of the bar."""
    if not access.may("tip.handle", tip.scope):
        return []
    offered = {step.action for step in STEPS.open_to(tip.state, actor, tip.scope)}
    offered.discard("pause" if timing.is_paused(tip) else "resume")
    if not timing.waits_to_tell(tip):
        offered.discard("tell")
    return [action for action in ACTIONS if action in offered]


def _extension_steps(tip: Tip, actor: Actor, now: datetime) -> list[str]:
    """What may be done about more time: ask for it, or decide on another's request, or take one's own back."""
    waiting = extending.asked(tip)
    if waiting is None:
        asks = access.may("tip.handle", tip.scope) and not extending.may_ask(tip, now)
        return ["ask"] if asks else []
    if waiting.asked_by_id == actor.account_id:
        return ["withdraw"]
    return ["approve", "refuse"] if access.may("tip.extend", tip.scope) else []


def _asked_and_decided(tip: Tip) -> list[tuple[TipExtension, str, str]]:
    """The requests for more time, each with the names of who asked and who decided."""
    return [
        (one, showing.name_of(one.asked_by_id), showing.name_of(one.decided_by_id)) for one in tip.extensions
    ]


def _page(
    tip: Tip,
    *,
    tried: str = "",
    form: SayingForm | None = None,
    error: DomainError | None = None,
    revealed: bool = False,
) -> Response:
    if access.must_stand_aside(tip.scope):
        raise NotFound("no_such_thing")
    actor, now = access.current_actor(), clock.now()
    sight.note(Seen.STATEMENT, "tip", tip.id)
    decision = form if isinstance(form, DecisionForm) else None
    page = render_template(
        "tips/office_show.html",
        tip=tip,
        may_oversee=access.may("oversight.propose", tip.shop.scope),
        region=" ".join(regions.path_names(tip.shop.region_code)[1:]),
        situation=showing.situation(tip, now, TipSide.OFFICER),
        thread=showing.thread(tip, TipSide.OFFICER),
        photos=showing.photos(queries.photos(tip)),
        steps=_steps(tip, actor),
        extension_steps=_extension_steps(tip, actor, now),
        extension=extending.asked(tip),
        extensions=_asked_and_decided(tip),
        needs_reason={step.action for step in STEPS if step.needs_reason},
        grounds=_grounds(tip),
        offices=offices.choices(tip.scope) if tip.state is TipState.VERIFYING else [],
        by_message=telling.can_receive(tip),
        may_handle=access.may("tip.handle", tip.scope),
        moves=clock_showing.moves(timing.SUBJECT, tip.id),
        chosen=(decision.ground.data or "") if decision else "",
        addressee=(decision.addressee.data or "") if decision else "",
        handler=offices.name_of(tip.scope),
        history=audit_queries.history("tip", tip.id),
        masked=showing.masked_contact(tip),
        revealed=revealed,
        purposes=purposes(),
        contact_phone=format_phone(tip.reporter_phone or "") if revealed else "",
        letter_url=lambda letter_id: url_for("tips_office.letter", tip_id=tip.id, letter_id=letter_id),
        tried=tried,
        typed=(form.text.data or "") if form else "",
        error=message_of(error) if error else "",
        error_field=error.field if isinstance(error, Invalid) else "",
        state_tone=showing.STATE_TONES[tip.state],
        text_max=rules.TEXT_MAX,
        name_max=rules.NAME_MAX,
    )
    return _private(page)


def _private(page: str) -> Response:
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response
