"""What the authority did before the demo city opened: the clocks of ended complaints, and tips in every state."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from webapp.clocks import operations as clocks
from webapp.clocks.laws import Kind
from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.complaints.models import Complaint
from webapp.complaints.timing import SUBJECT
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.demo import words
from webapp.merchants.models import Shop
from webapp.tips import intake, operations
from webapp.tips.intake import TipFiling

from .people_writer import OFFICERS, People

#: So many of the newest ended complaints get the clocks that they ran on; each takes a few inserts.
CLOCKED_MOST = 600
#: Both sides were told within so many days of the end.
TOLD_AFTER = timedelta(days=3)


def past(people: People, now: datetime) -> int:
    """Give the city its handled past; returns how many tips it has."""
    ended = sa.select(Complaint).where(Complaint.accepted_at.is_not(None), Complaint.ended_at < now)
    for complaint in db.session.scalars(ended.order_by(Complaint.ended_at.desc()).limit(CLOCKED_MOST)):
        _clocks(complaint, people.station, now)
    rows = words.table("tips.csv")
    shops = _shops(len(rows))
    for row, shop in zip(rows, shops, strict=False):
        _tip(row, shop, people, now)
    return min(len(rows), len(shops))


def _clocks(complaint: Complaint, officer: Actor, now: datetime) -> None:
    """The merchant's and the authority's periods as they ran: each starts and ends when the complaint says."""
    ended, on = complaint.ended_at, clock.day_of(complaint.received_at)
    told = None if ended is None or ended + TOLD_AFTER > now else ended + TOLD_AFTER
    for kind, since, until in (
        (Kind.FIRST_ANSWER, complaint.received_at, complaint.first_answered_at),
        (Kind.ACCEPTANCE, complaint.referred_at, complaint.accepted_at),
        (Kind.MEDIATION, complaint.accepted_at, ended),
        (Kind.RESULT_NOTICE, ended, told),
    ):
        if since is None:
            continue
        clocks.start(kind, SUBJECT, complaint.id, received_on=on, at=since)
        if until is not None:
            clocks.meet(SUBJECT, complaint.id, officer, until, kind)


def _shops(most: int) -> list[Shop]:
    """Vouched shops, those of the first station officer's district first: there somebody looks for tips to handle."""
    district = OFFICERS["zhan"][2]
    statement = (
        sa.select(Shop)
        .join(TrustCode)
        .where(TrustCode.state == CodeState.ACTIVE)
        .order_by(Shop.region_code.startswith(district).desc(), Shop.id)
    )
    return list(db.session.scalars(statement.limit(most)))


def _tip(row: dict[str, str], shop: Shop, people: People, now: datetime) -> None:
    filed_at = now - timedelta(days=int(row["days_ago"]))
    named = row["named"] == "yes"
    filing = TipFiling(
        submission_key=f"demo-tip-{shop.id:010}-{row['days_ago']}",
        topic=row["topic"],
        story=row["story"],
        happened_on=clock.day_of(filed_at),
        named=named,
        reporter_name=words.phrases()["tip_reporter"] if named else "",
        reporter_phone="+8615400000009" if named else "",
        phone_verified_at=filed_at if named else None,
    )
    tip, _receipt = intake.file(shop.id, filing, filed_at)
    if not row["step"]:
        return
    decided_at = filed_at + timedelta(hours=int(row["ends_after"]))
    operations.act(tip.id, row["step"], people.station, decided_at, text=row["text"], ground=row["ground"])
    if named:
        operations.act(tip.id, "tell", people.station, decided_at + timedelta(days=1), text=row["text"])
