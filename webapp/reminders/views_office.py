"""Officers' side of reminders: list, write with a preview, publish, revise, withdraw."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.audit import queries as audit_queries
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from webapp.merchants.models import Category, Shop
from webapp.merchants.queries import get_shop
from webapp.regions import queries as regions
from webapp.regions.models import Region
from webapp.web import access
from webapp.web.errors import message_of
from webapp.web.paging import paginate
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import operations, queries, rules
from .forms import ReminderForm, WithdrawForm
from .models import Reminder
from .rules import ReminderKind

bp = Blueprint("reminders_office", __name__)
PERMISSION = "reminder.publish"


def menu(actor: Actor) -> MenuEntry | None:
    """Reminders in the office's menu, for those who publish them."""
    if not access.reach(actor, PERMISSION):
        return None
    return MenuEntry(url_for("reminders_office.index"), "reminder.menu", None, "info")


@bp.get("/office/reminders")
@access.officer(PERMISSION)
def index() -> ResponseReturnValue:
    """Published and withdrawn ones within reach."""
    posts = access.reach(access.current_actor(), PERMISSION)
    state = request.args.get("state", "")
    page = paginate(queries.office_list(posts, state=state))
    names = {region.code: region.name for region in _regions()}
    return render_template("reminders/office_index.html", page=page, state=state, names=names)


@bp.get("/office/reminders/new")
@access.officer(PERMISSION)
def new() -> ResponseReturnValue:
    """An empty form; with ``?shop=`` for one shop, with ``?q=`` a search for that shop."""
    number = request.args.get("shop", type=int)
    form = ReminderForm(formdata=None, shop=number)
    mine = _regions()
    form.region_code.data = mine[0].code if mine else ""
    return _form_page(form, {}, shop=None if number is None else _own_shop(number))


@bp.post("/office/reminders/new")
@access.officer(PERMISSION)
def create() -> ResponseReturnValue:
    """Preview, or publish."""
    return _take(None)


@bp.get("/office/reminders/<int:reminder_id>")
@access.officer(PERMISSION, on=queries.scope_of)
def show(reminder_id: int) -> ResponseReturnValue:
    """One reminder with its history; the form to revise it, the panel to withdraw it."""
    return _case(queries.get(reminder_id))


@bp.get("/office/reminders/<int:reminder_id>/edit")
@access.officer(PERMISSION, on=queries.scope_of)
def edit(reminder_id: int) -> ResponseReturnValue:
    """The form with what is published now."""
    reminder = queries.get(reminder_id)
    rules.STEPS.find(reminder.state, "revise")
    form = ReminderForm(formdata=None, obj=reminder)
    form.kind.data, form.shop.data = reminder.kind.value, reminder.shop_id
    return _form_page(form, {}, reminder, reminder.shop)


@bp.post("/office/reminders/<int:reminder_id>/edit")
@access.officer(PERMISSION, on=queries.scope_of)
def revise(reminder_id: int) -> ResponseReturnValue:
    """Preview, or publish the change."""
    return _take(queries.get(reminder_id))


@bp.post("/office/reminders/<int:reminder_id>/withdraw")
@access.officer(PERMISSION, on=queries.scope_of)
def withdraw(reminder_id: int) -> ResponseReturnValue:
    """Take it back with a reason."""
    form = WithdrawForm()
    if not form.validate():
        raise Conflict("changed_meanwhile")  # only the hidden version can be missing
    reason = form.reason.data or ""
    try:
        operations.withdraw(reminder_id, reason, access.current_actor(), clock.now(), form.version.data or 0)
    except Invalid as error:
        return _case(queries.get(reminder_id), {"message": message_of(error), "reason": reason}), 422
    flash(label("reminder.done.withdraw"), "success")
    return redirect(url_for("reminders_office.show", reminder_id=reminder_id), 303)


def _take(reminder: Reminder | None) -> ResponseReturnValue:
    actor, now, form = access.current_actor(), clock.now(), ReminderForm()
    errors: dict[str, str] = {} if form.validate() else _form_errors(form)
    try:
        draft = form.draft()
        operations.check(draft, actor)
        if not errors and request.form.get("do") != "preview":
            if reminder is None:
                reminder = operations.publish(draft, actor, now)
            else:
                operations.revise(reminder.id, draft, actor, now, form.version.data or 0)
            flash(label("reminder.done.publish"), "success")
            return redirect(url_for("reminders_office.show", reminder_id=reminder.id), 303)
    except (NotFound, Forbidden):
        errors["shop" if form.shop.data else "region_code"] = label("error.reminder_out_of_reach")
    except Invalid as error:
        errors[error.field or "_form"] = message_of(error)
    shop = None if form.shop.data is None or "shop" in errors else get_shop(form.shop.data)
    return _form_page(form, errors, reminder, shop, preview=not errors), 422 if errors else 200


def _form_errors(form: ReminderForm) -> dict[str, str]:
    return {"_form": label("error.form_expired")} if "csrf_token" in form.errors else {}


def _own_shop(number: int) -> Shop:
    shop = get_shop(number)
    if not access.may(PERMISSION, shop.scope):
        raise NotFound("no_such_thing")
    return shop


def _regions() -> list[Region]:
    """The regions that the actor may write for, the widest first: the city, its counties."""
    posts = access.reach(access.current_actor(), PERMISSION)
    counties = regions.all_counties()
    city = regions.find(counties[0].code[:4]) if counties else None
    known = [region for region in (city, *counties) if region is not None]
    return [region for region in known if any(region.code.startswith(post.region_code) for post in posts)]


def _form_page(
    form: ReminderForm,
    errors: dict[str, str],
    reminder: Reminder | None = None,
    shop: Shop | None = None,
    *,
    preview: bool = False,
) -> str:
    text = request.args.get("q", "").strip()[:40]
    posts = access.reach(access.current_actor(), PERMISSION)
    industries = regions.industries()
    region = regions.find(form.region_code.data or "")
    industry = regions.find_industry(form.industry_code.data or None)
    context: dict[str, Any] = {
        "form": form,
        "errors": errors,
        "reminder": reminder,
        "shop": shop,
        "preview": preview,
        "rules": rules,
        "text": text,
        "found": queries.shops_named(posts, text) if text else [],
        "kinds": [
            (kind.value, label(f"reminder.kind.{kind.value}"), label(f"reminder.kind.{kind.value}.hint"))
            for kind in ReminderKind
        ],
        "regions": [(entry.code, entry.name) for entry in _regions()],
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
    }
    return render_template("reminders/office_form.html", **context)


def _case(reminder: Reminder, failed: dict[str, str] | None = None) -> str:
    return render_template(
        "reminders/office_show.html",
        reminder=reminder,
        region=regions.find(reminder.region_code),
        industry=regions.find_industry(reminder.industry_code),
        history=audit_queries.history("reminder", reminder.id),
        actions=[
            step.action
            for step in rules.STEPS.open_to(
                reminder.state, access.current_actor(), queries.scope_of(reminder.id)
            )
        ],
        failed=failed or {},
        longest=rules.REASON_LONGEST,
    )
