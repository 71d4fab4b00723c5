"""Officers' side of the copy alarms: the list by due day, the case with its map and evidence, the steps."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.audit import queries as audit_queries
from webapp.audit import wording
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.errors import Conflict, DomainError, Forbidden, Invalid
from webapp.core.transaction import rollback
from webapp.merchants.models import Shop
from webapp.regions import queries as regions
from webapp.stickers import queries as stickers
from webapp.stickers.models import StickerState
from webapp.web import access, paging, typed
from webapp.web.errors import message_of
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import operations, policies, queries, rules, showing
from .forms import DecisionForm
from .models import CopyAlarm
from .rules import STEPS, AlarmKind, AlarmState, Remedy

bp = Blueprint("copies_office", __name__)
#: How many stand in the desk's queue; the list has all.
IN_QUEUE = 5
ACTIONS = ("look", "confirm", "dismiss", "close", "put_back", "reopen")
_BY_OFFICER = "any(" + ", ".join(ACTIONS) + ")"


def menu(actor: Actor) -> MenuEntry | None:
    """码贴警报, with the number of tasks."""
    posts = access.reach(actor, "copy.read")
    if not posts:
        return None
    return MenuEntry(
        url_for("copies_office.index"), "copy.menu", queries.count_standing(posts) or None, "warn"
    )


def queue_section() -> Markup | None:
    """Slot ``office.queue``: the tasks that are due first, beside the applications."""
    posts = access.reach(access.current_actor(), "copy.handle")
    total = queries.count_standing(posts) if posts else 0
    if not total:
        return None
    page = queries.office_list(posts).limit(IN_QUEUE)
    return Markup(  # noqa: S704 - our template
        render_template("copies/_office_queue.html", rows=_views(queries.all_of(page)), total=total)
    )


def shop_section(shop: Shop, **_more: Any) -> Markup | None:
    """Slot ``office.shop``: the alarms of this shop's stickers; nothing for a shop without any."""
    alarms = queries.of_shop(shop.id) if access.may("copy.read", shop.scope) else []
    if not alarms:
        return None
    return Markup(  # noqa: S704 - our template
        render_template("copies/_office_shop.html", rows=_views(alarms))
    )


def _views(alarms: list[CopyAlarm]) -> list[dict[str, Any]]:
    today = clock.today()
    limits = policies.limits_on(today)
    return [showing.view(alarm, limits, today) for alarm in alarms]


# --- the list ---------------------------------------------------------------------------------------------------------


@bp.get("/office/copies")
@access.officer("copy.read")
def index() -> ResponseReturnValue:
    """Alarms within reach by due day; what is asked for stands in the address."""
    actor = access.current_actor()
    posts, asked = access.reach(actor, "copy.read"), _asked()
    page = paging.paginate(
        queries.office_list(
            posts,
            state=asked["state"],
            kind=asked["kind"],
            region=asked["region"],
            text=asked["text"],
            overdue_on=clock.today() if asked["overdue"] else None,
            handled_by_id=actor.account_id if asked["mine"] else None,
        ),
        20,
    )
    return render_template(
        "copies/office_index.html",
        page=page,
        rows=_views(page.items),
        names=queries.names_of(alarm.handled_by_id for alarm in page.items),
        waiting=queries.count_standing(posts),
        counties=regions.counties_of(posts),
        kinds=[(kind.value, label(f"copy.kind.{kind.value}")) for kind in AlarmKind],
        states=[(state.value, label(f"copy.state.{state.value}")) for state in AlarmState],
        **asked,
    )


def _asked() -> dict[str, Any]:
    """The filters; nonsense is none."""
    state, kind = request.args.get("state", "standing"), request.args.get("kind", "")
    region = request.args.get("region", "")
    return {
        "state": state if state in {"", "standing", "ended", *AlarmState} else "standing",
        "kind": kind if kind in set(AlarmKind) else "",
        "region": region if region.isascii() and region.isdigit() and len(region) <= 9 else "",
        "text": typed.line(request.args.get("text"), 40),
        "overdue": bool(request.args.get("overdue")),
        "mine": bool(request.args.get("mine")),
    }


