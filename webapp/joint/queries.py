"""Reading groups of complaints."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from webapp.complaints import queries as complaints
from webapp.complaints import timing
from webapp.complaints.models import Complaint, ComplaintGroup
from webapp.core.actor import Post, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.mediation.models import Mediation
from webapp.mediation.rules import MediationState
from webapp.merchants.models import Shop

from .rules import JOINABLE, Member


def get(group_id: int) -> ComplaintGroup:
    """The group; raises NotFound."""
    group = db.session.get(ComplaintGroup, group_id)
    if group is None:
        raise NotFound("no_such_thing")
    return group


def scope_of(group_id: int, **_rest: object) -> Scope:
    """For access rules: the office that handles its first member; the shop's own place once it is empty."""
    group = get(group_id)
    first = db.session.scalar(
        sa.select(Complaint).where(Complaint.group_id == group_id).order_by(Complaint.id).limit(1)
    )
    return group.shop.scope if first is None else first.scope


def members(group_id: int) -> list[Complaint]:
    """The complaints of a group, the oldest first."""
    statement = sa.select(Complaint).where(Complaint.group_id == group_id)
    return list(db.session.scalars(statement.order_by(Complaint.received_at, Complaint.id)))


def candidates(shop_id: int, posts: tuple[Post, ...]) -> list[Complaint]:
    """Complaints against a shop, within reach, that could be handled together: with the authority, in no group."""
    statement = sa.select(Complaint).where(
        Complaint.shop_id == shop_id,
        Complaint.state.in_(JOINABLE),
        Complaint.group_id.is_(None),
        complaints.handled_by(posts),
    )
    return list(db.session.scalars(statement.order_by(Complaint.received_at, Complaint.id)))


def open_group(shop_id: int) -> ComplaintGroup | None:
    """The shop's newest group that is not dissolved, or None."""
    statement = sa.select(ComplaintGroup).where(
        ComplaintGroup.shop_id == shop_id, ComplaintGroup.closed_at.is_(None)
    )
    return db.session.scalar(statement.order_by(ComplaintGroup.id.desc()).limit(1))


def as_members(found: Sequence[Complaint]) -> list[Member]:
    """What the rules need of each."""
    under_way = set(
        db.session.scalars(
            sa.select(Mediation.complaint_id).where(
                Mediation.complaint_id.in_([one.id for one in found]), Mediation.state == MediationState.OPEN
            )
        )
    )
    return [
        Member(
            one.id,
            one.state,
            one.law,
            one.scope,
            one.version,
            timing.is_paused(one),
            bool(timing.pause_grounds(one)),
            one.id in under_way,
        )
        for one in found
    ]


def groups(posts: tuple[Post, ...], *, closed: bool = False) -> sa.Select[tuple[ComplaintGroup]]:
    """Groups for paging, newest first: those with a member within reach; of dissolved ones, of shops with such."""
    if closed:
        theirs = sa.exists().where(Complaint.shop_id == ComplaintGroup.shop_id, complaints.handled_by(posts))
        condition = sa.and_(ComplaintGroup.closed_at.is_not(None), theirs)
    else:
        theirs = sa.exists().where(Complaint.group_id == ComplaintGroup.id, complaints.handled_by(posts))
        condition = sa.and_(ComplaintGroup.closed_at.is_(None), theirs)
    return sa.select(ComplaintGroup).where(condition).order_by(ComplaintGroup.id.desc())


def counts(group_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """(members, those that the authority still handles) by group."""
    waits = sa.case((Complaint.state.in_(JOINABLE), 1), else_=0)
    statement = sa.select(Complaint.group_id, sa.func.count(Complaint.id), sa.func.sum(waits))
    rows = db.session.execute(statement.where(Complaint.group_id.in_(group_ids)).group_by(Complaint.group_id))
    return {group_id: (count, int(waiting)) for group_id, count, waiting in rows if group_id is not None}


def proposals(posts: tuple[Post, ...], least: int, most: int = 20) -> list[tuple[Shop, int]]:
    """Shops with at least `least` complaints within reach that could be handled together, the most first."""
    number = sa.func.count(Complaint.id)
    statement = (
        sa.select(Shop.id, number)
        .join(Complaint, Complaint.shop_id == Shop.id)
        .where(Complaint.group_id.is_(None), Complaint.state.in_(JOINABLE), complaints.handled_by(posts))
        .group_by(Shop.id)
        .having(number >= least)
        .order_by(number.desc(), Shop.id)
        .limit(most)
    )
    ids = db.session.execute(statement).tuples().all()
    shops = {
        one.id: one for one in db.session.scalars(sa.select(Shop).where(Shop.id.in_([row[0] for row in ids])))
    }
    return [(shops[shop_id], count) for shop_id, count in ids]
