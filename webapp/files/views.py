"""The two addresses of files: authorised, and public for as long as nobody takes the photo back."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound as NoSuchPage

from webapp.audit import sight
from webapp.audit.rules import Seen
from webapp.web import access

from . import queries, rules, staging
from .access import is_public, may_read
from .models import StoredFile
from .stores import Missing, store

bp = Blueprint("files", __name__)

#: An image opened by itself must not be able to do anything.
CSP = "default-src 'none'; sandbox"
#: Seconds that a public photo is kept without asking again. It may be taken back (a passer-by's face, an indecent
#: picture), and then it must be gone soon; asking again costs an empty 304 and no bytes.
FRESH = 300


@bp.get("/files/<key>")
@access.public
def show(key: str) -> Response:
    """A file for those who may see it; for everybody else there is none."""
    file, actor = queries.find_by_key(key), access.current_actor()
    if file is None:
        raise NoSuchPage
    allowed = may_read(actor, file)
    if not allowed and "t" in request.args and file.owner_type is None:
        staged = staging.resolve(request.args["t"], actor)
        allowed = staged is not None and staged.id == file.id
    if not allowed:
        raise NoSuchPage
    response = answer(file)
    if file.owner_type is not None and file.owner_id is not None:
        # Kept nowhere: on a shared desk a 304 would show it to the next officer, and nobody would know who looked.
        response.headers["Cache-Control"] = "private, no-store"
        sight.note(Seen.FILE, file.owner_type, file.owner_id)
    return response


@bp.get("/media/<key>")
@access.public
def public(key: str) -> Response:
    """A storefront or rating photo, which caches may keep but soon ask for again: it may be hidden meanwhile."""
    file = queries.find_by_key(key)
    if file is None or not is_public(file):
        raise NoSuchPage
    response = answer(file)
    response.headers["Cache-Control"] = f"public, max-age={FRESH}, must-revalidate"
    return response


def answer(file: StoredFile) -> Response:
    """The bytes of `file` in the width that the address asks for. Whoever calls has decided that they may be seen."""
    width = rules.variant_width(request.args.get("w", type=int))
    media_type = file.media_type if width is None else "image/webp"
    etag = f"{file.sha256[:32]}-{width or 'full'}"
    response = Response(mimetype=media_type)
    response.set_etag(etag)
    response.headers["Content-Security-Policy"] = CSP
    ending = media_type.rpartition("/")[2].replace("jpeg", "jpg")
    response.headers["Content-Disposition"] = f'inline; filename="{file.key[:12]}.{ending}"'
    if request.if_none_match.contains(etag):
        response.status_code = 304
        return response
    try:
        response.set_data(store().get(queries.object_name(file.key, width)))
    except Missing as error:
        raise NoSuchPage from error
    return response
