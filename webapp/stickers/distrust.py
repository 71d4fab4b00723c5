"""What a compromised key does to stickers: those that cannot be shown to be older than the declared moment end.

Whoever has the key can make codes that hold. The public log tells them apart: only a sticker whose leaf stands before
the declared index was issued before, whatever date the books give it. (Where there was no log when the key was
declared, the books' date decides.) Public pages ask :meth:`Paper.is_doubtful` at once; the books follow here, in the
declaring transaction as far as it goes, the rest by a job.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from flask import current_app

from qrservice import KeyState, PublicKey
from webapp import audit, feed
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.signals import key_compromised
from webapp.signing import operations as signing
from webapp.web import slots

from .keys import store
from .models import Sticker, StickerState
from .rules import STEPS

REASON = "key_compromised"
#: Stickers ended in one transaction; the job comes again for the rest.
AT_ONCE = 1000
EVERY_SECONDS = 300
_STANDING = tuple(state for step in STEPS if step.action == "destroy" for state in step.sources)


def end_untrusted(now: datetime) -> int:
    """End the standing stickers of compromised keys that are not shown to be older than the declaration; how many."""
    signing.make_up_lists()
    ended, lacking = 0, {key.kid for key in store().lacking()}
    for key in store().ring():
        # Without its list nothing of the key is shown as good, but that ends no sticker for ever.
        if key.state is KeyState.COMPROMISED and key.kid not in lacking and ended < AT_ONCE:
            ended += _end_of(key, AT_ONCE - ended, now)
    return ended


def _end_of(key: PublicKey, most: int, now: datetime) -> int:
    # Rows that somebody holds just now are left to the job: nobody waits for anybody.
    statement = (
        sa.select(Sticker).where(Sticker.id.in_(list(islice(_doubtful(key), most)))).order_by(Sticker.id)
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


def _doubtful(key: PublicKey) -> Iterator[int]:
    """The numbers of the key's standing stickers that are not to be believed, as the pages judge them."""
    columns = (Sticker.id, Sticker.shop_id, Sticker.serial, Sticker.issued_at)
    statement = sa.select(*columns).where(Sticker.kid == key.kid, Sticker.state.in_(_STANDING))
    doubts = store().doubts(key.kid)
    for row in db.session.execute(statement.order_by(Sticker.id)):
        doubt = doubts(row.shop_id, row.serial)
        if doubt is not None and doubt.stands(row.issued_at):
            yield row.id


def uses() -> dict[int, int]:
    """Standing stickers by the number of their key (slot ``signing.uses``)."""
    statement = sa.select(Sticker.kid, sa.func.count(Sticker.id)).where(Sticker.state.in_(_STANDING))
    return dict(db.session.execute(statement.group_by(Sticker.kid)).tuples().all())


def issued_since(kid: int, moment: datetime, leaf: int | None) -> int:
    """Standing stickers of the key that are not among the first `leaf` of the log (slot ``signing.issued_since``).

    Without a log those issued at `moment` or later. The slot ``log.issued_before`` gives a condition on the sticker.
    """
    since: sa.ColumnElement[bool] = Sticker.issued_at >= moment
    for early in slots.collect(
        current_app, "log.issued_before", sticker_id=Sticker.id, leaf=leaf, moment=moment
    ):
        since = sa.not_(early)
    statement = sa.select(sa.func.count(Sticker.id)).where(
        Sticker.kid == kid, Sticker.state.in_(_STANDING), since
    )
    return db.session.scalar(statement) or 0


@key_compromised.connect
def _follow(_sender: None, *, now: datetime, **_news: Any) -> None:
    end_untrusted(now)
