"""Making and changing accounts. Every change of an officer's access writes its audit row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import CursorResult

from webapp import audit
from webapp.core.actor import OFFICER_ROLES, SYSTEM, Actor, Post, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.core.identifiers import check_phone
from webapp.core.language import USUAL, Language
from webapp.core.secrets import random_code
from webapp.regions.models import Department, Region, Station

from . import passwords, queries, rules, sessions
from .models import Account, AccountKind, LoginSession, LoginThrottle, OfficerPost, OneTimeCode


def mobile(typed: str, field: str = "phone") -> str:
    """The E.164 number of a mobile phone as typed; raises Invalid (codes can be sent to a mobile only)."""
    check = check_phone(typed)
    if check.e164 is None or check.kind != "mobile":
        raise Invalid("phone_bad", field=field)
    return check.e164


def check_password(password: str, known: Sequence[str] = (), field: str = "password") -> None:
    """Raise Invalid when `password` may not become somebody's new password."""
    fault = rules.password_fault(password, known)
    if fault:
        raise Invalid(fault, field=field)


def check_name(typed: str) -> str:
    """The name without blanks around it; raises Invalid when it is empty or longer than 40 characters."""
    name = " ".join(typed.split())
    if not name:
        raise Invalid("name_missing", field="name")
    if len(name) > 40:
        raise Invalid("name_long", field="name")
    return name


def create_merchant(name: str, phone: str, password: str, now: datetime, actor: Actor = SYSTEM) -> Account:
    """A merchant's account. `phone` as typed; raises Invalid when it is bad, taken, or the password too easy."""
    number = mobile(phone)
    check_password(password, (number.removeprefix("+86"),))
    if queries.find_merchant(number) is not None:
        raise Invalid("phone_taken", field="phone")
    account = Account(
        kind=AccountKind.MERCHANT,
        name=check_name(name),
        phone=number,
        phone_hash=queries.phone_hash(number),
        password_hash=passwords.make_hash(password),
        created_at=now,
    )
    return _add(account, actor, now, {"kind": "merchant"})


def create_officer(
    name: str,
    username: str,
    password: str,
    posts: Sequence[Post],
    now: datetime,
    totp_secret: str | None = None,
    *,
    actor: Actor = SYSTEM,
    temporary: bool = False,
) -> Account:
    """An officer's account with its posts. `temporary`: the password must be changed at the first sign-in.

    Without `totp_secret` the officer ties an authenticator at the first sign-in. Raises Invalid for a bad or taken
    username, an easy password or an impossible post, Forbidden for a post outside the administrator's region.
    """
    login = rules.tidy_username(username)
    if not rules.username_is_good(login):
        raise Invalid("username_bad", field="username")
    check_password(password, (login,))
    if db.session.scalar(sa.select(Account.id).where(Account.username == login)) is not None:
        raise Invalid("username_taken", field="username")
    if not posts:
        raise Invalid("post_missing", field="role")
    for post in posts:
        check_post(post, actor)
    account = Account(
        kind=AccountKind.OFFICER,
        name=check_name(name),
        username=login,
        password_hash=passwords.make_hash(password),
        password_temporary=temporary,
        totp_secret=totp_secret,
        created_at=now,
        posts=[_row(post) for post in posts],
    )
    return _add(account, actor, now, {"username": login, "posts": [_plain(post) for post in posts]})


def _add(account: Account, actor: Actor, now: datetime, facts: dict[str, Any]) -> Account:
    db.session.add(account)
    db.session.flush()
    audit.record(actor, "account.created", "account", account.id, now=now, new=facts)
    return account


def check_post(post: Post, actor: Actor) -> None:
    """Raise Invalid when the post cannot exist, Forbidden when `actor` may not give it."""
    if post.role not in OFFICER_ROLES:
        raise Invalid("post_missing", field="role")
    if db.session.get(Region, post.region_code) is None:
        raise Invalid("region_missing", field="region_code")
    if actor.role is not Role.SYSTEM and not post.region_code.startswith(tuple(queries.administered(actor))):
        raise Forbidden("region_not_yours", field="region_code")
    station = db.session.get(Station, post.station_id) if post.station_id is not None else None
    if post.role is Role.STATION_OFFICER and station is None:
        raise Invalid("station_missing", field="station_id")
    if station is not None and not station.region_code.startswith(post.region_code):
        raise Invalid("station_elsewhere", field="station_id")
    if post.role is Role.ADMINISTRATOR and (station is not None or post.department_code):
        raise Invalid("administrator_whole", field="role")
    if post.role is Role.DEPARTMENT_OFFICER and not post.department_code:
        raise Invalid("department_missing", field="department_code")
    if post.department_code and db.session.get(Department, post.department_code) is None:
        raise Invalid("department_missing", field="department_code")


def _row(post: Post) -> OfficerPost:
    return OfficerPost(
        role=post.role,
        region_code=post.region_code,
        station_id=post.station_id,
        department_code=post.department_code or None,
    )


def _plain(post: Post | OfficerPost) -> dict[str, Any]:
    return {
        "role": post.role.value,
        "region": post.region_code,
        "station": post.station_id,
        "department": post.department_code,
    }


