"""Reading trust codes."""

from __future__ import annotations

import sqlalchemy as sa

from webapp.core.actor import Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.merchants.models import Shop

from .models import ProposalState, Revocation, SuspensionGround, TrustCode
from .rules import CodeState


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


def get_standing(shop_id: int) -> TrustCode:
    """As :func:`standing`; raises NotFound."""
    code = standing(shop_id)
    if code is None:
        raise NotFound("no_standing_code")
    return code


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


def get_revocation(revocation_id: int) -> Revocation:
    """The proposal with this id; raises NotFound."""
    revocation = db.session.get(Revocation, revocation_id)
    if revocation is None:
        raise NotFound("no_such_thing")
    return revocation


def scope_of_revocation(revocation_id: int, **_rest: object) -> Scope:
    """For access rules: the scope of the shop whose code it proposes to revoke."""
    shop = db.session.get(Shop, get_revocation(revocation_id).shop_id)
    if shop is None:
        raise NotFound("no_such_thing")
    return shop.scope


def standing_of_operator(operator_id: int) -> list[TrustCode]:
    """The codes that are not revoked of all shops of an operator."""
    statement = (
        sa.select(TrustCode)
        .join(Shop, Shop.id == TrustCode.shop_id)
        .where(Shop.operator_id == operator_id, TrustCode.state != CodeState.REVOKED)
        .order_by(TrustCode.shop_id)
    )
    return list(db.session.scalars(statement))
