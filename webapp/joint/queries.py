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
    return [
        Member(
            one.id,
            one.state,
            one.law,
            one.scope,
            one.version,
            timing.is_paused(one),
            bool(timing.pause_grounds(one)),
        )
        for one in found
    ]
