"""Accounts for tests: rows made directly, and a browser signed in without the slow parts."""

from __future__ import annotations

import itertools
import secrets
from datetime import datetime, timedelta
from typing import Any

from flask.testing import FlaskClient

from tests.factories.regions import make_street
from webapp.accounts import passwords, sessions
from webapp.accounts.models import Account, AccountKind, LoginSession, OfficerPost
from webapp.accounts.queries import phone_hash
from webapp.core import clock
from webapp.core.actor import Role
from webapp.core.db import db

PASSWORD = "correct-horse-7"
TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_numbers = itertools.count(1)


def make_merchant(name: str = "张小面", phone: str | None = None, **more: Any) -> Account:
    """A merchant. ``password="…"`` gives one (slow: argon2); without it nobody can sign in by password."""
    number = phone or f"+86138{next(_numbers):08}"
    facts: dict[str, Any] = {"name": name, "phone": number, "phone_hash": phone_hash(number)}
    return _add(AccountKind.MERCHANT, facts, more)


def make_officer(
    role: Role = Role.BUREAU_OFFICER,
    region_code: str = "130606",
    *,
    station_id: int | None = None,
    department_code: str | None = None,
    name: str = "李警官",
    username: str | None = None,
    **more: Any,
) -> Account:
    """An officer with one post and an authenticator (`TOTP`). Station and department must exist."""
    post = OfficerPost(
        role=role, region_code=region_code, station_id=station_id, department_code=department_code
    )
    facts = {
        "name": name,
        "username": username or f"officer{next(_numbers)}",
        "totp_secret": TOTP,
        "posts": [post],
    }
    return _add(AccountKind.OFFICER, facts, more)


def make_administrator(region_code: str = "1306", **more: Any) -> Account:
    """An administrator of the whole city, with the city's rows."""
    make_street()
    return make_officer(Role.ADMINISTRATOR, region_code, name="王管理", **more)


def _add(kind: AccountKind, facts: dict[str, Any], more: dict[str, Any]) -> Account:
    if "password" in more:
        facts["password_hash"] = passwords.make_hash(more.pop("password"))
    account = Account(kind=kind, created_at=clock.now(), **(facts | more))
    db.session.add(account)
    db.session.flush()
    return account


def make_session(account_id: int, *, now: datetime | None = None, hours: int = 8) -> tuple[LoginSession, str]:
    """A signed-in browser's row and its token."""
    now, token = now or clock.now(), secrets.token_urlsafe(16)
    login = LoginSession(
        token_hash=sessions.token_hash(token),
        account_id=account_id,
        created_at=now,
        seen_at=now,
        expires_at=now + timedelta(hours=hours),
        device="chrome windows",
    )
    db.session.add(login)
    db.session.flush()
    return login, token


def sign_in(client: FlaskClient, account_id: int) -> int:
    """Sign `client` in as the account (committed before); returns the session's id."""
    with client.application.app_context():
        login, token = make_session(account_id)
        db.session.commit()
        session_id = login.id
    with client.session_transaction() as session:
        session.clear()
        session["_user_id"] = token
        session["_fresh"] = True
    return session_id
