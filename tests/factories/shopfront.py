"""A shop with everything that green hangs on, for tests of the trust page and of what is kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from tests.factories.merchants import make_shop
from webapp import feed
from webapp.codes.models import SuspensionGround, TrustCode
from webapp.codes.rules import CodeState
from webapp.core import policy
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.merchants.models import Operator
from webapp.registry.models import RegistryRecord
from webapp.registry.rules import RegistryStatus
from webapp.stickers.keys import store
from webapp.stickers.models import Sticker, StickerPlace
from webapp.stickers.operations import issue

NOW = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
#: An industry that needs no licence in the reference tables either.
PLAIN_INDUSTRY = "0001"


@dataclass(frozen=True)
class Vouched:
    """A shop with a code and stickers; `tokens` by serial from 1."""

    shop_id: int
    operator_id: int
    tokens: dict[int, str]

    @property
    def scan(self) -> str:
        """The address behind its first sticker."""
        return f"/c/{self.tokens[1]}"

    @property
    def plain(self) -> str:
        """Its address without a scan."""
        return f"/s/{self.shop_id}"


def make_vouched(stickers: int = 2, name: str = "老槐树面馆", **more: Any) -> Vouched:
    """Make it in a transaction of its own. Needs an application context."""
    with unit():
        policy.sync()
        store().ensure(NOW)
        shop = make_shop(name=name, **{"industry_code": PLAIN_INDUSTRY, **more})
        operator = db.session.get_one(Operator, shop.operator_id)
        db.session.add(
            RegistryRecord(
                uscc=operator.uscc,
                name=operator.name,
                kind=operator.kind.value,
                legal_representative=operator.legal_representative,
                registered_address=operator.registered_address,
                authority=operator.authority,
                established_on=operator.established_on,
                status=RegistryStatus.ACTIVE,
                as_of=date(2026, 5, 5),
                source="test",
                facts_hash=operator.uscc,
                imported_at=NOW,
            )
        )
        db.session.add(TrustCode(shop_id=shop.id, state=CodeState.ACTIVE, issued_at=NOW, changed_at=NOW))
        db.session.flush()
        tokens = {
            serial: issue(shop.id, StickerPlace.DOOR, SYSTEM, NOW).token for serial in range(1, stickers + 1)
        }
        feed.publish("code.issued", now=NOW, shop_id=shop.id)
    return Vouched(shop.id, shop.operator_id, tokens)


def suspend(shop_id: int, ground: str = "abnormal_list", reason: str = "abnormal_list") -> None:
    """Suspend its code and announce it."""
    with unit():
        code = db.session.query(TrustCode).filter_by(shop_id=shop_id).one()
        code.state = CodeState.SUSPENDED
        code.grounds.append(SuspensionGround(ground=ground, reason=reason, started_at=NOW))
        feed.publish("code.suspend", now=NOW, shop_id=shop_id)


def sticker_row(shop_id: int, serial: int = 1) -> Sticker:
    """The sticker's row."""
    return db.session.query(Sticker).filter_by(shop_id=shop_id, serial=serial).one()
