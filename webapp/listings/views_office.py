"""Officers' side of the lists: what waits, proposing, the second person's decision, ending an entry."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.audit import queries as audit_queries
from webapp.core import clock, policy
from webapp.core.actor import Actor
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.files import queries as files
from webapp.files import staging
from webapp.files.models import FilePurpose, StoredFile
from webapp.merchants.models import Shop
from webapp.merchants.queries import get_shop
from webapp.regions import queries as regions
from webapp.web import access
from webapp.web.errors import message_of
from webapp.web.filters import day
from webapp.web.paging import paginate
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import cases, grounds, hearing, leads, operations, process, queries, rules, telling
from .forms import ProposalForm, ReasonForm
from .models import Listing
from .rules import Colour, ListingState

bp = Blueprint("listings_office", __name__)

TONES = {
    ListingState.PROPOSED: "info",
    ListingState.CONFIRMED: "caution",
    ListingState.PUBLISHED: "good",
    ListingState.REFUSED: "quiet",
    ListingState.EXPIRED: "quiet",
    ListingState.REPAIRED: "quiet",
    ListingState.STRUCK: "quiet",
    ListingState.WITHDRAWN: "quiet",
}


def menu(actor: Actor) -> MenuEntry | None:
    """The lists in the office's menu, with the number of proposals that wait for a second person."""
    posts = access.reach(actor, "listing.read")
    if not posts:
        return None
    return MenuEntry(
        url_for("listings_office.index"),
        "listing.menu",
        (queries.waiting(posts) + len(leads.open_within(posts))) or None,
        "list",
    )


def shop_section(shop: Shop, **_more: Any) -> Markup | None:
    """A piece of the officer's shop page: the shop's entries and the way to propose one."""
    if not access.may("listing.read", shop.scope):
        return None
    return Markup(  # noqa: S704 - our template
        render_template(
            "listings/_office_shop.html",
            shop=shop,
            entries=queries.of_shop(shop.id),
            tones=TONES,
            may_propose=access.may("listing.propose", shop.scope),
        )
    )


@bp.get("/office/listings")
@access.officer("listing.read")
def index() -> ResponseReturnValue:
    """Entries within reach, those that wait first."""
    posts = access.reach(access.current_actor(), "listing.read")
    state, colour = request.args.get("state", ""), request.args.get("colour", "")
    text = request.args.get("q", "").strip()[:40]
    return render_template(
        "listings/office_index.html",
        page=paginate(queries.office_list(posts, state=state, colour=colour, text=text)),
        state=state,
        colour=colour,
        text=text,
        states=[(entry.value, label(f"listing.state.{entry.value}")) for entry in ListingState],
        waiting=queries.waiting(posts),
        tones=TONES,
        due=queries.due(posts)
        if not (state or colour or text) and request.args.get("page", "1") == "1"
        else [],
        today=clock.today(),
        leads=leads.open_within(posts) if not (state or colour or text) else [],
        may_propose=access.may("listing.propose"),
    )


# --- proposing --------------------------------------------------------------------------------------------------------


@bp.get("/office/listings/new")
@access.officer("listing.propose")
def new() -> ResponseReturnValue:
    """Choose a shop by search, then the colour, then write the proposal."""
    shop_number = request.args.get("shop", type=int)
    if shop_number is None:
        text = request.args.get("q", "").strip()[:40]
        posts = access.reach(access.current_actor(), "listing.propose")
        found = queries.shops_named(posts, text) if text else []
        return render_template("listings/office_choose.html", text=text, found=found)
    shop = _own_shop(shop_number)
    colour = request.args.get("colour", "")
    form = ProposalForm(formdata=None, shop=shop.id, colour=colour if colour in set(Colour) else "")
    lead = leads.find_open(shop.id) if colour == Colour.BLACK.value else None
    if lead is not None:
        form.ground.data, form.evidence.data = lead.ground, lead.evidence
    return _form_page(shop, form, {})


