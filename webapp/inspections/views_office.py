"""Officers enter, import and withdraw inspections."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.errors import Invalid
from webapp.core.transaction import rollback
from webapp.merchants.models import Shop
from webapp.merchants.queries import get_shop, scope_of_shop
from webapp.web import access
from webapp.web.errors import message_of
from webapp.web.paging import paginate
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import operations, queries, sheets
from .forms import FileForm, InspectionForm, WithdrawForm
from .rules import InspectionKind, InspectionResult

bp = Blueprint("inspections_office", __name__)

TONES = {"passed": "good", "mended": "caution", "ordered": "caution", "failed": "stop"}


def menu(actor: Actor) -> MenuEntry | None:
    """The entry for who may enter inspections."""
    if not access.reach(actor, "inspection.enter"):
        return None
    return MenuEntry(url_for("inspections_office.index"), "inspection.menu", None, "list")


@bp.get("/office/inspections")
@access.officer("inspection.enter")
def index() -> ResponseReturnValue:
    """The officer's shops' inspections, the newest entered first, and the import."""
    return _index()


@bp.post("/office/inspections/import")
@access.officer("inspection.enter")
def take() -> ResponseReturnValue:
    """Take a file: every row, or none and the first line that is wrong."""
    form, upload = FileForm(), request.files.get("file")
    if not form.validate_on_submit() or upload is None or not upload.filename:
        return _index(label("error.inspection_file")), 422
    data = upload.read(sheets.FILE_MOST + 1)
    try:
        count = operations.take_file(data, access.current_actor(), clock.now())
    except Invalid as error:
        rollback()
        return _index(message_of(error)), 422
    flash(label("inspection.taken", count=count), "success")
    return redirect(url_for("inspections_office.index"), 303)


@bp.route("/office/shops/<int:shop_id>/inspections", methods=["GET", "POST"])
@access.officer("inspection.enter", on=scope_of_shop)
def of_shop(shop_id: int) -> ResponseReturnValue:
    """A shop's inspections, and entering one."""
    form = InspectionForm()
    if request.method != "POST":
        return _shop(shop_id, form, {})
    if not form.validate_on_submit():
        return _shop(shop_id, form, {"inspected_on": label("error.inspection_day")}), 422
    try:
        operations.enter(shop_id, form.facts(), access.current_actor(), clock.now())
    except Invalid as error:
        fields = cast("dict[str, str]", error.details.get("fields") or {error.field or "_form": error.code})
        return _shop(shop_id, form, {name: label(f"error.{code}") for name, code in fields.items()}), 422
    flash(label("inspection.entered"), "success")
    return redirect(url_for("inspections_office.of_shop", shop_id=shop_id), 303)


@bp.post("/office/inspections/<int:inspection_id>/withdraw")
@access.officer("inspection.enter", on=queries.scope_of)
def withdraw(inspection_id: int) -> ResponseReturnValue:
    """It was wrong: the page shows it no more."""
    form, shop_id = WithdrawForm(), queries.get(inspection_id).shop_id
    version = form.version.data if form.validate_on_submit() else -1
    try:
        operations.withdraw(
            inspection_id, form.reason.data or "", access.current_actor(), clock.now(), version or -1
        )
        flash(label("inspection.withdrawn"), "info")
    except Invalid as error:
        flash(message_of(error), "stop")
    return redirect(url_for("inspections_office.of_shop", shop_id=shop_id), 303)


def shop_section(shop: Shop, **_more: Any) -> Markup | None:
    """Slot ``office.shop``: the newest inspections and the way to enter one."""
    if not access.may("inspection.enter", shop.scope):
        return None
    rows = paginate(queries.of_shop(shop.id), 3)
    return Markup(  # noqa: S704 - our template
        render_template("inspections/_office_shop.html", shop=shop, page=rows, tones=TONES)
    )


def _index(error: str = "") -> str:
    posts = access.reach(access.current_actor(), "inspection.enter")
    return render_template(
        "inspections/office_index.html",
        page=paginate(queries.in_reach(posts)),
        error=error,
        tones=TONES,
        most=sheets.ROWS_MOST,
        columns=[headings[0] for headings in sheets.COLUMNS.values()],
    )


def _shop(shop_id: int, form: InspectionForm, errors: dict[str, str]) -> str:
    return render_template(
        "inspections/office_shop.html",
        shop=get_shop(shop_id),
        form=form,
        errors=errors,
        page=paginate(queries.of_shop(shop_id)),
        tones=TONES,
        kinds=[(kind.value, label(f"inspection.kind.{kind.value}")) for kind in InspectionKind],
        results=[(result.value, label(f"inspection.result.{result.value}")) for result in InspectionResult],
    )
