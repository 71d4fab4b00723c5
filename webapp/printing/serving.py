"""What the officers' and the merchants' pages share: choosing, a job's page, its file, its links."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import (
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue

from webapp.core import clock, secrets
from webapp.core.db import db
from webapp.core.errors import Conflict, DomainError, Invalid
from webapp.core.transaction import note_afterwards
from webapp.files.stores import Missing, store
from webapp.settings import Settings
from webapp.stickers import brand, printing
from webapp.stickers.models import StickerPlace
from webapp.web import access
from webapp.web.downloads import attach
from webapp.web.errors import message_of
from webapp.web.words import label

from . import drawing, forms, handovers, keeping, limits, operations, queries, rules
from .models import PrintJob, PrintState
from .queries import Reach
from .rules import FileForm, Make, Wanted

SHOWN = 12
LISTED = 30
_LACKING_SHOWN = 5
_LINKS = "print_links"


@dataclass(frozen=True)
class Side:
    """One side's pages: the blueprint's name, its templates' prefix, and what its choosing page shows besides."""

    blueprint: str
    prefix: str
    reach: Callable[[Any], Reach]
    extras: Callable[[Any], dict[str, Any]]

    def url(self, page: str, **arguments: Any) -> str:
        """The address of one of its pages."""
        return url_for(f"{self.blueprint}.{page}", **arguments)

    def render(self, name: str, /, **context: Any) -> str:
        """One of its pages."""
        return render_template(f"printing/{self.prefix}_{name}.html", side=self.blueprint, **context)


# --- choosing ---------------------------------------------------------------------------------------------------------


def choose(side: Side) -> ResponseReturnValue:
    """The page on which stickers, template and form are chosen; the choices stand in the address."""
    try:
        return _choose(side, request.args, forms.wanted_from(request.args))
    except Invalid as error:
        kept = {name: value for name, value in request.args.items() if name != "since"}
        errors = {error.field or "_form": message_of(error)}
        return _choose(side, request.args, forms.wanted_from(kept), errors), 422


def _choose(side: Side, given: Any, wanted: Wanted, errors: dict[str, str] | None = None) -> str:
    make, reach = forms.make_from(given), side.reach(given)
    count, most = queries.count_to_print(wanted, reach), limits.stickers_most(make.form, clock.now())
    pairs = queries.first_to_print(wanted, reach, SHOWN)
    return side.render(
        "new",
        wanted=wanted,
        make=make,
        typed_since=given.get("since", ""),
        count=count,
        most=most,
        pairs=pairs,
        lacking=_lacking(wanted, reach) if 0 < count <= most else [],
        refusal=_refusal(pairs, make),
        unnamed=make.language not in brand.current().named,
        figures=drawing.figures(make),
        carried=forms.carried(given),
        order_key=secrets.random_code(),
        places=list(StickerPlace),
        templates=rules.TEMPLATES,
        languages=rules.LANGUAGES,
        file_forms=list(FileForm),
        bleed_mm=rules.BLEED_MM,
        errors=errors or {},
        **side.extras(given),
    )


def _refusal(pairs: Any, make: Make) -> str:
    """Why the first sticker cannot be drawn in this template, or empty."""
    if not rules.takes(make.template, make.form):
        return label("error.print_escpos")
    try:
        for sticker, shop in pairs[:1]:
            drawing.preview(sticker, shop, make)
    except DomainError as error:
        return message_of(error)
    return ""


def _lacking(wanted: Wanted, reach: Reach) -> list[tuple[int, str, tuple[str, ...]]]:
    """The first shops whose names have characters that cannot be printed: (number, name, characters)."""
    found = []
    for shop_id, name, branch in db.session.execute(queries.names_to_print(wanted, reach)).tuples():
        missing = printing.without_glyph(name, branch)
        if missing:
            found.append((shop_id, name, missing))
            if len(found) == _LACKING_SHOWN:
                break
    return found


def preview(side: Side) -> Response:
    """The first sticker of what is chosen, as a picture."""
    wanted, make = forms.wanted_from(request.args), forms.make_from(request.args)
    pairs = queries.first_to_print(wanted, side.reach(request.args), 1)
    if not pairs:
        raise Conflict("nothing_to_print")
    sticker, shop = pairs[0]
    layout = drawing.preview(sticker, shop, make).layout
    data = printing.render(layout, "png", drawing.PREVIEW_DPI)
    response = send_file(BytesIO(data), mimetype="image/png")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def order(side: Side) -> ResponseReturnValue:
    """Order what was chosen; the same form sent twice leads to the same job."""
    form = forms.OrderForm()
    form.validate_on_submit()
    key = (form.order_key.data or "")[:50]
    actor, given = access.current_actor(), request.form
    own_key = f"{actor.account_id}-{key}" if key else None
    earlier = queries.find_order(own_key) if own_key else None
    if earlier is not None:
        return redirect(side.url("show", job_id=earlier.id), 303)
    wanted, make, reach = forms.wanted_from(given), forms.make_from(given), side.reach(given)
    facts = drawing.face_facts(make.language)
    try:
        job = operations.order(wanted, make, reach, facts, actor, clock.now(), own_key)
    except Invalid as error:
        return _choose(side, given, wanted, {error.field or "_form": message_of(error)}), 422
    flash(label("print.done.order", count=job.count), "success")
    return redirect(side.url("show", job_id=job.id), 303)


