"""Checking a receipt that somebody brings: is it whole, is it of this log, and does the log still say the same?

Whoever trusts this site less than their receipt checks it elsewhere (docs/public-log.md); what is found wrong here is
wrong everywhere.
"""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass, field
from typing import Any, Final

from . import proofs, queries
from .folder import FolderError
from .notes import NoteError, Verifier
from .tree import ProofError

#: A receipt has a path of at most 63 lines, a leaf of 64 KB at most and a checkpoint.
RECEIPT_MAX: Final = 256 * 1024


class Outcome(enum.StrEnum):
    """What is found. Only HOLDS is good; REWRITTEN and AHEAD are evidence against this log."""

    HOLDS = "holds"
    NO_RECEIPT = "no_receipt"
    OTHER_LOG = "other_log"
    SPOILT = "spoilt"
    AHEAD = "ahead"
    REWRITTEN = "rewritten"


@dataclass(frozen=True)
class Checked:
    """The outcome; where the receipt holds in itself, the leaf's number (from 1) and what it says."""

    outcome: Outcome
    number: int = 0
    facts: dict[str, Any] = field(default_factory=dict)


def check(data: bytes) -> Checked:
    """Check a receipt as it was downloaded."""
    row = queries.state()
    if len(data) > RECEIPT_MAX or row is None:
        return Checked(Outcome.NO_RECEIPT)
    key = Verifier.parse(row.key)
    try:
        receipt = proofs.Receipt.parse(data.decode().replace("\r\n", "\n").strip() + "\n")
        leaf = json.loads(receipt.extra)["leaf"]
        facts = json.loads(leaf)
    except (NoteError, ValueError, KeyError, TypeError, RecursionError):
        return Checked(Outcome.NO_RECEIPT)
    if not isinstance(leaf, str) or not isinstance(facts, dict):
        return Checked(Outcome.NO_RECEIPT)
    if f"\n{key.name}\n" not in f"\n{receipt.checkpoint}":
        return Checked(Outcome.OTHER_LOG)
    try:
        seen = receipt.check(leaf.encode(), key)
    except (NoteError, ProofError):
        return Checked(Outcome.SPOILT)
    number = receipt.index + 1
    if seen.size > row.size:
        return Checked(Outcome.AHEAD, number, facts)
    try:
        same = queries.root_at(seen.size, row, queries.folder()) == seen.root
    except (FolderError, LookupError, ValueError):
        same = False
    return Checked(Outcome.HOLDS if same else Outcome.REWRITTEN, number, facts)
