"""Writing the index: with every shop and code that is written, in its transaction; and for all that lack an entry.

Only shops that ever had a code have an entry, and it says whether the code is active: so an answer is read from the
index alone. Features that say more of a shop add to the slot ``finding.facts`` a function of a connection and shop
numbers that gives tokens by shop, and tell by `touch` when they changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from flask import current_app
from sqlalchemy import event
from sqlalchemy.orm import Mapper, Session, object_session

from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core.db import among, db
from webapp.merchants.models import Shop
from webapp.regions.models import Industry, Region
from webapp.web import slots

from . import merging, terms
from .models import FreshEntry, ShopEntry
from .terms import Facts

#: What of a shop is indexed: a change of anything else leaves the entry alone.
INDEXED: Final = (
    "name",
    "branch",
    "address",
    "region_code",
    "category",
    "industry_code",
    "opening_hours",
    "shown_as",
)
BATCH: Final = 2000
_TOUCHED: Final = "finding.touched"
#: With a shop's number (u32) added: the name of its lock.
_TURN: Final = 0x5348 << 32


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


def write(connection: sa.Connection, entries: Sequence[Entry]) -> None:
    """Write the entries over those that stand, as far as they differ. In the caller's transaction."""
    tokens = _tokens(connection, entries)
    stands = _standing(connection, tokens)
    differ = {shop_id: said for shop_id, said in tokens.items() if stands.get(shop_id) != said}
    if differ:
        merging.put_fresh(connection, differ)


@contextmanager
def in_bulk(connection: sa.Connection) -> Iterator[Callable[[Sequence[Entry]], None]]:
    """A function that writes entries of shops that have none, whose rows are written: what else is said of them is
    read. The index has them when the block ends."""
    with merging.in_bulk(connection) as add:
        yield lambda entries: add(_tokens(connection, entries))


def _standing(connection: sa.Connection, shop_ids: Iterable[int]) -> dict[int, str]:
    """By shop that has an entry: its tokens, the newest."""
    found: dict[int, str] = {}
    ids = list(shop_ids)
    for table in (ShopEntry, FreshEntry):
        asked = sa.select(table.shop_id, table.tokens).where(among(table.shop_id, ids))
        found |= dict(connection.execute(asked).tuples().all())
    return found


def _tokens(connection: sa.Connection, entries: Sequence[Entry]) -> dict[int, str]:
    """Tokens by shop. Province and city are left out of the address: every shop of the city has them."""
    if not entries:
        return {}
    codes = {part for one in entries for part in (one.region[:2], one.region[:4], one.region[:6])}
    regions = _names(connection, Region.code, Region.name, codes)
    trades = _names(
        connection, Industry.code, Industry.name, {one.industry for one in entries if one.industry}
    )
    others: dict[int, list[str]] = {}
    for said_by in slots.suppliers(current_app, "finding.facts"):
        for shop_id, said in said_by(connection, [one.shop_id for one in entries]).items():
            others.setdefault(shop_id, []).extend(said)
    found = {}
    for one in entries:
        county, address = regions.get(one.region[:6], ""), one.address
        for name in (regions.get(one.region[:2], ""), regions.get(one.region[:4], ""), county):
            address = address.removeprefix(name)
        said = (address, county, trades.get(one.industry, ""))
        also = others.get(one.shop_id, [])
        facts = Facts(one.name, one.branch, said, one.region, one.category, one.industry, one.active, also)
        found[one.shop_id] = " ".join(terms.document(facts))
    return found


def _names(connection: sa.Connection, code: Any, name: Any, wanted: set[str]) -> dict[str, str]:
    return (
        dict(connection.execute(sa.select(code, name).where(code.in_(wanted))).tuples().all())
        if wanted
        else {}
    )


def touch(session: Session | None, shop_id: int) -> None:
    """Something that is said of a shop changed in what the session is writing: its entry is written anew, once, when
    all of it is written."""
    if session is not None:
        session.info.setdefault(_TOUCHED, set()).add(shop_id)


