"""Uploads that come in pieces and go on after a lost connection: what has arrived lies in a folder until it is whole.

The folder is this machine's own (several workers share it). A piece is appended under a lock, at the offset that the
sender names, so that two tabs or a repeated piece cannot mix. What nobody finishes is swept away.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from flask import current_app

from webapp.core import secrets
from webapp.core.errors import Conflict, Invalid, NotFound

#: How long half an upload waits for its rest.
WAITS_FOR = timedelta(hours=24)
_ID = re.compile(r"[a-z2-7]{16,64}\Z")


@dataclass(frozen=True)
class Incoming:
    """An upload under way: `length` bytes in all, named `filename` by its sender, for the purpose `purpose`."""

    id: str
    length: int
    filename: str
    purpose: str

    @property
    def path(self) -> Path:
        """Where its bytes gather."""
        return folder() / self.id

    @property
    def offset(self) -> int:
        """Bytes that have arrived."""
        return self.path.stat().st_size

    @property
    def is_whole(self) -> bool:
        """True when every byte is here."""
        return self.offset == self.length


def folder() -> Path:
    """Where half uploads lie."""
    path: Path = current_app.extensions["ydym.settings"].data_dir / "incoming"
    path.mkdir(parents=True, exist_ok=True)
    return path


def begin(length: int, filename: str, purpose: str) -> Incoming:
    """A new upload. Raises Invalid (``file_too_big``, ``file_broken`` for nothing at all)."""
    limit = current_app.extensions["ydym.settings"].upload_max_bytes
    if length > limit:
        raise Invalid("file_too_big", name=filename[:40], megabytes=limit // (1024 * 1024))
    if length < 1:
        raise Invalid("file_broken", name=filename[:40])
    made = Incoming(secrets.random_code(160), length, filename[:200], purpose)
    made.path.touch(exist_ok=False)
    facts = {"length": length, "filename": made.filename, "purpose": purpose}
    made.path.with_suffix(".json").write_text(json.dumps(facts), encoding="utf-8")
    return made


def find(upload_id: str) -> Incoming:
    """The upload with this id; raises NotFound."""
    if not _ID.match(upload_id):
        raise NotFound("no_such_thing")
    path = folder() / upload_id
    try:
        facts = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotFound("no_such_thing") from error
    if not path.exists():
        raise NotFound("no_such_thing")
    return Incoming(upload_id, facts["length"], facts["filename"], facts["purpose"])


def append(upload: Incoming, offset: int, piece: IO[bytes]) -> int:
    """Add `piece` at `offset`; returns the new offset. Raises Conflict (``upload_offset``) when it does not fit there.

    What arrived before a connection broke is kept: the next piece begins there.
    """
    with _locked(upload) as stream:
        if stream.seek(0, os.SEEK_END) != offset:
            raise Conflict("upload_offset")
        room = upload.length - offset
        while room > 0 and (data := piece.read(min(64 * 1024, room))):
            stream.write(data)
            room -= len(data)
        return stream.tell()


def forget(upload: Incoming) -> None:
    """Throw its bytes away: they are kept elsewhere, or were no picture."""
    upload.path.unlink(missing_ok=True)
    upload.path.with_suffix(".json").unlink(missing_ok=True)


def sweep(now: datetime) -> int:
    """Throw away what nobody finished in time; returns how many uploads."""
    old = (now - WAITS_FOR).timestamp()
    gone = [path for path in folder().glob("*.json") if path.stat().st_mtime < old]
    for path in gone:
        path.with_suffix("").unlink(missing_ok=True)
        path.unlink(missing_ok=True)
    return len(gone)


@contextmanager
def _locked(upload: Incoming) -> Iterator[IO[bytes]]:
    try:
        stream = upload.path.open("r+b")
    except FileNotFoundError as error:
        raise NotFound("no_such_thing") from error
    with stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield stream
