"""The merchant's inbox of complaints."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.audit import sight
from webapp.audit.rules import Seen
from webapp.clocks import showing as clock_showing
from webapp.core import clock, policy
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, DomainError, Invalid
from webapp.core.transaction import rollback
from webapp.files import staging
from webapp.files.models import FilePurpose
from webapp.letters import Recipient, Subject, serving
from webapp.letters.showing import party_list
from webapp.merchants.models import Shop
from webapp.merchants.queries import shops_of
from webapp.merchants.status import ShopStatus
from webapp.web import access, paging, spreadsheet
from webapp.web.errors import message_of
from webapp.web.languages import said_moment, say
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import agreement, operations, queries, rules, settlement, showing, showing_merchant, tasks, timing
from .forms import AnswerForm, OfferForm, SayingForm, lost_photos
from .models import Complaint, Demand, Side
from .views_public import send_agreement

bp = Blueprint("complaints_merchant", __name__)

#: What the inbox can be narrowed to; "" is everything.
VIEWS = ("settling", "open", "ended", "")
#: Rows of one table.
EXPORT_MOST = 5000


def menu(actor: Actor) -> MenuEntry | None:
    """投诉, with the number of complaints that wait for a first answer."""
    if actor.role is not Role.MERCHANT or not actor.operator_ids:
        return None
    waiting = queries.waiting_for_merchant(actor.operator_ids)
    return MenuEntry(url_for("complaints_merchant.index"), "complaint.menu.merchant", waiting or None, "chat")


def statuses(shops: Sequence[Shop]) -> dict[int, ShopStatus]:
    """Slot ``merchant.shop_status``: complaints that wait for the shop's answer."""
    waiting = tasks.waiting_by_shop([shop.id for shop in shops])
    return {shop_id: _status(shop_id, count, due) for shop_id, (count, due) in waiting.items()}


def _status(shop_id: int, count: int, due: datetime | None) -> ShopStatus:
    return ShopStatus(
        say("complaint.merchant.waiting", count=count),
        tone="caution",
        next=say("complaint.merchant.due", at=said_moment(due)),
        url=url_for("complaints_merchant.index", view="settling", shop=shop_id),
        action=say("complaint.merchant.answer"),
        urgent=True,
        own_tasks=True,
    )


@bp.get("/merchant/complaints")
@access.merchant()
def index() -> ResponseReturnValue:
    """Complaints of all own shops: those that wait first, soonest due on top."""
    actor, now = access.current_actor(), clock.now()
    asked = request.args.get("view", "open")
    view = asked if asked in VIEWS else "open"
    shop_id = request.args.get("shop", type=paging.whole_number)
    page = paging.paginate(queries.of_operators(actor.operator_ids, state=view, shop_id=shop_id))
    sight.note(Seen.STATEMENT, "complaint", [one.id for one in page.items])  # each line begins with its words
    return render_template(
        "complaints/merchant_index.html",
        page=page,
        view=view,
        waiting=queries.waiting_for_merchant(actor.operator_ids),
        shops=shops_of(actor.operator_ids),
        shop_id=shop_id,
        situations=showing.situations(page.items, now, Side.MERCHANT),
        tones=showing.STATE_TONES,
        counts=queries.open_by_shop(actor.operator_ids),
        times=showing_merchant.answer_times(
            [shop for shop in shops_of(actor.operator_ids) if shop_id in {None, shop.id}], clock.day_of(now)
        ),
    )


@bp.get("/merchant/complaints.csv")
@access.merchant()
def export() -> ResponseReturnValue:
    """The list as a table for a spreadsheet: no name, no phone, nothing that runs as a formula."""
    asked = request.args.get("view", "open")
    shop_id = request.args.get("shop", type=paging.whole_number)
    found = queries.of_operators(
        access.current_actor().operator_ids, state=asked if asked in VIEWS else "open", shop_id=shop_id
    )
    rows = showing_merchant.as_table(db.session.scalars(found.limit(EXPORT_MOST)))
    answer = Response("".join(spreadsheet.as_csv(rows)), mimetype="text/csv")
    name = f"complaints-{clock.today():%Y%m%d}.csv"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/merchant/complaints/<int:complaint_id>")
@access.merchant(on=queries.scope_of)
def show(complaint_id: int) -> ResponseReturnValue:
    """One complaint: the facts, what was said, the answer."""
    return _page(queries.get(complaint_id))


@bp.post("/merchant/complaints/<int:complaint_id>/answer")
@access.merchant(on=queries.scope_of)
def answer(complaint_id: int) -> ResponseReturnValue:
    """The merchant's answer, or a further word."""
    actor, now, form = access.current_actor(), clock.now(), AnswerForm()
    photos = staging.collect("photos", FilePurpose.COMPLAINT, max_files=_photos_max(), actor=actor, now=now)
    if form.do.data == "insert":
        complaint = queries.get(complaint_id)
        inserted = showing_merchant.answer_text(complaint, form.template.data or "", now)
        form.text.data = "\n".join(part for part in (form.said, inserted) if part)
        return _page(complaint, form=form, photos=photos, inserted=bool(inserted))
    error: DomainError | None = next(iter([*photos.errors, *lost_photos(photos)]), None)
    if error is None:
        try:
            operations.act(
                complaint_id,
                "answer",
                actor,
                now,
                text=form.said,
                file_ids=tuple(photos.ids),
                version=form.version.data,
            )
        except (Invalid, Conflict) as refusal:
            error = refusal
    if error is not None:
        rollback()
        page = _page(queries.get(complaint_id), form=form, error=error, photos=photos)
        return page, error.status
    flash(label("complaint.flash.answered"), "success")
    return redirect(url_for("complaints_merchant.show", complaint_id=complaint_id), 303)


