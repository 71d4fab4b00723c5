"""Where the bytes lie: a local folder, or a bucket of S3-compatible storage. Names are random, content is fixed."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Protocol

from flask import current_app

from webapp.settings import Settings

#: A stored name: the random key, a slash and the size. Nothing else reaches a file system or a bucket.
NAME = re.compile(r"[a-z2-7]{20,60}/(?:full|[0-9]{2,4}j?)\Z")


class Missing(LookupError):
    """There is no object of that name."""


class Store(Protocol):
    """What a store can do. Names match :data:`NAME`; `put` of an existing name replaces it as a whole."""

    def put(self, name: str, data: bytes, media_type: str) -> None:
        """Keep `data`; it is safe on the disk when this returns."""

    def get(self, name: str) -> bytes:
        """The bytes; raises :class:`Missing`."""

    def delete(self, name: str) -> None:
        """Forget the object; no error when there is none."""


def checked(name: str) -> str:
    if not NAME.match(name):
        raise ValueError(f"no name of a stored object: {name!r}")
    return name


class LocalStore:
    """Files below `folder`, spread over 1024 subfolders by the first two characters of the key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / checked(name)

    def put(self, name: str, data: bytes, media_type: str) -> None:
        """Write beside, sync, rename: a reader sees the whole file or none, also after a power cut."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)

    def get(self, name: str) -> bytes:
        """The bytes; raises :class:`Missing`."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError as error:
            raise Missing(name) from error

    def delete(self, name: str) -> None:
        """Forget the file and its folder when that is empty."""
        path = self._path(name)
        path.unlink(missing_ok=True)
        if path.parent.is_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def from_settings(settings: Settings) -> Store:
    """The store that the settings name. No connection is made here: a worker starts while storage is down."""
    if not settings.s3_endpoint:
        return LocalStore(settings.uploads_dir)
    # Imported here: the client library is a tenth of a worker's start, and most cities keep files in a folder.
    from .s3 import connect  # noqa: PLC0415 - see above

    return connect(settings)


def store() -> Store:
    """The present application's store."""
    found: Store = current_app.extensions["ydym.files.store"]
    return found
