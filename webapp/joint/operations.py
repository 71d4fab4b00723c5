"""Making groups, taking members in and out, and doing one deed to all. One transaction: all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from webapp import audit
from webapp.complaints import operations as complaints
from webapp.complaints import queries as complaint_queries
from webapp.complaints.models import Complaint, ComplaintGroup
from webapp.core import clock, policy
from webapp.core.actor import OFFICER_ROLES, Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid
from webapp.core.steps import permit
from webapp.mediation import operations as mediation
from webapp.mediation.operations import Meeting

from . import queries, rules
from .rules import Line

TITLE_MOST: Final = 80


def open_group(shop_id: int, ids: Sequence[int], title: str, actor: Actor, now: datetime) -> ComplaintGroup:
    """Put complaints against one shop together. Both sides of each are told.

    Raises Forbidden, Invalid (``group_title``, ``group_too_few``), Conflict (``group_not_joinable``: one moved on, is
    in another group, or is not against this shop).
    """
    if not 0 < len(title.strip()) <= TITLE_MOST:
        raise Invalid("group_title", field="title", most=TITLE_MOST)
    if len(set(ids)) < rules.FEWEST:
        raise Invalid("group_too_few", field="complaints", least=rules.FEWEST)
    group = ComplaintGroup(shop_id=shop_id, title=title.strip(), opened_by_id=actor.account_id, opened_at=now)
    db.session.add(group)
    db.session.flush()
    _record("open", group, actor, now)
    for complaint_id in sorted(set(ids)):
        join(group, complaint_id, actor, now)
    return group


def join(group: ComplaintGroup, complaint_id: int, actor: Actor, now: datetime) -> Complaint:
    """Take one more in. Raises Conflict (``group_closed``, ``group_not_joinable``)."""
    complaint = complaint_queries.get_locked(complaint_id)
    permit(actor, OFFICER_ROLES, complaint.scope)
    if group.closed_at is not None:
        raise Conflict("group_closed")
    free = (
        complaint.group_id is None
        and complaint.shop_id == group.shop_id
        and complaint.state in rules.JOINABLE
    )
    if not free:
        raise Conflict("group_not_joinable", number=complaint.number)
    most = policy.get_int("joint.members_max", clock.day_of(now))
    if len(queries.members(group.id)) >= most:
        raise Conflict("group_full", most=most)
    complaint.group_id = group.id
    return complaints.act(complaint.id, "join", actor, now)


def part(group_id: int, complaint_id: int, actor: Actor, now: datetime) -> Complaint:
    """Take one out again; it goes on by itself. Raises Conflict (``group_not_member``)."""
    complaint = complaint_queries.get_locked(complaint_id)
    permit(actor, OFFICER_ROLES, complaint.scope)
    if complaint.group_id != group_id:
        raise Conflict("group_not_member")
    complaint.group_id = None
    if complaint.state in rules.JOINABLE:
        complaints.act(complaint.id, "part", actor, now)
    return complaint


def dissolve(group_id: int, actor: Actor, now: datetime) -> ComplaintGroup:
    """End the group: what is open goes on case by case. Twice is once."""
    group = queries.get(group_id)
    permit(actor, OFFICER_ROLES, queries.scope_of(group_id))
    if group.closed_at is not None:
        return group
    for complaint in queries.members(group_id):
        if complaint.state in rules.JOINABLE:
            part(group_id, complaint.id, actor, now)
    group.closed_at = now
    _record("dissolve", group, actor, now, old={"state": "open"}, new={"state": "closed"})
    return group


def act(
    group_id: int,
    action: str,
    actor: Actor,
    now: datetime,
    *,
    text: str = "",
    ground: str = "",
    grounds: dict[int, str] | None = None,
    meeting: Meeting | None = None,
    versions: dict[int, int],
) -> list[Line]:
    """One deed to every member that it can be done to, by each one's own lifecycle; returns what was done to which.

    `versions` are those of the page where the officer saw the plan: if any member moved meanwhile, nothing is done.
    `ground` is for all that have none of their own in `grounds` (by complaint id); `meeting` is what "invite" fixes.
    Raises Invalid (``choose_ground_each``, ``hearing_when``), Conflict (``changed_meanwhile``,
    ``group_nothing_to_do``) and whatever the step of a member raises.
    """
    found = queries.members(group_id)
    if {one.id: one.version for one in found} != versions:
        raise Conflict("changed_meanwhile")
    members = queries.as_members(found)
    lines = rules.plan(action, members, actor)
    if not any(line.done for line in lines):
        raise Conflict("group_nothing_to_do")
    done = {line.complaint_id for line in lines if line.done}
    try:
        chosen = rules.each_ground(
            action, [one for one in members if one.complaint_id in done], ground, grounds or {}
        )
    except KeyError:
        raise Invalid("choose_ground_each", field="ground") from None
    for complaint_id in sorted(done):  # in one order: two officers never wait for each other
        version = versions[complaint_id]
        if action == "invite":
            begun = mediation.start(complaint_id, None, actor, now, version)
            mediation.hear(begun.id, meeting or Meeting(None, ""), actor, now)
        else:
            complaints.act(
                complaint_id, action, actor, now, text=text, ground=chosen[complaint_id], version=version
            )
    return lines


def _record(
    deed: str,
    group: ComplaintGroup,
    actor: Actor,
    now: datetime,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
) -> None:
    audit.record(
        actor, f"group.{deed}", "complaint_group", group.id, now=now, shop_id=group.shop_id, old=old, new=new
    )
