"""Sign-in tries are counted before they are judged, so that a hundred at once are not a hundred free guesses.

Two counters: one for the account from this visitor (strict), one for the account over everybody (mild: a guesser
elsewhere must not keep the owner out). A browser that once signed in holds a device mark and is counted apart
from both (OWASP "Device cookies"). Keys are keyed hashes; no login name and no address is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from webapp.core.db import db
from webapp.core.errors import TooMany
from webapp.core.secrets import keyed_hash
from webapp.core.transaction import commit

from . import rules
from .models import LoginThrottle


@dataclass(frozen=True)
class Visitor:
    """From where somebody tries: a hash of the address, and the mark of a browser that signed in before."""

    address: str
    device: str | None = None


@dataclass(frozen=True, order=True)
class Counter:
    """One row to count in. `everybody`: the mild one over all visitors."""

    key: str
    everybody: bool = False


def counters(login: str, visitor: str, device: str | None) -> list[Counter]:
    """The counters of a try at `login` (a name or number) by `visitor` (a hash), perhaps with a `device` mark."""
    if device is not None:
        return [Counter(keyed_hash("throttle", f"device|{login}|{device}"))]
    here = Counter(keyed_hash("throttle", f"visitor|{login}|{visitor}"))
    return sorted([here, Counter(keyed_hash("throttle", f"everybody|{login}"), everybody=True)])


def lock(keys: list[str], now: datetime) -> dict[str, LoginThrottle]:
    """The rows of `keys` (sorted, so that two never wait for each other), made if missing, held until the commit."""
    insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    for key in keys:
        row = insert(LoginThrottle).values(key_hash=key, failures=0, last_failed_at=now)
        db.session.execute(row.on_conflict_do_nothing(index_elements=[LoginThrottle.key_hash]))
    statement = (
        sa.select(LoginThrottle).where(LoginThrottle.key_hash.in_(keys)).order_by(LoginThrottle.key_hash)
    )
    rows = db.session.scalars(statement.with_for_update().execution_options(populate_existing=True))
    return {row.key_hash: row for row in rows}


def count_try(tried: list[Counter], now: datetime) -> None:
    """Count a try as failed and commit; raises TooMany (`retry_after` seconds, `minutes`) when one must wait."""
    rows = lock([counter.key for counter in tried], now)
    waits = [
        row.blocked_until - now for row in rows.values() if row.blocked_until and row.blocked_until > now
    ]
    if waits:
        commit()  # give the rows back before the answer is made
        wait = max(waits)
        raise TooMany("too_many_tries", retry_after=-(-wait // rules.SECOND), minutes=rules.minutes(wait))
    for counter in tried:
        row = rows[counter.key]
        if row.last_failed_at < now - rules.FORGET_AFTER:
            row.failures = 0
        row.failures += 1
        row.last_failed_at = now
        pause = rules.delay(row.failures, everybody=counter.everybody)
        row.blocked_until = now + pause if pause else None
    commit()  # the count must stay although the answer to a wrong password is an error


def forgive(tried: list[Counter], now: datetime) -> None:
    """The try was right: forget this visitor's failures and take back what it added to everybody's."""
    rows = lock([counter.key for counter in tried], now)
    for counter in tried:
        row = rows[counter.key]
        row.failures = max(row.failures - 1, 0) if counter.everybody else 0
        row.blocked_until = None
