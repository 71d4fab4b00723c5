"""What the log says of stickers, for the feature of signing keys: which were issued before a compromised key's index.

Read from the published files, under the log's own key and root, not from the database: whoever can write to that could
date a sticker back, but cannot put a leaf before one that is out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from webapp.core.db import db

from . import following, queries, rules, tiles
from .models import LogLeaf
from .tree import Frontier, leaf_hash

ISSUED: Final = "sticker.issue"
_MARK: Final = b'"kind":"sticker.issue"'


def leaf_at(moment: datetime) -> int | None:
    """How many published leaves stand before the first decision at `moment` or later; None where there is no log.

    A leaf that comes late to its place stands behind that one: it is not counted, which is the safe way round. Of a
    time before the log itself the order of its leaves says nothing: then all with which it began are counted, and the
    day that each of them names (for ever, since it is out) decides.
    """
    row, current = queries.state(), queries.published()
    if row is None or current is None or current[1].size == 0:
        return None
    begun = LogLeaf.source.like("begin:%")
    first = db.session.scalar(
        sa.select(sa.func.min(LogLeaf.position)).where(LogLeaf.at >= moment, sa.not_(begun))
    )
    if row.begun_at is not None and moment < row.begun_at:
        last = db.session.scalar(sa.select(sa.func.max(LogLeaf.position)).where(begun))
        first = first if last is None else last + 1
    return current[1].size if first is None else min(first, current[1].size)


def before(kid: int, leaf: int, moment: datetime) -> list[tuple[int, int]]:
    """Shop and serial of each sticker of the key that was issued among the first `leaf` leaves, and before `moment`.

    Raises LookupError when the published log does not reach so far, Misbehaved when it is not what it has signed.
    """
    current = queries.published()
    if current is None or current[1].size < leaf:
        raise LookupError("the published log does not reach so far")
    fetch, checkpoint = following.source(str(queries.folder().path)), current[1]
    found: list[tuple[int, int]] = []
    edge = Frontier()
    for number in range(-(-checkpoint.size // tiles.WIDTH)):
        tile = tiles.tile_of(None, number * tiles.WIDTH, checkpoint.size)
        bundle = tiles.unpack(fetch(tile.path))
        found += _issued(bundle[: max(0, leaf - tile.first)], kid, rules.instant(moment))
        edge = edge.grown(map(leaf_hash, bundle))
    if (edge.size, edge.root()) != (checkpoint.size, checkpoint.root):
        raise following.Misbehaved("the published leaves do not give the signed root")
    return found


def _issued(bundle: list[bytes], kid: int, until: str) -> Iterator[tuple[int, int]]:
    for data in bundle:
        if _MARK in data:
            facts: dict[str, Any] = json.loads(data)
            if facts.get("kind") == ISSUED and facts.get("kid") == kid and facts["at"] < until:
                yield facts["shop"], facts["serial"]


def issued_before(sticker_id: Any, leaf: int | None, moment: datetime) -> sa.ColumnElement[bool] | None:
    """Condition: the sticker is one of those of :func:`before` (slot ``log.issued_before``); None without an index."""
    if leaf is None:
        return None
    own = (LogLeaf.subject_type == "sticker", LogLeaf.subject_id == sticker_id, LogLeaf.kind == ISSUED)
    return sa.exists().where(*own, LogLeaf.position < leaf, LogLeaf.at < moment)
