"""Telling a shop's people what the register changed, and asking for new stickers where the change touches them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from webapp.accounts.models import Account
from webapp.core.db import db
from webapp.merchants.models import Operator, OperatorMember, Shop
from webapp.notices import operations as notices

from . import queries
from .differences import Difference

#: What a merchant is told of. What suspends or revokes is told by whoever keeps the codes.
TOLD = frozenset({Difference.RENAMED, Difference.MOVED, Difference.REPRESENTATIVE})


def tell(operator: Operator, found: Sequence[tuple[Difference, str, str]], now: datetime) -> None:
    """Tell the members of an operator with a standing code what is different, each change by itself.

    A sticker prints the shop's name: a new registered name touches it where the shop is called by the old one. Where it
    hangs is touched when the shop has moved with the registered address, which the merchant alone knows.
    """
    told = [(kind, old, new) for kind, old, new in found if kind in TOLD]
    if not told or not queries.with_codes([operator.id]):
        return
    people = list(
        db.session.scalars(
            sa.select(Account)
            .join(OperatorMember, OperatorMember.account_id == Account.id)
            .where(OperatorMember.operator_id == operator.id, Account.disabled_at.is_(None))
            .order_by(Account.id)
        )
    )
    shops = queries.shops_of_operators([operator.id]).get(operator.id, [])
    for kind, old, new in told:
        for shop in shops:
            word = f"notice.registry.{kind.value}"
            if kind is Difference.RENAMED and touches(shop, old):
                word += "_reprint"
            for account in people:
                details = {"shop": shop.full_name, "old": old, "new": new}
                notices.notify(account.id, word, details, f"/merchant/shops/{shop.id}", now)


def touches(shop: Shop, old_name: str) -> bool:
    """Do the shop's stickers print the name that its operator no longer has?"""
    return bool(shop.name) and (shop.name in old_name or old_name in shop.name)
