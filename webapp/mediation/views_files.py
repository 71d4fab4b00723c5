"""Bodies from a file and as a file: read and shown row by row, done once confirmed; the register to download."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.audit import sight
from webapp.audit.rules import Seen
from webapp.core import clock
from webapp.core.errors import Invalid
from webapp.web import access, paging, spreadsheet
from webapp.web.downloads import attach
from webapp.web.errors import message_of
from webapp.web.words import label

from . import files, queries
from .forms import FileForm
from .models import BodyFile

bp = Blueprint("mediation_files", __name__, url_prefix="/office/bodies")
TONES = {"refused": "stop", "add": "good", "change": "caution", "same": "quiet"}
STATE_TONES = {"waiting": "caution", "confirmed": "good", "dropped": "quiet"}


@bp.get("/export.csv")
@access.officer("mediation.manage")
def export() -> ResponseReturnValue:
    """The bodies within reach, as a file that can be handed in again."""
    posts = access.reach(access.current_actor(), "mediation.manage")
    body = "".join(spreadsheet.as_csv(files.exported(queries.bodies(posts))))
    response = Response(body, mimetype="text/csv")
    sight.note(Seen.TABLE, "mediation_body", 0)
    attach(response, "bodies.csv", label("mediation.file.name", day=clock.today().isoformat()))
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/files")
@access.officer("mediation.manage")
def index() -> ResponseReturnValue:
    """Handing in a file, and the officer's own files."""
    return _index({})


@bp.post("/files")
@access.officer("mediation.manage")
def upload() -> ResponseReturnValue:
    """Read a file and show what would become of each row."""
    stream = FileForm().file.data
    data = stream.read(files.FILE_MOST + 1) if stream else b""
    if not data or len(data) > files.FILE_MOST:
        return _index({"file": label("error.body_file")}), 422
    try:
        file = files.upload(stream.filename or "", data, access.current_actor(), clock.now())
    except Invalid as error:
        return _index({error.field or "file": message_of(error)}), 422
    return redirect(url_for("mediation_files.show", file_id=file.id), 303)


@bp.get("/files/<int:file_id>")
@access.officer("mediation.manage", on=files.scope_of)
def show(file_id: int) -> ResponseReturnValue:
    """What would become, or became, of each row."""
    file = files.get(file_id)
    rows = files.rows_of(file)
    return render_template(
        "mediation/office_body_file.html",
        file=file,
        rows=rows,
        counts={fate.value: sum(row.fate == fate for row in rows) for fate in files.Fate},
        state=_state(file),
        tones=TONES,
        state_tones=STATE_TONES,
    )


@bp.post("/files/<int:file_id>/<any(confirm, drop):action>")
@access.officer("mediation.manage", on=files.scope_of)
def act(file_id: int, action: str) -> ResponseReturnValue:
    """Do it, or none of it."""
    deed = files.confirm if action == "confirm" else files.drop
    deed(file_id, access.current_actor(), clock.now(), FileForm().version.data or 0)
    flash(label(f"mediation.file.flash.{action}"), "success")
    return redirect(url_for("mediation_files.show", file_id=file_id), 303)


def _state(file: BodyFile) -> str:
    if file.confirmed_at is not None:
        return "confirmed"
    return "dropped" if file.dropped_at is not None else "waiting"


def _index(errors: dict[str, str]) -> str:
    page = paging.paginate(files.own(access.current_actor()))
    return render_template(
        "mediation/office_body_files.html",
        page=page,
        errors=errors,
        states={file.id: _state(file) for file in page.items},
        state_tones=STATE_TONES,
        most=files.ROWS_MOST,
        columns=[label(f"mediation.body.{column}") for column in files.COLUMNS],
    )
