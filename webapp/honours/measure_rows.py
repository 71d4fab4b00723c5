"""One row of a file of measures: whether it can be done, and doing it. By the operations of a single measure.

Kinds and who their two people are: black and red entries, honours and members of return chains are proposed by who
handed the file in and decided by who confirmed it. Suspending codes and lifting it is one officer's deed on the shop's
page; of many at once a second one answers, and is the one who does it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import sqlalchemy as sa

from webapp.codes import operations as codes
from webapp.codes import queries as code_queries
from webapp.codes.rules import AUTOMATIC_GROUNDS, REASON_LONGEST, SUSPEND_GROUNDS
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.errors import DomainError
from webapp.core.identifiers import check_uscc, normalise_uscc
from webapp.listings import grounds
from webapp.listings import operations as listings
from webapp.listings.rules import Colour
from webapp.merchants.models import Operator, Shop
from webapp.web.permissions import PERMISSIONS
from webapp.web.words import label

from . import operations, queries
from .models import Measure, MeasureRow, RowFate
from .operations import Facts
from .rules import SECTORS, HonourKind

SUSPEND, RESTORE = "suspend", "restore"
KINDS = (*(colour.value for colour in (Colour.BLACK, Colour.RED)), *HonourKind, SUSPEND, RESTORE)
#: Whoever hands in or confirms such a file needs this; in other words the permission of the single measure.
NEEDS: Mapping[str, tuple[str, str]] = {
    SUSPEND: ("code.suspend", "code.restore"),
    RESTORE: ("code.restore", "code.restore"),
}
_USUAL = ("listing.propose", "listing.confirm")


class Bad(Exception):
    """A row that cannot be done: a word key with its details."""

    def __init__(self, key: str, details: dict[str, object]) -> None:
        super().__init__(key)
        self.key, self.details = key, details


def needed(kind: str) -> tuple[str, str]:
    """The permissions of who hands such a file in, and of who confirms it."""
    return NEEDS.get(kind, _USUAL)


def look(
    measure: Measure, line: int, cells: dict[str, str], seen: dict[int, int], actor: Actor, now: datetime
) -> MeasureRow:
    """The row as the preview shows it: ready, or refused with its reason. `seen`: the line of each shop before it."""
    row = MeasureRow(measure_id=measure.id, line=line, cells=cells, fate=RowFate.READY)
    try:
        shop = _shop(cells)
        row.shop_id = shop.id
        _check_reach(measure.kind, shop, seen, actor)
        _check(measure.kind, shop, cells, actor, now)
        seen[shop.id] = line
    except Bad as bad:
        row.fate, row.error = RowFate.REFUSED, label(bad.key, **bad.details)
    except DomainError as error:
        row.fate, row.error = RowFate.REFUSED, _words(error)
    return row


def do(measure: Measure, row: MeasureRow, first: Actor, second: Actor, now: datetime) -> None:
    """One row in a savepoint: what fails leaves nothing but its reason."""
    try:
        with db.session.begin_nested():
            row.made_id = _made(measure.kind, row, first, second, now)
            row.fate = RowFate.DONE
    except Bad as bad:
        row.fate, row.error = RowFate.FAILED, label(bad.key, **bad.details)
    except DomainError as error:
        row.fate, row.error = RowFate.FAILED, _words(error)


def _made(kind: str, row: MeasureRow, first: Actor, second: Actor, now: datetime) -> int:
    """Do it; returns the number of the entry, honour or code."""
    cells, shop_id, reason = row.cells, row.shop_id or 0, label(f"measure.kind.{kind}")
    if kind == SUSPEND:
        return codes.suspend(shop_id, _code_ground(cells), cells.get("reason", ""), second, now).id
    if kind == RESTORE:
        return codes.lift(shop_id, _code_ground(cells), cells.get("reason", ""), second, now).id
    if kind in set(Colour):
        colour = Colour(kind)
        listing = listings.propose(
            shop_id,
            colour,
            _ground(colour, cells),
            cells.get("evidence", ""),
            cells.get("summary", ""),
            _day(cells.get("term_until", "")),
            first,
            now,
        )
        listings.decide(listing.id, "confirm", reason, second, now, listing.version)
        return listing.id
    honour = operations.propose(shop_id, _facts(kind, cells), first, now)
    operations.decide(honour.id, "confirm", reason, second, now, honour.version)
    return honour.id


def _check_reach(kind: str, shop: Shop, seen: dict[int, int], actor: Actor) -> None:
    if shop.id in seen:
        raise Bad("measure.row.twice", {"line": seen[shop.id]})
    if not actor.holds(PERMISSIONS[needed(kind)[0]], shop.scope) or actor.must_stand_aside(shop.scope):
        raise Bad("measure.row.out_of_reach", {})


def _shop(cells: dict[str, str]) -> Shop:
    uscc = normalise_uscc(cells.get("uscc", ""))
    if not uscc:
        raise Bad("measure.row.no_uscc", {})
    if not check_uscc(uscc).ok:
        raise Bad("measure.row.bad_uscc", {})
    shops = list(
        db.session.scalars(
            sa.select(Shop).join(Operator).where(Operator.uscc == uscc).order_by(Shop.id).limit(50)
        )
    )
    if not shops:
        raise Bad("measure.row.no_shop", {})
    if number := cells.get("shop"):
        mine = [shop for shop in shops if str(shop.id) == number.lstrip("0")]
        if not mine:
            raise Bad("measure.row.not_of_operator", {})
        return mine[0]
    if len(shops) > 1:
        raise Bad("measure.row.many_shops", {"count": len(shops)})
    return shops[0]


def _check(kind: str, shop: Shop, cells: dict[str, str], actor: Actor, now: datetime) -> None:
    if kind in {SUSPEND, RESTORE}:
        _check_code(kind, shop, cells)
    elif kind in set(Colour):
        colour = Colour(kind)
        listings.check_proposal(
            colour,
            _ground(colour, cells),
            cells.get("evidence", ""),
            cells.get("summary", ""),
            _day(cells.get("term_until", "")),
            now,
        )
        listings.check_free(shop.id, colour)
    else:
        operations.check(shop, _facts(kind, cells), actor, now)


def _check_code(kind: str, shop: Shop, cells: dict[str, str]) -> None:
    ground, reason = _code_ground(cells), cells.get("reason", "").strip()
    if not reason:
        raise Bad("measure.row.reason", {})
    if len(reason) > REASON_LONGEST:
        raise Bad("measure.row.reason_long", {"most": REASON_LONGEST})
    code = code_queries.standing(shop.id)
    if code is None:
        raise Bad("measure.row.no_code", {})
    stands = ground in {entry.ground for entry in code_queries.open_grounds(code)}
    if kind == SUSPEND and stands:
        raise Bad("measure.row.suspended", {})
    if kind == RESTORE and not stands:
        raise Bad("measure.row.not_suspended", {})


def _code_ground(cells: dict[str, str]) -> str:
    """By its code, or by its words. What the system raised, it lifts itself."""
    given = cells.get("ground", "")
    for ground in SUSPEND_GROUNDS:
        if given in {ground, label(f"code.ground.{ground}")}:
            return ground
    automatic = {label(f"code.ground.{ground}") for ground in AUTOMATIC_GROUNDS} | AUTOMATIC_GROUNDS
    raise Bad("measure.row.automatic" if given in automatic else "measure.row.ground", {"ground": given[:40]})


def _ground(colour: Colour, cells: dict[str, str]) -> str:
    """By its code, or by its words."""
    given = cells.get("ground", "")
    for ground in grounds.of_colour(colour.value):
        if given in {ground.code, label(f"listing.ground.{colour.value}.{ground.code}")}:
            return ground.code
    raise Bad("measure.row.ground", {"ground": given[:40]})


def _facts(kind: str, cells: dict[str, str]) -> Facts:
    sector = cells.get("sector", "")
    by_words = {label(f"honour.sector.{code}"): code for code in SECTORS}
    return Facts(
        HonourKind(kind),
        terms=cells.get("terms", ""),
        sector=by_words.get(sector, sector) or None,
        standard=cells.get("standard", ""),
        standard_part=_number("part", cells),
        days=_number("days", cells),
        chain_id=_chain(cells) if kind == HonourKind.CROSS_SHOP_RETURN else None,
        term_until=_day(cells.get("term_until", "")),
        returns=_number("returns", cells),
        refused=_number("refused", cells),
        evidence=cells.get("evidence", ""),
    )


def _chain(cells: dict[str, str]) -> int:
    """The chain of that name; a chain is made by itself before (it is of no shop)."""
    name = cells.get("chain", "")
    for chain in queries.open_chains():
        if chain.name == name:
            return chain.id
    raise Bad("measure.row.chain", {"name": name[:40]})


def _number(column: str, cells: dict[str, str]) -> int | None:
    text = cells.get(column, "")
    if text and not (text.isascii() and text.isdecimal() and len(text) < 7):
        raise Bad(f"measure.row.{column}", {})
    return int(text) if text else None


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text.replace("/", "-").replace(".", "-"))
    except ValueError:
        raise Bad("measure.row.date", {}) from None


def _words(error: DomainError) -> str:
    return label(f"error.{error.code}", **error.details)
