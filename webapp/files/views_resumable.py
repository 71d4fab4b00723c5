"""Resumable uploads by the tus protocol 1.0.0 (core and creation): progress, and going on after a lost connection.

When the last byte is in, the file is read and written anew like any upload; the answer's ``Upload-Word`` is the signed
word by which the form brings it back (files.staging). For forms without an account: where a request came from is asked
of the browser itself (web.samesite).
"""

from __future__ import annotations

import base64
import binascii
from io import BytesIO

from flask import Blueprint, Response, request, url_for

from webapp.core import clock
from webapp.core.errors import Forbidden, Invalid
from webapp.web import access, samesite, throttle
from webapp.web.errors import message_of

from . import incoming, staging
from .incoming import Incoming
from .models import FilePurpose
from .operations import store_upload

bp = Blueprint("files_resumable", __name__)

VERSION = "1.0.0"
PIECE = "application/offset+octet-stream"
#: What visitors without an account may upload.
OPEN_PURPOSES = frozenset({FilePurpose.COMPLAINT})


@bp.after_request
def _say_version(response: Response) -> Response:
    response.headers["Tus-Resumable"] = VERSION
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/uploads")
@throttle.limiter.limit("120/hour")
@access.public
def create() -> Response:
    """Begin an upload of ``Upload-Length`` bytes; 201 with its address."""
    _from_here()
    length = request.headers.get("Upload-Length", type=int)
    facts = _metadata(request.headers.get("Upload-Metadata", ""))
    if length is None or facts.get("purpose") not in OPEN_PURPOSES:
        return Response(status=400)
    try:
        upload = incoming.begin(length, facts.get("filename", ""), facts["purpose"])
    except Invalid as error:
        return Response(message_of(error), 413 if error.code == "file_too_big" else 400)
    response = Response(status=201)
    response.headers["Location"] = url_for("files_resumable.state", upload_id=upload.id)
    return response


@bp.route("/uploads/<upload_id>", methods=["HEAD"])
@access.public
def state(upload_id: str) -> Response:
    """How much has arrived."""
    upload = incoming.find(upload_id)
    return _offset(Response(status=200), upload, upload.offset)


@bp.patch("/uploads/<upload_id>")
@throttle.limiter.limit("1200/hour")
@access.public
def receive(upload_id: str) -> Response:
    """Take the next piece. 409 when it does not begin where the last one ended, 422 when the whole is no picture."""
    _from_here()
    upload = incoming.find(upload_id)
    offset = request.headers.get("Upload-Offset", type=int)
    if request.mimetype != PIECE or offset is None:
        return Response(status=415 if request.mimetype != PIECE else 400)
    arrived = incoming.append(upload, offset, request.stream)
    response = _offset(Response(status=204), upload, arrived)
    return _finish(upload, response) if arrived == upload.length else response


def _finish(upload: Incoming, response: Response) -> Response:
    actor = access.current_actor()
    data = BytesIO(upload.path.read_bytes())
    try:
        file = store_upload(data, upload.filename, FilePurpose(upload.purpose), actor, clock.now())
    except Invalid as error:
        incoming.forget(upload)
        return Response(message_of(error), 422, mimetype="text/plain")
    incoming.forget(upload)
    response.headers["Upload-Word"] = staging.token_for(file, actor)
    return response


def _offset(response: Response, upload: Incoming, offset: int) -> Response:
    response.headers["Upload-Offset"] = str(offset)
    response.headers["Upload-Length"] = str(upload.length)
    return response


def _from_here() -> None:
    if not samesite.sent_from_here():
        raise Forbidden("no_access")


def _metadata(header: str) -> dict[str, str]:
    """``name base64, name base64``: what can be read of it."""
    facts: dict[str, str] = {}
    for pair in header[:2000].split(","):
        name, _, value = pair.strip().partition(" ")
        try:
            facts[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
    return facts
