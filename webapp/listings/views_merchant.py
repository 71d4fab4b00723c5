"""The merchant's side on the phone: what is proposed against me, by when I can speak, reply, appeal, ask for repair."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.core import clock
from webapp.core.errors import Conflict, DomainError, Invalid, NotFound
from webapp.files import queries as files
from webapp.files import staging
from webapp.files.models import FilePurpose
from webapp.letters import Recipient, Subject, serving
from webapp.letters.showing import party_list
from webapp.merchants.models import Shop
from webapp.merchants.status import ShopStatus
from webapp.web import access
from webapp.web.errors import message_of
from webapp.web.words import label

from . import cases, hearing, process, queries, rules, telling
from .forms import CaseForm
from .models import Listing
from .rules import Colour, ListingState

bp = Blueprint("listings_merchant", __name__)
TONES = {
    ListingState.CONFIRMED: "caution",
    ListingState.PUBLISHED: "stop",
}
CASE_TONES = {
    "filed": "info",
    "granted": "good",
    "dismissed": "stop",
    "withdrawn": "quiet",
    "overtaken": "quiet",
}


def statuses(shops: Sequence[Shop]) -> dict[int, ShopStatus]:
    """Slot ``merchant.shop_status``: a black entry that is proposed against the shop, or stands."""
    found = queries.standing_of([shop.id for shop in shops], Colour.BLACK)
    return {black.shop_id: _status(black) for black in found if queries.is_told(black)}


def _status(black: Listing) -> ShopStatus:
    url, now = url_for("listings_merchant.show", listing_id=black.id), clock.now()
    see, ground = label("listing.merchant.status.see"), telling.ground_of(black)
    if rules.hearing_open(black.state, black.hearing_until, now) and black.statement is None:
        said = label("listing.merchant.status.hearing", ground=ground)
        return ShopStatus(said, "stop", url=url, action=see, due=speak_by(black), urgent=True)
    if black.state is ListingState.CONFIRMED:
        return ShopStatus(label("listing.merchant.status.heard"), "caution", url=url, action=see)
    if black.under_appeal:
        appeal = black.open_appeal
        due = appeal.due_on if appeal is not None else None
        return ShopStatus(label("listing.merchant.status.appealed"), "caution", url=url, action=see, due=due)
    return ShopStatus(label("listing.merchant.status.black", ground=ground), "stop", url=url, action=see)


def speak_by(listing: Listing) -> date | None:
    """The last day of the hearing."""
    return None if listing.hearing_until is None else telling.last_day(listing.hearing_until)


def shop_section(shop: Shop, **_more: Any) -> Markup | None:
    """A piece of the shop's page: entries that are or were public; None when there never was one."""
    entries = [entry for entry in queries.of_shop(shop.id) if queries.is_told(entry)]
    if not entries:
        return None
    today = clock.today()
    shown = {entry.id for entry in entries if rules.visible(entry.state, entry.term_until, today)}
    return Markup(  # noqa: S704 - our template
        render_template(
            "listings/_merchant_shop.html",
            shop=shop,
            entries=entries,
            shown=shown,
            public={entry.id for entry in queries.public_of_shop(shop.id, today)},
            ended_by_itself=rules.ENDED_BY_ITSELF,
        )
    )


@bp.get("/merchant/listings")
@access.merchant()
def index() -> ResponseReturnValue:
    """Everything that is or was on the lists about the own shops."""
    entries = queries.of_operators(access.current_actor().operator_ids)
    return render_template("listings/merchant_index.html", entries=entries, tones=TONES, speak_by=speak_by)


@bp.get("/merchant/listings/<int:listing_id>")
@access.merchant(on=queries.scope_of)
def show(listing_id: int) -> ResponseReturnValue:
    """One entry: what it says, by when what can be done."""
    return _page(_told(listing_id))


@bp.get("/merchant/listings/<int:listing_id>/<any(speak, reply, appeal, repair):action>")
@access.merchant(on=queries.scope_of)
def ask(listing_id: int, action: str) -> ResponseReturnValue:
    """One question: say, reply, appeal or ask for repair."""
    listing = _told(listing_id)
    if action not in _open(listing, clock.now()):
        return redirect(url_for("listings_merchant.show", listing_id=listing_id), 303)
    typed = {"speak": listing.statement, "reply": listing.reply}.get(action) or ""
    return _form_page(listing, action, CaseForm(formdata=None, text=typed))


