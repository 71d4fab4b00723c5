"""What a compromised key does to stickers: those that cannot be shown to be older than the declared moment end.

Whoever has the key can make codes that hold. The books tell them apart: a code that is not in them was never believed,
and one that came into them after the moment may have been put there. Public pages ask :meth:`Paper.is_doubtful` at
once; the books follow here, in the declaring transaction as far as it goes, the rest by a job.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qrservice import KeyState, PublicKey
from webapp import audit, feed
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.signals import key_compromised

from .keys import store
from .models import Sticker, StickerState
from .rules import STEPS

REASON = "key_compromised"
#: Stickers ended in one transaction; the job comes again for the rest.
AT_ONCE = 1000
EVERY_SECONDS = 300
_STANDING = tuple(state for step in STEPS if step.action == "destroy" for state in step.sources)


def end_untrusted(now: datetime) -> int:
    """End the standing stickers of compromised keys that were issued at the declared moment or later; how many."""
    ended = 0
    for key in store().ring():
        if key.state is KeyState.COMPROMISED and ended < AT_ONCE:
            ended += _end_of(key, AT_ONCE - ended, now)
    return ended


def _end_of(key: PublicKey, most: int, now: datetime) -> int:
    # Rows that somebody holds just now are left to the job: nobody waits for anybody.
    statement = (
        sa.select(Sticker).where(*_doubtful(key.kid, key.valid_before)).order_by(Sticker.id).limit(most)
    )
    found = list(db.session.scalars(statement.with_for_update(skip_locked=True, key_share=True)))
    for sticker in found:
        before, sticker.state = sticker.state, StickerState.DESTROYED
        sticker.ended_at, sticker.ended_reason = now, REASON
        audit.record(
            SYSTEM,
            "sticker.destroy",
            "sticker",
            sticker.id,
            now=now,
            shop_id=sticker.shop_id,
            old={"state": before.value},
            new={"state": sticker.state.value, "serial": sticker.serial},
            reason_code=REASON,
        )
        feed.publish("sticker.destroy", now=now, shop_id=sticker.shop_id, serial=sticker.serial)
    return len(found)


def _doubtful(kid: int, moment: datetime | None) -> list[sa.ColumnElement[bool]]:
    wanted: list[sa.ColumnElement[bool]] = [Sticker.kid == kid, Sticker.state.in_(_STANDING)]
    return wanted if moment is None else [*wanted, Sticker.issued_at >= moment]


def uses() -> dict[int, int]:
    """Standing stickers by the number of their key (slot ``signing.uses``)."""
    statement = sa.select(Sticker.kid, sa.func.count(Sticker.id)).where(Sticker.state.in_(_STANDING))
    return dict(db.session.execute(statement.group_by(Sticker.kid)).tuples().all())


def issued_since(kid: int, moment: datetime) -> int:
    """Standing stickers of the key issued at `moment` or later (slot ``signing.issued_since``)."""
    statement = sa.select(sa.func.count(Sticker.id)).where(*_doubtful(kid, moment))
    return db.session.scalar(statement) or 0


@key_compromised.connect
def _follow(_sender: None, *, now: datetime, **_news: Any) -> None:
    end_untrusted(now)
