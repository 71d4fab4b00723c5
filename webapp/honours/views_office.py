"""Officers' side of honours: what waits, proposing, the second person's decision, chains."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.audit import queries as audit_queries
from webapp.core import clock, policy
from webapp.core.actor import Actor
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.core.transaction import rollback
from webapp.listings import queries as listings
from webapp.merchants.models import Shop
from webapp.merchants.queries import get_shop
from webapp.web import access, typed
from webapp.web.errors import message_of
from webapp.web.paging import paginate
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import operations, queries, returning, rules, standards
from .forms import ChainForm, HonourForm, ReasonForm, ReviewForm
from .models import Honour
from .rules import HonourKind, HonourState

bp = Blueprint("honours_office", __name__)
TONES = {HonourState.PROPOSED: "info", HonourState.PUBLISHED: "good"}


def menu(actor: Actor) -> MenuEntry | None:
    """Honours in the office's menu, with what waits for a second person and reviews that are due."""
    posts = access.reach(actor, "listing.read")
    if not posts:
        return None
    return MenuEntry(
        url_for("honours_office.index"),
        "honour.menu",
        queries.waiting(posts) + queries.reviews_due(posts, clock.today()) or None,
        "heart",
        "/office/honours",
    )


def lists_links() -> Markup:
    """Slot ``office.listings``: nominations and measures from a file, beside the lists."""
    posts = access.reach(access.current_actor(), "listing.read")
    return Markup(  # noqa: S704 - our template
        render_template("honours/_office_lists.html", nominated=queries.nominated(posts))
    )


def shop_section(shop: Shop, **_more: Any) -> Markup | None:
    """A piece of the officer's shop page."""
    if not access.may("listing.read", shop.scope):
        return None
    return Markup(  # noqa: S704 - our template
        render_template(
            "honours/_office_shop.html",
            shop=shop,
            honours=queries.of_shop(shop.id),
            tones=TONES,
            may_propose=access.may("listing.propose", shop.scope),
        )
    )


@bp.get("/office/honours")
@access.officer("listing.read")
def index() -> ResponseReturnValue:
    """Honours within reach, those that wait first."""
    posts = access.reach(access.current_actor(), "listing.read")
    kind, state = request.args.get("kind", ""), request.args.get("state", "")
    text = request.args.get("q", "").strip()[:40]
    today = clock.today()
    by = today + timedelta(days=policy.get_int("honour.review_ahead_days", today))
    review = request.args.get("review") == "1"
    chosen = queries.office_list(posts, kind=kind, state=state, text=text, review_by=by if review else None)
    return render_template(
        "honours/office_index.html",
        page=paginate(chosen),
        review=review,
        reviews=queries.reviews_due(posts, by),
        today=today,
        kind=kind,
        state=state,
        text=text,
        kinds=[(one.value, label(f"honour.kind.{one.value}")) for one in HonourKind],
        states=[(one.value, label(f"honour.state.{one.value}")) for one in HonourState],
        waiting=queries.waiting(posts),
        nominated=queries.nominated(posts),
        tones=TONES,
        may_propose=access.may("listing.propose"),
    )


@bp.get("/office/honours/new")
@access.officer("listing.propose")
def new() -> ResponseReturnValue:
    """Choose a shop, then the kind, then write the proposal."""
    number = request.args.get("shop", type=int)
    if number is None:
        text = request.args.get("q", "").strip()[:40]
        posts = access.reach(access.current_actor(), "listing.propose")
        found = listings.shops_named(posts, text) if text else []
        return render_template("honours/office_choose.html", text=text, found=found)
    kind = request.args.get("kind", "")
    form = HonourForm(
        formdata=None,
        shop=number,
        kind=kind if kind in set(HonourKind) else "",
    )
    return _form_page(_own_shop(number), form, {})