@bp.post("/merchant/complaints/<int:complaint_id>/offer")
@access.merchant(on=queries.scope_of)
def offer(complaint_id: int) -> ResponseReturnValue:
    """The merchant offers a settlement; it counts as an answer."""
    form = OfferForm()
    try:
        settlement.make(complaint_id, form.terms(), access.current_actor(), clock.now(), form.version.data)
    except (Invalid, Conflict) as refusal:
        rollback()
        return _page(queries.get(complaint_id), offer_form=form, error=refusal), refusal.status
    flash(label("complaint.flash.offer"), "success")
    return redirect(url_for("complaints_merchant.show", complaint_id=complaint_id), 303)


@bp.post("/merchant/complaints/<int:complaint_id>/performed")
@access.merchant(on=queries.scope_of)
def performed(complaint_id: int) -> ResponseReturnValue:
    """The merchant says that what was agreed is done; the consumer confirms."""
    form = SayingForm()
    try:
        operations.act(
            complaint_id,
            "say_performed",
            access.current_actor(),
            clock.now(),
            text=form.said,
            version=form.version.data,
        )
    except (Invalid, Conflict) as refusal:
        rollback()
        return _page(queries.get(complaint_id), form=form, error=refusal), refusal.status
    flash(label("complaint.flash.say_performed"), "success")
    return redirect(url_for("complaints_merchant.show", complaint_id=complaint_id), 303)


@bp.get("/merchant/complaints/<int:complaint_id>/agreement.pdf")
@access.merchant(on=queries.scope_of)
def agreement_paper(complaint_id: int) -> ResponseReturnValue:
    """The settlement that both sides signed, to keep."""
    sight.note(Seen.SIGNATURE, "complaint", complaint_id)
    return send_agreement(queries.get(complaint_id))


bp.add_url_rule(
    "/merchant/complaints/<int:complaint_id>/letters/<int:letter_id>",
    "letter",
    access.merchant(on=lambda complaint_id, **_rest: queries.scope_of(complaint_id))(
        serving.download(
            lambda complaint_id: Subject(timing.SUBJECT, complaint_id),
            recipient=Recipient.RESPONDENT,
            holds=True,
        )
    ),
)


def _page(
    complaint: Complaint,
    *,
    form: SayingForm | None = None,
    offer_form: OfferForm | None = None,
    error: DomainError | None = None,
    photos: staging.Staged | None = None,
    inserted: bool = False,
) -> str:
    contact = showing.contact_for_merchant(complaint)
    sight.note(Seen.STATEMENT, "complaint", complaint.id)
    if complaint.share_contact and (complaint.contact_phone or complaint.contact_name):
        sight.note(Seen.CONTACT, "complaint", complaint.id)
    return render_template(
        "complaints/merchant_show.html",
        complaint=complaint,
        situation=showing.situation(complaint, clock.now(), Side.MERCHANT),
        handler=showing.handler(complaint),
        moves=clock_showing.moves(timing.SUBJECT, complaint.id),
        letters=party_list(
            Subject(timing.SUBJECT, complaint.id),
            Recipient.RESPONDENT,
            lambda letter_id: url_for(
                "complaints_merchant.letter", complaint_id=complaint.id, letter_id=letter_id
            ),
        ),
        thread=showing.thread(complaint, Side.MERCHANT),
        photos=showing.photos(queries.photos(complaint), Side.MERCHANT),
        contact=contact,
        offer=showing.offer(complaint),
        signed=agreement.signed(complaint),
        offer_form=offer_form,
        may_offer=showing.may_offer(complaint),
        may_perform="say_performed" in rules.open_actions(complaint.state, Role.MERCHANT),
        demands=[(demand.value, label(f"complaint.demand.{demand.value}")) for demand in Demand],
        today=clock.today(),
        perform_latest=clock.today()
        + timedelta(days=policy.get_int("complaint.perform_days_max", clock.today())),
        signer=access.current_actor().name,
        may_answer="answer" in rules.open_actions(complaint.state, Role.MERCHANT),
        form=form,
        choices=showing_merchant.answer_choices(complaint),
        inserted=inserted,
        errors={error.field or "_form": message_of(error)} if error else {},
        staged=photos,
        photos_max=_photos_max(),
        state_tone=showing.STATE_TONES[complaint.state],
        text_max=rules.TEXT_MAX,
    )


def _photos_max() -> int:
    return policy.get_int("complaint.photos_max", clock.today())
