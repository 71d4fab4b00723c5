"""Reading trust codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from webapp.accounts.models import Account
from webapp.core import clock, policy
from webapp.core.actor import Actor, Post, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.merchants.models import OperatorMember, Shop
from webapp.merchants.queries import not_aside, within

from .models import Revocation, SuspensionGround, TrustCode
from .rules import AUTOMATIC_GROUNDS, CodeState, ProposalState, may_take_back


@dataclass(frozen=True)
class Standing:
    """What other features ask about a shop's code (slot ``shop.code``). `state` None: it never had one."""

    state: str | None
    grounds: tuple[str, ...] = ()
    revoked_ground: str | None = None
    issued_at: datetime | None = None
    changed_at: datetime | None = None

    @property
    def is_active(self) -> bool:
        """Does the bureau vouch for the shop now?"""
        return self.state == CodeState.ACTIVE.value


def standing(shop_id: int) -> TrustCode | None:
    """The shop's code that is not revoked, or None."""
    return db.session.scalar(
        sa.select(TrustCode).where(TrustCode.shop_id == shop_id, TrustCode.state != CodeState.REVOKED)
    )


def latest(shop_id: int) -> TrustCode | None:
    """The shop's newest code, revoked or not; None when it never had one."""
    statement = (
        sa.select(TrustCode).where(TrustCode.shop_id == shop_id).order_by(TrustCode.id.desc()).limit(1)
    )
    return db.session.scalar(statement)


def latest_of(shop_ids: Sequence[int]) -> Sequence[TrustCode]:
    """The newest code of each of these shops that ever had one."""
    newest = (
        sa.select(sa.func.max(TrustCode.id))
        .where(TrustCode.shop_id.in_(shop_ids))
        .group_by(TrustCode.shop_id)
    )
    return db.session.scalars(sa.select(TrustCode).where(TrustCode.id.in_(newest))).all()


def lock_standing(shop_id: int) -> TrustCode:
    """The shop's code that is not revoked as it stands now, held until the transaction ends; raises NotFound.

    On PostgreSQL a second officer waits here for the first and then reads what the first has done.
    """
    code = db.session.scalar(
        sa.select(TrustCode)
        .where(TrustCode.shop_id == shop_id, TrustCode.state != CodeState.REVOKED)
        .with_for_update(of=TrustCode, key_share=True)
        .execution_options(populate_existing=True)
    )
    if code is None:
        raise NotFound("no_standing_code")
    return code


def facts(shop_id: int) -> Standing:
    """The supplier of the slot ``shop.code``."""
    code = latest(shop_id)
    if code is None:
        return Standing(None)
    return Standing(
        code.state.value,
        tuple(entry.ground for entry in open_grounds(code)),
        code.revoked_ground,
        code.issued_at,
        code.changed_at,
    )


def is_active(since: date | None = None) -> sa.ColumnElement[bool]:
    """Condition on Shop (slot ``shop.vouched``): its code is active, and was issued on `since` or later."""
    wanted = [TrustCode.shop_id == Shop.id, TrustCode.state == CodeState.ACTIVE]
    if since is not None:
        start = datetime.combine(since, datetime.min.time(), clock.SHANGHAI)
        wanted.append(TrustCode.issued_at >= start)
    return sa.exists().where(*wanted).correlate(Shop)


def stands() -> sa.ColumnElement[bool]:
    """Condition on Shop (slot ``shop.code_stands``): it has a code that is not revoked."""
    own = (TrustCode.shop_id == Shop.id, TrustCode.state != CodeState.REVOKED)
    return sa.exists().where(*own).correlate(Shop)


def open_grounds(code: TrustCode) -> list[SuspensionGround]:
    """The grounds that keep the code suspended, oldest first."""
    return [ground for ground in code.grounds if ground.ended_at is None]


