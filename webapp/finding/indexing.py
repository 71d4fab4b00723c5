"""Writing the index: with every shop that is written, in its transaction; and for all that lack an entry.

Not a mapped table: SQLite keeps it as FTS5, PostgreSQL as a tsvector under a GIN index. Both hold the tokens of
`terms.document`; whether a shop may be seen is asked of its trust code, never of the index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapper, object_session

from webapp.core.db import db
from webapp.merchants.models import Shop
from webapp.regions.models import Industry, Region

from . import terms
from .terms import Facts

#: What of a shop is indexed: a change of anything else leaves the entry alone.
INDEXED: Final = ("name", "branch", "address", "region_code", "category", "industry_code", "shown_as")
BATCH: Final = 2000

_PUT = {
    "sqlite": (
        "DELETE FROM shop_fts WHERE rowid = :id",
        "INSERT INTO shop_fts (rowid, tokens) VALUES (:id, :tokens)",
    ),
    "postgresql": (
        "DELETE FROM shop_fts WHERE shop_id = :id",
        "INSERT INTO shop_fts (shop_id, tokens) VALUES (:id, array_to_tsvector(string_to_array(:tokens, ' ')))",
    ),
}
_LACKING = {
    "sqlite": "SELECT s.id FROM shop s WHERE s.id > :after AND NOT EXISTS"
    " (SELECT 1 FROM shop_fts f WHERE f.rowid = s.id) ORDER BY s.id LIMIT :most",
    "postgresql": "SELECT s.id FROM shop s WHERE s.id > :after AND NOT EXISTS"
    " (SELECT 1 FROM shop_fts f WHERE f.shop_id = s.id) ORDER BY s.id LIMIT :most",
}


@dataclass(frozen=True)
class Entry:
    """A shop's number and the names that its entry is made of. `region` is a GB/T 2260 code of 6 or 9 digits."""

    shop_id: int
    name: str
    branch: str
    address: str
    region: str
    category: str
    industry: str


def entry_of(shop: Shop) -> Entry:
    """What the public sees of `shop`."""
    return Entry(
        shop.id,
        shop.public_name,
        shop.public_branch,
        shop.public_address,
        shop.public_region,
        str(shop.category) if shop.category else "",
        shop.industry_code or "",
    )


def write(connection: sa.Connection, entries: Sequence[Entry], *, new: bool = False) -> None:
    """Write the entries over those that stand; `new`: none stands. In the caller's transaction."""
    if not entries:
        return
    rows = _rows(connection, entries)
    remove, add = _PUT[connection.dialect.name]
    if not new:
        connection.execute(sa.text(remove), [{"id": row["id"]} for row in rows])
    connection.execute(sa.text(add), rows)


def _rows(connection: sa.Connection, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Tokens by shop. Province and city are left out of the address: every shop of the city has them."""
    codes = {part for one in entries for part in (one.region[:2], one.region[:4], one.region[:6])}
    regions = _names(connection, Region.code, Region.name, codes)
    trades = _names(
        connection, Industry.code, Industry.name, {one.industry for one in entries if one.industry}
    )
    rows = []
    for one in entries:
        county, address = regions.get(one.region[:6], ""), one.address
        for name in (regions.get(one.region[:2], ""), regions.get(one.region[:4], ""), county):
            address = address.removeprefix(name)
        said = (address, county, trades.get(one.industry, ""))
        facts = Facts(one.name, one.branch, said, one.region[:6], one.category, one.industry)
        rows.append({"id": one.shop_id, "tokens": " ".join(terms.document(facts))})
    return rows


def _names(connection: sa.Connection, code: Any, name: Any, wanted: set[str]) -> dict[str, str]:
    return (
        dict(connection.execute(sa.select(code, name).where(code.in_(wanted))).tuples().all())
        if wanted
        else {}
    )


@event.listens_for(Shop, "after_insert")
def _inserted(_mapper: Mapper[Shop], connection: sa.Connection, shop: Shop) -> None:
    write(connection, [entry_of(shop)], new=True)


@event.listens_for(Shop, "after_update")
def _updated(_mapper: Mapper[Shop], connection: sa.Connection, shop: Shop) -> None:
    session, state = object_session(shop), sa.inspect(shop)
    if session is not None and any(state.attrs[name].history.has_changes() for name in INDEXED):
        write(connection, [entry_of(shop)])


def on_code_issued(_sender: object, *, shop_id: int, **_facts: Any) -> None:
    """A shop has a code (again): the public sees what was approved, no longer what was kept (`Shop.shown_as`)."""
    db.session.flush()
    shop = db.session.get_one(Shop, shop_id, populate_existing=True)
    write(db.session.connection(), [entry_of(shop)])


def complete(progress: Callable[[int], None] = lambda _written: None) -> int:
    """Write the entries of shops that have none, `BATCH` at a time; returns 0: nothing that the public sees changed."""
    written = after = 0
    while ids := list(
        db.session.scalars(sa.text(_LACKING[db.engine.dialect.name]), {"after": after, "most": BATCH})
    ):
        entries = [entry_of(shop) for shop in db.session.scalars(sa.select(Shop).where(Shop.id.in_(ids)))]
        write(db.session.connection(), entries, new=True)
        db.session.expunge_all()
        written, after = written + len(entries), ids[-1]
        progress(written)
    return 0


def clear() -> None:
    """Take every entry out: the next `complete` writes all anew (after a change of what is indexed)."""
    db.session.execute(sa.text("DELETE FROM shop_fts"))