def add_post(account_id: int, post: Post, actor: Actor, now: datetime) -> None:
    """Give an officer one more post."""
    account = _other_officer(account_id, actor)
    check_post(post, actor)
    if _plain(post) in [_plain(held) for held in account.posts]:
        raise Invalid("post_held", field="role")
    account.posts.append(_row(post))
    db.session.flush()
    audit.record(actor, "account.post_added", "account", account_id, now=now, new=_plain(post))


def remove_post(account_id: int, post_id: int, actor: Actor, now: datetime) -> None:
    """Take a post from an officer; the officer's sessions stay, what they may do shrinks at once."""
    account = _other_officer(account_id, actor)
    post = next((held for held in account.posts if held.id == post_id), None)
    if post is None:
        raise Invalid("post_gone", field="role")
    audit.record(actor, "account.post_removed", "account", account_id, now=now, old=_plain(post))
    account.posts.remove(post)
    db.session.delete(post)


def _other_officer(account_id: int, actor: Actor) -> Account:
    account = _other(account_id, actor)
    if account.kind is not AccountKind.OFFICER:
        raise Invalid("officers_only")
    return account


def _other(account_id: int, actor: Actor) -> Account:
    """Nobody manages their own access: so one administrator is always left, and no quiet self-promotion."""
    if account_id == actor.account_id:
        raise Forbidden("not_yourself")
    return queries.get_account(account_id)


def disable(account_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Close an account and end its sessions at once. Raises Invalid without a reason."""
    account = _other(account_id, actor)
    if not reason.strip():
        raise Invalid("reason_required", field="reason")
    if account.disabled_at is not None:
        return
    account.disabled_at, account.disabled_reason = now, reason.strip()
    sessions.end_all(account_id, now)
    audit.record(
        actor,
        "account.disabled",
        "account",
        account_id,
        now=now,
        old={"state": "open"},
        new={"state": "disabled"},
        reason=reason.strip(),
    )


def enable(account_id: int, actor: Actor, now: datetime) -> None:
    """Open a closed account again. Raises Conflict (``account_erased``) when its person was erased."""
    account = _other(account_id, actor)
    if account.disabled_at is None:
        return
    if account.erased_at is not None:
        raise Conflict("account_erased")
    audit.record(
        actor,
        "account.enabled",
        "account",
        account_id,
        now=now,
        old={"state": "disabled", "reason": account.disabled_reason},
        new={"state": "open"},
    )
    account.disabled_at = account.disabled_reason = None


def reset_password(account_id: int, actor: Actor, now: datetime) -> str:
    """Give an officer a temporary password, returned once and kept as a hash only; the sessions end."""
    account = _other_officer(account_id, actor)
    password = temporary_password()
    account.password_hash, account.password_temporary = passwords.make_hash(password), True
    sessions.end_all(account_id, now)
    audit.record(actor, "account.password_reset", "account", account_id, now=now)
    return password


def temporary_password() -> str:
    """A random password of 60 bits in groups that can be read aloud."""
    text = random_code(60)[:12]
    return "-".join(text[start : start + 4] for start in range(0, 12, 4))


def reset_totp(account_id: int, actor: Actor, now: datetime) -> None:
    """Untie a lost authenticator; the officer ties a new one at the next sign-in. The sessions end."""
    account = _other_officer(account_id, actor)
    account.totp_secret = account.totp_last_step = None
    sessions.end_all(account_id, now)
    audit.record(actor, "account.totp_reset", "account", account_id, now=now)


def set_email(account_id: int, typed: str, actor: Actor, now: datetime) -> None:
    """Where an officer gets the daily overview of deadlines; empty: nowhere. Raises Invalid (``email_wrong``).

    The officer or an administrator says it. The address stays out of the audit trail.
    """
    account = queries.get_account(account_id)
    if account.kind is not AccountKind.OFFICER:
        raise Invalid("officers_only")
    email = rules.tidy_email(typed)
    if email is None:
        raise Invalid("email_wrong", field="email")
    if (account.email or "") == email:
        return
    account.email = email or None
    audit.record(actor, "account.email_changed", "account", account_id, now=now)


def write_in(account: Account, language: Language, now: datetime) -> None:
    """From now on write SMS and e-mails to the person in `language`; the office has no English, so an officer gets
    Chinese."""
    officer = account.kind is AccountKind.OFFICER
    spoken = USUAL if officer and language is Language.EN else language
    if account.language is not spoken:
        account.language = spoken
        audit.record(account.actor(), "account.language_changed", "account", account.id, now=now)


def end_sessions(account_id: int, actor: Actor, now: datetime) -> None:
    """Sign an account out everywhere."""
    queries.get_account(account_id)
    sessions.end_all(account_id, now)
    audit.record(actor, "account.sessions_ended", "account", account_id, now=now)


def forget_old(now: datetime) -> int:
    """Delete what nobody needs any more: used codes, counters at rest, sessions that ended; returns how many rows."""
    yesterday, month = now - rules.FORGET_AFTER, now - rules.SESSIONS_KEPT
    old = (
        sa.delete(OneTimeCode).where(OneTimeCode.created_at < yesterday),
        sa.delete(LoginThrottle).where(LoginThrottle.last_failed_at < yesterday),
        sa.delete(LoginSession).where(sa.or_(LoginSession.ended_at < month, LoginSession.expires_at < month)),
    )
    return sum(cast("CursorResult[Any]", db.session.execute(statement)).rowcount for statement in old)
