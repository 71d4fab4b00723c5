"""What the interface promises, as pure rules: its dated version, what is old, how a page goes on, how a table is cut.

Sources: RFC 9745 (Deprecation), RFC 8594 (Sunset), RFC 9110 (dates).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final

#: Days on which the schema changed, newest first; within `/api/v1` things are only added. Words: ``api.change.<day>``.
CHANGES: Final = ("2026-11-28",)
SCHEMA_DATE: Final = CHANGES[0]
#: What goes away is announced so many days before at least.
PROMISED_DAYS: Final = 365
LIMIT_USUAL: Final = 50
LIMIT_MOST: Final = 200
#: Forms of a set to download.
FORMS: Final = ("csv", "json", "geojson", "rss")
#: A feed has so many entries at most.
NEWS_MOST: Final = 50


@dataclass(frozen=True)
class Deprecation:
    """An address that will go: announced on `since`, answered until `sunset`. ValueError when that is too soon."""

    since: date
    sunset: date

    def __post_init__(self) -> None:
        if self.sunset < self.since + timedelta(days=PROMISED_DAYS):
            raise ValueError(f"promised are {PROMISED_DAYS} days between announcement and end")

    def headers(self) -> dict[str, str]:
        """``Deprecation`` (RFC 9745: a structured-field date) and ``Sunset`` (RFC 8594: an HTTP date)."""
        return {
            "Deprecation": f"@{int(_midnight(self.since).timestamp())}",
            "Sunset": format_datetime(_midnight(self.sunset), usegmt=True),
        }


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


class BadCursor(ValueError):
    """A cursor that was not given out for this question."""


def cursor_text(resource: str, asked: Mapping[str, Any], after: int | str) -> str:
    """What a cursor says, to be signed: the resource, the filters it belongs to, the last key that was shown."""
    return json.dumps([resource, sorted(asked.items()), after], ensure_ascii=False, separators=(",", ":"))


def read_cursor(text: str, resource: str, asked: Mapping[str, Any]) -> int | str:
    """The last key of a cursor's text; raises :class:`BadCursor` when it belongs to another question."""
    try:
        whose, filters, after = json.loads(text)
    except ValueError as error:
        raise BadCursor from error
    if whose != resource or filters != [list(pair) for pair in sorted(asked.items())]:
        raise BadCursor
    if isinstance(after, bool) or not isinstance(after, int | str):
        raise BadCursor
    return after


def flat(item: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """A row of a table: nested facts become ``shop_name``; lists one text, parted by ``|``; None an empty cell."""
    row: dict[str, Any] = {}
    for name, value in item.items():
        if isinstance(value, Mapping):
            row |= flat(value, f"{prefix}{name}_")
        elif isinstance(value, list):
            row[prefix + name] = "|".join(str(part) for part in value)
        elif isinstance(value, bool):
            row[prefix + name] = "true" if value else "false"
        else:
            row[prefix + name] = "" if value is None else value
    return row
