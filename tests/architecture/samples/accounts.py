"""Accounts, sessions, notices and the people of an operator."""

from __future__ import annotations

from tests.factories.accounts import make_merchant, make_officer, make_session
from tests.factories.merchants import make_member
from webapp.accounts.models import Account
from webapp.accounts.queries import get_account
from webapp.core import clock
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.merchants.models import MemberRole, OperatorInvitation
from webapp.notices.operations import notify

from .world import Maker, World, fixed


def _account(world: World) -> int:
    return make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6]).id


def _post(world: World) -> int:
    return get_account(world.made["account_id"]).posts[0].id


def _session(world: World) -> int:
    return make_session(world.owner.id)[0].id


def _notice(world: World) -> int:
    notice = notify(world.owner.id, "accounts.flash.saved", {}, "/merchant/me", clock.now())
    db.session.flush()
    return notice.id


def _clerk(world: World) -> int:
    clerk = make_merchant("店员")
    make_member(world.operator, clerk, MemberRole.CLERK)
    return clerk.id


def _invitation(world: World) -> int:
    """An invitation by the shop's operator to somebody outside."""
    return _invited(world.operator.id, make_merchant("店员"), world.owner)


def _invitation_to_owner(world: World) -> int:
    rival = next(iter(world.other.actor().operator_ids))
    return _invited(rival, world.owner, world.other)


def _invited(operator_id: int, guest: Account, host: Account) -> int:
    row = OperatorInvitation(
        operator_id=operator_id,
        phone=guest.phone,
        phone_hash=guest.phone_hash,
        invited_by_id=host.id,
        created_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


SAMPLES: dict[str, Maker] = {
    "account_id": _account,
    "post_id": _post,
    "session_id": _session,
    "notice_id": _notice,
    "shop_id": lambda world: world.shop.id,
    "operator_id": lambda world: world.operator.id,
    "invitation_id": _invitation,
    "merchants.answer:invitation_id": _invitation_to_owner,
    "merchants:account_id": _clerk,
    "consumers_mine:way": fixed("wechat"),
}
