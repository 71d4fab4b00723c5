"""Signed-in browsers: server-side rows, so that one can be ended at once from anywhere."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from webapp.core import clock, policy
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.core.secrets import keyed_hash

from . import rules
from .models import Account, AccountKind, LoginSession

#: How exact "last used" is.
SEEN_EVERY: Final = timedelta(minutes=1)


def token_hash(token: str) -> str:
    """What a cookie's token is looked up by."""
    return keyed_hash("login-session", token)


def begin(account: Account, user_agent: str, now: datetime) -> tuple[LoginSession, str]:
    """A new session with the token for the cookie, which is kept nowhere else."""
    token = secrets.token_urlsafe(32)
    login = LoginSession(
        token_hash=token_hash(token),
        account_id=account.id,
        created_at=now,
        seen_at=now,
        expires_at=now + lifetime(account.kind, now),
        device=rules.device_of(user_agent),
    )
    db.session.add(login)
    db.session.flush()
    return login, token


def lifetime(kind: AccountKind, now: datetime) -> timedelta:
    """How long a session lasts by the policy of the day."""
    day = clock.day_of(now)
    if kind is AccountKind.OFFICER:
        return timedelta(hours=policy.get_int("account.session_hours_officer", day))
    return timedelta(days=policy.get_int("account.session_days_merchant", day))


def find(token: str, now: datetime) -> tuple[LoginSession, Account] | None:
    """The open session of `token` with its account. Ended, expired or the account disabled: None, at once."""
    statement = (
        sa.select(LoginSession, Account)
        .join(Account, Account.id == LoginSession.account_id)
        .where(
            LoginSession.token_hash == token_hash(token),
            LoginSession.ended_at.is_(None),
            LoginSession.expires_at > now,
            Account.disabled_at.is_(None),
        )
    )
    found = db.session.execute(statement).tuples().first()
    return (found[0], found[1]) if found else None


def end(session_id: int, account_id: int, now: datetime) -> None:
    """End one session of the account; raises NotFound for another's."""
    login = db.session.get(LoginSession, session_id)
    if login is None or login.account_id != account_id:
        raise NotFound("no_such_thing")
    if login.ended_at is None:
        login.ended_at = now


def end_all(account_id: int, now: datetime, *, but: int | None = None) -> None:
    """End every session of the account, except `but` (an id) when given."""
    statement = sa.update(LoginSession).where(
        LoginSession.account_id == account_id, LoginSession.ended_at.is_(None)
    )
    if but is not None:
        statement = statement.where(LoginSession.id != but)
    db.session.execute(statement.values(ended_at=now))


def touch(session_id: int, now: datetime) -> None:
    """Note that the session is in use."""
    db.session.execute(sa.update(LoginSession).where(LoginSession.id == session_id).values(seen_at=now))
