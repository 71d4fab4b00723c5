"""Officers' side: what waits, proposing a talk or an order, proposals of the rule table."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.complaints.models import Complaint
from webapp.core import clock, policy
from webapp.core.actor import Actor
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.core.transaction import rollback
from webapp.files import staging
from webapp.files.models import FilePurpose
from webapp.merchants.models import Shop
from webapp.merchants.queries import get_shop
from webapp.reminders.queries import shops_named
from webapp.web import access
from webapp.web.errors import message_of
from webapp.web.paging import paginate
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import consequences, grounds, hotspots, orders, queries, rules, showing, talks
from .forms import CaseForm, DeedForm
from .rules import Source

bp = Blueprint("oversight_office", __name__)
READ, PROPOSE = "oversight.read", "oversight.propose"
KINDS = ("order", "talk")
#: The ground of a talk that begins at a hot spot.
TALK_GROUND = "complaints_many"
#: The hour at which a talk is proposed to be.
_TEN = timedelta(hours=10)


def menu(actor: Actor) -> MenuEntry | None:
    """Talks and orders in the office's menu, with how much waits."""
    posts = access.reach(actor, READ)
    if not posts:
        return None
    return MenuEntry(
        url_for("oversight_office.index"), "oversight.menu", queries.waiting(posts) or None, "list"
    )


def shop_section(shop: Shop, **_more: Any) -> Markup | None:
    """A piece of the officer's shop page: talks and orders, and the way to propose one."""
    if not access.may(READ, shop.scope):
        return None
    return Markup(  # noqa: S704 - our template
        render_template(
            "oversight/_office_shop.html",
            shop=shop,
            cases=queries.of_shop(shop.id),
            tones=showing.TONES,
            may_propose=access.may(PROPOSE, shop.scope),
        )
    )


def complaint_section(complaint: Complaint, **_more: Any) -> Markup | None:
    """A piece of the officer's page of a complaint: from here to a talk or an order."""
    if not access.may(PROPOSE, complaint.shop.scope):
        return None
    return Markup(  # noqa: S704 - our template
        render_template(
            "oversight/_office_source.html", shop=complaint.shop, source="complaint", ref=complaint.number
        )
    )


@bp.get("/office/oversight")
@access.officer(READ)
def index() -> ResponseReturnValue:
    """Orders and talks within reach that wait or run, or those that are over; proposals first."""
    posts = access.reach(access.current_actor(), READ)
    kind = request.args.get("kind", "order")
    kind = kind if kind in KINDS else "order"
    ended = bool(request.args.get("ended"))
    listed: Any = queries.talks(posts, ended=ended) if kind == "talk" else queries.orders(posts, ended=ended)
    return render_template(
        "oversight/office_index.html",
        page=paginate(listed),
        kind=kind,
        ended=ended,
        tones=showing.TONES,
        overdue=showing.overdue,
        today=clock.today(),
        proposals=[] if ended else queries.open_proposals(posts),
        may_propose=access.may(PROPOSE),
    )


@bp.get("/office/oversight/new")
@access.officer(PROPOSE)
def new() -> ResponseReturnValue:
    """Choose a shop by search, then write. ``?kind=``, ``?source=`` and ``?ref=`` come from where it begins."""
    number = request.args.get("shop", type=int)
    kind = request.args.get("kind", "order")
    kind = kind if kind in KINDS else "order"
    if number is None:
        text = request.args.get("q", "").strip()[:40]
        posts = access.reach(access.current_actor(), PROPOSE)
        found = shops_named(posts, text) if text else []
        return render_template("oversight/office_choose.html", text=text, found=found, kind=kind)
    shop, today = _own_shop(number), clock.today()
    source = request.args.get("source", Source.INSPECTION.value)
    form = CaseForm(formdata=None, kind=kind, shop=shop.id)
    form.source.data = source if source in set(Source) else Source.INSPECTION.value
    form.source_ref.data = request.args.get("ref", "")[: rules.REF_LONGEST]
    _from_hotspot(form, shop)
    form.days.data = policy.get_int("oversight.order_default_days", today)
    earliest = talks.earliest(clock.now()).astimezone(clock.SHANGHAI)
    form.talk_at.data = (earliest + _TEN).strftime("%Y-%m-%dT%H:%M")
    return _form_page(shop, form, {})


