"""Writing the index: with every shop and code that is written, in its transaction; and for all that lack an entry.

Not a mapped table: SQLite keeps it as FTS5, PostgreSQL as a tsvector under a GIN index. Both hold the tokens of
`terms.document`. Only shops that ever had a code have an entry, and it says whether the code is active: so an answer
is read from the index alone. A shop's code and its entry are written in one transaction, they cannot part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapper, Session, object_session

from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
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
    "sqlite": "SELECT s.id FROM shop s WHERE s.id > :after"
    " AND EXISTS (SELECT 1 FROM trust_code c WHERE c.shop_id = s.id)"
    " AND NOT EXISTS (SELECT 1 FROM shop_fts f WHERE f.rowid = s.id) ORDER BY s.id LIMIT :most",
    "postgresql": "SELECT s.id FROM shop s WHERE s.id > :after"
    " AND EXISTS (SELECT 1 FROM trust_code c WHERE c.shop_id = s.id)"
    " AND NOT EXISTS (SELECT 1 FROM shop_fts f WHERE f.shop_id = s.id) ORDER BY s.id LIMIT :most",
}
#: PostgreSQL reads a list whole and sorts it: tokens of a shop's number without so many of its low bits keep it to the
#: newest shops (migration 0067).
NEWEST: Final = range(12, 20)


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
    active: bool = True


def entry_of(shop: Shop, *, active: bool) -> Entry:
    """What the public sees of `shop`; `active`: whether its code is."""
    return Entry(
        shop.id,
        shop.public_name,
        shop.public_branch,
        shop.public_address,
        shop.public_region,
        str(shop.category) if shop.category else "",
        shop.industry_code or "",
        active,
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
        facts = Facts(one.name, one.branch, said, one.region, one.category, one.industry, one.active)
        tokens = terms.document(facts)
        if connection.dialect.name == "postgresql":
            tokens += [f"z{bits}x{one.shop_id >> bits}" for bits in NEWEST]
        rows.append({"id": one.shop_id, "tokens": " ".join(tokens)})
    return rows


def _names(connection: sa.Connection, code: Any, name: Any, wanted: set[str]) -> dict[str, str]:
    return (
        dict(connection.execute(sa.select(code, name).where(code.in_(wanted))).tuples().all())
        if wanted
        else {}
    )


@event.listens_for(Shop, "after_update")
def _shop_changed(_mapper: Mapper[Shop], connection: sa.Connection, shop: Shop) -> None:
    session, state = object_session(shop), sa.inspect(shop)
    if session is not None and any(state.attrs[name].history.has_changes() for name in INDEXED):
        _write_anew(connection, shop)


@event.listens_for(TrustCode, "after_insert")
def _code_given(_mapper: Mapper[TrustCode], connection: sa.Connection, code: TrustCode) -> None:
    _code_moved(connection, code)


@event.listens_for(TrustCode, "after_update")
def _code_changed(_mapper: Mapper[TrustCode], connection: sa.Connection, code: TrustCode) -> None:
    if sa.inspect(code).attrs.state.history.has_changes():
        _code_moved(connection, code)


def _code_moved(connection: sa.Connection, code: TrustCode) -> None:
    # Read beside the session, which is flushing; what of the shop waits there is indexed when it is written itself.
    with Session(bind=connection, join_transaction_mode="rollback_only") as beside:
        shop = beside.get(Shop, code.shop_id)
        if shop is not None:
            _write_anew(connection, shop)


def _write_anew(connection: sa.Connection, shop: Shop) -> None:
    """The entry of a shop, if it ever had a code: until then nobody may find it."""
    active = _active(connection, [shop.id]).get(shop.id)
    if active is not None:
        write(connection, [entry_of(shop, active=active)])


def _active(connection: sa.Connection, shop_ids: Sequence[int]) -> dict[int, bool]:
    """By shop that ever had a code: whether one is active."""
    codes = sa.select(
        TrustCode.shop_id, sa.func.max(sa.case((TrustCode.state == CodeState.ACTIVE, 1), else_=0))
    )
    codes = codes.where(TrustCode.shop_id.in_(shop_ids)).group_by(TrustCode.shop_id)
    return {shop_id: bool(active) for shop_id, active in connection.execute(codes)}


def on_code_issued(_sender: object, *, shop_id: int, **_facts: Any) -> None:
    """A shop has a code (again): the public sees what was approved, no longer what was kept (`Shop.shown_as`)."""
    db.session.flush()
    shop = db.session.get_one(Shop, shop_id, populate_existing=True)
    _write_anew(db.session.connection(), shop)


def complete(progress: Callable[[int], None] = lambda _written: None) -> int:
    """Write the entries of shops that have none, `BATCH` at a time; returns 0: nothing that the public sees changed."""
    written = after = 0
    while ids := list(
        db.session.scalars(sa.text(_LACKING[db.engine.dialect.name]), {"after": after, "most": BATCH})
    ):
        active = _active(db.session.connection(), ids)
        found = db.session.scalars(sa.select(Shop).where(Shop.id.in_(ids)))
        entries = [entry_of(shop, active=active[shop.id]) for shop in found]
        write(db.session.connection(), entries, new=True)
        db.session.expunge_all()
        written, after = written + len(entries), ids[-1]
        progress(written)
    return 0


def clear() -> None:
    """Take every entry out: the next `complete` writes all anew (after a change of what is indexed)."""
    db.session.execute(sa.text("DELETE FROM shop_fts"))
