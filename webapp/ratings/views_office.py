"""Officers read the ratings within their reach, answer reports, and propose and decide removals."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.accounts import queries as accounts
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.errors import Conflict, DomainError, Forbidden, Invalid
from webapp.core.transaction import rollback
from webapp.web import access, paging, typed
from webapp.web.errors import message_of
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import grounds, moderating, moderation, queries, records, rules
from .forms import CaseForm
from .models import Rating, RatingCase

bp = Blueprint("ratings_office", __name__)


def menu(actor: Actor) -> MenuEntry | None:
    """评价, with the number of ratings and signals that wait."""
    posts = access.reach(actor, "rating.read")
    if not posts:
        return None
    waiting = sum(records.waiting(posts).values())
    return MenuEntry(url_for("ratings_office.index"), "rating.menu.office", waiting or None, "heart")


@bp.get("/office/ratings")
@access.officer("rating.read")
def index() -> ResponseReturnValue:
    """Ratings within reach, newest first; narrowed to those that wait for something."""
    posts = access.reach(access.current_actor(), "rating.read")
    shop_id, low = request.args.get("shop", type=paging.whole_number), bool(request.args.get("low"))
    text, state = typed.line(request.args.get("text"), 80), request.args.get("state", "")
    state = state if state in queries.STATES else ""
    page = paging.paginate(queries.office_list(posts, shop_id=shop_id, text=text, low=low, state=state))
    return render_template(
        "ratings/office_index.html",
        page=page,
        reports=records.reports_of([rating.id for rating in page.items]),
        cases=records.live_cases([rating.id for rating in page.items]),
        waiting=records.waiting(posts),
        shop_id=shop_id,
        text=text,
        low=low,
        state=state,
        hearts=rules.HEARTS,
    )


@bp.get("/office/ratings/<int:rating_id>")
@access.officer("rating.read", on=queries.scope_of)
def show(rating_id: int) -> ResponseReturnValue:
    """One rating: words, photos, reports, signals, cases, history."""
    return _page(queries.get(rating_id))


@bp.post("/office/ratings/<int:rating_id>/<any(propose, keep):action>")
@access.officer("rating.moderate", on=queries.scope_of)
def act(rating_id: int, action: str) -> ResponseReturnValue:
    """Propose a removal on a listed ground; or answer the reports: it stands."""
    form, actor, now = CaseForm(), access.current_actor(), clock.now()
    reason = typed.lines(form.reason.data)
    try:
        if action == "propose":
            moderating.propose(rating_id, form.ground.data or "", reason, actor, now)
        else:
            moderating.keep(rating_id, reason, actor, now)
    except (Invalid, Conflict) as error:
        return _again(rating_id, action, error)
    return _done(rating_id, action)


@bp.post("/office/ratings/cases/<int:case_id>/<any(confirm, refuse, withdraw, uphold, restore):action>")
@access.officer("rating.moderate", on=records.scope_of_case)
def decide(case_id: int, action: str) -> ResponseReturnValue:
    """Remove, refuse, take back, uphold or restore: the step table and the two people decide who may."""
    form = CaseForm()
    rating_id = records.get_case(case_id).rating_id
    try:
        moderating.decide(
            case_id,
            action,
            typed.lines(form.reason.data),
            access.current_actor(),
            clock.now(),
            form.known_version(),
        )
    except (Invalid, Conflict) as error:
        return _again(rating_id, action, error)
    except Forbidden as error:
        if error.code not in {"two_people_needed", "only_proposer"}:
            raise
        return _again(rating_id, action, error)
    return _done(rating_id, action)


@bp.post("/office/ratings/<int:rating_id>/photos/<int:file_id>/<any(hide, show):action>")
@access.officer("rating.moderate", on=queries.scope_of)
def photo(rating_id: int, file_id: int, action: str) -> ResponseReturnValue:
    """Hide one photo on a listed ground, or show it again."""
    form, actor, now = CaseForm(), access.current_actor(), clock.now()
    try:
        if action == "hide":
            moderating.hide_photo(rating_id, file_id, form.ground.data or "", actor, now)
        else:
            moderating.show_photo(rating_id, file_id, actor, now)
    except (Invalid, Conflict) as error:
        return _again(rating_id, f"photo-{file_id}", error)
    return _done(rating_id, f"photo_{action}")


def _done(rating_id: int, action: str) -> ResponseReturnValue:
    flash(label(f"rating.flash.{action}"), "success")
    return redirect(url_for("ratings_office.show", rating_id=rating_id), 303)


def _again(rating_id: int, tried: str, error: DomainError) -> ResponseReturnValue:
    rollback()
    return _page(queries.get(rating_id), tried, error), error.status


def _page(rating: Rating, tried: str = "", error: DomainError | None = None) -> str:
    actor, scope = access.current_actor(), rating.shop.scope
    cases = records.cases_of(rating.id)
    live = next((case for case in cases if case.state in moderation.LIVE), None)
    aside = access.must_stand_aside(scope)
    may = access.may("rating.moderate", scope)
    steps = [] if live is None else moderation.STEPS.open_to(live.state, actor, scope)
    people = {case.proposed_by_id for case in cases} | {case.decided_by_id for case in cases}
    people |= {case.judged_by_id for case in cases}
    reports = records.reports_of([rating.id]).get(rating.id, [])
    return render_template(
        "ratings/office_show.html",
        rating=rating,
        hearts=rules.HEARTS,
        reports=reports,
        has_open=any(report.state is moderation.ReportState.OPEN for report in reports),
        cases=cases,
        live=live,
        steps=[step.action for step in steps if _is_open_to(live, step.action, actor)],
        barred=any(_is_barred(live, step.action, actor) for step in steps),
        may=may and not aside,
        aside=aside,
        names=accounts.names_of(people),
        grounds=grounds.catalogue(),
        signals=records.signals_about(rating),
        history=records.history(rating.id),
        form=CaseForm(),
        tried=tried,
        error=message_of(error) if error else "",
        error_field=(error.field or "") if error else "",
        longest=moderation.REASON_LONGEST,
    )


def _is_barred(case: RatingCase | None, action: str, actor: Actor) -> bool:
    """Has this person a part in what the step decides?"""
    return case is not None and moderation.has_part(
        case.state, action, actor.account_id, case.proposed_by_id, case.decided_by_id
    )


def _is_open_to(case: RatingCase | None, action: str, actor: Actor) -> bool:
    """Is the step this person's: neither barred by an own part, nor another's to take back?"""
    if case is None or action == "object":
        return False
    if action == "withdraw":
        return actor.account_id == case.proposed_by_id
    return not _is_barred(case, action, actor)