@bp.post("/office/honours/new")
@access.officer("listing.propose")
def create() -> ResponseReturnValue:
    """Propose."""
    form = HonourForm()
    shop = _own_shop(form.shop.data or 0)
    try:
        honour = operations.propose(shop.id, form.facts, access.current_actor(), clock.now())
    except (Invalid, Conflict) as error:
        rollback()  # a refused insert leaves the transaction unusable
        return _form_page(shop, form, {error.field or "_form": message_of(error)}), 422
    flash(label("honour.done.propose"), "success")
    return redirect(url_for("honours_office.show", honour_id=honour.id), 303)


@bp.get("/office/honours/<int:honour_id>")
@access.officer("listing.read", on=queries.scope_of)
def show(honour_id: int) -> ResponseReturnValue:
    """One honour with its two people and what can be done."""
    return _case(queries.get(honour_id))


@bp.post("/office/honours/<int:honour_id>/<any(confirm, refuse, end):action>")
@access.officer("listing.confirm", on=queries.scope_of)
def act(honour_id: int, action: str) -> ResponseReturnValue:
    """The second person's decision, or the end of what is published."""
    form = _reason()
    work = operations.end if action == "end" else operations.decide
    try:
        work(
            honour_id,
            action,
            form.reason.data or "",
            access.current_actor(),
            clock.now(),
            form.version.data or 0,
        )
    except Invalid as error:
        failed = {"action": action, "message": message_of(error), "reason": form.reason.data or ""}
        return _case(queries.get(honour_id), failed), 422
    flash(label(f"honour.done.{action}"), "success")
    return redirect(url_for("honours_office.show", honour_id=honour_id), 303)


@bp.post("/office/honours/<int:honour_id>/review")
@access.officer("listing.propose", on=queries.scope_of)
def review(honour_id: int) -> ResponseReturnValue:
    """The yearly look at a return shop's records."""
    form = ReviewForm()
    if not form.validate():
        raise Conflict("changed_meanwhile")  # only the hidden version can be missing
    returns, refused = form.counts
    note = typed.lines(form.note.data)
    actor, now = access.current_actor(), clock.now()
    try:
        returning.review(honour_id, returns, refused, note, actor, now, form.version.data or 0)
    except Invalid as error:
        failed = {"action": "review", "message": message_of(error), "field": error.field or "note"}
        typed_in = {"returns": form.returns.data, "refused": form.refused.data, "note": note}
        return _case(queries.get(honour_id), failed | typed_in), 422
    flash(label("honour.done.review"), "success")
    return redirect(url_for("honours_office.show", honour_id=honour_id), 303)


@bp.post("/office/honours/<int:honour_id>/withdraw")
@access.officer("listing.propose", on=queries.scope_of)
def withdraw(honour_id: int) -> ResponseReturnValue:
    """The proposer takes it back."""
    form = _reason()
    operations.withdraw(honour_id, access.current_actor(), clock.now(), form.version.data or 0)
    flash(label("honour.done.withdraw"), "success")
    return redirect(url_for("honours_office.show", honour_id=honour_id), 303)


@bp.get("/office/honours/chains")
@access.officer("listing.read")
def chains() -> ResponseReturnValue:
    """Chains that take back each other's goods, and adding one."""
    return _chains_page(ChainForm(formdata=None), {})


@bp.post("/office/honours/chains")
@access.officer("listing.propose")
def create_chain() -> ResponseReturnValue:
    """Add a chain; its shops are named one by one."""
    form, actor = ChainForm(), access.current_actor()
    place = next(post.region_code for post in access.reach(actor, "listing.propose"))
    try:
        operations.create_chain(form.name.data or "", form.terms.data or "", place, actor, clock.now())
    except (Invalid, Conflict) as error:
        rollback()  # a refused insert leaves the transaction unusable
        return _chains_page(form, {error.field or "_form": message_of(error)}), 422
    flash(label("honour.done.chain"), "success")
    return redirect(url_for("honours_office.chains"), 303)


