"""A log made without the application: leaves, tiles in a folder, signed checkpoints."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from webapp.publiclog import notes, tiles, tree
from webapp.publiclog.folder import CHECKPOINT
from webapp.publiclog.keys import Signer
from webapp.publiclog.notes import Checkpoint


class MadeLog:
    """Grows in memory; `write` publishes it."""

    def __init__(self, origin: str = "log.test/log", seed: int = 1) -> None:
        self.leaves: list[bytes] = []
        self.key = Signer(origin, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))

    def add(self, leaves: Iterable[bytes]) -> MadeLog:
        self.leaves += leaves
        return self

    def read(self, level: int, index: int) -> bytes:
        span = 1 << level
        return tiles.top([tree.leaf_hash(leaf) for leaf in self.leaves[index * span : (index + 1) * span]])

    def checkpoint(self, size: int | None = None) -> str:
        size = len(self.leaves) if size is None else size
        body = str(Checkpoint(self.key.verifier.name, size, tree.root(size, self.read)))
        return str(notes.sign(body, self.key.verifier, self.key.sign))

    def write(self, folder: Path) -> Path:
        size = len(self.leaves)
        for tile in tiles.new_tiles(0, size, None):
            _put(folder / tile.path, tiles.pack(self.leaves[tile.first : tile.first + tile.width]))
        for level in tiles.levels(size):
            for tile in tiles.new_tiles(0, size, level):
                rows = range(tile.first, tile.first + tile.width)
                _put(folder / tile.path, b"".join(self.read(8 * level, at) for at in rows))
        _put(folder / CHECKPOINT, self.checkpoint().encode())
        return folder

    def task(self, index: int, older: int = 0, folder: Path | None = None) -> dict[str, Any]:
        """What the programs of others are given: one leaf with its proofs."""
        size = len(self.leaves)
        return {
            "Key": str(self.key.verifier),
            "Checkpoint": self.checkpoint(),
            "Folder": str(folder or ""),
            "Older": self.checkpoint(older) if older else "",
            "Index": index,
            "Leaf": base64.b64encode(self.leaves[index]).decode(),
            "Path": [notes.b64(node) for node in tree.inclusion(index, size, self.read)],
            "Consistency": [notes.b64(node) for node in tree.consistency(older, size, self.read)],
        }


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
