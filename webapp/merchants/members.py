"""Who acts for an operator: owners invite clerks by phone, the invited accept, owners let go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from webapp import audit
from webapp.accounts import queries as accounts
from webapp.accounts.models import Account
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from webapp.core.identifiers import check_phone
from webapp.core.language import USUAL
from webapp.notices import operations as notices

from . import operations, queries
from .models import MemberRole, OperatorInvitation

#: Invitations of one operator that may wait at a time: a shop has a few clerks, a stranger's list of numbers has many.
OPEN_MOST = 20


def invite(operator_id: int, phone: str, actor: Actor, now: datetime) -> OperatorInvitation:
    """An owner asks the person with this mobile number to act for the operator as a clerk.

    Whether the number has an account is not told: the answer is the same. Raises Invalid with field "phone", NotFound
    for somebody who is no owner.
    """
    _may_manage(operator_id, actor)
    check = check_phone(phone)
    if check.e164 is None or check.kind != "mobile":
        raise Invalid("invite_mobile", field="phone")
    mark = accounts.phone_hash(check.e164)
    waiting = open_invitations(operator_id)
    if any(invitation.phone_hash == mark for invitation in waiting):
        raise Invalid("invite_waiting", field="phone")
    if len(waiting) >= OPEN_MOST:
        raise Invalid("invite_too_many", field="phone", most=OPEN_MOST)
    account = accounts.find_merchant(check.e164)
    if account is not None and queries.find_member(operator_id, account.id) is not None:
        raise Invalid("invite_member", field="phone", name=account.name)
    invitation = OperatorInvitation(
        operator_id=operator_id,
        phone=check.e164,
        phone_hash=mark,
        invited_by_id=_account_id(actor),
        created_at=now,
    )
    db.session.add(invitation)
    db.session.flush()
    _record("member.invite", invitation, actor, now)
    operator = queries.get_operator(operator_id)
    notices.send_sms(
        check.e164,
        "merchants.sms.invited",
        {"name": operator.name},
        f"invitation:{invitation.id}",
        now,
        language=account.language if account is not None else USUAL,
    )
    return invitation


def accept(invitation_id: int, actor: Actor, now: datetime, url_of: Callable[[int], str]) -> None:
    """The invited person accepts and acts for the operator from now on. `url_of` gives the members' page."""
    invitation = _own_invitation(invitation_id, actor)
    invitation.accepted_at = now
    operations.join(_account_id(actor), invitation.operator_id, MemberRole.CLERK, actor=actor, now=now)
    notices.notify(
        invitation.invited_by_id,
        "merchants.notice.joined",
        {"name": actor.name},
        url_of(invitation.operator_id),
        now,
    )


def decline(invitation_id: int, actor: Actor, now: datetime) -> None:
    """The invited person declines."""
    invitation = _own_invitation(invitation_id, actor)
    invitation.ended_at = now
    _record("member.decline", invitation, actor, now)


def take_back(invitation_id: int, operator_id: int, actor: Actor, now: datetime) -> None:
    """An owner takes an invitation back; one that was answered meanwhile stays as it is (Conflict)."""
    _may_manage(operator_id, actor)
    invitation = db.session.get(OperatorInvitation, invitation_id)
    if invitation is None or invitation.operator_id != operator_id:
        raise NotFound("no_such_thing")
    if invitation.accepted_at is not None or invitation.ended_at is not None:
        raise Conflict("already_done")
    invitation.ended_at = now
    _record("member.take_back", invitation, actor, now)


def remove(operator_id: int, account_id: int, actor: Actor, now: datetime) -> None:
    """An owner lets a clerk go, or a clerk leaves; an owner cannot be removed here."""
    member = queries.find_member(operator_id, account_id)
    if actor.account_id != account_id:
        _may_manage(operator_id, actor)
    if member is None:
        raise NotFound("no_such_thing")
    if member.role is MemberRole.OWNER:
        raise Forbidden("owner_stays")
    db.session.delete(member)
    audit.record(
        actor,
        "member.remove",
        "operator",
        operator_id,
        now=now,
        operator_id=operator_id,
        old={"account_id": account_id, "role": member.role.value},
    )


def open_invitations(operator_id: int) -> list[OperatorInvitation]:
    """The operator's invitations that wait for an answer, oldest first."""
    statement = _open().where(OperatorInvitation.operator_id == operator_id)
    return list(db.session.scalars(statement.order_by(OperatorInvitation.id)))


def invitations_for(actor: Actor) -> list[OperatorInvitation]:
    """The invitations that wait for this person."""
    account = None if actor.account_id is None else accounts.find_account(actor.account_id)
    if account is None or account.phone_hash is None:
        return []
    statement = _open().where(OperatorInvitation.phone_hash == account.phone_hash)
    return list(db.session.scalars(statement.order_by(OperatorInvitation.id)))


def accounts_of(operator_id: int) -> list[tuple[Account, MemberRole]]:
    """Who acts for the operator, owners first."""
    found = [
        (accounts.find_account(member.account_id), member.role) for member in queries.members_of(operator_id)
    ]
    return [(account, role) for account, role in found if account is not None]


def _open() -> sa.Select[tuple[OperatorInvitation]]:
    return sa.select(OperatorInvitation).where(
        OperatorInvitation.accepted_at.is_(None), OperatorInvitation.ended_at.is_(None)
    )


def _own_invitation(invitation_id: int, actor: Actor) -> OperatorInvitation:
    for invitation in invitations_for(actor):
        if invitation.id == invitation_id:
            return invitation
    raise NotFound("no_such_thing")


def _may_manage(operator_id: int, actor: Actor) -> None:
    if actor.account_id not in queries.owner_ids(operator_id):
        raise NotFound("no_such_thing")


def _account_id(actor: Actor) -> int:
    if actor.account_id is None:
        raise Forbidden("sign_in_first")
    return actor.account_id


def _record(action: str, invitation: OperatorInvitation, actor: Actor, now: datetime) -> None:
    audit.record(
        actor,
        action,
        "operator",
        invitation.operator_id,
        now=now,
        operator_id=invitation.operator_id,
        new={"invitation_id": invitation.id},
    )