@bp.post("/office/listings/new")
@access.officer("listing.propose")
def create() -> ResponseReturnValue:
    """Preview, or propose."""
    actor, now = access.current_actor(), clock.now()
    form = ProposalForm()
    shop = _own_shop(form.shop.data or 0)
    files_in = staging.collect(
        "evidence_files", FilePurpose.EVIDENCE, max_files=rules.FILES_MOST, actor=actor, now=now
    )
    errors = {} if files_in.error is None else {"evidence_files": message_of(files_in.error)}
    try:
        given = _given(form)
        operations.check_proposal(*given, now)
        operations.check_free(shop.id, given[0])
        if not errors and request.form.get("do") != "preview":
            listing = operations.propose(shop.id, *given, actor, now, file_ids=files_in.ids)
            flash(label("listing.done.propose"), "success")
            return redirect(url_for("listings_office.show", listing_id=listing.id), 303)
    except (Invalid, Conflict) as error:
        errors[error.field or "_form"] = message_of(error)
    page = _form_page(shop, form, errors, files_in, preview=not errors)
    return page, 422 if errors else 200


def _own_shop(shop_number: int) -> Shop:
    shop = get_shop(shop_number)
    if not access.may("listing.propose", shop.scope):
        raise NotFound("no_such_thing")
    return shop


def _given(form: ProposalForm) -> tuple[Colour, str, str, str, date | None]:
    return (
        form.chosen_colour,
        form.ground.data or "",
        form.evidence.data or "",
        form.public_summary.data or "",
        form.term,
    )


def _form_page(
    shop: Shop,
    form: ProposalForm,
    errors: dict[str, str],
    files_in: staging.Staged | None = None,
    *,
    preview: bool = False,
) -> str:
    today = clock.today()
    colour = form.colour.data if form.colour.data in set(Colour) else ""
    grounds_of = grounds.of_colour(colour) if colour else ()
    months = max((operations.months_of(one.severity, today)[1] for one in grounds_of), default=0)
    return render_template(
        "listings/office_new.html",
        shop=shop,
        form=form,
        errors=errors,
        files_in=files_in,
        colour=colour,
        grounds=grounds_of,
        terms={one.code: operations.months_of(one.severity, today) for one in grounds_of},
        hearing_days=policy.get_int("listing.hearing_working_days", today),
        months=months,
        latest=rules.latest_term(today, months or 1),
        rules=rules,
        preview={"term_until": form.term} if preview else None,
        district=regions.find(shop.region_code[:6]),
    )


# --- the case ---------------------------------------------------------------------------------------------------------


@bp.get("/office/listings/<int:listing_id>")
@access.officer("listing.read", on=queries.scope_of)
def show(listing_id: int) -> ResponseReturnValue:
    """One entry with its evidence, its two people, what can be done and what was done."""
    return case_page(queries.get(listing_id))


@bp.post("/office/listings/<int:listing_id>/<any(confirm, refuse, publish, drop, strike, hide_reply):action>")
@access.officer("listing.confirm", on=queries.scope_of)
def act(listing_id: int, action: str) -> ResponseReturnValue:
    """The second person's decision, or the end of a published entry, with a reason."""
    form = ReasonForm()
    if not form.validate():
        raise Conflict("changed_meanwhile")  # only the hidden version can be missing
    try:
        listing = _do(listing_id, action, form.reason.data or "", form.version.data or 0)
    except Invalid as error:
        failed = {"action": action, "message": message_of(error), "reason": form.reason.data or ""}
        return case_page(queries.get(listing_id), failed), 422
    if listing.state is ListingState.CONFIRMED and listing.hearing_until is not None:
        until = day(telling.last_day(listing.hearing_until))
        flash(label("listing.done.confirmed", until=until), "success")
    else:
        flash(label(f"listing.done.{action}"), "success")
    return redirect(url_for("listings_office.show", listing_id=listing_id), 303)


