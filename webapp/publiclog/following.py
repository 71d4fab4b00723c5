"""Following a log from outside, over HTTP or from a folder: what monitors and witnesses do. Uses no database.

What was seen is kept in one small file. A later checkpoint must begin with it; if not, both are kept as evidence.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from . import notes, tiles, tree
from .folder import CHECKPOINT
from .notes import Checkpoint, NoteError, Verifier

#: Longest answers that are read: a full bundle of entries at most.
_ANSWER_MAX: Final = tiles.WIDTH * (tiles.ENTRY_MAX + 2)
_TIMEOUT: Final = 20


class Misbehaved(RuntimeError):
    """The log shows something else than it has shown, or than it has signed. `evidence` holds the signed notes."""

    def __init__(self, what: str, *evidence: str) -> None:
        super().__init__(what)
        self.evidence = evidence


class Unreachable(RuntimeError):
    """The log could not be read; that says nothing about its honesty."""


Fetch = Callable[[str], bytes]


def source(address: str) -> Fetch:
    """Reads the files of the log at an http(s) address or in a folder. Raises Unreachable."""
    if address.startswith(("http://", "https://")):
        return lambda name: _get(f"{address.rstrip('/')}/{name}")
    return lambda name: _file(Path(address) / name)


def _file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unreachable(str(error)) from error


def _get(url: str) -> bytes:
    import requests  # noqa: PLC0415 - a worker that only shows the log asks nobody
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - reading the body past requests raises these

    try:
        with requests.get(url, timeout=_TIMEOUT, stream=True) as answer:
            answer.raise_for_status()
            data = answer.raw.read(_ANSWER_MAX + 1, decode_content=True)
    except (HTTPError, OSError) as error:  # requests' own are OSErrors
        raise Unreachable(str(error)) from error
    if len(data) > _ANSWER_MAX:
        raise Unreachable(f"{url} is longer than any file of a log")
    return bytes(data)


@dataclass(frozen=True)
class Seen:
    """The newest checkpoint that was seen and found to go on from all before."""

    size: int = 0
    root: bytes = tree.EMPTY
    note: str = ""


class Memory:
    """The file in which a follower keeps what it has seen."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self, key: Verifier) -> Seen:
        """What was seen of that key's log; ValueError when the file is another log's or cannot be read."""
        try:
            facts = json.loads(self.path.read_text("utf-8"))
        except FileNotFoundError:
            return Seen()
        if facts["key"] != str(key):
            raise ValueError(f"{self.path} follows another log: {facts['key']}")
        note, found = notes.opened(facts["checkpoint"], key)
        return Seen(found.size, found.root, str(note))

    def save(self, key: Verifier, note: str) -> None:
        """Whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as stream:
            json.dump({"key": str(key), "checkpoint": note}, stream, ensure_ascii=False)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(self.path)

    def keep_evidence(self, found: Misbehaved) -> Path | None:
        """Write the notes that contradict each other beside the memory; where."""
        if not found.evidence:
            return None
        path = self.path.with_suffix(".evidence.txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{found}\n\n" + "\n----\n".join(found.evidence), encoding="utf-8")
        return path


def look(fetch: Fetch, key: Verifier, seen: Seen) -> tuple[notes.Note, Checkpoint]:
    """The log's checkpoint, which goes on from what was seen. Raises Misbehaved, Unreachable."""
    data = fetch(CHECKPOINT)
    try:
        notes.parse(data)
    except NoteError as error:  # the page of a provider that wants to be paid, say
        raise Unreachable(f"what came is no checkpoint: {error}") from error
    try:
        note, found = notes.opened(data, key)
    except NoteError as error:
        raise Misbehaved(f"the checkpoint is not one of this log: {error}") from error
    evidence = tuple(one for one in (seen.note, str(note)) if one)
    if found.size < seen.size:
        raise Misbehaved(f"the log went back from {seen.size} leaves to {found.size}", *evidence)
    if found.size == seen.size and seen.note:
        if found.root != seen.root:
            raise Misbehaved(f"split view: two roots for {seen.size} leaves", *evidence)
        return note, found
    try:
        read = tiles.reader(found.size, lambda tile: fetch(tile.path))
        if tree.root(found.size, read) != found.root:
            raise Misbehaved("the tiles do not give the signed root", *evidence)
        if seen.size and tree.root(seen.size, read) != seen.root:
            raise Misbehaved(f"rewritten: the first {seen.size} leaves are not those seen before", *evidence)
        tree.check_consistency(
            seen.size, found.size, tree.consistency(seen.size, found.size, read), seen.root, found.root
        )
    except (tree.ProofError, ValueError) as error:
        raise Misbehaved(f"the tiles contradict the checkpoint: {error}", *evidence) from error
    return note, found


def read_entries(
    fetch: Fetch,
    first: int,
    checkpoint: Checkpoint,
    use: Callable[[int, bytes], None] = lambda _at, _leaf: None,
) -> int:
    """Read every leaf from `first` on and hold it against its hash; how many. `use` gets place and bytes of each."""
    read = tiles.reader(checkpoint.size, lambda tile: fetch(tile.path))
    count = 0
    for number in range(first // tiles.WIDTH, -(-checkpoint.size // tiles.WIDTH)):
        tile = tiles.tile_of(None, number * tiles.WIDTH, checkpoint.size)
        try:
            bundle = tiles.unpack(fetch(tile.path))
        except ValueError as error:
            raise Misbehaved(f"{tile.path}: {error}") from error
        if len(bundle) != tile.width:
            raise Misbehaved(f"{tile.path} holds {len(bundle)} leaves")
        for at, leaf in enumerate(bundle, tile.first):
            if at < first:
                continue
            if tree.leaf_hash(leaf) != read(0, at):
                raise Misbehaved(f"leaf {at} is not the one in the tree")
            use(at, leaf)
            count += 1
    return count
