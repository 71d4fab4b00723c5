"""The mark of a device: a keyed hash with a secret of the day that is thrown away the day after.

What goes in is the visitor's network and what the browser says of itself; neither is kept. The mark tells on one day
that two reports came from two phones, most likely. Once the day's secret is gone nobody can make the mark of a phone
again, to look it up, not even with the installation's own keys; marks of two days have nothing in common.

Phones of one kind behind one address (a shop's own network, a carrier's gateway) share a mark: fewer devices are
counted than there were, never more, except for somebody who changes network or browser on purpose.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from webapp.core import clock
from webapp.core.db import db
from webapp.core.secrets import keyed_hash

from .models import CopySalt

SALT_BYTES = 32
MARK_CHARS = 32
#: What a browser says of itself is cut here: nobody needs to make us hash a megabyte.
AGENT_LONGEST = 400


def mark(network: str, agent: str, now: datetime) -> str:
    """Today's mark of the device at `network` (as ``throttle.visitor`` says it) whose browser calls itself `agent`."""
    salt = _salt_of(clock.day_of(now))
    return keyed_hash("copy-device", f"{salt.hex()}:{network}:{agent[:AGENT_LONGEST]}")[:MARK_CHARS]


def forget_salts(now: datetime) -> int:
    """Throw away the secrets of the days before today; returns how many."""
    gone = db.session.execute(sa.delete(CopySalt).where(CopySalt.day < clock.day_of(now)))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _salt_of(day: date) -> bytes:
    known = sa.select(CopySalt.salt).where(CopySalt.day == day)
    salt = db.session.scalar(known)
    if salt is None:  # two at once make one
        insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
        fresh = insert(CopySalt).values(day=day, salt=secrets.token_bytes(SALT_BYTES))
        db.session.execute(fresh.on_conflict_do_nothing())
        salt = db.session.scalar(known)
    if salt is None:
        raise RuntimeError("the salt of the day cannot be read")  # unseen insert: READ COMMITTED shows it
    return salt
