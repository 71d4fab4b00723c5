"""Reading stickers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, cast

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import aliased

from webapp.core.actor import Post
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.merchants.models import Shop
from webapp.merchants.queries import within
from webapp.web import slots

from .models import PrintedSticker, PrintRun, Sticker, StickerState


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
    """When each of these was last sent to print; those never printed are left out."""
    statement = (
        sa.select(PrintedSticker.sticker_id, sa.func.max(PrintRun.at, type_=PrintRun.at.type))
        .join(PrintRun, PrintRun.id == PrintedSticker.run_id)
        .where(PrintedSticker.sticker_id.in_(list(sticker_ids)))
        .group_by(PrintedSticker.sticker_id)
    )
    return dict(db.session.execute(statement).tuples().all())


def runs(account_id: int | None, limit: int = 10) -> list[PrintRun]:
    """The newest print runs of an officer."""
    statement = sa.select(PrintRun).where(PrintRun.by_id == account_id)
    return list(db.session.scalars(statement.order_by(PrintRun.id.desc()).limit(limit)))


@dataclass(frozen=True)
class Wanted:
    """Which stickers to print. Empty means any; `region` is a trimmed GB/T 2260 code, `since` the code's issue day."""

    region: str = ""
    since: date | None = None
    place: str = ""
    only_new: bool = True
    shop_id: int | None = None

    @property
    def active(self) -> int:
        """How many filters are set."""
        return sum(map(bool, (self.region, self.since, self.place, not self.only_new, self.shop_id)))

    def as_json(self) -> dict[str, Any]:
        """For writing down beside what was printed."""
        return {
            "region": self.region,
            "since": self.since.isoformat() if self.since else None,
            "place": self.place,
            "only_new": self.only_new,
            "shop_id": self.shop_id,
        }


def to_print(wanted: Wanted, posts: tuple[Post, ...] | None) -> sa.Select[tuple[Sticker, Shop]]:
    """Valid stickers of shops with an active code, by district, shop and serial; `posts` None: of everywhere."""
    active = slots.collect(_app(), "shop.vouched", since=wanted.since)
    statement = (
        sa.select(Sticker, Shop)
        .join(Shop, Shop.id == Sticker.shop_id)
        .where(Sticker.state == StickerState.VALID, *(active or [sa.false()]))
    )
    if posts is not None:
        statement = statement.where(within(posts))
    if wanted.region:
        statement = statement.where(Shop.region_code.startswith(wanted.region, autoescape=True))
    if wanted.place:
        statement = statement.where(Sticker.place == wanted.place)
    if wanted.shop_id is not None:
        statement = statement.where(Shop.id == wanted.shop_id)
    if wanted.only_new:
        printed = aliased(PrintedSticker)
        statement = statement.where(~sa.exists().where(printed.sticker_id == Sticker.id))
    return statement.order_by(Shop.region_code, Shop.id, Sticker.serial)


def count_to_print(wanted: Wanted, posts: tuple[Post, ...] | None) -> int:
    """How many stickers :func:`to_print` finds."""
    found = to_print(wanted, posts).order_by(None).with_only_columns(Sticker.id).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(found)) or 0


def of_run(run_id: int, posts: tuple[Post, ...]) -> sa.Select[tuple[Sticker, Shop]]:
    """The stickers of a print run that are still worth printing."""
    statement = to_print(Wanted(only_new=False), posts)
    return statement.where(
        sa.exists().where(PrintedSticker.sticker_id == Sticker.id, PrintedSticker.run_id == run_id)
    )


def get_run(run_id: int, account_id: int | None) -> PrintRun:
    """The officer's own print run; raises NotFound for another's."""
    run = db.session.get(PrintRun, run_id)
    if run is None or run.by_id != account_id:
        raise NotFound("no_such_thing")
    return run
