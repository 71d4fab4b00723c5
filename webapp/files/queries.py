"""Finding files and their addresses."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from flask import url_for

from webapp.core.db import db

from . import rules
from .models import FilePurpose, StoredFile

#: Purposes that anybody may see once the file is attached.
PUBLIC = frozenset({FilePurpose.STOREFRONT, FilePurpose.RATING})


def find_by_key(key: str) -> StoredFile | None:
    """The file with this random key that has not been erased, or None."""
    return db.session.scalar(
        sa.select(StoredFile).where(StoredFile.key == key, StoredFile.erased_at.is_(None))
    )


def by_ids(file_ids: Iterable[int]) -> dict[int, StoredFile]:
    """The files that are there, by id."""
    wanted = set(file_ids)
    if not wanted:
        return {}
    return {
        file.id: file for file in db.session.scalars(sa.select(StoredFile).where(StoredFile.id.in_(wanted)))
    }


def of_owner(owner_type: str, owner_id: int, purpose: FilePurpose | None = None) -> list[StoredFile]:
    """An owner's files, oldest first."""
    statement = sa.select(StoredFile).where(
        StoredFile.owner_type == owner_type, StoredFile.owner_id == owner_id, StoredFile.erased_at.is_(None)
    )
    if purpose is not None:
        statement = statement.where(StoredFile.purpose == purpose)
    return list(db.session.scalars(statement.order_by(StoredFile.id)))


def object_name(key: str, width: int | None) -> str:
    """The name in the store of a file's size (None: whole)."""
    return f"{key}/{width or 'full'}"


def url_for_file(file: StoredFile, width: int | None = None, *, private: bool = False) -> str:
    """The address of a file, or of its copy that is at least `width` pixels wide.

    Public kinds get the cacheable address once attached; `private` asks for the authorised one all the same.
    """
    is_public = file.purpose in PUBLIC and file.owner_type is not None and not private
    endpoint = "files.public" if is_public else "files.show"
    return url_for(endpoint, key=file.key, w=rules.variant_width(width))