def open_revocation(trust_code_id: int) -> Revocation | None:
    """The proposal to revoke that waits for a second officer, or None."""
    return db.session.scalar(
        sa.select(Revocation).where(
            Revocation.trust_code_id == trust_code_id, Revocation.state == ProposalState.PROPOSED
        )
    )


def get_revocation(revocation_id: int, *, fresh: bool = False) -> Revocation:
    """The proposal with this id (`fresh`: read again); raises NotFound."""
    revocation = db.session.get(Revocation, revocation_id, populate_existing=fresh)
    if revocation is None:
        raise NotFound("no_such_thing")
    return revocation


def scope_of_revocation(revocation_id: int, **_rest: object) -> Scope:
    """For access rules: the scope of the shop whose code it proposes to revoke."""
    shop = db.session.get(Shop, get_revocation(revocation_id).shop_id)
    if shop is None:
        raise NotFound("no_such_thing")
    return shop.scope


def _waiting(posts: tuple[Post, ...]) -> sa.Select[tuple[Revocation]]:
    return (
        sa.select(Revocation)
        .join(Shop, Shop.id == Revocation.shop_id)
        .where(Revocation.state == ProposalState.PROPOSED, within(posts))
    )


def waiting_revocations(posts: tuple[Post, ...]) -> list[Revocation]:
    """Proposals within reach that wait for a second officer, the oldest first."""
    return list(db.session.scalars(_waiting(posts).order_by(Revocation.id)))


def count_waiting(posts: tuple[Post, ...], actor: Actor) -> int:
    """How many of them this officer may decide: those that somebody else proposed, of no shop of their own."""
    mine = _waiting(posts).where(Revocation.proposed_by_id != actor.account_id, not_aside(actor)).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(mine)) or 0


def standing_of_operator(operator_id: int) -> list[TrustCode]:
    """The codes that are not revoked of all shops of an operator."""
    statement = (
        sa.select(TrustCode)
        .join(Shop, Shop.id == TrustCode.shop_id)
        .where(Shop.operator_id == operator_id, TrustCode.state != CodeState.REVOKED)
        .order_by(TrustCode.shop_id)
    )
    return list(db.session.scalars(statement))


def members_of(operator_id: int) -> list[Account]:
    """The merchant accounts that act for the operator and are not disabled."""
    statement = (
        sa.select(Account)
        .join(OperatorMember, OperatorMember.account_id == Account.id)
        .where(OperatorMember.operator_id == operator_id, Account.disabled_at.is_(None))
    )
    return list(db.session.scalars(statement.order_by(Account.id)))


def names_of(account_ids: set[int | None]) -> dict[int | None, str]:
    """Officers' names by account, for the office's own pages."""
    statement = sa.select(Account.id, Account.name).where(Account.id.in_(account_ids - {None}))
    return dict(db.session.execute(statement).tuples().all())


def can_take_back(entry: SuspensionGround, actor: Actor, now: datetime) -> bool:
    """May this officer still take their own suspension back?"""
    if entry.ground in AUTOMATIC_GROUNDS or entry.ended_at is not None:
        return False
    minutes = policy.get_int("code.take_back_minutes", clock.day_of(now))
    return may_take_back(entry.started_by_id, entry.started_at, actor.account_id, now, minutes)


def standing_decisions(after: int, most: int) -> list[dict[str, Any]]:
    """Codes that are not revoked, as the decisions that the public log begins with (slot ``log.standing``)."""
    columns = (TrustCode.id, TrustCode.shop_id, TrustCode.state, TrustCode.issued_at)
    statement = sa.select(*columns).where(TrustCode.state != CodeState.REVOKED, TrustCode.id > after)
    return [
        {
            "action": "code.issue",
            "subject_type": "trust_code",
            "subject_id": row.id,
            "shop_id": row.shop_id,
            "at": row.issued_at,
            "new": {"state": row.state.value},
        }
        for row in db.session.execute(statement.order_by(TrustCode.id).limit(most))
    ]