def _from_hotspot(form: CaseForm, shop: Shop) -> None:
    """Begun at a hot spot, the draft of a talk has this shop's figures filled in."""
    found = hotspots.named(form.source_ref.data or "")
    if form.source.data != Source.HOTSPOT or form.kind.data != "talk" or found is None:
        return
    county, category, last = found
    posts = access.reach(access.current_actor(), "hotspot.read")
    looked_at = hotspots.period(clock.today(), last)
    form.facts.data, form.public_summary.data = hotspots.facts_of_shop(
        posts, shop, county, category, looked_at
    )
    form.ground.data = TALK_GROUND


@bp.post("/office/oversight/new")
@access.officer(PROPOSE)
def create() -> ResponseReturnValue:
    """Preview, or propose."""
    actor, now, form = access.current_actor(), clock.now(), CaseForm()
    shop = _own_shop(form.shop.data or 0)
    files_in = staging.collect(
        "evidence", FilePurpose.EVIDENCE, max_files=rules.FILES_MOST, actor=actor, now=now
    )
    errors = {} if files_in.error is None else {"evidence": message_of(files_in.error)}
    if not form.validate():
        errors["_form"] = label("error.form_expired")
    preview = request.form.get("do") == "preview"
    due = None
    try:
        if form.kind.data == "talk":
            invitation = form.invitation()
            talks.check(invitation, now)
            if not errors and not preview:
                made: Any = talks.propose(shop.id, invitation, actor, now, files_in.ids)
        else:
            order = form.order()
            due = orders.would_be_due(order, now)
            if not errors and not preview:
                made = orders.propose(shop.id, order, actor, now, files_in.ids)
        if not errors and not preview:
            flash(label("oversight.done.propose"), "success")
            return redirect(f"/office/{made.kind}s/{made.id}", 303)
    except (Invalid, Conflict) as error:
        rollback()  # whoever was second in the database leaves the session broken
        errors[error.field or "_form"] = message_of(error)
    page = _form_page(shop, form, errors, files_in, preview=preview and not errors, due=due)
    return page, 422 if errors else 200


def _own_shop(number: int) -> Shop:
    shop = get_shop(number)
    if not access.may(PROPOSE, shop.scope):
        raise NotFound("no_such_thing")
    return shop


def _form_page(
    shop: Shop,
    form: CaseForm,
    errors: dict[str, str],
    staged: staging.Staged | None = None,
    *,
    preview: bool = False,
    due: Any = None,
) -> str:
    kind = "talk" if form.kind.data == "talk" else "order"
    today = clock.today()
    return render_template(
        "oversight/office_new.html",
        shop=shop,
        form=form,
        kind=kind,
        errors=errors,
        staged=staged,
        preview=preview,
        due=due,
        grounds=[(one.code, label(f"oversight.ground.{one.code}")) for one in grounds.offered(kind)],
        basis={one.code: one for one in grounds.offered(kind)},
        sources=[(one.value, label(f"oversight.source.{one}")) for one in Source],
        lines=showing.rule_lines(kind, today),
        rules=rules,
        most_days=orders.most_days(today),
        at=None if kind == "order" else form.invitation().talk_at if preview else None,
    )


# --- proposals of the rule table --------------------------------------------------------------------------------------


@bp.post("/office/oversight/proposals/<int:proposal_id>/<any(take,decline):action>")
@access.officer("oversight.approve", on=queries.scope_of_proposal)
def answer(proposal_id: int, action: str) -> ResponseReturnValue:
    """Suspend the code as proposed, or not, with a reason."""
    form = DeedForm()
    if not form.validate():
        raise Conflict("changed_meanwhile")  # only the hidden version can be missing
    reason, actor, now = form.reason.data or "", access.current_actor(), clock.now()
    deed = consequences.take if action == "take" else consequences.decline
    try:
        deed(proposal_id, reason, actor, now, form.version.data or 0)
    except Invalid as error:
        flash(message_of(error), "error")
        return redirect(url_for("oversight_office.index"), 303)
    flash(label(f"oversight.done.{action}"), "success")
    return redirect(url_for("oversight_office.index"), 303)
