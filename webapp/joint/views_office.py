"""The officers' pages of complaints handled together."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.complaints import rules as complaint_rules
from webapp.complaints import showing, timing
from webapp.complaints.models import Complaint, ComplaintGroup, Side
from webapp.core import clock, policy
from webapp.core.errors import Conflict, DomainError, Invalid, NotFound
from webapp.core.transaction import rollback
from webapp.mediation.forms import DeedForm
from webapp.mediation.models import HearingMode
from webapp.merchants.queries import get_shop
from webapp.web import access, paging, typed
from webapp.web.errors import message_of
from webapp.web.words import label

from . import operations, queries, rules

bp = Blueprint("joint", __name__, url_prefix="/office/groups")
_DEEDS = "any(" + ", ".join(rules.ACTIONS) + ")"


def section(complaint: Complaint, **_context: Any) -> Markup | None:
    """On a complaint's page: its group, or which others against the shop wait (slot ``office.complaint``)."""
    if not access.may("complaint.handle", complaint.scope):
        return None
    posts = access.reach(access.current_actor(), "complaint.handle")
    group = None if complaint.group_id is None else queries.get(complaint.group_id)
    others = (
        []
        if group
        else [one for one in queries.candidates(complaint.shop_id, posts) if one.id != complaint.id]
    )
    joinable = complaint.state in rules.JOINABLE
    if group is None and not (others and joinable):
        return None
    return Markup(  # noqa: S704 - our own template, which escapes
        render_template(
            "joint/_complaint.html",
            complaint=complaint,
            group=group,
            members=len(queries.members(group.id)) if group else 0,
            others=len(others),
            standing=None if group else queries.open_group(complaint.shop_id),
        )
    )


@bp.get("/")
@access.officer("complaint.handle")
def index() -> ResponseReturnValue:
    """Groups within reach, and shops with several open complaints that are in none."""
    posts = access.reach(access.current_actor(), "complaint.handle")
    closed = request.args.get("state") == "closed"
    page = paging.paginate(queries.groups(posts, closed=closed))
    least = policy.get_int("joint.propose_from", clock.today())
    return render_template(
        "joint/office_index.html",
        page=page,
        closed=closed,
        counts=queries.counts([group.id for group in page.items]),
        proposals=[] if closed else queries.proposals(posts, least),
    )


@bp.get("/new")
@access.officer("complaint.handle")
def new() -> ResponseReturnValue:
    """Which complaints against ``?shop=`` are to be handled together."""
    shop_id = request.args.get("shop", type=paging.whole_number)
    return redirect(url_for("complaints_office.index")) if shop_id is None else _new(shop_id)


@bp.post("/new")
@access.officer("complaint.handle")
def create() -> ResponseReturnValue:
    """Put the chosen ones together."""
    shop_id = request.form.get("shop", type=paging.whole_number)
    if shop_id is None:
        return redirect(url_for("complaints_office.index"), 303)
    ids = [
        paging.whole_number(one)
        for one in request.form.getlist("complaints")
        if one.isdigit() and len(one) < 18
    ]
    title = typed.line(request.form.get("title"), operations.TITLE_MOST + 1)
    try:
        group = operations.open_group(shop_id, ids, title, access.current_actor(), clock.now())
    except (Invalid, Conflict) as error:
        rollback()
        return _new(shop_id, title=title, chosen=ids, error=error), error.status
    flash(label("joint.flash.open"), "success")
    return redirect(url_for("joint.show", group_id=group.id), 303)


@bp.get("/<int:group_id>")
@access.officer("complaint.handle", on=queries.scope_of)
def show(group_id: int) -> ResponseReturnValue:
    """The group: every member with its own deadline, what can be done to all, who could still be taken in."""
    return _page(queries.get(group_id))


@bp.post(f"/<int:group_id>/<{_DEEDS}:action>")
@access.officer("complaint.handle", on=queries.scope_of)
def act(group_id: int, action: str) -> ResponseReturnValue:
    """One deed to all that it can be done to."""
    text, ground = (
        typed.lines(request.form.get("text")),
        request.form.get("ground", ""),
    )
    versions = rules.read_versions(request.form.get("versions", ""))
    try:
        lines = operations.act(
            group_id,
            action,
            access.current_actor(),
            clock.now(),
            text=text,
            ground=ground,
            grounds={one: request.form.get(f"ground-{one}", "") for one in versions},
            meeting=DeedForm().meeting,
            versions=versions,
        )
    except (Invalid, Conflict) as error:
        rollback()
        return _page(queries.get(group_id), tried=action, text=text, ground=ground, error=error), error.status
    done = sum(line.done for line in lines)
    flash(
        label("joint.flash.act", deed=label(f"complaint.do.{action}"), done=done, left=len(lines) - done),
        "success",
    )
    return redirect(url_for("joint.show", group_id=group_id), 303)


@bp.post("/<int:group_id>/join")
@access.officer("complaint.handle", on=queries.scope_of)
def join(group_id: int) -> ResponseReturnValue:
    """Take one more in."""
    return _one(group_id, "join")