@bp.get("/office/copies/next")
@access.officer("copy.handle")
def next_one() -> ResponseReturnValue:
    """Open the next task by due day; back to the list when there is none."""
    after = request.args.get("after", 0, type=paging.whole_number)
    found = queries.find_next(access.current_actor(), after)
    if found is None:
        flash(label("copy.none_left"), "info")
        return redirect(url_for("copies_office.index"))
    return redirect(url_for("copies_office.show", alarm_id=found.id))


# --- one alarm --------------------------------------------------------------------------------------------------------


@bp.get("/office/copies/<int:alarm_id>")
@access.officer("copy.read", on=queries.scope_of)
def show(alarm_id: int) -> ResponseReturnValue:
    """One alarm with map, evidence, sticker, what can be done and what was done."""
    return _case(queries.get(alarm_id))


@bp.post(f"/office/copies/<int:alarm_id>/<{_BY_OFFICER}:action>")
@access.officer("copy.handle", on=queries.scope_of)
def act(alarm_id: int, action: str) -> ResponseReturnValue:
    """Take a step; the page again with what is wrong, or with the news that somebody or something was first."""
    form = DecisionForm()
    try:
        alarm = operations.act(alarm_id, action, form.decision, access.current_actor(), clock.now())
    except (Invalid, Forbidden, Conflict) as error:
        rollback()
        return _case(queries.get(alarm_id), action, form, error), error.status
    flash(label(f"copy.done.{action}", label=alarm.label), "success")
    return redirect(url_for("copies_office.show", alarm_id=alarm_id), 303)


def _case(
    alarm: CopyAlarm, tried: str = "", form: DecisionForm | None = None, error: DomainError | None = None
) -> str:
    actor, shop, today = access.current_actor(), alarm.shop, clock.today()
    limits = policies.limits_on(today)
    handles = access.may("copy.handle", shop.scope)
    sticker = stickers.find(alarm.shop_id, alarm.serial)
    places = showing.places(alarm, limits, access.reach(actor, "shop.read"))
    open_steps = STEPS.open_to(alarm.state, actor, shop.scope) if handles else []
    return render_template(
        "copies/office_show.html",
        **showing.view(alarm, limits, today),
        shop=shop,
        sticker=sticker,
        address=showing.address(shop),
        places=places,
        picture=showing.picture(alarm, places, limits),
        reports=showing.report_rows(alarm),
        pairs=showing.pair_rows(alarm, places),
        hours=showing.hour_rows(alarm),
        late=alarm.facts.get("days", ()),
        limits=limits,
        others=_views(queries.others_of_sticker(alarm)),
        also_standing=[one for one in queries.standing(alarm.shop_id, alarm.serial) if one.id != alarm.id],
        names=queries.names_of([alarm.handled_by_id, alarm.ended_by_id]),
        history=[wording.line(event) for event in audit_queries.history("copy_alarm", alarm.id)],
        steps=sorted((step.action for step in open_steps), key=ACTIONS.index),
        reasons=rules.REASONS,
        remedies=_remedies(sticker.state if sticker is not None else None),
        longest=rules.REASON_LONGEST,
        aside=access.must_stand_aside(shop.scope),
        handles=handles,
        tried=tried,
        form=form,
        field=error.field if isinstance(error, Invalid) else None,
        message=message_of(error) if error else "",
    )


def _remedies(state: StickerState | None) -> list[Remedy]:
    """What can be done to a sticker in this state."""
    if state is StickerState.VALID:
        return list(Remedy)
    if state is StickerState.SUSPENDED:
        return [Remedy.REPLACE, Remedy.NONE]
    return [Remedy.NONE]
