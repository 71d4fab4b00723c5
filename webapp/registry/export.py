"""What a run changed and refused, as a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from webapp.core.db import db
from webapp.web.words import label

from . import queries
from .differences import FOLLOWS, Difference
from .rules import RegistryStatus

HEADINGS = ("line", "result", "uscc", "name", "what", "old", "new", "follows")
_RISKY = ("=", "+", "-", "@", "\t", "\r")


def as_csv(run_id: int) -> Iterator[str]:
    """The lines, with a mark for spreadsheets; a cell that one would reckon with begins with an apostrophe."""
    yield "\ufeff" + _line([label(f"registry.export.{name}") for name in HEADINGS])
    for event in db.session.scalars(queries.events_of(run_id).execution_options(yield_per=500)):
        kind = Difference(event.kind)
        yield _line(
            [
                str(event.line),
                label("registry.export.changed"),
                event.uscc,
                event.name,
                label(f"registry.difference.{kind.value}"),
                value_words(event.old),
                value_words(event.new),
                label(f"registry.follows.{FOLLOWS[kind]}") if event.operator_id else "",
            ]
        )
    for entry in db.session.scalars(queries.refusals_of(run_id).execution_options(yield_per=500)):
        reason = label(f"registry.refusal.{entry.reason}")
        yield _line([str(entry.line), label("registry.export.refused"), "", entry.detail, reason, "", "", ""])


def value_words(text: str) -> str:
    """A status or kind in words, anything else as it stands."""
    if text in set(RegistryStatus):
        return label(f"registry.status.{text}")
    if text in {"enterprise", "self_employed", "cooperative", "other"}:
        return label(f"registry.kind.{text}")
    return text


def _line(cells: list[str]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerow([f"'{cell}" if cell.startswith(_RISKY) else cell for cell in cells])
    return out.getvalue()