@bp.post("/merchant/listings/<int:listing_id>/<any(speak, reply, appeal, repair):action>")
@access.merchant(on=queries.scope_of)
def do(listing_id: int, action: str) -> ResponseReturnValue:
    """Do it; what was typed and uploaded stays when something is wrong."""
    listing, actor, now = _told(listing_id), access.current_actor(), clock.now()
    form = CaseForm()
    staged = staging.collect("files", FilePurpose.EVIDENCE, max_files=rules.FILES_MOST, actor=actor, now=now)
    text = form.text.data or ""
    if staged.error is not None:
        bad = Invalid(staged.error.code, field="files", **staged.error.details)
        return _form_page(listing, action, form, bad, staged), 422
    try:
        if action == "speak":
            hearing.speak(listing_id, text, actor, now, staged.ids)
        elif action == "reply":
            hearing.reply(listing_id, text, actor, now)
        elif action == "appeal":
            cases.appeal(listing_id, text, actor, now, staged.ids)
        else:
            pledges = request.form.getlist("pledges")
            cases.ask_repair(listing_id, text, pledges, actor, now, staged.ids)
    except (Invalid, Conflict) as error:
        return _form_page(listing, action, form, error, staged), error.status
    done = {"repair": "ask_repair"}.get(action, action)
    if action == "reply" and not text.strip():
        done = "reply_removed"
    flash(label(f"listing.done.{done}"), "success")
    return redirect(url_for("listings_merchant.show", listing_id=listing_id), 303)


@bp.post("/merchant/listings/<int:listing_id>/<any(appeal, repair):kind>/withdraw")
@access.merchant(on=queries.scope_of)
def withdraw(listing_id: int, kind: str) -> ResponseReturnValue:
    """Take an appeal or a request for repair back."""
    listing = _told(listing_id)
    case = listing.open_appeal if kind == "appeal" else listing.open_repair
    if case is None:
        raise Conflict("changed_meanwhile")
    cases.withdraw(case, access.current_actor(), clock.now())
    flash(label("listing.done.withdraw_case"), "success")
    return redirect(url_for("listings_merchant.show", listing_id=listing_id), 303)


bp.add_url_rule(
    "/merchant/listings/<int:listing_id>/letters/<int:letter_id>",
    "letter",
    access.merchant(on=queries.scope_of)(
        serving.download(
            lambda listing_id: Subject(telling.SUBJECT, listing_id),
            recipient=Recipient.RESPONDENT,
            holds=True,
        )
    ),
)


def _told(listing_id: int) -> Listing:
    """The entry, once its merchant was told; before that there is nothing to see."""
    listing = queries.get(listing_id)
    if listing.colour is not Colour.BLACK or not queries.is_told(listing):
        raise NotFound("no_such_thing")
    return listing


def _open(listing: Listing, now: datetime) -> list[str]:
    """What the merchant can do now, the most pressing first."""
    if rules.hearing_open(listing.state, listing.hearing_until, now):
        return ["speak"]
    if not rules.visible(listing.state, listing.term_until, clock.day_of(now)):
        return []
    appealed = any(case.state.value in {"filed", "granted", "dismissed"} for case in listing.appeals)
    open_now = []
    if not appealed and clock.day_of(now) <= cases.appeal_until(listing):
        open_now.append("appeal")
    if listing.open_repair is None:
        open_now.append("repair")
    return [*open_now, "reply"]


def _page(listing: Listing) -> str:
    now = clock.now()
    public = rules.visible(listing.state, listing.term_until, clock.day_of(now))
    return render_template(
        "listings/merchant_show.html",
        listing=listing,
        tones=TONES,
        case_tones=CASE_TONES,
        public=public,
        open_now=_open(listing, now),
        speak_by=speak_by(listing),
        hearing_open=rules.hearing_open(listing.state, listing.hearing_until, now),
        appeal_until=cases.appeal_until(listing) if public else None,
        repair_from=cases.repair_from(listing) if public else None,
        checks=cases.repair_checks(listing, now) if public else [],
        today=clock.day_of(now),
        files=files.of_owner(hearing.STATEMENT_OWNER, listing.id),
        ended_by_itself=rules.ENDED_BY_ITSELF,
        letters=party_list(
            Subject(telling.SUBJECT, listing.id),
            Recipient.RESPONDENT,
            lambda letter_id: url_for("listings_merchant.letter", listing_id=listing.id, letter_id=letter_id),
        ),
    )


def _form_page(
    listing: Listing,
    action: str,
    form: CaseForm,
    error: DomainError | None = None,
    staged: staging.Staged | None = None,
) -> str:
    now = clock.now()
    return render_template(
        "listings/merchant_ask.html",
        listing=listing,
        action=action,
        form=form,
        error=message_of(error) if error else "",
        error_field=(error.field or "text") if error else "",
        staged=staged,
        speak_by=speak_by(listing),
        pledges=[(code, label(f"listing.repair.pledge.{code}")) for code in process.PLEDGES],
        pledged=request.form.getlist("pledges"),
        checks=cases.repair_checks(listing, now) if action == "repair" else [],
        may_ask=action != "repair" or process.met(cases.repair_checks(listing, now)),
        longest=process.REPLY_LONGEST if action == "reply" else process.TEXT_LONGEST,
        files_most=rules.FILES_MOST,
    )
