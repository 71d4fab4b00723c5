"""Publishing the covered picture of a licence, and taking it back."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask import current_app, url_for

from webapp import audit, feed
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.core.steps import permit
from webapp.files import operations as files
from webapp.files.models import FilePurpose, StoredFile
from webapp.files.queries import Addresses, Picture, object_name, picture_of, size_asked
from webapp.files.rules import Form
from webapp.files.stores import store
from webapp.merchants.models import Shop
from webapp.merchants.queries import get_operator, get_shop
from webapp.web.words import label

from . import covering, queries
from .models import Licence, LicenceCopy
from .rules import OFFICERS, LicenceState

if TYPE_CHECKING:
    from PIL import Image

#: Whose a covered picture is among the stored files: nobody may open it there, it has an address of its own.
FILE_OWNER = "licence_copy"
PREVIEW_WIDTH = 640


def find(licence_id: int) -> LicenceCopy | None:
    """The copy of the licence that stands, or None."""
    return db.session.scalar(
        sa.select(LicenceCopy).where(LicenceCopy.licence_id == licence_id, LicenceCopy.withdrawn_at.is_(None))
    )


def key_of(copy: LicenceCopy) -> str:
    """The random name of a copy's file, part of its public address."""
    return db.session.get_one(StoredFile, copy.file_id).key


def find_public(copy_id: int, key: str) -> StoredFile | None:
    """The file of a copy that stands, of a licence that does; `key` is its random name."""
    return db.session.scalar(
        sa.select(StoredFile)
        .join(LicenceCopy, LicenceCopy.file_id == StoredFile.id)
        .join(Licence, Licence.id == LicenceCopy.licence_id)
        .where(
            LicenceCopy.id == copy_id,
            LicenceCopy.withdrawn_at.is_(None),
            StoredFile.key == key,
            StoredFile.erased_at.is_(None),
            Licence.state == LicenceState.VERIFIED,
            Licence.replaced_at.is_(None),
        )
    )


def address_of(copy_id: int) -> Addresses:
    """Says the public addresses of a copy's sizes, for :func:`webapp.files.queries.picture_of`."""

    def say(file: StoredFile, width: int | None = None, form: Form = Form.WEBP) -> str:
        size = size_asked(width, form)
        return url_for("licences_copies.picture", copy_id=copy_id, key=file.key, **size)

    return say


def picture_of_copy(copy: LicenceCopy, shown: int) -> Picture:
    """A copy where a page shows it `shown` CSS pixels wide."""
    return picture_of(db.session.get_one(StoredFile, copy.file_id), shown, address=address_of(copy.id))


def source_of(licence: Licence) -> StoredFile:
    """The uploaded picture of a licence that may be shown. Raises Conflict (``licence_not_shown``), NotFound."""
    if licence.replaced_at is not None or licence.state is not LicenceState.VERIFIED:
        raise Conflict("licence_not_verified")
    if not covering.may_show(licence.kind_code):
        raise Conflict("licence_never_shown")
    file = None if licence.file_id is None else db.session.get(StoredFile, licence.file_id)
    if file is None or file.erased_at is not None or not file.media_type.startswith("image/"):
        raise NotFound("no_such_thing")
    return file


def mark_of(licence: Licence, now: datetime) -> str:
    """What is written across the picture: city, shop (or operator, where it serves all its shops), purpose, day."""
    whose = (
        get_operator(licence.operator_id).name
        if licence.shop_id is None
        else get_shop(licence.shop_id).public_full_name
    )
    city = current_app.extensions["ydym.settings"].city_name
    return label("licence.copy.mark", city=city, shop=whose[:40], day=clock.day_of(now).isoformat())


def draw(licence: Licence, cells: Iterable[int], now: datetime) -> Image.Image:
    """The picture as it would be published. Raises Invalid (``licence_cells``) for cells off the grid."""
    from PIL import Image  # noqa: PLC0415 - a worker starts without it

    from . import drawing  # noqa: PLC0415

    file = source_of(licence)
    with Image.open(io.BytesIO(store().get(object_name(file.key, None))), formats=["JPEG"]) as picture:
        picture.load()
        try:
            return drawing.covered(picture, cells, mark_of(licence, now))
        except ValueError as error:
            raise Invalid("licence_cells") from error


def preview(licence: Licence, cells: Iterable[int], now: datetime) -> str:
    """The same as a ``data:`` address for a page; nothing is kept."""
    picture, out = draw(licence, cells, now), io.BytesIO()
    picture.thumbnail((PREVIEW_WIDTH * 2, PREVIEW_WIDTH * 2))
    picture.save(out, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()


def publish(
    licence_id: int, cells: Iterable[int], *, looked: bool, actor: Actor, now: datetime
) -> LicenceCopy:
    """Make the covered picture and show it; an older one of the licence is taken back. The same again changes nothing.

    `looked`: the officer says to have seen what came out. Raises Invalid (``licence_look_first``, ``licence_cells``),
    Conflict (``licence_not_verified``, ``licence_never_shown``).
    """
    licence = queries.get_licence(licence_id)
    permit(actor, frozenset(OFFICERS), queries.scope_of_licence(licence_id))
    if not looked:
        raise Invalid("licence_look_first", field="looked")
    file, chosen = source_of(licence), list(cells)
    picture = draw(licence, chosen, now)
    before, chosen = find(licence_id), covering.checked(chosen)
    if before is not None and before.source_sha256 == file.sha256 and before.cells == chosen:
        return before
    if before is not None:
        _take_back(before, actor, now)
    kept = files.store_image(picture, FilePurpose.LICENCE, now)
    copy = LicenceCopy(
        licence_id=licence_id,
        file_id=kept.id,
        source_sha256=file.sha256,
        cells=chosen,
        mark=mark_of(licence, now),
        made_by_id=actor.account_id,
        made_at=now,
    )
    db.session.add(copy)
    db.session.flush()
    files.attach([kept.id], FILE_OWNER, copy.id)
    _record("licence.show_copy", licence, copy, actor, now)
    return copy


def withdraw(licence_id: int, actor: Actor, now: datetime) -> None:
    """Show no picture of the licence any more; its file is erased. Raises NotFound when none is shown."""
    licence, copy = queries.get_licence(licence_id), find(licence_id)
    permit(actor, frozenset(OFFICERS), queries.scope_of_licence(licence_id))
    if copy is None:
        raise NotFound("no_such_thing")
    _take_back(copy, actor, now)
    _record("licence.hide_copy", licence, copy, actor, now)


def _take_back(copy: LicenceCopy, actor: Actor, now: datetime) -> None:
    copy.withdrawn_at, copy.withdrawn_by_id = now, actor.account_id
    files.erase(db.session.get_one(StoredFile, copy.file_id), now)
    db.session.flush()  # the older one steps aside first: the database allows one that stands


def _record(action: str, licence: Licence, copy: LicenceCopy, actor: Actor, now: datetime) -> None:
    audit.record(
        actor,
        action,
        "licence",
        licence.id,
        now=now,
        shop_id=licence.shop_id,
        operator_id=licence.operator_id,
        new={"kind": licence.kind_code, "cells": len(copy.cells)},
    )
    shops: list[Shop] = (
        [get_shop(licence.shop_id)] if licence.shop_id else list(get_operator(licence.operator_id).shops)
    )
    for shop in shops:
        feed.publish("licence.changed", now=now, shop_id=shop.id, kind_of_licence=licence.kind_code)
