"""Erasing what an account knows of its person: on request (个人信息保护法 Art. 47), and by itself after its term.

The account's number stays, because decisions name it; nothing leads from it to the person. Other features follow the
signal ``account_erased`` in the same transaction. The audit trail keeps the names under which officers decided: it is
the record of the office, not of the account.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from webapp import audit
from webapp.core import clock, policy
from webapp.core.actor import SYSTEM, Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.core.secrets import keyed_hash, random_code
from webapp.core.signals import account_erased, send
from webapp.web.words import label

from . import queries
from .models import Account, AccountKind, LoginSession, OneTimeCode

#: Accounts erased in one transaction of the job; it comes again.
AT_ONCE = 200
EVERY_SECONDS = 86_400


def erase(account_id: int, reason: str, actor: Actor, now: datetime) -> Account:
    """Erase the person behind a closed account. It cannot be undone, and the account is never opened again.

    Raises Forbidden for one's own, Invalid without a reason, Conflict (``account_still_open``) before it is closed.
    """
    if account_id == actor.account_id:
        raise Forbidden("not_yourself")
    account = queries.get_account(account_id)
    if not reason.strip():
        raise Invalid("reason_required", field="reason")
    if account.disabled_at is None:
        raise Conflict("account_still_open")
    if account.erased_at is not None:
        return account
    phone_hash = account.phone_hash
    account.name, account.erased_at = label("account.erased_name"), now
    account.phone = account.email = account.password_hash = account.totp_secret = None
    account.totp_last_step = account.oidc_issuer = account.oidc_subject = account.disabled_reason = None
    account.password_temporary = False
    if account.kind is AccountKind.MERCHANT:  # the number is free for a new account
        account.phone_hash = keyed_hash("erased", random_code())
    else:
        account.username = f"erased-{account.id}"
    db.session.execute(sa.delete(LoginSession).where(LoginSession.account_id == account_id))
    if phone_hash is not None:
        db.session.execute(sa.delete(OneTimeCode).where(OneTimeCode.phone_hash == phone_hash))
    db.session.flush()
    audit.record(actor, "account.erased", "account", account_id, now=now, reason=reason.strip())
    send(account_erased, account_id=account_id)
    return account


def erase_due(now: datetime) -> int:
    """Erase the accounts that were closed longer ago than the policy's ``account.erase_days``; how many."""
    days = policy.get_int("account.erase_days", clock.day_of(now))
    statement = (
        sa.select(Account.id)
        .where(Account.disabled_at < now - timedelta(days=days), Account.erased_at.is_(None))
        .order_by(Account.id)
        .limit(AT_ONCE)
    )
    found = list(db.session.scalars(statement))
    for account_id in found:
        erase(account_id, label("account.erased_by_itself"), SYSTEM, now)
    return len(found)
