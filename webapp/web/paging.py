"""Lists in pages: ``?page=2`` in the address, the other arguments kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from flask import request, url_for

from webapp.core.db import db

Item = TypeVar("Item")
PER_PAGE = 30
#: An offset beyond this only costs; nobody reads so far.
LAST_PAGE = 1000


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of a list: `items`, its `number` from 1, and the `total` of the whole list."""

    items: list[Item]
    number: int
    total: int
    size: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least 1."""
        return max(1, -(-self.total // self.size))

    @property
    def prev_url(self) -> str | None:
        """Address of the page before, with the filters kept."""
        return _address(self.number - 1) if self.number > 1 else None

    @property
    def next_url(self) -> str | None:
        """Address of the next page, with the filters kept."""
        return _address(self.number + 1) if self.number < self.pages else None

    def pager(self) -> dict[str, Any]:
        """The arguments of the pager macro: ``{{ pager(**page.pager()) }}``."""
        return {
            "prev_url": self.prev_url,
            "next_url": self.next_url,
            "page": self.number,
            "pages": self.pages,
            "total": self.total,
        }


def _address(number: int) -> str:
    arguments: dict[str, Any] = {
        **request.args.to_dict(flat=False),
        **(request.view_args or {}),
        "page": number,
    }
    return url_for(request.endpoint or "", **arguments)


def number_asked() -> int:
    """The page asked for in the address; 1 when it is missing or nonsense."""
    typed = request.args.get("page", "1")
    return min(max(int(typed), 1), LAST_PAGE) if typed.isascii() and typed.isdigit() and len(typed) < 8 else 1


def whole_number(text: str) -> int:
    """For ``request.args.get(name, type=whole_number)``: a number that a database key can be, else ValueError."""
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise ValueError(text)
    return int(text)


def paginate(statement: sa.Select[tuple[Item]], size: int = PER_PAGE) -> Page[Item]:
    """The page of `statement` (a select of one ordered entity) that the address asks for."""
    return page_of(statement, number_asked(), size)


def page_of(statement: sa.Select[tuple[Item]], asked: int, size: int = PER_PAGE) -> Page[Item]:
    """Page `asked` (from 1) of `statement`; the last one when there are fewer."""
    total = (
        db.session.scalar(sa.select(sa.func.count()).select_from(statement.order_by(None).subquery())) or 0
    )
    number = min(asked, max(1, -(-total // size)))
    items = list(db.session.scalars(statement.limit(size).offset((number - 1) * size)))
    return Page(items, number, total, size)
