"""`/api/v1/…`: what there is, pages of it, one thing; `/openapi.json` and `/api/docs` that explain it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from webapp.web import access, throttle

from . import answering, asking, describing, reading, rules
from .catalogue import resources
from .places import origin
from .problems import Problem
from .resources import Resource

bp = Blueprint("openapi", __name__)
_limit = throttle.limiter.shared_limit(answering.LIMIT, scope="api")


@bp.get("/api")
@access.public
def api() -> ResponseReturnValue:
    """Who types the short address wants to read about it."""
    return redirect("/api/docs")


@bp.get("/api/v1")
@_limit
@access.public
def index() -> Response:
    """What there is: the resources with their addresses, and the signed statements that lie elsewhere."""
    _refuse_arguments()
    return _json(describing.index())


@bp.get("/api/v1/<name>")
@_limit
@access.public
def listed(name: str) -> Response:
    """A page of a resource."""
    resource = _resource(name)
    asked = asking.asked(resource)
    found = reading.page(resource, asked.wanted, asked.after, asked.limit)
    after = None
    if found.last is not None:
        more = {**asked.given, "limit": str(asked.limit)}
        more["cursor"] = asking.cursor(resource, asked.given, found.last)
        after = f"{origin()}/api/v1/{name}?{urlencode(more)}"
    response = _json({"items": [item.model_dump(mode="json") for item in found.items], "next": after})
    if after is not None:
        response.headers.add("Link", f'<{after}>; rel="next"')
    return _finished(resource, response)


@bp.get("/api/v1/<name>/<key>")
@_limit
@access.public
def single(name: str, key: str) -> Response:
    """One thing. What has ended is not found, the same as what never was."""
    resource = _resource(name)
    _refuse_arguments()
    item = reading.one(resource, key)
    if item is None:
        raise Problem(404, "no_such_thing")
    return _finished(resource, _json(item.model_dump(mode="json")))


@bp.get("/openapi.json")
@_limit
@access.public
def document() -> Response:
    """The description of all this (OpenAPI 3.1)."""
    _refuse_arguments()
    return _json(describing.document())


@bp.get("/api/docs")
@access.public
def docs() -> ResponseReturnValue:
    """The same in words, with examples to copy; a page of our own."""
    return render_template("openapi/public_docs.html", **describing.for_people(), rules=rules)


def _resource(name: str) -> Resource:
    found = resources().get(name)
    if found is None:
        raise Problem(404, "no_such_resource")
    return found


def _refuse_arguments() -> None:
    if request.args:
        raise asking.unknown(sorted(request.args))


def _json(body: dict[str, Any]) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")) + "\n"
    response = make_response(text)
    response.content_type = "application/json"
    return answering.tagged(response, answering.content_tag(text.encode()))


def _finished(resource: Resource, response: Response) -> Response:
    answering.mark_old(response, resource)
    return response
