"""What licences give the merchant's home: those that end, were refused or lack, and the next end."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask import url_for

from webapp.core import clock, policy
from webapp.core.db import db
from webapp.merchants.models import Shop
from webapp.merchants.todo import ANSWER, STAKE, Figure, Task
from webapp.web.languages import said_day, say, translate
from webapp.web.requests import once

from . import queries
from .models import Licence
from .rules import LicenceState

#: A figure tells of an end within this time: what is farther off is nobody's care today.
WITHIN = timedelta(days=365)
_NOTICE, _GRACE = "licence.notice_days", "licence.grace_days"


def tasks(shops: list[Shop], now: datetime) -> list[Task]:
    """Slot ``merchant.tasks``: one task a licence that ends within the notice time or has ended, or was refused."""
    held = _newest(shops)
    if not held:
        return []
    names, days = _known(clock.day_of(now))
    found, today = list[Task](), clock.day_of(now)
    for kind, licences, shop in held:
        name, there = translate(names[kind]), url_for("licences_merchant.one", shop_id=shop.id, kind=kind)
        renewal = next((one for one in licences if one.state is not LicenceState.VERIFIED), None)
        if renewal is not None and renewal.state is LicenceState.REFUSED:
            what, why = say("licence.task.refused", kind=name), renewal.refused_reason or ""
            why = say("licence.task.refused.why", reason=why)
            found.append(Task(what, there, why, rank=ANSWER, shop_id=shop.id))
        verified = next((one for one in licences if one.state is LicenceState.VERIFIED), None)
        if verified is not None and verified.valid_until is not None and renewal is None:
            left = (verified.valid_until - today).days
            if left <= days[_NOTICE]:
                found.append(_ending(name, there, verified.valid_until, left, days[_GRACE], shop))
    return found


def _ending(name: str, there: str, until: date, left: int, grace: int, shop: Shop) -> Task:
    word = "ended" if left < 0 else "ending"
    return Task(
        say(f"licence.task.{word}", kind=name),
        there,
        say(f"licence.task.{word}.why", days=grace),
        say("licence.task.go"),
        due=until,
        said=say("licence.task.past" if left < 0 else "licence.task.left", days=abs(left)),
        rank=STAKE,
        shop_id=shop.id,
    )


def next_end(shops: list[Shop], now: datetime) -> Figure | None:
    """Slot ``merchant.figures``: the verified licence that ends first; None while none ends within a year."""
    today = clock.day_of(now)
    ends: dict[int, tuple[date, str]] = {}
    for kind, held, shop in _newest(shops):
        for one in held:
            if one.state is LicenceState.VERIFIED and one.valid_until is not None:
                ends[shop.id] = min(ends.get(shop.id, (date.max, "")), (one.valid_until, kind))
    if not ends or min(ends.values())[0] - today > WITHIN:
        return None
    names, days = _known(today)
    shop_id, (until, kind) = min(ends.items(), key=lambda pair: pair[1])
    left = (until - today).days
    return Figure(
        f"{max(left, 0):,}",
        say("licence.figure.words"),
        say("licence.figure.unit"),
        note=f"{translate(names[kind])} · {said_day(until)}",
        url=url_for("licences_merchant.index", shop_id=shop_id),
        tone="stop" if left < 0 else "caution" if left <= days[_NOTICE] else None,
    )


def _known(today: date) -> tuple[dict[str, str], dict[str, int]]:
    """The kinds' names, and the days of notice and grace in force."""
    return once(
        ("licences.known", today), lambda: (queries.names(), policy.get_ints((_NOTICE, _GRACE), today))
    )


def _newest(shops: list[Shop]) -> list[tuple[str, list[Licence], Shop]]:
    """(kind, its standing licences, the shop it is shown at) of all these shops, one query. A licence that serves all
    shops of its operator stands with the first of them.
    """
    return once(("licences.newest", tuple(shop.id for shop in shops)), lambda: _read_newest(shops))


def _read_newest(shops: list[Shop]) -> list[tuple[str, list[Licence], Shop]]:
    first = {shop.operator_id: shop for shop in reversed(shops)}
    by_id = {shop.id: shop for shop in shops}
    statement = sa.select(Licence).where(
        Licence.replaced_at.is_(None),
        sa.or_(
            Licence.shop_id.in_(by_id),
            sa.and_(Licence.shop_id.is_(None), Licence.operator_id.in_(first)),
        ),
    )
    groups: dict[tuple[int, str], list[Licence]] = {}
    for licence in db.session.scalars(statement.order_by(Licence.id)):
        shop = by_id[licence.shop_id] if licence.shop_id is not None else first[licence.operator_id]
        groups.setdefault((shop.id, licence.kind_code), []).append(licence)
    return [(kind, held, by_id[shop_id]) for (shop_id, kind), held in groups.items()]
