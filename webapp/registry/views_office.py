"""The register in the office: runs, what they refused, one record, a small file taken in by hand."""

from __future__ import annotations

import io
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.audit import queries as audit_queries
from webapp.core import clock
from webapp.core.actor import Actor, Role, Scope
from webapp.core.identifiers import check_uscc
from webapp.merchants import queries as merchants
from webapp.web import access
from webapp.web.paging import paginate
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import mapping as mappings
from . import queries
from .forms import MAX_BYTES, UploadForm
from .importer import run_import
from .models import RegistryRun
from .reading import Unreadable

bp = Blueprint("registry_office", __name__)


def menu_entry(actor: Actor) -> MenuEntry | None:
    """The register in the office's menu."""
    if not actor.holds(frozenset({Role.STATION_OFFICER, Role.BUREAU_OFFICER})):
        return None
    return MenuEntry(url_for("registry_office.index"), "registry.menu")


@bp.get("/office/registry")
@access.officer("registry.read")
def index() -> ResponseReturnValue:
    """The look-up of one record, and the runs."""
    typed = request.args.get("uscc", "").strip()
    return _index(UploadForm(formdata=None), {}, typed)


def _index(form: UploadForm, errors: dict[str, str], typed: str = "") -> str:
    check = check_uscc(typed)
    record = queries.find_record(typed) if typed else None
    return render_template(
        "registry/office_index.html",
        form=form,
        errors=errors,
        typed=typed,
        check=check,
        record=record,
        operator=merchants.find_operator(record.uscc) if record else None,
        history=audit_queries.history("registry_record", record.id, 20) if record else [],
        page=paginate(queries.runs()),
        known=queries.count_records(),
        may_import=access.may("registry.import", scope_of_city()),
    )


def scope_of_city(**_rest: object) -> Scope:
    """For the access rule of an import: the register is the whole city's, and so is what follows from it."""
    return Scope(current_app.extensions["ydym.settings"].city_region)


@bp.post("/office/registry")
@access.officer("registry.import", on=scope_of_city)
def upload() -> ResponseReturnValue:
    """Take a small file in by hand: the same import as the command's."""
    form = UploadForm()
    data = form.file.data.read(MAX_BYTES + 1) if form.file.data else b""
    errors = _errors(form, data)
    if not errors:
        try:
            run = _run(form, data)
        except Unreadable as error:
            errors["file"] = label(f"registry.unreadable.{error.reason}", detail=error.detail)
    if errors:
        return _index(form, errors), 422
    word = "stopped" if run.stopped_reason else ("done_partly" if run.refused else "done")
    flash(label(f"registry.run.{word}", refused=run.refused), _tone(run))
    return redirect(url_for("registry_office.run", run_id=run.id), 303)


def _errors(form: UploadForm, data: bytes) -> dict[str, str]:
    if not form.validate():
        errors = {name: str(messages[0]) for name, messages in form.errors.items()}
        if "as_of" in errors:
            errors["as_of"] = label("registry.upload.day_unreadable")
        return errors
    if not data:
        return {"file": label("registry.upload.file_missing")}
    if len(data) > MAX_BYTES:
        return {"file": label("registry.upload.file_too_big")}
    if form.as_of.data is not None and form.as_of.data > clock.today():
        return {"as_of": label("registry.upload.as_of_future")}
    return {}


def _run(form: UploadForm, data: bytes) -> RegistryRun:
    return run_import(
        io.BytesIO(data),
        form.file.data.filename or "upload",
        mappings.load(form.mapping.data or "default"),
        access.current_actor(),
        clock.now(),
        as_of=form.as_of.data,
    )


def _tone(run: RegistryRun) -> str:
    return "caution" if run.stopped_reason or run.refused else "success"


@bp.get("/office/registry/<int:run_id>")
@access.officer("registry.read")
def run(run_id: int) -> ResponseReturnValue:
    """One run: its figures and the rows that it refused."""
    found = queries.get_run(run_id)
    page: Any = paginate(queries.refusals_of(run_id))
    return render_template("registry/office_run.html", run=found, page=page)
