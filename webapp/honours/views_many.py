"""Officers' side of nominations for the red list and of measures from a file."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock, policy
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.core.transaction import rollback
from webapp.web import access, spreadsheet
from webapp.web.downloads import attach
from webapp.web.errors import message_of
from webapp.web.paging import paginate
from webapp.web.words import label

from . import measures, nominating, queries
from .forms import MeasureForm, ReasonForm, TakeForm
from .measure_rows import needed
from .models import MeasureState

bp = Blueprint("honours_many", __name__)
#: The largest file, bytes.
FILE_MOST = 5_000_000
TONES = {
    MeasureState.WAITING: "caution",
    MeasureState.RUNNING: "info",
    MeasureState.DONE: "good",
    MeasureState.DROPPED: "quiet",
}


# --- nominations ------------------------------------------------------------------------------------------------------


@bp.get("/office/nominations")
@access.officer("listing.read")
def nominations() -> ResponseReturnValue:
    """Shops that the rules name for the red list."""
    posts, today = access.reach(access.current_actor(), "listing.read"), clock.today()
    return render_template(
        "honours/office_nominations.html",
        page=paginate(queries.nominations(posts)),
        rules=nominating.red_rules(today),
        period=policy.get_int("red.period_days", today),
        may_propose=access.may("listing.propose"),
    )


@bp.get("/office/nominations/<int:shop_id>")
@access.officer("listing.read", on=queries.scope_of_nomination)
def nomination(shop_id: int) -> ResponseReturnValue:
    """One nomination: the counts by which it was made, and proposing it."""
    return _nomination(shop_id, TakeForm(formdata=None), {})


@bp.post("/office/nominations/<int:shop_id>/take")
@access.officer("listing.propose", on=queries.scope_of_nomination)
def take(shop_id: int) -> ResponseReturnValue:
    """Propose it for the red list; another officer confirms there."""
    form = TakeForm()
    try:
        listing = nominating.take(
            shop_id,
            form.summary.data or "",
            form.evidence.data or "",
            form.ground.data or "",
            access.current_actor(),
            clock.now(),
        )
    except (Invalid, Conflict) as error:
        rollback()  # a refused insert leaves the transaction unusable
        field = {"public_summary": "summary"}.get(error.field or "", error.field or "_form")
        return _nomination(shop_id, form, {field: message_of(error)}), 422
    flash(label("honour.done.take"), "success")
    return redirect(url_for("listings_office.show", listing_id=listing.id), 303)


@bp.post("/office/nominations/<int:shop_id>/decline")
@access.officer("listing.propose", on=queries.scope_of_nomination)
def decline(shop_id: int) -> ResponseReturnValue:
    """Not now, with a reason."""
    reason = request.form.get("reason", "")
    try:
        nominating.decline(shop_id, reason, access.current_actor(), clock.now())
    except Invalid as error:
        return _nomination(shop_id, TakeForm(formdata=None), {"reason": message_of(error)}), 422
    flash(label("honour.done.decline"), "success")
    return redirect(url_for("honours_many.nominations"), 303)


def _nomination(shop_id: int, form: TakeForm, errors: dict[str, str]) -> str:
    found = queries.get_nomination(shop_id)
    grounds = [(code, label(f"listing.ground.red.{code}")) for code in found.facts["grounds"]]
    facts = label("nomination.facts", **{**found.facts, "mean": found.facts["mean"] or 0})
    return render_template(
        "honours/office_nomination.html",
        nomination=found,
        facts=facts,
        form=form,
        errors=errors,
        grounds=grounds,
        open=found.state.value == "open",
        may_propose=access.may("listing.propose", found.shop.scope),
        aside=access.must_stand_aside(found.shop.scope),
    )


# --- measures from a file ---------------------------------------------------------------------------------------------


@bp.get("/office/measures")
@access.officer("listing.read")
def measures_index() -> ResponseReturnValue:
    """Files handed in, and handing in one."""
    return _index(MeasureForm(formdata=None), {})


@bp.post("/office/measures")
@access.officer("listing.propose")
def upload() -> ResponseReturnValue:
    """Read a file and show what would happen, row by row."""
    form = MeasureForm()
    stream = form.file.data
    data = stream.read(FILE_MOST + 1) if stream else b""
    try:
        if not data or len(data) > FILE_MOST:
            return _index(form, {"file": label("error.measure_file")}), 422
        measure = measures.upload(
            form.kind.data or "", stream.filename or "", data, access.current_actor(), clock.now()
        )
    except Invalid as error:
        return _index(form, {error.field or "file": message_of(error)}), 422
    flash(label("measure.done.upload"), "success")
    return redirect(url_for("honours_many.measure", measure_id=measure.id), 303)


@bp.get("/office/measures/<int:measure_id>")
@access.officer("listing.read", on=measures.scope_of)
def measure(measure_id: int) -> ResponseReturnValue:
    """One file: what would happen (or happened) to each row, and how far it has come."""
    actor = access.current_actor()
    found = measures.get(measure_id)
    counts = {fate.value: count for fate, count in measures.counts(measure_id).items()}
    return render_template(
        "honours/office_measure.html",
        measure=found,
        page=paginate(measures.rows_of(measure_id), 50),
        counts=counts,
        total=sum(counts.values()),
        names=queries.names_of([found.uploaded_by_id, found.decided_by_id]),
        mine=found.uploaded_by_id == actor.account_id,
        may_confirm=access.may(needed(found.kind)[1]),
        kept=found.data is not None,
        tones=TONES,
    )


@bp.get("/office/measures/<int:measure_id>/file")
@access.officer("listing.read", on=measures.scope_of)
def measure_file(measure_id: int) -> ResponseReturnValue:
    """The file as it was handed in."""
    found = measures.get(measure_id)
    if found.data is None:
        raise NotFound("no_such_thing")
    response = Response(found.data, mimetype="application/octet-stream")
    attach(response, f"measure-{found.id}", found.file_name)
    return response


@bp.get("/office/measures/<int:measure_id>/rows.csv")
@access.officer("listing.read", on=measures.scope_of)
def measure_rows_csv(measure_id: int) -> ResponseReturnValue:
    """What became of each row."""
    response = Response("".join(spreadsheet.as_csv(_lines(measure_id))), mimetype="text/csv")
    attach(response, f"measure-{measure_id}.csv", f"measure-{measure_id}.csv")
    return response


def _lines(measure_id: int) -> Iterator[list[str]]:
    names = ("line", "uscc", "shop", "result", "why")
    yield [label(f"measure.export.{name}") for name in names]
    for row in db.session.scalars(measures.rows_of(measure_id)):
        shop = f"{row.shop.id} {row.shop.full_name}" if row.shop else row.cells.get("shop", "")
        yield [
            str(row.line),
            row.cells.get("uscc", ""),
            shop,
            label(f"measure.fate.{row.fate.value}"),
            row.error or "",
        ]


@bp.post("/office/measures/<int:measure_id>/<any(confirm, drop):action>")
@access.officer("listing.propose", on=measures.scope_of)
def act(measure_id: int, action: str) -> ResponseReturnValue:
    """Confirm as the second person, or drop."""
    actor, form = access.current_actor(), ReasonForm()
    if not form.validate():
        raise Conflict("changed_meanwhile")  # only the hidden version can be missing
    version = form.version.data or 0
    if action == "confirm":
        measures.confirm(measure_id, actor, clock.now(), version)
    else:
        measures.drop(measure_id, form.reason.data or "", actor, clock.now(), version)
    flash(label(f"measure.done.{action}"), "success")
    return redirect(url_for("honours_many.measure", measure_id=measure_id), 303)


def _index(form: MeasureForm, errors: dict[str, str]) -> str:
    page = paginate(measures.listed(access.current_actor()))
    return render_template(
        "honours/office_measures.html",
        form=form,
        errors=errors,
        page=page,
        kinds=[
            (kind, label(f"measure.kind.{kind}")) for kind in measures.KINDS if access.may(needed(kind)[0])
        ],
        names=queries.names_of([one.uploaded_by_id for one in page.items]),
        tones=TONES,
        most=policy.get_int("measure.rows_max", clock.today()),
        may_propose=access.may("listing.propose"),
    )
