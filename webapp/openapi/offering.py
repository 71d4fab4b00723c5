"""What a list for people says: the same list for programs, and the proofs in the public log. Loads no pydantic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import current_app

from webapp.web import slots


@dataclass(frozen=True)
class Offered:
    """The files of a set with the filters of the page, its feed, its description."""

    name: str
    files: list[tuple[str, str]]
    feed: str
    about: str


def offered(name: str, forms: Iterable[str], **filters: str | None) -> Offered:
    """The set `name` in `forms`, with those `filters` that are given (by the interface's own names)."""
    given = urlencode({key: value for key, value in filters.items() if value})
    query = f"?{given}" if given else ""
    # a spreadsheet reads the letters right only with the mark; programs ask without it
    marked = f"{query}&bom=true" if query else "?bom=true"
    files = [(form, f"/open-data/{name}.{form}{marked if form == 'csv' else query}") for form in forms]
    return Offered(name, files, f"/open-data/{name}.rss{query}", f"/open-data/{name}")


def log_numbers(subject_type: str, ids: list[int], *kinds: str) -> dict[int, int]:
    """By id: where the public log holds the newest decision of one of these kinds, counted from 1.

    Slot ``log.numbers``: ``fn(subject_type, ids, kinds) -> {id: number}``.
    """
    found: dict[int, int] = {}
    if ids:
        for told in slots.collect(
            current_app, "log.numbers", subject_type=subject_type, ids=ids, kinds=kinds
        ):
            found |= told
    return found
