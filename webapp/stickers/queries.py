"""Reading stickers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

import sqlalchemy as sa
from flask import current_app

from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.merchants.models import Shop
from webapp.web import slots

from .models import Sticker, StickerState
from .rules import STANDING


class CodeFacts(Protocol):
    """What the slot ``shop.code`` gives (by the feature of trust codes)."""

    @property
    def state(self) -> str | None: ...
    @property
    def grounds(self) -> tuple[str, ...]: ...
    @property
    def revoked_ground(self) -> str | None: ...
    @property
    def issued_at(self) -> datetime | None: ...
    @property
    def is_active(self) -> bool: ...


@dataclass(frozen=True)
class NoCode:
    """The shop never had a code."""

    state: str | None = None
    grounds: tuple[str, ...] = ()
    revoked_ground: str | None = None
    issued_at: datetime | None = None
    is_active: bool = False


def code_of(shop_id: int) -> CodeFacts:
    """Where the shop's trust code stands."""
    found = slots.collect(_app(), "shop.code", shop_id=shop_id)
    return cast("CodeFacts", found[0]) if found else NoCode()


def active_of(shop_ids: Sequence[int]) -> set[int]:
    """Those of the shops whose trust code is active: one query."""
    if not shop_ids:
        return set()
    span = {"first": min(shop_ids), "last": max(shop_ids), "shop_ids": shop_ids}
    found = slots.collect(_app(), "shop.code_states", **span)
    return {shop_id for states in found for shop_id, state in states.items() if state == "active"}


def _app() -> Any:
    return current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001


def of_shop(shop_id: int) -> list[Sticker]:
    """All stickers of a shop by serial, the dead ones too."""
    return list(
        db.session.scalars(sa.select(Sticker).where(Sticker.shop_id == shop_id).order_by(Sticker.serial))
    )


def last_serial(shop_id: int) -> int:
    """The shop's highest serial, 0 before the first."""
    return db.session.scalar(sa.select(sa.func.max(Sticker.serial)).where(Sticker.shop_id == shop_id)) or 0


def find(shop_id: int, serial: int, *, fresh: bool = False) -> Sticker | None:
    """The sticker with that serial, or None. `fresh`: as it stands now, not as this session read it before."""
    statement = sa.select(Sticker).where(Sticker.shop_id == shop_id, Sticker.serial == serial)
    return db.session.scalar(statement.execution_options(populate_existing=fresh))


def get(shop_id: int, serial: int, *, fresh: bool = False) -> Sticker:
    """As :func:`find`; raises NotFound."""
    sticker = find(shop_id, serial, fresh=fresh)
    if sticker is None:
        raise NotFound("no_such_thing")
    return sticker


def sample(count: int) -> list[str]:
    """Up to `count` tokens of valid stickers, spread evenly over all shops (for benchmarks and trials)."""
    total = (
        db.session.scalar(sa.select(sa.func.count(Sticker.id)).where(Sticker.state == StickerState.VALID))
        or 0
    )
    stride = max(1, total // max(1, count))
    statement = sa.select(Sticker.token).where(Sticker.state == StickerState.VALID, Sticker.id % stride == 0)
    return list(db.session.scalars(statement.order_by(Sticker.id).limit(count)))


def printed_at(sticker_ids: Iterable[int]) -> dict[int, datetime]:
    """When each of these was last sent to print (slot ``sticker.printed``); those never printed are left out."""
    found = slots.collect(_app(), "sticker.printed", sticker_ids=list(sticker_ids))
    return cast("dict[int, datetime]", found[0]) if found else {}


@dataclass(frozen=True)
class Printing:
    """One time that a sticker was sent to print, by the shop's people or an officer (slot ``sticker.printings``)."""

    at: datetime
    by_name: str
    template: str
    by_officer: bool


def printings(sticker_id: int) -> list[Printing]:
    """Each time that a sticker was sent to print, newest first."""
    found = slots.collect(_app(), "sticker.printings", sticker_id=sticker_id)
    return cast("list[Printing]", found[0]) if found else []


def print_address(shop: Shop, side: str) -> str | None:
    """Where this shop's stickers are sent to print, for ``merchant`` or ``office`` (slot ``sticker.print_address``)."""
    found = slots.collect(_app(), "sticker.print_address", shop=shop, side=side)
    return cast("str", found[0]) if found else None


def standing_decisions(after: int, most: int) -> list[dict[str, Any]]:
    """Stickers that are not ended, as the decisions that the public log begins with (slot ``log.standing``)."""
    columns = (Sticker.id, Sticker.shop_id, Sticker.serial, Sticker.kid, Sticker.place, Sticker.issued_at)
    statement = sa.select(*columns).where(Sticker.state.in_(sorted(STANDING)), Sticker.id > after)
    return [
        {
            "action": "sticker.issue",
            "subject_type": "sticker",
            "subject_id": row.id,
            "shop_id": row.shop_id,
            "at": row.issued_at,
            "new": {"serial": row.serial, "kid": row.kid, "place": row.place.value},
        }
        for row in db.session.execute(statement.order_by(Sticker.id).limit(most))
    ]
