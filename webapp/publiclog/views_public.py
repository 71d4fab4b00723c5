"""The public log for everybody: its files, what it is, a leaf with its receipt."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core.errors import NotFound
from webapp.merchants.queries import get_shop
from webapp.web import access, samesite, throttle
from webapp.web.downloads import attach
from webapp.web.words import label

from . import checking, notes, queries, showing, tiles
from .folder import CHECKPOINT
from .models import LogLeaf
from .notes import Verifier

bp = Blueprint("publiclog", __name__)

#: Tiles never change; a checkpoint is not kept for longer than a few seconds (tlog-tiles).
_FOR_EVER = "public, max-age=31536000, immutable"
_BRIEFLY = "public, max-age=2"
_limit = throttle.limiter.shared_limit("1200/minute", scope="public-log")


@bp.get("/log/checkpoint")
@_limit
@access.public
def checkpoint() -> Response:
    """The signed checkpoint, with its cosignatures."""
    data = queries.folder().read(CHECKPOINT)
    if data is None:
        raise NotFound("no_such_thing")
    return _file(data, "text/plain; charset=utf-8", _BRIEFLY)


@bp.get("/log/witness/<int:number>")
@_limit
@access.public
def witnessed(number: int) -> Response:
    """The newest checkpoint that a witness cosigned, as it came. Later ones must begin with it."""
    note = queries.witness(number).note
    if note is None:
        raise NotFound("no_such_thing")
    return _file(note.encode(), "text/plain; charset=utf-8", _BRIEFLY)


@bp.get("/log/tile/<path:name>")
@_limit
@access.public
def tile(name: str) -> Response:
    """A tile or a bundle of entries, as the folder holds it."""
    found = tiles.parse_path(f"tile/{name}")
    data = None if found is None else queries.folder().read(found.path)
    if data is None:
        raise NotFound("no_such_thing")
    return _file(data, "application/octet-stream", _FOR_EVER)


def _file(data: bytes, kind: str, keep: str) -> Response:
    response = make_response(data)
    response.content_type = kind
    response.headers["Cache-Control"] = keep
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.add_etag()
    response.make_conditional(request)
    return response


@bp.get("/log")
@access.public
def index() -> ResponseReturnValue:
    """What the log is, how it is checked, who cosigns; a leaf is found by its number."""
    typed = request.args.get("number")
    number = _number(typed or "")
    if number is not None:
        return redirect(url_for("publiclog.show", number=number), 303)
    return _index(typed=typed)


@bp.post("/log/check")
@throttle.limiter.limit("60/minute")
@access.public
def check() -> ResponseReturnValue:
    """Check a receipt that was downloaded here. Nothing is kept or changed."""
    upload, pasted = request.files.get("receipt"), request.form.get("text", "")
    if not samesite.sent_from_here():
        return _index(error=label("error.form_expired"), pasted=pasted), 422
    data = (
        upload.read(checking.RECEIPT_MAX + 1) if upload is not None and upload.filename else pasted.encode()
    )
    if not data.strip():
        return _index(error=label("publiclog.receipt_missing")), 422
    found = checking.check(data)
    return _index(checked=found, pasted=pasted), 200 if found.outcome is checking.Outcome.HOLDS else 422


def _number(text: str) -> int | None:
    """A leaf's number as people type it: full-width digits, "第 53 条" and blanks are forgiven."""
    digits = "".join(unicodedata.normalize("NFKC", text).split()).strip("第条#")
    return (
        int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 18 and int(digits) else None
    )


def _index(
    *, typed: str | None = None, pasted: str = "", error: str = "", checked: checking.Checked | None = None
) -> str:
    current = queries.published()
    return render_template(
        "publiclog/public_index.html",
        key=_key(),
        checkpoint=None if current is None else current[1],
        at=_at(),
        witnesses=_witnesses(current),
        typed=typed,
        pasted=pasted,
        error=error,
        checked=checked,
        what=showing.kind_word(str(checked.facts.get("kind", ""))) if checked else "",
    )


@bp.get("/log/<int:number>")
@access.public
def show(number: int) -> ResponseReturnValue:
    """Leaf `number`, counted from 1 as people do."""
    leaf = _leaf(number)
    line = showing.line_of(leaf)
    return render_template(
        "publiclog/public_show.html",
        number=number,
        line=line,
        shop=None if line["shop_id"] is None else get_shop(line["shop_id"]),
        data=json.dumps(queries.facts_of(leaf), ensure_ascii=False, indent=2),
        about=queries.told_about(leaf),
        checkpoint=None if (current := queries.published()) is None else current[1],
    )


@bp.get("/log/<int:number>/receipt")
@_limit
@access.public
def receipt(number: int) -> Response:
    """The receipt as a `tlog-proof`, to keep and to check without this site."""
    if number < 1:
        raise NotFound("no_such_thing")
    response = make_response(str(queries.receipt(number - 1).proof))
    response.content_type = "text/plain; charset=utf-8"
    response.headers["Cache-Control"] = "no-store"  # what it opens may be told no more a moment later
    attach(
        response, f"log-{number}.tlog-proof", f"{label('publiclog.receipt_file', number=number)}.tlog-proof"
    )
    return response


@bp.get("/s/<int:shop_id>/log")
@access.public
def shop(shop_id: int) -> ResponseReturnValue:
    """The shop's leaves, newest first."""
    found = get_shop(shop_id)
    lines = [showing.line_of(leaf) for leaf in queries.of_shop(shop_id)]
    return render_template("publiclog/public_shop.html", shop=found, lines=lines[:100], more=len(lines) > 100)


def _leaf(number: int) -> LogLeaf:
    if number < 1:
        raise NotFound("no_such_thing")
    return queries.leaf_at(number - 1)


def _key() -> str:
    row = queries.state()
    return "" if row is None else row.key


def _at() -> Any:
    row = queries.state()
    return None if row is None else row.at


def _witnesses(current: tuple[notes.Note, notes.Checkpoint] | None) -> list[dict[str, Any]]:
    """Each named witness, and whether it has signed the published checkpoint."""
    lines = () if current is None else current[0].lines
    return [
        {
            "title": one.title,
            "key": one.key,
            "name": Verifier.parse(one.key).name,
            "signed_at": one.signed_at,
            "size": one.size,
            "current": one.line in lines,
            "number": one.id if one.note else None,
        }
        for one in queries.witnesses()
    ]
