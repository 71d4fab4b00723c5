"""Officers' side of reminders: list, write with a preview, propose, publish as the second officer, withdraw."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.audit import queries as audit_queries
from webapp.core import clock, policy
from webapp.core.actor import Actor, Post
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound, StepRefused
from webapp.core.transaction import rollback
from webapp.merchants.models import Category, Shop
from webapp.merchants.queries import get_shop
from webapp.regions import queries as regions
from webapp.web import access
from webapp.web.errors import message_of
from webapp.web.paging import paginate
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import grounds, operations, queries, rules
from .forms import ReminderForm, StepForm
from .models import Reminder
from .rules import ReminderKind, ReminderState

bp = Blueprint("reminders_office", __name__)
READ, WRITE = "reminder.read", "reminder.draft"


def menu(actor: Actor) -> MenuEntry | None:
    """Reminders in the office's menu, with how many wait for this officer."""
    if not access.reach(actor, READ):
        return None
    waiting = queries.waiting_count(access.reach(actor, "reminder.publish"), actor.account_id)
    return MenuEntry(url_for("reminders_office.index"), "reminder.menu", waiting or None, "info")


@bp.get("/office/reminders")
@access.officer(READ)
def index() -> ResponseReturnValue:
    """Drafts, what waits for a second officer, what is published, what has ended, within reach."""
    posts = access.reach(access.current_actor(), READ)
    state = request.args.get("state", "")
    page = paginate(queries.office_list(posts, state=state))
    return render_template(
        "reminders/office_index.html",
        page=page,
        state=state,
        states=[one.value for one in ReminderState],
        names=_names(page.items),
    )


@bp.get("/office/reminders/new")
@access.officer(WRITE)
def new() -> ResponseReturnValue:
    """An empty form; with ``?shop=`` about one shop, with ``?q=`` a search for shops."""
    number = request.args.get("shop", type=int)
    form = ReminderForm(formdata=None)
    mine, today = _regions(), clock.today()
    form.region_code.data = mine[0][0] if mine else ""
    form.term_until.data = (
        today + timedelta(days=policy.get_int("reminder.default_days", today))
    ).isoformat()
    shops = [] if number is None else [_own_shop(number)]
    form.shops.data = "".join(str(shop.id) for shop in shops)
    return _form_page(form, {}, shops=shops)


@bp.post("/office/reminders/new")
@access.officer(WRITE)
def create() -> ResponseReturnValue:
    """Preview, keep as a draft, or keep and propose."""
    return _take(None)


@bp.get("/office/reminders/<int:reminder_id>")
@access.officer(READ, on=queries.scope_of)
def show(reminder_id: int) -> ResponseReturnValue:
    """One reminder with its history and the steps that this officer may take."""
    return _case(queries.get(reminder_id))


@bp.get("/office/reminders/<int:reminder_id>/edit")
@access.officer(WRITE, on=queries.scope_of)
def edit(reminder_id: int) -> ResponseReturnValue:
    """The form with what it says now. Of a published one: for what shall take its place."""
    reminder = queries.get(reminder_id)
    if reminder.state is ReminderState.PUBLISHED:
        waiting = queries.waiting_successor(reminder.id)
        if waiting is not None:
            return redirect(url_for("reminders_office.show", reminder_id=waiting.id), 303)
    else:
        rules.STEPS.find(reminder.state, "edit")
    form = ReminderForm(formdata=None, obj=reminder)
    form.kind.data, form.term_until.data = reminder.kind.value, reminder.term_until.isoformat()
    form.shops.data = " ".join(str(shop.id) for shop in reminder.shops)
    return _form_page(form, {}, reminder, reminder.shops)


@bp.post("/office/reminders/<int:reminder_id>/edit")
@access.officer(WRITE, on=queries.scope_of)
def revise(reminder_id: int) -> ResponseReturnValue:
    """Preview, or keep the change."""
    return _take(queries.get(reminder_id))


@bp.post("/office/reminders/<int:reminder_id>/<any(propose,take_back,drop):action>")
@access.officer(WRITE, on=queries.scope_of)
def put_forward(reminder_id: int, action: str) -> ResponseReturnValue:
    """The writer's steps: propose it, take the proposal back, drop the draft."""
    return _act(reminder_id, action)


@bp.post("/office/reminders/<int:reminder_id>/<any(publish,refuse,withdraw):action>")
@access.officer("reminder.publish", on=queries.scope_of)
def decide(reminder_id: int, action: str) -> ResponseReturnValue:
    """The second officer's steps: publish it, refuse it, withdraw it."""
    return _act(reminder_id, action)


def _act(reminder_id: int, action: str) -> ResponseReturnValue:
    form = StepForm()
    if not form.validate():
        raise Conflict("changed_meanwhile")  # only the hidden version can be missing
    reason, version = form.reason.data or "", form.version.data or 0
    try:
        operations.act(reminder_id, action, reason, access.current_actor(), clock.now(), version)
    except Invalid as error:
        failed = {"action": action, "message": message_of(error), "reason": reason}
        return _case(queries.get(reminder_id), failed), 422
    flash(label(f"reminder.done.{action}"), "success")
    return redirect(url_for("reminders_office.show", reminder_id=reminder_id), 303)


