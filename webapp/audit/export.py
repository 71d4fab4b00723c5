"""The history as CSV for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from webapp.core import clock
from webapp.web import spreadsheet
from webapp.web.words import label

from . import wording
from .models import AuditEvent

COLUMNS = ("at", "who", "role", "what", "subject", "shop", "changes", "why", "whence", "request")


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
            told["whence"],
            told["request_id"],
        ]


def as_csv(events: Iterable[AuditEvent]) -> Iterator[str]:
    """The file in pieces; the byte order mark tells spreadsheets that it is UTF-8."""
    return spreadsheet.as_csv(rows(events))