@bp.post("/office/honours/chains/<int:chain_id>/end")
@access.officer("listing.confirm", on=queries.scope_of_chain)
def end_chain(chain_id: int) -> ResponseReturnValue:
    """The chain is over, and its shops' membership with it."""
    form, actor = _reason(), access.current_actor()
    reason = typed.lines(form.reason.data)
    try:
        count = operations.end_chain(chain_id, reason, actor, clock.now(), form.version.data or 0)
    except Invalid as error:
        failed = {"chain": chain_id, "message": message_of(error), "reason": reason}
        return _chains_page(ChainForm(formdata=None), {}, failed), 422
    flash(label("honour.done.end_chain", count=count), "success")
    return redirect(url_for("honours_office.chains"), 303)


def _own_shop(number: int) -> Shop:
    shop = get_shop(number)
    if not access.may("listing.propose", shop.scope):
        raise NotFound("no_such_thing")
    return shop


def _reason() -> ReasonForm:
    form = ReasonForm()
    if not form.validate():
        raise Conflict("changed_meanwhile")  # only the hidden version can be missing
    return form


def _form_page(shop: Shop, form: HonourForm, errors: dict[str, str]) -> str:
    today = clock.today()
    least, most = (policy.get_int(f"honour.return_days_{end}", today) for end in ("least", "most"))
    return render_template(
        "honours/office_new.html",
        shop=shop,
        form=form,
        errors=errors,
        kind=form.kind.data if form.kind.data in set(HonourKind) else "",
        kinds=[(one.value, label(f"honour.kind.{one.value}")) for one in HonourKind],
        sectors=[(code, label(f"honour.sector.{code}")) for code in rules.SECTORS],
        standards=standards.table(today),
        disputes=returning.disputes(shop.id, today - returning.PERIOD, today),
        chains=[(str(chain.id), chain.name) for chain in queries.open_chains()],
        rules=rules,
        least=least,
        most=most,
        years=policy.get_int("honour.term_years", today),
    )


def _chains_page(form: ChainForm, errors: dict[str, str], failed: dict[str, Any] | None = None) -> str:
    counts = {chain.id: count for chain, count in queries.chains(clock.today())}
    return render_template(
        "honours/office_chains.html",
        form=form,
        errors=errors,
        chains=queries.open_chains(),
        failed=failed or {},
        may_end={
            chain.id
            for chain in queries.open_chains()
            if access.may("listing.confirm", queries.scope_of_chain(chain.id))
        },
        counts=counts,
        rules=rules,
        may_propose=access.may("listing.propose"),
    )


def _since(honour: Honour) -> date:
    """The first day that the next records are of."""
    records = queries.records_of(honour.id)
    return records[0].until + timedelta(days=1) if records else clock.today() - returning.PERIOD


def _case(honour: Honour, failed: dict[str, Any] | None = None) -> str:
    actor = access.current_actor()
    own = honour.state is HonourState.PROPOSED and actor.account_id == honour.proposed_by_id
    steps = [step.action for step in rules.STEPS.open_to(honour.state, actor, honour.shop.scope)]
    today = clock.today()
    ahead = policy.get_int("honour.review_ahead_days", today)
    published = honour.state is HonourState.PUBLISHED
    state = rules.review_state(honour.review_on, today, ahead) if published else ""
    return render_template(
        "honours/office_show.html",
        honour=honour,
        tones=TONES,
        names=queries.names_of([honour.proposed_by_id, honour.decided_by_id]),
        history=audit_queries.history(operations.OWNER_TYPE, honour.id),
        ended_by_itself=rules.ENDED_BY_ITSELF,
        actions=[] if own else [action for action in steps if action not in {"withdraw", "review"}],
        records=queries.records_of(honour.id),
        review_state=state,
        disputes=returning.disputes(honour.shop_id, _since(honour), today) if state else 0,
        may_review=bool(state) and "review" in steps,
        own=own,
        may_withdraw=own and "withdraw" in steps,
        aside=access.must_stand_aside(honour.shop.scope),
        failed=failed or {},
        longest=rules.REASON_LONGEST,
    )