def _take(reminder: Reminder | None) -> ResponseReturnValue:
    actor, now, form = access.current_actor(), clock.now(), ReminderForm()
    errors: dict[str, str] = {} if form.validate() else _form_errors(form)
    shops: list[Shop] = []
    try:
        written = form.draft()
        shops = operations.check(written, actor, now)
        if not errors and request.form.get("do") != "preview":
            if reminder is None:
                kept = operations.draft(written, actor, now)
            else:
                kept = operations.revise(reminder.id, written, actor, now, form.version.data or 0)
            if request.form.get("do") == "propose":
                operations.act(kept.id, "propose", "", actor, now, kept.version)
            flash(label(f"reminder.done.{kept.state.value}"), "success")
            return redirect(url_for("reminders_office.show", reminder_id=kept.id), 303)
    except (NotFound, Forbidden):
        errors["shops" if (form.shops.data or "").strip() else "region_code"] = label(
            "error.reminder_out_of_reach"
        )
    except Invalid as error:
        errors[error.field or "_form"] = message_of(error)
    except Conflict as error:  # another officer was quicker; what was written stays in the form
        if isinstance(error, StepRefused):
            raise
        rollback()
        errors["_form"] = message_of(error)
    if not shops and "shops" not in errors:
        try:
            shops = [get_shop(number) for number in form.shop_ids()]
        except NotFound:
            errors["shops"] = label("error.reminder_out_of_reach")
    return _form_page(form, errors, reminder, shops, preview=not errors), 422 if errors else 200


def _form_errors(form: ReminderForm) -> dict[str, str]:
    return {"_form": label("error.form_expired")} if "csrf_token" in form.errors else {}


def _own_shop(number: int) -> Shop:
    shop = get_shop(number)
    if not access.may(WRITE, shop.scope):
        raise NotFound("no_such_thing")
    return shop


def _regions() -> list[tuple[str, str]]:
    """The regions that the actor may write for, the widest first: the city, its counties, a station's streets."""
    posts = access.reach(access.current_actor(), WRITE)
    counties = regions.all_counties()
    city = regions.find(counties[0].code[:4]) if counties else None
    known = [region for region in (city, *counties) if region is not None]
    wide = [post for post in posts if post.station_id is None and post.department_code is None]
    found = [(one.code, one.name) for one in known if _covers(wide, one.code)]
    streets = [one for one in regions.all_streets() if one.station_id in {post.station_id for post in posts}]
    return found + [(one.code, one.name) for one in streets if one.station_id is not None]


def _covers(posts: list[Post], code: str) -> bool:
    return any(code.startswith(post.region_code) for post in posts)


def _names(found: list[Reminder]) -> dict[str, str]:
    codes = {one.region_code for one in found}
    named = {code: regions.find(code) for code in codes}
    return {code: region.name for code, region in named.items() if region is not None}


def _form_page(
    form: ReminderForm,
    errors: dict[str, str],
    reminder: Reminder | None = None,
    shops: list[Shop] | None = None,
    *,
    preview: bool = False,
) -> str:
    text = request.args.get("q", "").strip()[:40]
    posts = access.reach(access.current_actor(), WRITE)
    industries = regions.industries()
    region = regions.find(form.region_code.data or "")
    industry = regions.find_industry(form.industry_code.data or None)
    kind = ReminderKind(form.kind.data) if form.kind.data in set(ReminderKind) else ReminderKind.REMINDER
    today = clock.today()
    context: dict[str, Any] = {
        "form": form,
        "errors": errors,
        "reminder": reminder,
        "shops": shops or [],
        "preview": preview,
        "rules": rules,
        "text": text,
        "found": queries.shops_named(posts, text) if text else [],
        "kinds": [
            (one.value, label(f"reminder.kind.{one.value}"), label(f"reminder.kind.{one.value}.hint"))
            for one in ReminderKind
        ],
        "grounds": [(one.code, label(f"reminder.ground.{one.code}")) for one in grounds.offered()],
        "basis": grounds.catalogue(),
        "regions": _regions(),
        "categories": [(entry.value, label(f"category.{entry.value}.long")) for entry in Category],
        "industries": [
            (
                label(f"category.{entry.value}.long"),
                [(i.code, i.name) for i in industries if i.category == entry],
            )
            for entry in Category
        ],
        "region_name": region.name if region else "",
        "industry_name": industry.name if industry else "",
        "tomorrow": (today + timedelta(days=1)).isoformat(),
        "latest": (today + timedelta(days=operations.longest_term(kind, today))).isoformat(),
        "longest": {one.value: operations.longest_term(one, today) for one in ReminderKind},
        "term_day": _day(form.term_until.data),
    }
    return render_template("reminders/office_form.html", **context)


def _day(typed: str | None) -> date | None:
    try:
        return date.fromisoformat(typed or "")
    except ValueError:
        return None


def _case(reminder: Reminder, failed: dict[str, str] | None = None) -> str:
    actor = access.current_actor()
    open_to = rules.STEPS.open_to(reminder.state, actor, queries.scope_of(reminder.id))
    second = rules.second_person(actor.account_id, reminder.written_by_id, reminder.proposed_by_id)
    actions = [
        step.action
        for step in open_to
        if (second or step.action not in rules.SECOND_PERSON)
        and (step.action != "take_back" or actor.account_id == reminder.proposed_by_id)
    ]
    return render_template(
        "reminders/office_show.html",
        reminder=reminder,
        region=regions.find(reminder.region_code),
        industry=regions.find_industry(reminder.industry_code),
        ground=grounds.get(reminder.ground),
        history=audit_queries.history("reminder", reminder.id),
        actions=actions,
        own=not second and any(step.action in rules.SECOND_PERSON for step in open_to),
        waiting=queries.waiting_successor(reminder.id),
        failed=failed or {},
        longest=rules.REASON_LONGEST,
    )
