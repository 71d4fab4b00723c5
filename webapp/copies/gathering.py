"""What people give: a report, taking it back, a position. Each is weighed in the same transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from webapp.core import clock
from webapp.core.db import db
from webapp.scans import queries as scans
from webapp.stickers.models import Sticker

from . import operations, policies, queries
from .checking import Fix, is_worth_keeping
from .geography import cell_of
from .models import CopyEvidence, EvidenceKind


def report(sticker: Sticker, device: str, now: datetime) -> bool:
    """Somebody says that this sticker hangs at another shop. False when this device has said so today already."""
    day = clock.day_of(now)
    if queries.find_report(sticker.shop_id, sticker.serial, day, device) is not None:
        return False
    row = CopyEvidence(
        shop_id=sticker.shop_id,
        serial=sticker.serial,
        kind=EvidenceKind.REPORT,
        at=_minute(now),
        day=day,
        device=device,
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:  # the same form was sent twice at once
        return False
    _weigh(sticker, now)
    return True


def take_back(sticker: Sticker, device: str, now: datetime) -> bool:
    """Delete what this device reported today; False when there is nothing."""
    row = queries.find_report(sticker.shop_id, sticker.serial, clock.day_of(now), device)
    if row is None:
        return False
    queries.lock_shop(sticker.shop_id)
    db.session.delete(row)
    db.session.flush()
    operations.lapse_unreported(sticker, now)
    return True


def keep_position(sticker: Sticker, fix: Fix, device: str, now: datetime) -> bool:
    """Keep the cell of a position whose owner has consented. False when it is too rough, or known already.

    The same device in the same cell within the minutes of the two-places rule is the same scan.
    """
    limits = policies.limits_on(clock.day_of(now))
    if not is_worth_keeping(fix, limits):
        return False
    cell = cell_of(fix.point, limits.cell_size)
    since = now - timedelta(minutes=limits.apart_minutes)
    if any(row.cell == cell for row in queries.seen_since(sticker.shop_id, sticker.serial, device, since)):
        return False
    db.session.add(
        CopyEvidence(
            shop_id=sticker.shop_id,
            serial=sticker.serial,
            kind=EvidenceKind.SIGHTING,
            at=_minute(now),
            day=clock.day_of(now),
            device=device,
            cell_south=cell.south,
            cell_west=cell.west,
            cell_size=cell.size,
        )
    )
    db.session.flush()
    _weigh(sticker, now)
    return True


def _weigh(sticker: Sticker, now: datetime) -> None:
    today = clock.day_of(now)
    limits = policies.limits_on(today)
    first = today - timedelta(days=limits.report_days - 1)
    counted = scans.by_serial(sticker.shop_id, first, today).get(sticker.serial, 0)
    operations.weigh(sticker, counted, now)


def _minute(now: datetime) -> datetime:
    """Nobody needs the second."""
    return now.replace(second=0, microsecond=0)
