"""One-time codes by SMS. A code goes to any phone that asks: the page cannot tell who has an account.

A code belongs to the browser that asked for it, and tries and pauses are counted for the phone together with who asks:
a stranger who has codes sent to somebody's phone neither makes the owner's code worthless nor uses up the owner's day.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import CursorResult

from webapp.core import clock, policy
from webapp.core.db import db
from webapp.core.errors import Invalid, TooMany
from webapp.core.secrets import keyed_hash
from webapp.core.transaction import commit
from webapp.notices.operations import send_sms
from webapp.notices.rules import CODE_TEMPLATE
from webapp.web import spoken

from . import rules, throttle
from .models import OneTimeCode
from .queries import phone_hash
from .throttle import Visitor


@dataclass(frozen=True)
class Asked:
    """What a browser keeps of the code it asked for: the phone (E.164) it went to, and which one it is."""

    phone: str
    code_id: int


def _hash(phone: str, purpose: str, code: str) -> str:
    return keyed_hash("one-time-code", f"{phone}|{purpose}|{code}")


def _asker(visitor: Visitor) -> str:
    """Who asks, as a keyed hash: a browser that the phone's owner signed in with, or else an address."""
    mark = f"device|{visitor.device}" if visitor.device is not None else f"visitor|{visitor.address}"
    return keyed_hash("code-asker", mark)


def send_code(phone: str, purpose: str, visitor: Visitor, now: datetime) -> Asked:
    """Send a new code to `phone` (E.164) for `purpose`; it serves in the browser that keeps the answer.

    Raises TooMany (`retry_after` seconds, `minutes`) within 60 s of the last one for this phone and visitor, and when
    the visitor has had enough of them today (`rules.codes_a_day` for this phone,
    ``account.codes_per_visitor_a_day`` for all phones together).
    """
    throttle.lock([keyed_hash("throttle", f"codes|{phone}")], now)  # two taps at once: the second waits here
    recent = list(
        db.session.execute(
            sa.select(OneTimeCode.created_at, OneTimeCode.used_at).where(
                OneTimeCode.phone_hash == phone_hash(phone),
                OneTimeCode.asker_hash == _asker(visitor),
                OneTimeCode.created_at > now - timedelta(days=1),
            )
        ).tuples()
    )
    # Who typed a code from this phone today holds it, and is no stranger to it any more.
    known = visitor.device is not None or any(used_at is not None for _created_at, used_at in recent)
    wait = rules.may_send_code([created_at for created_at, _used_at in recent], now, known=known)
    if wait is None and not known:
        wait = _wait_of_address(visitor, now)
    if wait is not None:
        code = "code_too_soon" if wait <= rules.CODE_PAUSE else "code_too_many"
        seconds = -(-wait // rules.SECOND)
        raise TooMany(code, retry_after=seconds, seconds=seconds, minutes=rules.minutes(wait))
    digits = f"{secrets.randbelow(10**rules.CODE_DIGITS):0{rules.CODE_DIGITS}}"
    row = OneTimeCode(
        phone_hash=phone_hash(phone),
        asker_hash=_asker(visitor),
        purpose=purpose,
        code_hash=_hash(phone, purpose, digits),
        created_at=now,
        expires_at=now + rules.CODE_LIFETIME,
        attempts=0,
    )
    db.session.add(row)
    db.session.flush()
    lifetime = int(rules.CODE_LIFETIME.total_seconds()) // 60
    details = {"code": digits, "minutes": lifetime}
    # Strangers can fill the phone's ceiling; a browser of the owner is bounded by its own count above, and the first
    # code of an address by a higher one: whoever wants to keep the owner out needs as many addresses as it has codes.
    first = not recent
    send_sms(
        phone,
        CODE_TEMPLATE,
        details,
        f"code:{row.id}",
        now,
        language=spoken.of_request(),  # whoever asked for it looks at the page
        phone_ceiling=not known,
        first=first,
    )
    return Asked(phone, row.id)


def _wait_of_address(visitor: Visitor, now: datetime) -> timedelta | None:
    """How long an address waits that has had codes sent to many phones; None when it need not."""
    key, otherwise = rules.CODES_PER_VISITOR
    try:
        most = max(1, policy.get_int(key, clock.day_of(now)))
    except policy.NoPolicy:
        most = otherwise
    nth = db.session.scalar(
        sa.select(OneTimeCode.created_at)
        .where(OneTimeCode.asker_hash == _asker(visitor), OneTimeCode.created_at > now - timedelta(days=1))
        .order_by(OneTimeCode.created_at.desc())
        .offset(most - 1)
        .limit(1)
    )
    return None if nth is None else nth + timedelta(days=1) - now


def use_code(asked: Asked, purpose: str, typed: str, now: datetime) -> str:
    """Take the code once; returns the phone it proves. Raises Invalid.

    ``code_expired``: none such, used, too old, tried too often. ``code_wrong``: other digits.
    """
    its = (
        OneTimeCode.id == asked.code_id,
        OneTimeCode.phone_hash == phone_hash(asked.phone),
        OneTimeCode.purpose == purpose,
    )
    row = db.session.scalar(sa.select(OneTimeCode).where(*its))
    if row is None or not _take_attempt(row.id, now):
        raise Invalid("code_expired", field="code")
    commit()  # the attempt counts although the answer to a wrong code is an error
    if not hmac.compare_digest(row.code_hash, _hash(asked.phone, purpose, "".join(typed.split()))):
        raise Invalid("code_wrong", field="code")
    used = sa.update(OneTimeCode).where(OneTimeCode.id == row.id, OneTimeCode.used_at.is_(None))
    if _rows(used.values(used_at=now)) != 1:
        raise Invalid("code_expired", field="code")
    return asked.phone


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
