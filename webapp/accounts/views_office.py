"""Accounts as an administrator manages them: within the regions of their own posts."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.audit import sight
from webapp.audit.queries import history
from webapp.audit.rules import Seen
from webapp.core import clock
from webapp.core.actor import Post, Role
from webapp.core.errors import Forbidden, Invalid
from webapp.web import access, paging
from webapp.web.words import label

from . import erasing, forms, operations, queries
from .models import AccountKind
from .views_public import form_page

bp = Blueprint("accounts_office", __name__, url_prefix="/office/accounts")


@bp.get("")
@access.officer("account.manage")
def index() -> ResponseReturnValue:
    """Officers or merchants, searched by name, username or phone."""
    kind = AccountKind.MERCHANT if request.args.get("kind") == "merchant" else AccountKind.OFFICER
    text = request.args.get("q", "")[:80]
    page = paging.paginate(queries.accounts(kind, text, access.current_actor()))
    places = queries.post_places(post for account in page.items for post in account.posts)
    return render_template("accounts/office_index.html", page=page, kind=kind.value, text=text, places=places)


@bp.route("/new", methods=["GET", "POST"])
@access.officer("account.manage")
def new() -> ResponseReturnValue:
    """A new officer with the first post; the temporary password is shown once."""
    form, actor = forms.NewOfficer(), access.current_actor()
    if form.validate_on_submit():
        password = operations.temporary_password()
        try:
            account = operations.create_officer(
                form.name.data,
                form.username.data,
                password,
                [_post(form)],
                clock.now(),
                actor=actor,
                temporary=True,
            )
        except (Invalid, Forbidden) as error:
            return form_page("office_new", form, error, **_choices())
        return render_template("accounts/office_password.html", account=account, password=password)
    return form_page("office_new", form, **_choices())


@bp.get("/<int:account_id>")
@access.officer("account.manage", on=queries.scope_of_account)
def show(account_id: int) -> ResponseReturnValue:
    """One account: posts, devices, history, and what can be done."""
    return _show(account_id, forms.Post(formdata=None), forms.Reason(formdata=None))


def _show(
    account_id: int,
    post: forms.Post,
    reason: forms.Reason,
    status: int = 200,
    email: forms.OwnEmail | None = None,
) -> ResponseReturnValue:
    account = queries.get_account(account_id)
    if account.id != access.current_actor().account_id:
        sight.note(Seen.ACCOUNT, "account", account.id)
    page = render_template(
        "accounts/office_show.html",
        account=account,
        logins=queries.sessions_of(account_id, clock.now()),
        events=history("account", account_id, limit=50),
        places=queries.place_names({held.region_code for held in account.posts}),
        own=account_id == access.current_actor().account_id,
        post=post,
        reason=reason,
        email=email or forms.OwnEmail(formdata=None, email=account.email or ""),
        **_choices(),
    )
    return page, status


@bp.post("/<int:account_id>/posts")
@access.officer("account.manage", on=queries.scope_of_account)
def add_post(account_id: int) -> ResponseReturnValue:
    """One more post."""
    form = forms.Post()
    if form.validate_on_submit():
        try:
            operations.add_post(account_id, _post(form), access.current_actor(), clock.now())
            return _done(account_id)
        except Invalid as error:
            form.add_fault(error)
    return _show(account_id, form, forms.Reason(formdata=None), 422)


@bp.post("/<int:account_id>/posts/<int:post_id>/remove")
@access.officer("account.manage", on=queries.scope_of_account)
def remove_post(account_id: int, post_id: int) -> ResponseReturnValue:
    """One post fewer."""
    operations.remove_post(account_id, post_id, access.current_actor(), clock.now())
    return _done(account_id)


@bp.post("/<int:account_id>/disable")
@access.officer("account.manage", on=queries.scope_of_account)
def disable(account_id: int) -> ResponseReturnValue:
    """Close the account, with a reason; its sessions end with this request."""
    form = forms.Reason()
    if not form.validate_on_submit():
        return _show(account_id, forms.Post(formdata=None), form, 422)
    operations.disable(account_id, form.reason.data, access.current_actor(), clock.now())
    return _done(account_id)


@bp.post("/<int:account_id>/enable")
@access.officer("account.manage", on=queries.scope_of_account)
def enable(account_id: int) -> ResponseReturnValue:
    """Open a closed account."""
    operations.enable(account_id, access.current_actor(), clock.now())
    return _done(account_id)


@bp.post("/<int:account_id>/erase")
@access.officer("account.manage", on=queries.scope_of_account)
def erase(account_id: int) -> ResponseReturnValue:
    """Erase the person behind a closed account, with a reason."""
    form = forms.Reason()
    if not form.validate_on_submit():
        return _show(account_id, forms.Post(formdata=None), form, 422)
    erasing.erase(account_id, form.reason.data, access.current_actor(), clock.now())
    return _done(account_id)


@bp.post("/<int:account_id>/password")
@access.officer("account.manage", on=queries.scope_of_account)
def reset_password(account_id: int) -> ResponseReturnValue:
    """A temporary password, shown once."""
    password = operations.reset_password(account_id, access.current_actor(), clock.now())
    account = queries.get_account(account_id)
    return render_template("accounts/office_password.html", account=account, password=password)


@bp.post("/<int:account_id>/totp")
@access.officer("account.manage", on=queries.scope_of_account)
def reset_totp(account_id: int) -> ResponseReturnValue:
    """Untie a lost authenticator."""
    operations.reset_totp(account_id, access.current_actor(), clock.now())
    return _done(account_id)


@bp.post("/<int:account_id>/email")
@access.officer("account.manage", on=queries.scope_of_account)
def change_email(account_id: int) -> ResponseReturnValue:
    """Where an officer gets the daily overview of deadlines."""
    form = forms.OwnEmail()
    try:
        operations.set_email(account_id, form.email.data or "", access.current_actor(), clock.now())
    except Invalid as error:
        form.add_fault(error)
        blank = forms.Post(formdata=None), forms.Reason(formdata=None)
        return _show(account_id, *blank, error.status, email=form)
    return _done(account_id)


@bp.post("/<int:account_id>/sessions/end")
@access.officer("account.manage", on=queries.scope_of_account)
def end_sessions(account_id: int) -> ResponseReturnValue:
    """Sign the account out everywhere."""
    operations.end_sessions(account_id, access.current_actor(), clock.now())
    return _done(account_id)


def _done(account_id: int) -> ResponseReturnValue:
    flash(label("accounts.flash.done"), "success")
    return redirect(url_for(".show", account_id=account_id), 303)


def _post(form: forms.Post) -> Post:
    """The post that was chosen; raises Invalid for a value that the page did not offer."""
    try:
        role = Role(form.role.data)
        station = int(form.station_id.data) if form.station_id.data else None
    except ValueError as error:
        raise Invalid("post_missing", field="role") from error
    return Post(role, form.region_code.data, station, form.department_code.data or None)


def _choices() -> dict[str, object]:
    actor = access.current_actor()
    return {
        "regions": queries.region_choices(actor),
        "stations": queries.station_choices(actor),
        "departments": queries.department_choices(),
    }
