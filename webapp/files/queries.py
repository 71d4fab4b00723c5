"""Finding files and their addresses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import sqlalchemy as sa
from flask import url_for

from webapp.core.db import db

from . import rules
from .models import FilePurpose, StoredFile
from .rules import Form

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


def object_name(key: str, width: int | None, form: Form = Form.WEBP) -> str:
    """The name in the store of a file's size (None: whole)."""
    return f"{key}/full" if width is None else f"{key}/{width}{form.value}"


def object_names(key: str) -> list[str]:
    """All names that a file may have in the store, the whole first."""
    return [
        object_name(key, None),
        *(object_name(key, width, form) for width in rules.WIDTHS for form in Form),
    ]


def url_for_file(
    file: StoredFile, width: int | None = None, form: Form = Form.WEBP, *, private: bool = False
) -> str:
    """The address of a file, or of its copy that is at least `width` pixels wide.

    Public kinds get the cacheable address once attached; `private` asks for the authorised one all the same.
    """
    is_public = file.purpose in PUBLIC and file.owner_type is not None and not private
    endpoint = "files.public" if is_public else "files.show"
    return url_for(endpoint, key=file.key, **size_asked(width, form))


def size_asked(width: int | None, form: Form = Form.WEBP) -> dict[str, Any]:
    """What an address says of the size: ``w`` and ``f``, as :func:`webapp.files.views.answer` reads them."""
    stored = rules.variant_width(width)
    return {"w": stored, "f": form.value or None if stored is not None else None}


@dataclass(frozen=True)
class Picture:
    """A picture's addresses where it is shown small; drawn by the macro ``picture``.

    `whole` is a JPEG; `jpeg` one for whoever knows no WebP; `webp` the copies in WebP with their widths (``srcset``).
    `shown` is the width in CSS pixels that they were chosen for; `width` and `height` are the whole's, or None.
    """

    whole: str
    jpeg: str
    webp: str
    shown: int
    width: int | None
    height: int | None

    def high(self, width: int) -> int:
        """The height that keeps the picture's shape at this width; a square's for one whose shape is unknown."""
        return round(self.height * width / self.width) if self.width and self.height else width


class Addresses(Protocol):
    """Says the address of a file's size, as :func:`url_for_file` does."""

    def __call__(self, file: StoredFile, width: int | None = None, form: Form = Form.WEBP) -> str:
        """The address."""


def picture_of(
    file: StoredFile, shown: int, *, private: bool = False, address: Addresses | None = None
) -> Picture:
    """The addresses for a picture that a page shows `shown` CSS pixels wide, at most.

    `address` where the files have addresses of their own (a signed one, a licence's copy); else :func:`url_for_file`.
    """
    say = address or partial(url_for_file, private=private)
    widths = rules.widths_for(shown, file.width)
    copies = [f"{say(file, width)} {min(width, file.width or width)}w" for width in widths]
    middle = next((width for width in widths if width >= 2 * shown), widths[-1])
    return Picture(say(file), say(file, middle, Form.JPEG), ", ".join(copies), shown, file.width, file.height)
