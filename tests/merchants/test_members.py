"""Inviting, accepting, letting go."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import accounts, merchants
from tests.factories.merchants import NOW
from webapp.accounts.models import Account
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from webapp.merchants import members, queries
from webapp.merchants.models import MemberRole, Operator
from webapp.notices.models import Notice, OutboxMessage

pytestmark = pytest.mark.each_database
PHONE = "13712345678"


@pytest.fixture
def operator(context: Flask) -> Operator:
    return merchants.make_operator()


@pytest.fixture
def owner(operator: Operator) -> Actor:
    account = accounts.make_merchant()
    merchants.make_member(operator, account)
    return account.actor()


def clerk_account() -> Account:
    return accounts.make_merchant("赵敏", "+86" + PHONE)


def address(operator_id: int) -> str:
    return f"/merchant/operators/{operator_id}/members"


def test_the_invited_person_accepts_and_may_act(context: Flask, operator: Operator, owner: Actor) -> None:
    with context.test_request_context():
        invitation = members.invite(operator.id, "１３７ 1234 5678", owner, NOW)
    sent = db.session.scalars(sa.select(OutboxMessage)).one()
    assert sent.address == "+86" + PHONE
    assert operator.name in sent.text
    clerk = clerk_account()
    assert clerk.actor().operator_ids == frozenset()
    assert members.invitations_for(clerk.actor()) == [invitation]
    members.accept(invitation.id, clerk.actor(), NOW, address)
    assert clerk.actor().operator_ids == {operator.id}
    assert members.invitations_for(clerk.actor()) == members.open_invitations(operator.id) == []
    told = db.session.scalars(sa.select(Notice)).one()
    assert (told.account_id, told.url) == (owner.account_id, address(operator.id))
    assert [role for _, role in members.accounts_of(operator.id)] == [MemberRole.OWNER, MemberRole.CLERK]
    with pytest.raises(NotFound):
        members.accept(invitation.id, clerk.actor(), NOW, address)


def test_nobody_else_can_answer_an_invitation(context: Flask, operator: Operator, owner: Actor) -> None:
    with context.test_request_context():
        invitation = members.invite(operator.id, PHONE, owner, NOW)
    for stranger in (
        accounts.make_merchant().actor(),
        owner,
        accounts.make_officer(region_code="1306").actor(),
    ):
        with pytest.raises(NotFound):
            members.accept(invitation.id, stranger, NOW, address)
        with pytest.raises(NotFound):
            members.decline(invitation.id, stranger, NOW)


@pytest.mark.parametrize("phone", ["", "123", "0312-5901234", "400-812-3456", "abc"])
def test_only_a_mobile_can_be_invited(context: Flask, operator: Operator, owner: Actor, phone: str) -> None:
    with pytest.raises(Invalid, match="invite_mobile"):
        members.invite(operator.id, phone, owner, NOW)


def test_once_is_enough(context: Flask, operator: Operator, owner: Actor) -> None:
    with context.test_request_context():
        first = members.invite(operator.id, PHONE, owner, NOW)
        with pytest.raises(Invalid, match="invite_waiting"):
            members.invite(operator.id, PHONE, owner, NOW)
        members.take_back(first.id, operator.id, owner, NOW)
        second = members.invite(operator.id, PHONE, owner, NOW)
        clerk = clerk_account()
        members.accept(second.id, clerk.actor(), NOW, address)
        with pytest.raises(Invalid, match="invite_member"):
            members.invite(operator.id, PHONE, owner, NOW)
    with pytest.raises(Conflict):
        members.take_back(second.id, operator.id, owner, NOW)


def test_there_is_a_limit_of_open_invitations(
    context: Flask, operator: Operator, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "OPEN_MOST", 1)
    with context.test_request_context():
        members.invite(operator.id, PHONE, owner, NOW)
    with pytest.raises(Invalid, match="invite_too_many"):
        members.invite(operator.id, "13812345678", owner, NOW)


def test_clerks_and_strangers_invite_nobody(context: Flask, operator: Operator, owner: Actor) -> None:
    clerk = clerk_account()
    merchants.make_member(operator, clerk, MemberRole.CLERK)
    for actor in (clerk.actor(), accounts.make_merchant().actor()):
        with pytest.raises(NotFound):
            members.invite(operator.id, "13812345678", actor, NOW)
        with pytest.raises(NotFound):
            members.remove(operator.id, owner.account_id or 0, actor, NOW)


def test_a_clerk_is_let_go_or_leaves_and_an_owner_stays(
    context: Flask, operator: Operator, owner: Actor
) -> None:
    for by_owner in (True, False):
        clerk = accounts.make_merchant()
        merchants.make_member(operator, clerk, MemberRole.CLERK)
        members.remove(operator.id, clerk.id, owner if by_owner else clerk.actor(), NOW)
        db.session.flush()
        assert queries.operator_ids_of(clerk.id) == frozenset()
    with pytest.raises(Forbidden, match="owner_stays"):
        members.remove(operator.id, owner.account_id or 0, owner, NOW)
    with pytest.raises(NotFound):
        members.remove(operator.id, 99999, owner, NOW)


def test_an_invitation_of_another_operator_cannot_be_taken_back(
    context: Flask, operator: Operator, owner: Actor
) -> None:
    other = merchants.make_operator("别家")
    chief = accounts.make_merchant()
    merchants.make_member(other, chief)
    with context.test_request_context():
        theirs = members.invite(other.id, PHONE, chief.actor(), NOW)
    with pytest.raises(NotFound):
        members.take_back(theirs.id, operator.id, owner, NOW)
