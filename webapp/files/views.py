"""The two addresses of files: authorised, and public for as long as nobody takes the photo back."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound as NoSuchPage

from webapp.audit import sight
from webapp.audit.rules import Seen
from webapp.web import access

from . import queries, rules, sizes, staging
from .access import is_public, may_read
from .models import StoredFile
from .stores import Missing, store

bp = Blueprint("files", __name__)

#: An image opened by itself must not be able to do anything.
CSP = "default-src 'none'; sandbox"
#: How public pictures are kept. A name stands for the same bytes for good, so a phone that has one needs not ask for a
#: week. But it may be taken back (a passer-by's face, an indecent picture): then no page names it any more, and what
#: stands between us and many people asks again after five minutes.
KEPT = "public, max-age=604800, s-maxage=300, must-revalidate"


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
    """A storefront or rating photo, which caches may keep: see :data:`KEPT`."""
    file = queries.find_by_key(key)
    if file is None or not is_public(file):
        raise NoSuchPage
    response = answer(file)
    response.headers["Cache-Control"] = KEPT
    return response


def answer(file: StoredFile) -> Response:
    """The bytes of `file` in the width that the address asks for. Whoever calls has decided that they may be seen."""
    width = rules.variant_width(request.args.get("w", type=int))
    form = rules.Form.JPEG if request.args.get("f") == rules.Form.JPEG else rules.Form.WEBP
    etag = f"{file.sha256[:32]}-{queries.object_name('', width, form)[1:]}"
    if request.if_none_match.contains(etag):
        return _dressed(Response(status=304), file, None, etag)
    try:
        if width is not None and (copy := sizes.fetch(file, width, form)) is not None:
            return _dressed(Response(copy), file, form.media_type, etag)
        # Also for who would have to wait: then under the whole picture's tag.
        etag = f"{file.sha256[:32]}-full"
        return _dressed(
            Response(store().get(queries.object_name(file.key, None))), file, file.media_type, etag
        )
    except Missing as error:
        raise NoSuchPage from error


def _dressed(response: Response, file: StoredFile, media_type: str | None, etag: str) -> Response:
    response.set_etag(etag)
    response.headers["Content-Security-Policy"] = CSP
    if media_type is None:  # not modified
        return response
    response.mimetype = media_type
    ending = media_type.rpartition("/")[2].replace("jpeg", "jpg")
    response.headers["Content-Disposition"] = f'inline; filename="{file.key[:12]}.{ending}"'
    return response
