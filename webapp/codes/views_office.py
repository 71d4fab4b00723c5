"""Officers' side of shops and their codes: finding a shop, its page, suspending, restoring, revoking by two people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.audit import sight
from webapp.audit.rules import Seen
from webapp.core import clock
from webapp.core.errors import Conflict, Invalid
from webapp.core.identifiers import format_phone
from webapp.files import queries as files
from webapp.merchants import queries as merchants
from webapp.merchants.models import Category, Shop
from webapp.regions import queries as regions
from webapp.web import access, paging
from webapp.web.errors import message_of
from webapp.web.words import label

from . import forms, operations, pieces, queries, search
from .models import Revocation, TrustCode
from .rules import AUTOMATIC_GROUNDS, RESTORE_REASONS, REVOKE_GROUNDS, STEPS, SUSPEND_GROUNDS, CodeState

bp = Blueprint("codes_office", __name__)
Page = ResponseReturnValue


# --- finding a shop ---------------------------------------------------------------------------------------------------


@bp.get("/office/shops")
@access.officer("shop.read")
def shops() -> Page:
    """Shops within reach, searched and filtered by what stands in the address."""
    wanted, posts = search.Wanted.from_args(request.args), access.reach(access.current_actor(), "shop.read")
    page = paging.paginate(search.shops(wanted, posts), 20)
    return render_template(
        "codes/office_shops.html",
        page=page,
        wanted=wanted,
        codes=search.latest_of(shop.id for shop in page.items),
        places={county.code: county.name for county in regions.counties_of(posts)},
        states=search.STATES,
        categories=list(Category),
        tones={state.value: tone for state, tone in pieces.TONES.items()},
    )


@bp.get("/office/shops/<int:shop_id>")
@access.officer("shop.read", on=merchants.scope_of_shop)
def shop(shop_id: int) -> Page:
    """All that the office knows of a shop."""
    return _page(shop_id)


def _page(
    shop_id: int, panel: str = "", form: forms.Versioned | None = None, error: Invalid | None = None
) -> str:
    """The shop's page. After a fault `panel` stands open with what was typed in `form`, the `error` at its field."""
    found, code = merchants.get_shop(shop_id), queries.latest(shop_id)
    actor = access.current_actor()
    sight.note(Seen.PERSON, "operator", found.operator_id)
    may = {step.action for step in STEPS.open_to(code.state, actor, found.scope)} if code else set()
    return render_template(
        "codes/office_shop.html",
        shop=found,
        code=code,
        photos=_photos(found),
        place=" ".join(regions.path_names(found.region_code)[1:]),
        phone=format_phone(found.phone),
        station=regions.find_station(found.station_id),
        industry=regions.find_industry(found.industry_code),
        grounds=_grounds(code, may),
        revoked=pieces.ground_words(code.revoked_ground) if code else "",
        proposal=_proposal(code),
        may=may,
        suspend_grounds=_left(SUSPEND_GROUNDS, code),
        revoke_grounds=REVOKE_GROUNDS,
        restore_reasons=RESTORE_REASONS,
        tones={state.value: tone for state, tone in pieces.TONES.items()},
        panel=panel,
        typed=form,
        errors={error.field or "_form": message_of(error)} if error else {},
        aside=access.must_stand_aside(found.scope),
    )


def _photos(shop: Shop) -> list[dict[str, Any]]:
    """By the authorised address: what is hidden, or of a shop that was never public, has no other."""
    if not access.may("file.read", shop.scope):
        return []
    stored = files.by_ids(photo.file_id for photo in shop.photos)
    found = [stored[photo.file_id] for photo in shop.photos if photo.file_id in stored]
    return [
        {
            "url": files.url_for_file(file, private=True),
            "thumb": files.picture_of(file, 200, private=True),
            "alt": shop.full_name,
        }
        for file in found
    ]


def _grounds(code: TrustCode | None, may: set[str]) -> list[dict[str, object]]:
    """The standing grounds, each with who raised it and whether this officer may end it."""
    if code is None:
        return []
    entries, actor, now = queries.open_grounds(code), access.current_actor(), clock.now()
    names = queries.names_of({entry.started_by_id for entry in entries})
    return [
        {
            **pieces.ground_view(entry.ground, entry.reason, entry.started_at),
            "by": names.get(entry.started_by_id, ""),
            "may_restore": "restore" in may and entry.ground not in AUTOMATIC_GROUNDS,
            "may_take_back": "take_back" in may and queries.can_take_back(entry, actor, now),
        }
        for entry in entries
    ]


def _left(catalogue: tuple[str, ...], code: TrustCode | None) -> list[str]:
    standing = {entry.ground for entry in queries.open_grounds(code)} if code else set()
    return [ground for ground in catalogue if ground not in standing]


