"""Taking uploads in, saying whose they are, erasing them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import IO, TYPE_CHECKING

import sqlalchemy as sa
from flask import current_app

from webapp.core import secrets
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.errors import Invalid, NotFound

from .models import FilePurpose, StoredFile
from .queries import object_name, object_names
from .stores import store

if TYPE_CHECKING:
    from PIL import Image

    from .images import Encoded

#: Files that nothing was made of are swept away after this time.
UNUSED_AFTER = timedelta(days=2)


def store_upload(
    stream: IO[bytes], filename: str, purpose: FilePurpose, actor: Actor | None, now: datetime
) -> StoredFile:
    """Read an upload by its content, write it anew, keep it; not yet attached to anything.

    Raises Invalid: ``file_too_big`` (details: megabytes), ``file_kind``, ``file_pixels``, ``file_broken``,
    ``file_locked``; each carries the shown part of `filename` in its details as ``name``.
    """
    from . import images  # noqa: PLC0415 - see _keep

    data, shown = _taken(stream, filename)
    try:
        encoded = images.encode_upload(data)
    except Invalid as error:
        error.details["name"] = shown
        raise
    return _keep(encoded, purpose, actor.account_id if actor else None, now)


def look_at(stream: IO[bytes], filename: str) -> Image.Image:
    """The picture in an upload that is not kept. Raises Invalid as :func:`store_upload`."""
    from . import images  # noqa: PLC0415 - see _keep

    data, shown = _taken(stream, filename)
    try:
        return images.decode_picture(data)
    except Invalid as error:
        error.details["name"] = shown
        raise


def _taken(stream: IO[bytes], filename: str) -> tuple[bytes, str]:
    """The bytes of an upload and the shown part of its name. Raises Invalid (``file_too_big``)."""
    limit = current_app.extensions["ydym.settings"].upload_max_bytes
    shown = _shown(filename)
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise Invalid("file_too_big", name=shown, megabytes=limit // (1024 * 1024))
    return data, shown


def store_image(image: Image.Image, purpose: FilePurpose, now: datetime) -> StoredFile:
    """Keep a picture that the system drew itself (the demo city's storefronts)."""
    from . import images  # noqa: PLC0415 - see _keep

    return _keep(images.encode_image(image), purpose, None, now)


def _keep(encoded: Encoded, purpose: FilePurpose, by_id: int | None, now: datetime) -> StoredFile:
    # What reads and writes pictures is loaded with the first upload: most workers serve pages only.
    media_type, whole = encoded.sizes[None]
    file = StoredFile(
        key=secrets.random_code(160),
        purpose=purpose,
        media_type=media_type,
        size=len(whole),
        width=encoded.width,
        height=encoded.height,
        sha256=hashlib.sha256(whole).hexdigest(),
        uploaded_by_id=by_id,
        created_at=now,
    )
    for width, (kind, data) in encoded.sizes.items():
        store().put(object_name(file.key, width), data, kind)
    db.session.add(file)
    db.session.flush()
    return file


def copy(file_id: int, now: datetime) -> StoredFile:
    """A second file with the same bytes, which can be erased without the first. Raises NotFound."""
    file = db.session.get(StoredFile, file_id)
    if file is None or file.erased_at is not None:
        raise NotFound("no_such_thing")
    twin = StoredFile(
        key=secrets.random_code(160),
        purpose=file.purpose,
        media_type=file.media_type,
        size=file.size,
        width=file.width,
        height=file.height,
        sha256=file.sha256,
        uploaded_by_id=file.uploaded_by_id,
        created_at=now,
    )
    # The smaller copies are made when they are asked for.
    store().put(object_name(twin.key, None), store().get(object_name(file.key, None)), file.media_type)
    db.session.add(twin)
    db.session.flush()
    return twin


def attach(file_ids: Sequence[int], owner_type: str, owner_id: int, *, actor: Actor | None = None) -> None:
    """Say whose these files are. Readers of `owner_type` may open them from now on (see :mod:`.access`).

    A file belongs to one owner for good. With a signed-in `actor`, a fresh file must be that actor's own upload.
    NotFound otherwise.
    """
    for file_id in file_ids:
        file = db.session.get(StoredFile, file_id)
        if file is None or file.erased_at is not None:
            raise NotFound("no_such_thing")
        if (file.owner_type, file.owner_id) == (owner_type, owner_id):
            continue
        who = actor.account_id if actor is not None else None
        strange = who is not None and file.uploaded_by_id != who
        if file.owner_type is not None or strange:
            raise NotFound("no_such_thing")
        file.owner_type, file.owner_id = owner_type, owner_id


def erase(file: StoredFile, now: datetime) -> None:
    """Delete the bytes in every size; the row stays as a trace without the data."""
    for name in object_names(file.key):  # the whole first: see sizes.fetch
        store().delete(name)
    file.erased_at, file.sha256, file.size = now, "", 0


def sweep(now: datetime, limit: int = 500) -> int:
    """Erase uploads that nothing was made of for two days; returns how many."""
    statement = (
        sa.select(StoredFile)
        .where(
            StoredFile.owner_type.is_(None),
            StoredFile.erased_at.is_(None),
            StoredFile.created_at < now - UNUSED_AFTER,
            StoredFile.uploaded_by_id.is_not(None) | (StoredFile.purpose != FilePurpose.STOREFRONT),
        )
        .order_by(StoredFile.id)
        .limit(limit)
    )
    unused = list(db.session.scalars(statement))
    for file in unused:
        erase(file, now)
    return len(unused)


def _shown(filename: str) -> str:
    """The end of a name as typed, for telling the person which file it was."""
    kept = "".join(c for c in filename.replace("\\", "/").rpartition("/")[2] if c.isprintable())
    return kept if len(kept) <= 40 else "…" + kept[-39:]
