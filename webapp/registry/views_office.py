"""The register in the office: runs, what they refused, one record, a small file taken in by hand."""

from __future__ import annotations

import io
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.accounts import queries as accounts
from webapp.audit import queries as audit_queries
from webapp.audit import sight
from webapp.audit.rules import Seen
from webapp.core import clock
from webapp.core.actor import Actor, Role
from webapp.core.identifiers import check_uscc
from webapp.merchants import queries as merchants
from webapp.web import access
from webapp.web.paging import paginate
from webapp.web.permissions import PERMISSIONS
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import mapping as mappings
from . import queries, uploads, views_pull
from .differences import FOLLOWS, Difference
from .export import value_words
from .forms import MAX_BYTES, UploadForm
from .importer import run_import
from .models import RegistryRun, RegistryUpload
from .reading import Unreadable
from .rules import Phase, is_broken_off

bp = Blueprint("registry_office", __name__)


def menu_entry(actor: Actor) -> MenuEntry | None:
    """The register in the office's menu."""
    if not actor.holds(frozenset({Role.STATION_OFFICER, Role.BUREAU_OFFICER})):
        return None
    waiting = 0
    if actor.holds(PERMISSIONS["registry.import"], queries.scope_of_city()):
        waiting = queries.count_waiting(actor.account_id)
    return MenuEntry(url_for("registry_office.index"), "registry.menu", waiting or None)


@bp.get("/office/registry")
@access.officer("registry.read")
def index() -> ResponseReturnValue:
    """The look-up of one record, and the runs."""
    typed = request.args.get("uscc", "").strip()
    return _index(UploadForm(formdata=None), {}, typed)


def _index(form: UploadForm, errors: dict[str, str], typed: str = "") -> str:
    check, page = check_uscc(typed), paginate(queries.runs())
    record = queries.find_record(typed) if typed else None
    if record is not None:
        sight.note(Seen.PERSON, "registry_record", record.id)
    return render_template(
        "registry/office_index.html",
        form=form,
        errors=errors,
        typed=typed,
        check=check,
        record=record,
        operator=merchants.find_operator(record.uscc) if record else None,
        history=audit_queries.history("registry_record", record.id, 20) if record else [],
        page=page,
        waiting=queries.waiting_among(run.id for run in page.items),
        known=queries.count_records(),
        pull=views_pull.card(),
        may_import=access.may("registry.import", queries.scope_of_city()),
    )


@bp.post("/office/registry")
@access.officer("registry.import", on=queries.scope_of_city)
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
    return _done(run)


def _done(run: RegistryRun) -> ResponseReturnValue:
    """On to the page of a run, with its result in one line."""
    word = "done_partly" if run.refused else "done"
    if run.stopped_reason:
        word = "waiting" if queries.find_upload(run.id) else "stopped"
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
        keep_as=form.mapping.data or "default",
    )


def _tone(run: RegistryRun) -> str:
    return "caution" if run.stopped_reason or run.refused else "success"


@bp.get("/office/registry/<int:run_id>")
@access.officer("registry.read")
def run(run_id: int) -> ResponseReturnValue:
    """One run: how far it is, its figures, what it changed and refused; what waits for a second officer, and why."""
    found = queries.get_run(run_id)
    filters = _filters()
    counts = queries.event_counts(run_id)
    # Without a word in the address what there is to see: what changed, or else what was refused.
    show = request.args.get("show") or (
        "changed" if counts or not found.refused or any(filters.values()) else "refused"
    )
    show = "refused" if show == "refused" else "changed"
    chosen = queries.events_of(run_id, **filters) if show == "changed" else queries.refusals_of(run_id)
    page: Any = paginate(chosen)
    if show == "changed" and any(event.kind == Difference.REPRESENTATIVE for event in page.items):
        sight.note(Seen.PERSON, "registry_run", run_id)
    upload, source_run = queries.find_upload(run_id), queries.upload_of_result(run_id)
    operators = {event.operator_id for event in page.items if show == "changed" and event.operator_id}
    return render_template(
        "registry/office_run.html",
        run=found,
        page=page,
        show=show,
        filters=filters,
        counts=counts,
        kinds=[
            (kind.value, label(f"registry.difference.{kind.value}")) for kind in Difference if kind in counts
        ],
        follows=FOLLOWS,
        shops=queries.shops_of_operators(operators),
        value_words=value_words,
        dead=found.finished_at is None
        and found.phase != Phase.QUEUED
        and is_broken_off(found.beat_at or found.started_at, None, None, clock.now()),
        upload=upload,
        falling=_falling(upload) if upload else [],
        people=_people(found, upload),
        resume=upload is not None and uploads.may_resume(upload),
        source_run=source_run,
        confirmers=_confirmers(found, source_run),
        mine=upload is not None and upload.uploaded_by_id == access.current_actor().account_id,
        may_import=access.may("registry.import", queries.scope_of_city()),
    )


def _people(run: RegistryRun, upload: RegistryUpload | None) -> dict[int, str]:
    return accounts.names_of(
        [run.started_by_id, *([upload.uploaded_by_id, upload.decided_by_id] if upload else [])]
    )


def _confirmers(run: RegistryRun, source_run: int | None) -> str:
    """The two who answer for a run: by name when the file was confirmed on its page, else as they were given."""
    upload = queries.find_upload(source_run) if source_run else None
    if upload is None:
        return run.forced_by or ""
    names = accounts.names_of([upload.uploaded_by_id, upload.decided_by_id])
    return label("registry.run.both").join(
        names[one] for one in (upload.uploaded_by_id, upload.decided_by_id) if one in names
    )


def _filters() -> dict[str, Any]:
    """The filters of what a run changed, as the address has them."""
    kind = request.args.get("kind", "")
    return {
        "kind": kind if kind in set(Difference) else "",
        "text": request.args.get("q", "").strip()[:40],
        "here": request.args.get("here") == "1",
    }


def _falling(upload: RegistryUpload) -> list[dict[str, Any]]:
    """The operators that a file takes down, with their shops."""
    here = queries.operators_by_id(entry["operator_id"] for entry in upload.falling)
    return [
        {"operator": here[entry["operator_id"]], "consequence": entry["consequence"]}
        for entry in upload.falling
        if entry["operator_id"] in here
    ]


# --- the second officer ----------------------------------------------------------------------------------------------


@bp.post("/office/registry/<int:run_id>/confirm")
@access.officer("registry.import", on=queries.scope_of_city)
def confirm(run_id: int) -> ResponseReturnValue:
    """Have the waiting file taken in, as the second of two; the new run's page shows how far it is."""
    run = uploads.confirm(run_id, access.current_actor(), clock.now())
    flash(label("registry.run.confirmed"), "success")
    return redirect(url_for("registry_office.run", run_id=run.id), 303)


@bp.post("/office/registry/<int:run_id>/drop")
@access.officer("registry.import", on=queries.scope_of_city)
def drop(run_id: int) -> ResponseReturnValue:
    """Do not take it in."""
    uploads.drop(run_id, access.current_actor(), clock.now())
    flash(label("registry.run.dropped"), "info")
    return redirect(url_for("registry_office.run", run_id=run_id), 303)
