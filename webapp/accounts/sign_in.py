"""Finding out who somebody is. Nothing slow happens inside a transaction: tries are counted, then judged."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import CursorResult

from webapp import audit
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.errors import Forbidden, Invalid
from webapp.core.secrets import keyed_hash

from . import onetime, operations, passwords, queries, rules, sessions, throttle
from .models import Account, AccountKind
from .throttle import Visitor


def merchant_by_password(phone: str, password: str, visitor: Visitor, now: datetime) -> Account:
    """The merchant of a phone (as typed) and password. Raises Invalid ``login_wrong``, TooMany."""
    number = operations.mobile(phone)
    return _by_password(queries.find_merchant(number), f"merchant:{number}", password, visitor, now)


def officer_by_password(username: str, password: str, visitor: Visitor, now: datetime) -> Account:
    """The officer of a username and password; the authenticator is asked next. Raises Invalid, TooMany."""
    login = rules.tidy_username(username)
    return _by_password(queries.find_officer(login), f"officer:{login}", password, visitor, now)


def _by_password(
    account: Account | None, login: str, password: str, visitor: Visitor, now: datetime
) -> Account:
    tried = throttle.counters(login, visitor.address, visitor.device)
    throttle.count_try(tried, now)
    right = passwords.matches(account.password_hash if account else None, password[: rules.PASSWORD_MAX])
    if account is None or not right:
        raise Invalid("login_wrong", field="password")
    check_open(account)
    throttle.forgive(tried, now)
    if account.password_hash and passwords.is_outdated(account.password_hash):
        account.password_hash = passwords.make_hash(password)
    return account


def check_open(account: Account | None) -> None:
    """Raise Invalid when there is an account and it was disabled. Ask only who has proved to be its owner."""
    if account is not None and account.disabled_at is not None:
        raise Invalid("account_disabled")


def merchant_by_code(asked: onetime.Asked, code: str, now: datetime) -> Account | None:
    """The merchant of the phone that holds the code sent to it; None when nobody registered it."""
    phone = onetime.use_code(asked, "login", code, now)
    account = queries.find_merchant(phone)
    check_open(account)
    return account


def officer_by_totp(account: Account, typed: str, visitor: Visitor, now: datetime) -> None:
    """Check the authenticator's digits and use them up. Raises Invalid ``totp_wrong``, TooMany."""
    tried = throttle.counters(f"totp:{account.id}", visitor.address, visitor.device)
    throttle.count_try(tried, now)
    step = rules.totp_step(account.totp_secret or "", typed, now, account.totp_last_step)
    if step is None or not _use_step(account.id, step):
        raise Invalid("totp_wrong", field="code")
    throttle.forgive(tried, now)


def _use_step(account_id: int, step: int) -> bool:
    """True for exactly one of those who show the same step at once."""
    statement = sa.update(Account).where(
        Account.id == account_id, sa.or_(Account.totp_last_step.is_(None), Account.totp_last_step < step)
    )
    return cast("CursorResult[Any]", db.session.execute(statement.values(totp_last_step=step))).rowcount == 1


def enrol(account: Account, secret: str, typed: str, now: datetime) -> None:
    """Tie an authenticator at the first sign-in: its first digits prove that it holds `secret`."""
    if account.totp_secret is not None:
        raise Forbidden("totp_tied")
    step = rules.totp_step(secret, typed, now, None)
    if step is None:
        raise Invalid("totp_wrong_new", field="code")
    account.totp_secret, account.totp_last_step = secret, step
    audit.record(account.actor(), "account.totp_tied", "account", account.id, now=now)


def officer_by_subject(issuer: str, subject: str, username: str | None, now: datetime) -> Account:
    """The officer whom the single sign-on vouches for; ties the subject at the first time, never makes an account.

    Raises Forbidden: ``sso_unknown`` (nobody here, or tied to another subject), ``account_disabled``.
    """
    account = queries.find_by_subject(issuer, subject)
    if account is None and username:
        found = queries.find_officer(rules.tidy_username(username))
        if found is not None and found.oidc_subject is None:
            account = found
    if account is None:
        raise Forbidden("sso_unknown")
    if account.disabled_at is not None:
        raise Forbidden("account_disabled")
    if account.oidc_subject is None:
        account.oidc_issuer, account.oidc_subject = issuer, subject
        audit.record(
            account.actor(), "account.sso_tied", "account", account.id, now=now, new={"issuer": issuer}
        )
    return account


def fingerprint(account: Account) -> str:
    """Changes with the password: a half-finished sign-in does not outlive a reset."""
    return keyed_hash("half-signed-in", f"{account.id}|{account.password_hash}")[:16]


def check_own_password(account: Account, typed: str, visitor: Visitor, now: datetime) -> None:
    """Ask a signed-in person for the password again; tries are counted as at the door. Raises Invalid, TooMany."""
    tried = throttle.counters(f"own:{account.id}", visitor.address, visitor.device)
    throttle.count_try(tried, now)
    if not passwords.matches(account.password_hash, typed[: rules.PASSWORD_MAX]):
        raise Invalid("password_old_wrong", field="old")
    throttle.forgive(tried, now)


def change_password(
    account_id: int, new: str, actor: Actor, now: datetime, *, keep: int | None = None
) -> None:
    """Set one's own password and end the other sessions (`keep` stays). Who asks has proved to be the owner."""
    account = queries.get_account(account_id)
    known = [word for word in (account.username, (account.phone or "").removeprefix("+86")) if word]
    operations.check_password(new, known)
    if passwords.matches(account.password_hash, new):
        raise Invalid("password_same", field="password")
    account.password_hash, account.password_temporary = passwords.make_hash(new), False
    sessions.end_all(account_id, now, but=keep)
    audit.record(actor, "account.password_changed", "account", account_id, now=now)


def change_phone(account_id: int, asked: onetime.Asked, code: str, actor: Actor, now: datetime) -> None:
    """Set one's own phone, proved by a code sent to it. Raises Invalid when another account has it."""
    phone = onetime.use_code(asked, "phone", code, now)
    if queries.find_merchant(phone) is not None:
        raise Invalid("phone_taken", field="phone")
    account = queries.get_account(account_id)
    if account.kind is not AccountKind.MERCHANT:
        raise Forbidden("no_access")
    account.phone, account.phone_hash = phone, queries.phone_hash(phone)
    audit.record(actor, "account.phone_changed", "account", account_id, now=now)


def change_name(account_id: int, name: str, actor: Actor, now: datetime) -> None:
    """Set one's own name as shown."""
    account = queries.get_account(account_id)
    tidy = operations.check_name(name)
    if tidy != account.name:
        audit.record(
            actor,
            "name_changed",
            "account",
            account_id,
            now=now,
            old={"name": account.name},
            new={"name": tidy},
        )
        account.name = tidy
