"""`/open-data`: which sets there are, what a set holds, and the sets themselves."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound as NoSuchPage

from webapp.web import access, downloads, slots, throttle
from webapp.web.words import label

from . import answering, asking, describing, reading, rss, rules, sets
from .catalogue import resources
from .places import link
from .problems import Problem
from .resources import Resource

bp = Blueprint("open_data", __name__)
#: Seconds between two counts of one set in a worker, however much changes.
RECOUNT = 10.0
_set_limit = throttle.limiter.shared_limit(answering.SET_LIMIT, scope="api-sets")


@bp.get("/open-data")
@access.public
def index() -> ResponseReturnValue:
    """The sets with their size, licence, date, forms, and how to count again."""
    return render_template(
        "openapi/public_sets.html",
        sets=[
            (
                resource.name,
                describing.forms(resource),
                label(f"api.{resource.name}"),
                label(f"api.{resource.name}.about"),
                size,
            )
            for resource, size in ((one, _size(one)) for one in resources().values())
        ],
        more=slots.collect(current_app, "open_data"),
        form_names=_form_names(),
        settings=current_app.extensions["ydym.settings"],
        version=rules.SCHEMA_DATE,
    )


@bp.get("/open-data/<name>")
@access.public
def show(name: str) -> ResponseReturnValue:
    """One set: every column, the filters, the commands."""
    resource = resources().get(name)
    if resource is None:
        raise NoSuchPage
    return render_template(
        "openapi/public_set.html",
        told=describing.tell(resource),
        form_names=_form_names(),
        size=_size(resource),
        settings=current_app.extensions["ydym.settings"],
        version=rules.SCHEMA_DATE,
        base=link(f"/open-data/{name}"),
    )


@bp.get("/open-data/<name>.<any(csv, json, geojson, rss):form>")
@_set_limit
@access.public
def download(name: str, form: str) -> Response:
    """A whole set, or what the filters leave of it."""
    resource = resources().get(name)
    if resource is None or form not in describing.forms(resource):
        raise Problem(404, "no_such_resource")
    tag = answering.state_tag(resource)
    asked = asking.asked(resource, paged=False, also=("bom",) if form == "csv" else ())
    bom = _bom()
    response = make_response("")
    if tag is None:
        body = "".join(_pieces(resource, asked.wanted, form, bom=bom))
        response.set_data(body)
        tag = answering.content_tag(body.encode())
    elif not answering.is_known(tag) and request.method == "GET":
        pieces = _pieces(resource, asked.wanted, form, bom=bom)
        first = next(pieces)  # what fails at the beginning is still an error and no broken file
        response.response = itertools.chain([first], pieces)
        response.headers.pop("Content-Length", None)
    response.content_type = sets.MEDIA[form]
    if form != "rss":  # which is read where it is, again and again
        downloads.attach(response, f"{name}.{form}", f"{label(f'api.{name}')}.{form}")
    answering.mark_old(response, resource)
    return answering.tagged(response, tag)


def _form_names() -> dict[str, str]:
    return {form: label(f"api.form.{form}") for form in rules.FORMS}


def _bom() -> bool:
    typed = request.args.get("bom", "false")
    if typed not in {"true", "false"}:
        raise Problem(400, "invalid_parameter", [{"parameter": "bom", "detail": label("api.fault.choice")}])
    return typed == "true"


def _pieces(resource: Resource, wanted: Any, form: str, *, bom: bool) -> Iterator[str]:
    if form == "rss":
        return iter([rss.document(resource, reading.page(resource, wanted, None, rules.NEWS_MOST).items)])
    batches = reading.everything(resource, wanted)
    if form == "csv":
        return sets.as_csv(resource, batches, bom=bom)
    return sets.as_json(resource, batches) if form == "json" else sets.as_geojson(resource, batches)


def _size(resource: Resource) -> int:
    """How many things the set has: counted anew when anything has changed, and then no more often than RECOUNT."""
    kept: dict[str, tuple[Any, float, int]] = current_app.extensions.setdefault("ydym.open_data_sizes", {})
    state, now, held = answering.state(), time.monotonic(), kept.get(resource.name)
    if held is not None and ((resource.followed and held[0] == state) or now - held[1] < RECOUNT):
        return held[2]
    kept[resource.name] = (state, now, reading.count(resource))
    return kept[resource.name][2]
