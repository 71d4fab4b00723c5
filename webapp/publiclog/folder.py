"""The log as plain files, laid out as C2SP `tlog-tiles` serves them: any web server can host the folder.

A file appears whole or not at all: it is written beside, flushed to disk, renamed, and the folder's entry flushed.
Tiles never change; only `checkpoint` is replaced, and only after all tiles that it needs are on disk.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from .tiles import Tile

CHECKPOINT: Final = "checkpoint"
#: What an interrupted writing leaves behind; never served, overwritten by the next.
_BESIDE: Final = ".new"


class FolderError(RuntimeError):
    """The folder holds something that this log did not write there."""


class Folder:
    """The published files."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, name: str) -> bytes | None:
        """The file's bytes; None when it is not there."""
        try:
            return (self.path / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def tile(self, tile: Tile) -> bytes:
        """A tile's bytes; of a partial one also the beginning of a wider. FolderError when it is not there."""
        data = self.read(tile.path)
        if data is None:
            raise FolderError(f"{tile.path} is missing")
        return data

    def put_tile(self, tile: Tile, data: bytes) -> None:
        """Write a tile; one that is there already must be the same."""
        there = self.read(tile.path)
        if there is None:
            self._write(tile.path, data)
        elif there != data:
            raise FolderError(f"{tile.path} differs from what the log holds: nothing was overwritten")

    def put_checkpoint(self, data: bytes) -> None:
        """Replace the checkpoint, once all its tiles are there."""
        if self.read(CHECKPOINT) != data:
            self._write(CHECKPOINT, data)

    def _write(self, name: str, data: bytes) -> None:
        target = self.path / name
        self._make_folder(target.parent)
        beside = target.with_name(target.name + _BESIDE)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(beside, target)  # noqa: PTH105 - one system call each, so that a test can stop before any of them
        flush_names(target.parent)

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        if folder != self.path:
            self._make_folder(folder.parent)
        folder.mkdir(parents=folder == self.path, exist_ok=True)
        flush_names(folder.parent)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One writer at a time on this machine; the lock goes with the process."""
        self.path.mkdir(parents=True, exist_ok=True)
        with self.path.with_name(self.path.name + ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def flush_names(folder: Path) -> None:
    """Make the names in a folder last."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
