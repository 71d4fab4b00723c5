"""Reading mediating bodies and mediations."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from webapp.accounts.models import Account
from webapp.complaints.models import Complaint
from webapp.core.actor import Post, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound

from .models import BodyArea, Hearing, Mediation, MediationBody, Mediator
from .rules import MediationState, MediatorKind


def get(mediation_id: int) -> Mediation:
    """The mediation; raises NotFound."""
    found = db.session.get(Mediation, mediation_id)
    if found is None:
        raise NotFound("no_such_thing")
    return found


def get_locked(mediation_id: int) -> Mediation:
    """The mediation as it stands now, held against other writers until the commit; raises NotFound."""
    found = db.session.get(Mediation, mediation_id, with_for_update={"of": Mediation}, populate_existing=True)
    if found is None:
        raise NotFound("no_such_thing")
    return found


def scope_of(mediation_id: int, **_rest: object) -> Scope:
    """For access rules: the complaint's office and operator, and the entrusted body."""
    return get(mediation_id).scope


def body_scope(body_id: int, **_rest: object) -> Scope:
    """For access rules: where a body works."""
    return get_body(body_id).scope


def get_body(body_id: int) -> MediationBody:
    """The body; raises NotFound."""
    found = db.session.get(MediationBody, body_id)
    if found is None:
        raise NotFound("no_such_thing")
    return found


def open_of(complaint_id: int) -> Mediation | None:
    """The mediation of a complaint that is under way, or None."""
    return db.session.scalar(
        sa.select(Mediation).where(
            Mediation.complaint_id == complaint_id, Mediation.state == MediationState.OPEN
        )
    )


def of_complaint(complaint_id: int) -> list[Mediation]:
    """All attempts of a complaint, oldest first."""
    statement = sa.select(Mediation).where(Mediation.complaint_id == complaint_id)
    return list(db.session.scalars(statement.order_by(Mediation.id)))


def of_bodies(body_ids: frozenset[int], *, ended: bool = False) -> sa.Select[tuple[Mediation]]:
    """What is entrusted to these bodies, for paging: under way (first due first) or ended. Not what went back."""
    state = (
        Mediation.state.in_([MediationState.AGREED, MediationState.FAILED])
        if ended
        else Mediation.state == MediationState.OPEN
    )
    statement = sa.select(Mediation).join(Complaint).where(Mediation.body_id.in_(body_ids), state)
    return statement.order_by(Complaint.next_due_at, Mediation.id.desc())


def waiting(body_ids: frozenset[int]) -> int:
    """How many disputes are under way before these bodies."""
    statement = sa.select(sa.func.count(Mediation.id))
    return int(
        db.session.scalar(
            statement.where(Mediation.body_id.in_(body_ids), Mediation.state == MediationState.OPEN)
        )
        or 0
    )


def body_mediates(complaint_id: int, body_ids: frozenset[int]) -> bool:
    """Is or was the complaint mediated by one of these bodies, and not given back?"""
    statement = sa.select(Mediation.id).where(
        Mediation.complaint_id == complaint_id,
        Mediation.body_id.in_(body_ids),
        Mediation.state != MediationState.RETURNED,
    )
    return bool(body_ids) and db.session.scalar(statement.limit(1)) is not None


def hearing_of(mediation: Mediation, hearing_id: int) -> Hearing:
    """The hearing of this mediation; raises NotFound for another's."""
    found = next((one for one in mediation.hearings if one.id == hearing_id), None)
    if found is None:
        raise NotFound("no_such_thing")
    return found


def next_hearing(mediation: Mediation, now: datetime) -> Hearing | None:
    """The next hearing that has not been called off, or None."""
    coming = [one for one in mediation.hearings if one.cancelled_at is None and one.at >= now]
    return min(coming, key=lambda one: one.at, default=None)


# --- bodies -----------------------------------------------------------------------------------------------------------


def public_bodies(*, kind: str = "", region: str = "", text: str = "") -> sa.Select[tuple[MediationBody]]:
    """Bodies at work for everybody, by place and name, for paging. `region`: they stand there or serve there; `text`: a
    part of name or address.
    """
    found = sa.select(MediationBody).where(MediationBody.closed_at.is_(None))
    if kind:
        found = found.where(MediationBody.kind == MediatorKind(kind))
    if region:
        found = found.where(
            sa.or_(MediationBody.region_code.startswith(region, autoescape=True), _serves(region))
        )
    if text:
        words = (
            column.contains(text, autoescape=True) for column in (MediationBody.name, MediationBody.address)
        )
        found = found.where(sa.or_(*words))
    return found.order_by(MediationBody.region_code, MediationBody.name, MediationBody.id)


def _serves(region: str) -> sa.ColumnElement[bool]:
    """Condition: the body's area has a part of the region, or the region is a part of it."""
    wider = [region[:digits] for digits in (4, 6, 9)]
    part = sa.or_(BodyArea.region_code.startswith(region, autoescape=True), BodyArea.region_code.in_(wider))
    return sa.exists().where(BodyArea.body_id == MediationBody.id, part)


def bodies(posts: tuple[Post, ...]) -> sa.Select[tuple[MediationBody]]:
    """Bodies within reach, for paging: those at work first, by place and name."""
    reach = sa.or_(
        sa.false(),
        *(MediationBody.region_code.startswith(post.region_code, autoescape=True) for post in posts),
    )
    return (
        sa.select(MediationBody)
        .where(reach)
        .order_by(MediationBody.closed_at.is_not(None), MediationBody.region_code, MediationBody.name)
    )


def find_at_work(body_id: int) -> MediationBody | None:
    """The body if it is at work, else None."""
    found = db.session.get(MediationBody, body_id)
    return None if found is None or found.closed_at is not None else found


def at_work(region_code: str) -> list[MediationBody]:
    """Bodies of the region's city that a dispute can be entrusted to: those whose area covers it first."""
    statement = sa.select(MediationBody).where(
        MediationBody.closed_at.is_(None), MediationBody.region_code.startswith(region_code[:4])
    )
    found = db.session.scalars(
        statement.options(selectinload(MediationBody.areas)).order_by(MediationBody.name)
    )

    def farther(body: MediationBody) -> tuple[bool, bool]:
        return not body.area.serves(region_code), body.region_code[:6] != region_code[:6]

    return sorted(found, key=farther)


def people_of(body_id: int) -> list[Account]:
    """Who acts for a body."""
    statement = (
        sa.select(Account)
        .join(Mediator, Mediator.account_id == Account.id)
        .where(Mediator.body_id == body_id, Mediator.removed_at.is_(None))
    )
    return list(db.session.scalars(statement.order_by(Account.id)))


def body_ids_of(account_id: int) -> frozenset[int]:
    """The bodies that an account acts for; one that is closed has nobody."""
    statement = (
        sa.select(Mediator.body_id)
        .join(MediationBody)
        .where(
            Mediator.account_id == account_id,
            Mediator.removed_at.is_(None),
            MediationBody.closed_at.is_(None),
        )
    )
    return frozenset(db.session.scalars(statement))
