"""Officers' side of campaigns: list, propose with a picture and a preview, decide, withdraw."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.accounts.queries import find_account
from webapp.audit import queries as audit_queries
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.core.transaction import rollback
from webapp.files import queries as files
from webapp.files import staging
from webapp.files.models import FilePurpose
from webapp.regions import queries as regions
from webapp.regions.models import Region
from webapp.web import access
from webapp.web.errors import message_of
from webapp.web.paging import paginate
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import operations, queries, rules
from .forms import CampaignForm, DecisionForm
from .models import Campaign
from .rules import CampaignState

bp = Blueprint("campaigns_office", __name__)
PERMISSION = "campaign.manage"
_ACTIONS = "any(approve, refuse, withdraw)"


def menu(actor: Actor) -> MenuEntry | None:
    """首页活动, with the number that waits for this officer."""
    posts = access.reach(actor, PERMISSION)
    if not posts:
        return None
    count = queries.waiting(posts, actor.account_id or 0)
    return MenuEntry(url_for("campaigns_office.index"), "campaign.menu", count or None, "star")


@bp.get("/office/campaigns")
@access.officer(PERMISSION)
def index() -> ResponseReturnValue:
    """Campaigns within reach."""
    state = request.args.get("state", "")
    page = paginate(queries.office_list(access.reach(access.current_actor(), PERMISSION), state=state))
    return render_template(
        "campaigns/office_index.html",
        page=page,
        state=state,
        states=list(CampaignState),
        names={region.code: region.name for region in _regions()},
        today=clock.today(),
        is_shown=rules.is_shown,
    )


@bp.get("/office/campaigns/new")
@access.officer(PERMISSION)
def new() -> ResponseReturnValue:
    """An empty form."""
    form, mine = CampaignForm(formdata=None), _regions()
    form.region_code.data = mine[0].code if mine else ""
    form.starts_on.data = clock.today()
    return _form(form, {}, staging.Staged())


@bp.post("/office/campaigns/new")
@access.officer(PERMISSION)
def propose() -> ResponseReturnValue:
    """Propose it; what was typed and the picture stay when something is wrong."""
    actor, now, form = access.current_actor(), clock.now(), CampaignForm()
    picture = staging.collect("picture", FilePurpose.EVIDENCE, max_files=1, actor=actor, now=now)
    errors: dict[str, str] = {}
    if not form.validate():
        errors = {
            name: label("error.campaign_day") for name in ("starts_on", "ends_on") if name in form.errors
        }
        if "csrf_token" in form.errors:
            errors["_form"] = label("error.form_expired")
    if picture.error is not None:
        errors["picture"] = message_of(picture.error)
    if not errors:
        try:
            made = operations.propose(form.draft(next(iter(picture.ids), None)), actor, now)
            flash(label("campaign.done.propose"), "success")
            return redirect(url_for("campaigns_office.show", campaign_id=made.id), 303)
        except Invalid as error:
            errors[error.field or "_form"] = message_of(error)
        except Forbidden:
            errors["region_code"] = label("error.campaign_region")
        rollback()
    return _form(form, errors, picture), 422


@bp.get("/office/campaigns/<int:campaign_id>")
@access.officer(PERMISSION, on=queries.scope_of)
def show(campaign_id: int) -> ResponseReturnValue:
    """One campaign as the front page shows it, its course, what this officer may do."""
    return _page(queries.get(campaign_id))


@bp.post(f"/office/campaigns/<int:campaign_id>/<{_ACTIONS}:action>")
@access.officer(PERMISSION, on=queries.scope_of)
def act(campaign_id: int, action: str) -> ResponseReturnValue:
    """Approve, refuse or withdraw."""
    form, actor, now = DecisionForm(), access.current_actor(), clock.now()
    if not form.validate():
        raise Conflict("changed_meanwhile")  # only the hidden version can be missing
    reason, version = form.reason.data or "", form.version.data or 0
    try:
        if action == "withdraw":
            operations.withdraw(campaign_id, reason, actor, now, version)
        else:
            operations.decide(campaign_id, action, reason, actor, now, version)
    except Invalid as error:
        rollback()
        failed = {"action": action, "message": message_of(error), "reason": reason}
        return _page(queries.get(campaign_id), failed), 422
    flash(label(f"campaign.done.{action}"), "success")
    return redirect(url_for("campaigns_office.show", campaign_id=campaign_id), 303)


def _regions() -> list[Region]:
    """The regions that the actor may propose for, the widest first: the city, its counties."""
    posts = access.reach(access.current_actor(), PERMISSION)
    counties = regions.all_counties()
    city = regions.find(counties[0].code[:4]) if counties else None
    known = [region for region in (city, *counties) if region is not None]
    return [region for region in known if any(region.code.startswith(post.region_code) for post in posts)]


def _form(form: CampaignForm, errors: dict[str, str], picture: staging.Staged) -> str:
    return render_template(
        "campaigns/office_form.html",
        form=form,
        errors=errors,
        picture=picture,
        rules=rules,
        regions=[(region.code, region.name) for region in _regions()],
    )


def _page(campaign: Campaign, failed: dict[str, str] | None = None) -> str:
    actor, scope = access.current_actor(), queries.scope_of(campaign.id)
    mine = actor.account_id == campaign.proposed_by_id
    region, proposer = regions.find(campaign.region_code), find_account(campaign.proposed_by_id)
    decider = find_account(campaign.decided_by_id) if campaign.decided_by_id else None
    return render_template(
        "campaigns/office_show.html",
        campaign=campaign,
        picture=files.picture_of(queries.picture_of(campaign), queries.FRONT_WIDTH, private=True),
        region=region.name if region else "",
        proposer=proposer.name if proposer else "",
        decider=decider.name if decider else "",
        history=audit_queries.history("campaign", campaign.id),
        actions=[
            step.action
            for step in rules.STEPS.open_to(campaign.state, actor, scope)
            if step.action == "withdraw" or not mine
        ],
        mine=mine,
        shown=rules.is_shown(campaign.state, campaign.starts_on, campaign.ends_on, clock.today()),
        failed=failed or {},
        longest=rules.REASON_LONGEST,
    )