@event.listens_for(Session, "after_flush_postexec")
def _flushed(session: Session, _flush: object) -> None:
    touched = session.info.pop(_TOUCHED, None)
    if touched:
        rewrite(session.connection(), sorted(touched))


@event.listens_for(Shop, "after_update")
def _shop_changed(_mapper: Mapper[Shop], _connection: sa.Connection, shop: Shop) -> None:
    state = sa.inspect(shop)
    if any(state.attrs[name].history.has_changes() for name in INDEXED):
        touch(object_session(shop), shop.id)


@event.listens_for(TrustCode, "after_insert")
def _code_given(_mapper: Mapper[TrustCode], _connection: sa.Connection, code: TrustCode) -> None:
    touch(object_session(code), code.shop_id)


@event.listens_for(TrustCode, "after_update")
def _code_changed(_mapper: Mapper[TrustCode], _connection: sa.Connection, code: TrustCode) -> None:
    if sa.inspect(code).attrs.state.history.has_changes():
        touch(object_session(code), code.shop_id)


def rewrite(connection: sa.Connection, shop_ids: Sequence[int]) -> None:
    """Write the entries of shops anew, of those that ever had a code: until then nobody may find one.

    One transaction at a time for each shop: an entry is made of many tables, and of two that are made at once the later
    one would know nothing of what the other has just written.
    """
    if connection.dialect.name == "postgresql":  # SQLite has one writer anyway
        for shop_id in sorted(shop_ids):
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_TURN + shop_id)))
    active = _active(connection, shop_ids)
    if not active:
        return
    # Read beside the session, which may be flushing.
    with Session(bind=connection, join_transaction_mode="rollback_only") as beside:
        shops = beside.scalars(sa.select(Shop).where(among(Shop.id, active)))
        write(connection, [entry_of(shop, active=active[shop.id]) for shop in shops])


def _active(connection: sa.Connection, shop_ids: Sequence[int]) -> dict[int, bool]:
    """By shop that ever had a code: whether one is active."""
    codes = sa.select(
        TrustCode.shop_id, sa.func.max(sa.case((TrustCode.state == CodeState.ACTIVE, 1), else_=0))
    )
    codes = codes.where(among(TrustCode.shop_id, shop_ids)).group_by(TrustCode.shop_id)
    return {shop_id: bool(active) for shop_id, active in connection.execute(codes)}


def on_code_issued(_sender: object, *, shop_id: int, **_facts: Any) -> None:
    """A shop has a code (again): the public sees what was approved, no longer what was kept (`Shop.shown_as`)."""
    db.session.flush()
    rewrite(db.session.connection(), [shop_id])


def complete(progress: Callable[[int], None] = lambda _written: None) -> int:
    """Write the entries of shops that have none, `BATCH` at a time, and take what is fresh into the lists; returns 0:
    nothing that the public sees changed."""
    connection = db.session.connection()
    written = after = 0
    with in_bulk(connection) as add:
        while ids := list(connection.scalars(_lacking(after))):
            active = _active(connection, ids)
            found = db.session.scalars(sa.select(Shop).where(among(Shop.id, ids)))
            entries = [entry_of(shop, active=active[shop.id]) for shop in found]
            add(entries)
            db.session.expunge_all()
            written, after = written + len(entries), ids[-1]
            progress(written)
    while merging.merge(connection, BATCH):
        pass
    return 0


def _lacking(after: int) -> sa.Select[tuple[int]]:
    """The next shops behind this number that ever had a code and have no entry."""
    has = sa.exists().where(TrustCode.shop_id == Shop.id)
    stands = [~sa.exists().where(table.shop_id == Shop.id) for table in (ShopEntry, FreshEntry)]
    return sa.select(Shop.id).where(Shop.id > after, has, *stands).order_by(Shop.id).limit(BATCH)


def clear() -> None:
    """Take every entry out: the next `complete` writes all anew (after a change of what is indexed)."""
    merging.forget(db.session.connection())
