"""A receipt for one leaf: C2SP `tlog-proof`, the inclusion proof together with the checkpoint it leads to. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from . import notes, tree
from .notes import Checkpoint, NoteError, Verifier

HEADER: Final = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True)
class Receipt:
    """Leaf `index` is in the log: `path` leads to the root of `checkpoint` (a whole signed note)."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""

    def __str__(self) -> str:
        extra = f"extra {notes.b64(self.extra)}\n" if self.extra else ""
        path = "".join(f"{notes.b64(node)}\n" for node in self.path)
        return f"{HEADER}\n{extra}index {self.index}\n{path}\n{self.checkpoint}"

    @classmethod
    def parse(cls, text: str) -> Receipt:
        """From its text; NoteError."""
        head, gap, checkpoint = text.partition("\n\n")
        lines = head.split("\n")
        if not gap or lines.pop(0) != HEADER:
            raise NoteError("not a proof of this kind")
        extra = b""
        if lines and lines[0].startswith("extra "):
            extra = notes.unb64(lines.pop(0).removeprefix("extra "))
        match = _INDEX.fullmatch(lines.pop(0)) if lines else None
        if match is None:
            raise NoteError("the proof names no leaf")
        return cls(int(match[1]), tuple(notes.unb64(line) for line in lines), checkpoint, extra)

    def check(self, leaf: bytes, key: Verifier) -> Checkpoint:
        """Raise NoteError or ProofError unless the leaf's bytes stand at `index` in the log of that key."""
        _note, found = notes.opened(self.checkpoint, key)
        tree.check_inclusion(self.index, found.size, tree.leaf_hash(leaf), list(self.path), found.root)
        return found