def _do(listing_id: int, action: str, reason: str, version: int) -> Listing:
    actor, now = access.current_actor(), clock.now()
    if action in {"confirm", "refuse"}:
        return operations.decide(listing_id, action, reason, actor, now, version)
    plain = {"publish": operations.publish, "drop": operations.drop, "hide_reply": hearing.hide_reply}
    if action in plain:
        return plain[action](listing_id, reason, actor, now, version)
    return operations.end(listing_id, action, reason, actor, now, version)


@bp.post("/office/listings/<int:listing_id>/withdraw")
@access.officer("listing.propose", on=queries.scope_of)
def withdraw(listing_id: int) -> ResponseReturnValue:
    """The proposer takes it back."""
    form = ReasonForm()
    if not form.validate():
        raise Conflict("changed_meanwhile")  # only the hidden version can be missing
    operations.withdraw(listing_id, access.current_actor(), clock.now(), form.version.data or 0)
    flash(label("listing.done.withdraw"), "success")
    return redirect(url_for("listings_office.show", listing_id=listing_id), 303)


def case_page(listing: Listing, failed: dict[str, str] | None = None) -> str:
    """One entry with its evidence, its people, what the merchant said, and the decision bar."""
    actor, now = access.current_actor(), clock.now()
    own = listing.state is ListingState.PROPOSED and actor.account_id == listing.proposed_by_id
    steps = _steps(listing, actor, now)
    return render_template(
        "listings/office_show.html",
        listing=listing,
        tones=TONES,
        names=queries.officer_names(listing),
        files=files.of_owner(operations.OWNER_TYPE, listing.id),
        said_files=_files_of_cases(listing),
        may_see_files=access.may("file.read", listing.shop.scope),
        history=audit_queries.history(operations.OWNER_TYPE, listing.id),
        ended_by_itself=rules.ENDED_BY_ITSELF,
        actions=[] if own else [action for action in steps if action != "withdraw"],
        own=own,
        may_withdraw=own and "withdraw" in steps,
        aside=access.must_stand_aside(listing.shop.scope),
        failed=failed or {},
        district=regions.find(listing.shop.region_code[:6]),
        longest=rules.REASON_LONGEST,
        speak_by=None if listing.hearing_until is None else telling.last_day(listing.hearing_until),
        today=clock.day_of(now),
        appeal=listing.open_appeal,
        repair=listing.open_repair,
        took_part=process.took_part(
            actor.account_id, listing.proposed_by_id, listing.decided_by_id, listing.heard_by_id
        ),
        may_repair=process.may_repair(
            actor,
            (listing.proposed_by_id, listing.decided_by_id),
            listing.office_region or listing.shop.region_code[:6],
        ),
        may_decide=access.may("listing.confirm", listing.shop.scope),
        checks=cases.repair_checks(listing, now) if listing.open_repair else [],
        letter_url=lambda letter_id: url_for(
            "listings_cases.letter", listing_id=listing.id, letter_id=letter_id
        ),
    )


def _steps(listing: Listing, actor: Actor, now: datetime) -> list[str]:
    """What this officer may do to the entry itself; repair is asked for by the merchant and decided as a case."""
    found = [step.action for step in rules.STEPS.open_to(listing.state, actor, listing.shop.scope)]
    if listing.statement is None and listing.state is ListingState.CONFIRMED:
        # Published by itself when the hearing is over; what turns out wrong before need not wait for that.
        over = listing.hearing_until is not None and listing.hearing_until <= now
        found = [action for action in found if action == "drop" or over]
    if "strike" in found and listing.public_reply:
        found.append("hide_reply")
    return [action for action in found if action != "repair"]


def _files_of_cases(listing: Listing) -> dict[str, list[StoredFile]]:
    """What the merchant handed in, by ``statement``, ``appeal-<id>``, ``repair-<id>``."""
    found = {"statement": files.of_owner(hearing.STATEMENT_OWNER, listing.id)}
    for case in listing.appeals:
        found[f"appeal-{case.id}"] = files.of_owner(cases.APPEAL_OWNER, case.id)
    for one in listing.repairs:
        found[f"repair-{one.id}"] = files.of_owner(cases.REPAIR_OWNER, one.id)
    return found