@bp.post("/<int:group_id>/part")
@access.officer("complaint.handle", on=queries.scope_of)
def part(group_id: int) -> ResponseReturnValue:
    """Take one out."""
    return _one(group_id, "part")


@bp.post("/<int:group_id>/dissolve")
@access.officer("complaint.handle", on=queries.scope_of)
def dissolve(group_id: int) -> ResponseReturnValue:
    """Go on case by case."""
    operations.dissolve(group_id, access.current_actor(), clock.now())
    flash(label("joint.flash.dissolve"), "success")
    return redirect(url_for("joint.show", group_id=group_id), 303)


def _one(group_id: int, deed: str) -> ResponseReturnValue:
    complaint_id = request.form.get("complaint", 0, type=paging.whole_number)
    actor, now = access.current_actor(), clock.now()
    try:
        if deed == "join":
            operations.join(queries.get(group_id), complaint_id, actor, now)
        else:
            operations.part(group_id, complaint_id, actor, now)
    except (Conflict, NotFound) as error:
        rollback()
        known = error if isinstance(error, Conflict) else Conflict("group_not_member")
        return _page(queries.get(group_id), error=known), known.status
    flash(label(f"joint.flash.{deed}"), "success")
    return redirect(url_for("joint.show", group_id=group_id), 303)


def _new(
    shop_id: int, *, title: str = "", chosen: list[int] | None = None, error: DomainError | None = None
) -> Response:
    found = queries.candidates(shop_id, access.reach(access.current_actor(), "complaint.handle"))
    if not found and error is None:
        raise NotFound("no_such_thing")
    return _private(
        render_template(
            "joint/office_new.html",
            shop=get_shop(shop_id),
            found=found,
            chosen={one.id for one in found} if chosen is None else set(chosen),
            title=title,
            title_most=operations.TITLE_MOST,
            situations=showing.situations(found, clock.now(), Side.OFFICER),
            tones=showing.STATE_TONES,
            error=message_of(error) if error else "",
            error_field=error.field if isinstance(error, Invalid) else "",
        )
    )


def _page(
    group: ComplaintGroup,
    *,
    tried: str = "",
    text: str = "",
    ground: str = "",
    error: DomainError | None = None,
) -> Response:
    actor, now = access.current_actor(), clock.now()
    found = queries.members(group.id)
    members = queries.as_members(found)
    numbers = {one.id: one.number for one in found}
    plans = (
        {action: rules.plan(action, members, actor) for action in rules.ACTIONS}
        if group.closed_at is None
        else {}
    )
    offered = {action: lines for action, lines in plans.items() if any(line.done for line in lines)}
    return _private(
        render_template(
            "joint/office_show.html",
            group=group,
            found=found,
            joinable=rules.JOINABLE,
            situations=showing.situations(found, now, Side.OFFICER),
            tones=showing.STATE_TONES,
            plans={
                action: (
                    [numbers[line.complaint_id] for line in lines if line.done],
                    [(numbers[line.complaint_id], line.why) for line in lines if not line.done],
                )
                for action, lines in offered.items()
            },
            grounds={action: _grounds(action, found, members, offered[action]) for action in offered},
            versions=",".join(f"{one.id}:{one.version}" for one in found),
            others=queries.candidates(group.shop_id, access.reach(actor, "complaint.handle"))
            if group.closed_at is None
            else [],
            own_grounds={
                action: _own_grounds(action, found, offered[action])
                for action in offered
                if action in complaint_rules.ON_A_GROUND
            },
            modes=[(mode.value, label(f"mediation.mode.{mode.value}")) for mode in HearingMode],
            sent=request.form,
            needs_text={"pause", "inform"},
            tried=tried,
            typed=text,
            chosen=ground,
            error=message_of(error) if error else "",
            text_max=complaint_rules.TEXT_MAX,
        )
    )


def _grounds(
    action: str, found: list[Complaint], members: list[rules.Member], lines: list[rules.Line]
) -> list[tuple[str, str]]:
    """The grounds that hold for every complaint that the deed is done to."""
    done = {line.complaint_id for line in lines if line.done}
    if action in complaint_rules.ON_A_GROUND:
        codes = rules.grounds(action, [one for one in members if one.complaint_id in done])
        return [(code, label(f"complaint.ground.{action}.{code}")) for code in codes]
    if action == "pause":
        offered = [timing.pause_grounds(one) for one in found if one.id in done]
        codes = [code for code in offered[0] if all(code in others for others in offered[1:])]
        return [(code, label(f"clock.ground.{code}")) for code in codes]
    return []


def _own_grounds(
    action: str, found: list[Complaint], lines: list[rules.Line]
) -> list[tuple[int, str, list[tuple[str, str]]]]:
    """For each complaint that the deed is done to: its id, number and the grounds of its own law, with the article."""
    done = {line.complaint_id for line in lines if line.done}
    return [
        (
            one.id,
            one.number,
            [
                (
                    ground.code,
                    f"{label(f'complaint.ground.{action}.{ground.code}')}{showing.cited(ground)}",
                )
                for ground in complaint_rules.grounds_for(action, one.law)
            ],
        )
        for one in found
        if one.id in done
    ]


def _private(page: str) -> Response:
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response