# --- one job ----------------------------------------------------------------------------------------------------------


def show(
    side: Side, job_id: int, form: forms.LinkForm | None = None, errors: dict[str, str] | None = None
) -> str:
    """A job: how far it has come, its file, what has become invalid, its links."""
    job, now = queries.get_job(job_id), clock.now()
    links = queries.handovers(job_id)
    fresh = session.pop(_LINKS, None) if request.method == "GET" and _LINKS in session else None
    return side.render(
        "show",
        job=job,
        make=job.make,
        moving=job.state in rules.MOVING,
        figures=drawing.figures(job.make),
        items=queries.first_items(job_id, SHOWN),
        stale_count=queries.count_stale(job_id) if job.state is PrintState.MADE else 0,
        stale=queries.stale(job_id, SHOWN) if job.state is PrintState.MADE else [],
        links=[(link, handovers.state_of(link, now)) for link in links],
        downloads=queries.downloads(job_id),
        fresh_link=fresh["url"] if fresh and fresh["job"] == job_id else "",
        actions={step.action for step in rules.STEPS.open_to(job.state, access.current_actor(), job.scope)},
        days=limits.link_days(now),
        downloads_most=limits.downloads_most(now),
        form=form or forms.LinkForm(formdata=None),
        errors=errors or {},
    )


def file(job_id: int) -> Response:
    """The job's file."""
    return send(queries.get_job(job_id))


def noted_file(job_id: int) -> Response:
    """The job's file, and in the history who took it."""
    actor, response = access.current_actor(), file(job_id)
    if request.method == "GET":
        note_afterwards(lambda: operations.note_download(job_id, actor, clock.now()))
    return response


def send(job: PrintJob) -> Response:
    """The file as a download, part by part. Raises Conflict (``print_not_made``, ``print_file_lost``)."""
    if job.state is not PrintState.MADE:
        raise Conflict("print_not_made")
    try:
        parts = keeping.read(store(), job.store_key, job.parts)
    except Missing as error:
        raise Conflict("print_file_lost") from error
    ending = rules.ending(job.form)
    response = Response(keeping.sliced(parts), mimetype=rules.MEDIA_TYPES[ending])
    name = (
        f"{label('sticker.file')}-{label('sticker.place.' + job.template)}-{job.at:%Y%m%d}-{job.id}.{ending}"
    )
    attach(response, f"stickers-{job.id}.{ending}", name)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Length"] = str(job.size)
    return response


def cancel(side: Side, job_id: int) -> ResponseReturnValue:
    """Stop the job."""
    operations.cancel(job_id, access.current_actor(), clock.now())
    flash(label("print.done.cancel"), "success")
    return redirect(side.url("show", job_id=job_id), 303)


def again(side: Side, job_id: int) -> ResponseReturnValue:
    """Make the file once more."""
    facts = drawing.face_facts(queries.get_job(job_id).language)
    operations.make_again(job_id, facts, access.current_actor(), clock.now())
    flash(label("print.done.again"), "success")
    return redirect(side.url("show", job_id=job_id), 303)


def hand_over(side: Side, job_id: int) -> ResponseReturnValue:
    """Make a link; its address is shown once, on the page that follows."""
    form = forms.LinkForm()
    form.validate_on_submit()
    counts = (forms.number(request.form, "downloads"), forms.number(request.form, "days"))
    actor = access.current_actor()
    try:
        _, secret = handovers.hand_over(job_id, form.recipient.data or "", *counts, actor, clock.now())
    except Invalid as error:
        return show(side, job_id, form, {error.field or "_form": message_of(error)}), 422
    settings: Settings = current_app.extensions["ydym.settings"]
    address = url_for("printing_public.handover", token=secret)
    session[_LINKS] = {"job": job_id, "url": f"{settings.public_scheme}://{settings.public_host}{address}"}
    flash(label("print.done.link"), "success")
    return redirect(side.url("show", job_id=job_id) + "#links", 303)


def revoke(side: Side, job_id: int, link_id: int) -> ResponseReturnValue:
    """The link opens no more."""
    handovers.revoke(job_id, link_id, access.current_actor(), clock.now())
    flash(label("print.done.revoke"), "success")
    return redirect(side.url("show", job_id=job_id) + "#links", 303)
