"""The history as CSV for a spreadsheet. A cell that a spreadsheet would take for a formula is made text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from webapp.core import clock
from webapp.web.words import label

from . import wording
from .models import AuditEvent

COLUMNS = ("at", "who", "role", "what", "subject", "shop", "changes", "why")
#: What a spreadsheet takes for the start of a formula (OWASP: CSV injection), also behind blanks.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(text: str) -> str:
    """`text` as a cell that is never run: an apostrophe goes before what could start a formula."""
    return f"'{text}" if text.lstrip(" \u3000").startswith(_FORMULA) or text.startswith(_FORMULA) else text


def rows(events: Iterable[AuditEvent]) -> Iterator[list[str]]:
    """The head and a row for each event, in words."""
    yield [label(f"audit.column.{column}") for column in COLUMNS]
    for event in events:
        told = wording.line(event)
        changed = [f"{field}: {old} → {new}" for field, old, new in told["changes"]]
        yield [
            event.at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
            told["who"],
            told["role"],
            told["what"],
            told["subject"],
            "" if event.shop_id is None else str(event.shop_id),
            "\n".join(changed),
            told["why"],
        ]


def as_csv(events: Iterable[AuditEvent]) -> Iterator[str]:
    """The file in pieces; the byte order mark tells spreadsheets that it is UTF-8."""
    yield "\ufeff"
    for row in rows(events):
        line = io.StringIO()
        csv.writer(line).writerow([harmless(cell) for cell in row])
        yield line.getvalue()
