"""Reading change requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import sqlalchemy as sa

from webapp.accounts.models import Account
from webapp.core.actor import Actor, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.merchants.models import OperatorMember, Shop
from webapp.merchants.queries import within
from webapp.web import access

from .models import ShopChange
from .rules import ChangeState, Part


def get(change_id: int) -> ShopChange:
    """The request with this number; raises NotFound."""
    change = db.session.get(ShopChange, change_id)
    if change is None:
        raise NotFound("no_such_thing")
    return change


def lock(change_id: int) -> ShopChange:
    """The request as it stands now, held until the transaction ends; raises NotFound.

    On PostgreSQL a second officer waits here for the first and then reads what the first has done.
    """
    change = db.session.get(ShopChange, change_id, with_for_update={"of": ShopChange}, populate_existing=True)
    if change is None:
        raise NotFound("no_such_thing")
    return change


def scope_of(change_id: int, **_rest: object) -> Scope:
    """For access rules (`on=`): the scope of the shop as it stands, so a move is decided where the shop leaves."""
    return get(change_id).shop.scope


def waiting(shop_id: int, part: Part) -> ShopChange | None:
    """The request of this part that waits for an officer, or None. There is at most one."""
    return db.session.scalar(
        sa.select(ShopChange).where(
            ShopChange.shop_id == shop_id, ShopChange.part == part, ShopChange.state == ChangeState.WAITING
        )
    )


def all_waiting(shop_id: int) -> list[ShopChange]:
    """The shop's requests that wait, oldest first."""
    return waiting_by_shop([shop_id]).get(shop_id, [])


def waiting_by_shop(shop_ids: Sequence[int]) -> dict[int, list[ShopChange]]:
    """The requests that wait, by shop, oldest first; shops without any are left out."""
    statement = sa.select(ShopChange).where(
        ShopChange.shop_id.in_(shop_ids), ShopChange.state == ChangeState.WAITING
    )
    found: dict[int, list[ShopChange]] = {}
    for change in db.session.scalars(statement.order_by(ShopChange.id)):
        found.setdefault(change.shop_id, []).append(change)
    return found


def ended(shop_id: int, limit: int = 20) -> list[ShopChange]:
    """The shop's requests that came to an end, newest first."""
    statement = sa.select(ShopChange).where(
        ShopChange.shop_id == shop_id, ShopChange.state != ChangeState.WAITING
    )
    return list(db.session.scalars(statement.order_by(ShopChange.id.desc()).limit(limit)))


def queue(actor: Actor, *, done: bool = False) -> sa.Select[tuple[ShopChange]]:
    """What the actor may read: what waits by due day, or what was decided, newest first."""
    posts = access.reach(actor, "change.read")
    statement = sa.select(ShopChange).join(Shop, Shop.id == ShopChange.shop_id).where(within(posts))
    if done:
        ended_ = statement.where(ShopChange.state != ChangeState.WAITING)
        return ended_.order_by(ShopChange.decided_at.desc(), ShopChange.id.desc())
    return statement.where(ShopChange.state == ChangeState.WAITING).order_by(ShopChange.due_on, ShopChange.id)


def due_since(since: date, *, held: bool = False) -> list[ShopChange]:
    """Every request that waits and is due on or after `since`; `held`: locked, as they stand now."""
    statement = sa.select(ShopChange).where(
        ShopChange.state == ChangeState.WAITING, ShopChange.due_on >= since
    )
    if held:
        statement = statement.with_for_update(of=ShopChange).execution_options(populate_existing=True)
    return list(db.session.scalars(statement.order_by(ShopChange.id)))


def count_waiting(actor: Actor) -> int:
    """How many requests wait within the actor's reach."""
    rows = queue(actor).order_by(None).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(rows)) or 0


def first_waiting(actor: Actor, limit: int) -> list[ShopChange]:
    """The requests within the actor's reach that are due first."""
    return list(db.session.scalars(queue(actor).limit(limit)))


def find_next(actor: Actor, after_id: int = 0) -> ShopChange | None:
    """The next request by due day that this officer may decide, other than `after_id`."""
    statement = queue(actor).where(
        ShopChange.id != after_id, ShopChange.operator_id.not_in(actor.aside_from or {0})
    )
    return db.session.scalar(statement.limit(1))


def members_of(operator_id: int) -> list[Account]:
    """The merchant accounts that act for the operator and are not disabled."""
    statement = (
        sa.select(Account)
        .join(OperatorMember, OperatorMember.account_id == Account.id)
        .where(OperatorMember.operator_id == operator_id, Account.disabled_at.is_(None))
    )
    return list(db.session.scalars(statement.order_by(Account.id)))


def names_of(account_ids: Iterable[int | None]) -> dict[int | None, str]:
    """Names of accounts by id, for showing officers who did what."""
    wanted = {account_id for account_id in account_ids if account_id is not None}
    rows = db.session.execute(sa.select(Account.id, Account.name).where(Account.id.in_(wanted)))
    return dict(rows.tuples().all())
