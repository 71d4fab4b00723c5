"""Uploads of a form that is shown again are not lost.

A browser cannot send a chosen file twice by itself. So a view takes the files in first, and the form that comes back
after a mistake carries a signed word for each file that is here already::

    photos = staging.collect("photos", FilePurpose.COMPLAINT, max_files=6, actor=actor, now=now)
    if photos.error or not form.validate():
        return render_template(…, photos=photos), 422          # {{ staged_files("photos", photos) }}
    operation(…, file_ids=photos.ids)

A word is good only for whom it was given to (the account, or the browser of a visitor) and for two days.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask import current_app, request, session, url_for
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.datastructures import FileStorage

from webapp.core.actor import Actor
from webapp.core.errors import Invalid
from webapp.core.transaction import commit

from . import queries
from .models import FilePurpose, StoredFile
from .operations import UNUSED_AFTER, store_upload
from .rules import Form

_VISITOR = "upload_visitor"


@dataclass(frozen=True)
class StagedFile:
    """A file that is here, with the signed word that the form carries for it."""

    file: StoredFile
    token: str

    def url(self, width: int | None = None, form: Form = Form.WEBP) -> str:
        """An address that opens it for whoever holds the word in this browser."""
        return url_for("files.show", key=self.file.key, **queries.size_asked(width, form), t=self.token)

    def picture(self, shown: int) -> queries.Picture:
        """Its addresses where a form shows it `shown` CSS pixels wide."""
        return queries.picture_of(
            self.file, shown, address=lambda _file, width=None, form=Form.WEBP: self.url(width, form)
        )


@dataclass
class Staged:
    """What one upload field of a form holds: files, the names of those that were refused, and the first error."""

    files: list[StagedFile] = field(default_factory=list)
    errors: list[Invalid] = field(default_factory=list)

    @property
    def ids(self) -> list[int]:
        """Ids for the operation that uses the files."""
        return [staged.file.id for staged in self.files]

    @property
    def error(self) -> Invalid | None:
        """The first thing that was wrong, or None."""
        return self.errors[0] if self.errors else None


def collect(name: str, purpose: FilePurpose, *, max_files: int, actor: Actor, now: datetime) -> Staged:
    """The files of field `name`: those kept from the last showing, then the new ones.

    Call it before anything else of the request is changed: what came in is committed at once, so that it outlives an
    answer of 422. A field ``<name>_drop`` holds words of files that the person took away. Errors are collected, not
    raised: a broken photo does not cost the good ones.
    """
    staged = Staged()
    dropped = set(request.form.getlist(f"{name}_drop"))
    for token in request.form.getlist(f"{name}_kept"):
        file = None if token in dropped else resolve(token, actor)
        if (
            file is not None
            and file.purpose is purpose
            and file.owner_type is None
            and file.id not in staged.ids
        ):
            staged.files.append(StagedFile(file, token))
    fresh = [upload for upload in request.files.getlist(name) if upload.filename]
    room = max(0, max_files - len(staged.files))
    if len(fresh) > room:
        staged.errors.append(Invalid("files_too_many", field=name, most=max_files))
    _take_in(fresh[:room], purpose, actor, now, staged, name)
    return staged


def lost(name: str, staged: Staged) -> list[Invalid]:
    """An error when files that the form said to have did not come back (no cookies, or two days later)."""
    kept = set(request.form.getlist(f"{name}_kept")) - set(request.form.getlist(f"{name}_drop"))
    gone = kept - {one.token for one in staged.files}
    return [Invalid("photos_lost", field=name)] if gone else []


def _take_in(
    uploads: Sequence[FileStorage],
    purpose: FilePurpose,
    actor: Actor,
    now: datetime,
    staged: Staged,
    name: str,
) -> None:
    taken = False
    for upload in uploads:
        try:
            file = store_upload(upload.stream, upload.filename or "", purpose, actor, now)
        except Invalid as error:
            error.field = name
            staged.errors.append(error)
            continue
        taken = True
        staged.files.append(StagedFile(file, token_for(file, actor)))
    if taken:
        commit()  # an answer of 422 undoes the transaction, and the photos would be gone


def token_for(file: StoredFile, actor: Actor) -> str:
    """The signed word by which this person may bring `file` back."""
    return _serializer().dumps([file.key, _bearer(actor)])


def resolve(token: str, actor: Actor) -> StoredFile | None:
    """The file of a word that was given to this person, or None."""
    try:
        key, bearer = _serializer().loads(token, max_age=int(UNUSED_AFTER.total_seconds()))
    except (BadData, ValueError, TypeError):
        return None
    if bearer != _bearer(actor):
        return None
    return queries.find_by_key(str(key))


def _bearer(actor: Actor) -> str:
    """The account, or a random mark in the visitor's session cookie."""
    if actor.account_id is not None:
        return f"a{actor.account_id}"
    if _VISITOR not in session:
        session[_VISITOR] = secrets.token_urlsafe(16)
    return f"v{session[_VISITOR]}"


def _serializer() -> URLSafeTimedSerializer:
    keys = [current_app.config["SECRET_KEY"], *(current_app.config.get("SECRET_KEY_FALLBACKS") or [])]
    return URLSafeTimedSerializer(keys[::-1], salt="files.staging")
