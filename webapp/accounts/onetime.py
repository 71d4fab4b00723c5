"""One-time codes by SMS. A code goes to any phone that asks: the page cannot tell who has an account."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import CursorResult

from webapp.core.db import db
from webapp.core.errors import Invalid, TooMany
from webapp.core.secrets import keyed_hash
from webapp.core.transaction import commit
from webapp.notices.operations import send_sms
from webapp.notices.rules import CODE_TEMPLATE

from . import rules, throttle
from .models import OneTimeCode
from .queries import phone_hash


def _hash(phone: str, purpose: str, code: str) -> str:
    return keyed_hash("one-time-code", f"{phone}|{purpose}|{code}")


def send_code(phone: str, purpose: str, now: datetime) -> None:
    """Send a new code to `phone` (E.164) for `purpose`; the ones before are worth nothing then.

    Raises TooMany (`retry_after` seconds, `minutes`) within 60 s of the last one and after ten in a day.
    """
    throttle.lock([keyed_hash("throttle", f"codes|{phone}")], now)  # two taps at once: the second waits here
    recent = sa.select(OneTimeCode.created_at).where(
        OneTimeCode.phone_hash == phone_hash(phone), OneTimeCode.created_at > now - timedelta(days=1)
    )
    wait = rules.may_send_code(list(db.session.scalars(recent)), now)
    if wait is not None:
        code = "code_too_soon" if wait <= rules.CODE_PAUSE else "code_too_many"
        seconds = -(-wait // rules.SECOND)
        raise TooMany(code, retry_after=seconds, seconds=seconds, minutes=rules.minutes(wait))
    digits = f"{secrets.randbelow(10**rules.CODE_DIGITS):0{rules.CODE_DIGITS}}"
    row = OneTimeCode(
        phone_hash=phone_hash(phone),
        purpose=purpose,
        code_hash=_hash(phone, purpose, digits),
        created_at=now,
        expires_at=now + rules.CODE_LIFETIME,
        attempts=0,
    )
    db.session.add(row)
    db.session.flush()
    lifetime = int(rules.CODE_LIFETIME.total_seconds()) // 60
    send_sms(phone, CODE_TEMPLATE, {"code": digits, "minutes": lifetime}, f"code:{row.id}", now)


def use_code(phone: str, purpose: str, typed: str, now: datetime) -> None:
    """Take the code once. Raises Invalid: ``code_expired`` (none, used, too old, tried too often) or ``code_wrong``."""
    newest = (
        sa.select(OneTimeCode)
        .where(OneTimeCode.phone_hash == phone_hash(phone), OneTimeCode.purpose == purpose)
        .order_by(OneTimeCode.id.desc())
        .limit(1)
    )
    row = db.session.scalar(newest)
    if row is None or not _take_attempt(row.id, now):
        raise Invalid("code_expired", field="code")
    commit()  # the attempt counts although the answer to a wrong code is an error
    if not hmac.compare_digest(row.code_hash, _hash(phone, purpose, "".join(typed.split()))):
        raise Invalid("code_wrong", field="code")
    used = sa.update(OneTimeCode).where(OneTimeCode.id == row.id, OneTimeCode.used_at.is_(None))
    if _rows(used.values(used_at=now)) != 1:
        raise Invalid("code_expired", field="code")


def _take_attempt(code_id: int, now: datetime) -> bool:
    statement = sa.update(OneTimeCode).where(
        OneTimeCode.id == code_id,
        OneTimeCode.used_at.is_(None),
        OneTimeCode.attempts < rules.CODE_ATTEMPTS,
        OneTimeCode.expires_at > now,
    )
    return _rows(statement.values(attempts=OneTimeCode.attempts + 1)) == 1


def _rows(statement: sa.Update) -> int:
    return cast("CursorResult[Any]", db.session.execute(statement)).rowcount