def _proposal(code: TrustCode | None) -> dict[str, object] | None:
    revocation = queries.open_revocation(code.id) if code and code.state is not CodeState.REVOKED else None
    return _proposal_view(revocation) if revocation else None


def _proposal_view(revocation: Revocation) -> dict[str, object]:
    return {
        "id": revocation.id,
        "shop": merchants.get_shop(revocation.shop_id),
        "ground": pieces.ground_words(revocation.ground),
        "reason": revocation.reason,
        "by": queries.names_of({revocation.proposed_by_id}).get(revocation.proposed_by_id, ""),
        "mine": revocation.proposed_by_id == access.current_actor().account_id,
        "at": revocation.proposed_at,
    }


# --- what is done -----------------------------------------------------------------------------------------------------


def _act(shop_id: int, panel: str, form: forms.Versioned, work: Callable[[], Any], done: str) -> Page:
    """Do `work` and go back to the shop's page; a fault of the input shows the page again with all that was typed."""
    form.validate_on_submit()
    try:
        work()
    except Invalid as error:
        return _page(shop_id, panel, form, error), 422
    flash(label(f"code.done.{done}"), "success")
    return redirect(url_for(".shop", shop_id=shop_id), 303)


@bp.post("/office/shops/<int:shop_id>/suspend")
@access.officer("code.suspend", on=merchants.scope_of_shop)
def suspend(shop_id: int) -> Page:
    """Suspend on a ground."""
    form = forms.GroundForm()
    return _act(
        shop_id,
        "suspend",
        form,
        lambda: operations.suspend(
            shop_id,
            form.ground.data or "",
            form.words,
            access.current_actor(),
            clock.now(),
            form.seen_version,
        ),
        "suspend",
    )


@bp.post("/office/shops/<int:shop_id>/restore")
@access.officer("code.restore", on=merchants.scope_of_shop)
def restore(shop_id: int) -> Page:
    """End one ground."""
    form = forms.RestoreForm()
    ground = form.ground.data or ""
    return _act(
        shop_id,
        f"restore-{ground}",
        form,
        lambda: operations.lift(
            shop_id, ground, form.words, access.current_actor(), clock.now(), form.seen_version
        ),
        "restore",
    )


@bp.post("/office/shops/<int:shop_id>/take-back")
@access.officer("code.suspend", on=merchants.scope_of_shop)
def take_back(shop_id: int) -> Page:
    """Undo one's own suspension."""
    form = forms.GroundForm()
    return _act(
        shop_id,
        "",
        form,
        lambda: operations.take_back(
            shop_id, form.ground.data or "", access.current_actor(), clock.now(), form.seen_version
        ),
        "take_back",
    )


@bp.post("/office/shops/<int:shop_id>/revocation")
@access.officer("code.revoke", on=merchants.scope_of_shop)
def propose(shop_id: int) -> Page:
    """First of two: propose to revoke."""
    form = forms.GroundForm()
    return _act(
        shop_id,
        "revoke",
        form,
        lambda: operations.propose_revocation(
            shop_id,
            form.ground.data or "",
            form.words,
            access.current_actor(),
            clock.now(),
            form.seen_version,
        ),
        "propose",
    )


# --- the second person ------------------------------------------------------------------------------------------------


@bp.get("/office/revocations")
@access.officer("code.revoke")
def revocations() -> Page:
    """Proposals within reach that wait for a second officer."""
    waiting = queries.waiting_revocations(access.reach(access.current_actor(), "code.revoke"))
    return render_template(
        "codes/office_revocations.html", proposals=[_proposal_view(revocation) for revocation in waiting]
    )


@bp.post("/office/revocations/<int:revocation_id>/decide")
@access.officer("code.revoke", on=queries.scope_of_revocation)
def decide(revocation_id: int) -> Page:
    """Second of two: confirm or refuse."""
    form = forms.DecisionForm()
    outcome = form.outcome.data
    if outcome not in {"confirm", "refuse"}:
        raise Conflict("step_refused")
    return _act(
        queries.get_revocation(revocation_id).shop_id,
        f"decide-{outcome}",
        form,
        lambda: operations.decide_revocation(
            revocation_id,
            confirm=outcome == "confirm",
            reason=form.words,
            actor=access.current_actor(),
            now=clock.now(),
            version=form.seen_version,
        ),
        outcome,
    )


@bp.post("/office/revocations/<int:revocation_id>/withdraw")
@access.officer("code.revoke", on=queries.scope_of_revocation)
def withdraw(revocation_id: int) -> Page:
    """The proposer takes it back."""
    form = forms.Versioned()
    return _act(
        queries.get_revocation(revocation_id).shop_id,
        "withdraw",
        form,
        lambda: operations.withdraw_revocation(
            revocation_id, access.current_actor(), clock.now(), form.seen_version
        ),
        "withdraw",
    )
