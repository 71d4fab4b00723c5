"""Proof of work by ALTCHA: the browser solves a small puzzle while the person types; each solution counts once.

An honest person notices nothing and loses nothing without it (old browser, no script): only a flood from one address
needs it. SHA-512, because a browser on plain http has no WebCrypto and the check page's library brings that hash.
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime, timedelta

import sqlalchemy as sa
from altcha import v1 as altcha
from flask import current_app
from sqlalchemy.dialects import postgresql, sqlite

from webapp.core import secrets
from webapp.core.db import db

from . import rules
from .models import SpentWork


def puzzle(now: datetime) -> str:
    """A fresh puzzle as JSON: algorithm, challenge, maxNumber, salt, signature."""
    made = altcha.create_challenge(
        altcha.ChallengeOptions(
            algorithm="SHA-512",
            max_number=rules.WORK_MAX,
            hmac_key=_key(),
            expires=now + timedelta(seconds=rules.WORK_SECONDS),
        )
    )
    return json.dumps(made.to_dict(), separators=(",", ":"))


def spend(payload: str, now: datetime) -> bool:
    """True when `payload` solves one of our puzzles that is neither old nor spent; it is spent from then on."""
    if not payload or len(payload) > 2000:
        return False
    good, _why = altcha.verify_solution(payload, _key(), check_expires=False)
    if not good:
        return False
    solved = json.loads(base64.b64decode(payload))
    expires = altcha.extract_params(solved).get("expires", ["0"])[0]
    if not expires.isdigit() or int(expires) <= now.timestamp():
        return False
    insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    spent = hashlib.sha256(str(solved["challenge"]).encode()).hexdigest()
    row = insert(SpentWork).values(
        work_hash=spent, expires_at=datetime.fromtimestamp(int(expires), now.tzinfo)
    )
    once = row.on_conflict_do_nothing(index_elements=[SpentWork.work_hash])
    return db.session.scalar(once.returning(SpentWork.work_hash)) is not None


def sweep(now: datetime) -> int:
    """Forget spent puzzles that are too old to be shown again; returns how many."""
    result = db.session.execute(sa.delete(SpentWork).where(SpentWork.expires_at < now))
    return int(getattr(result, "rowcount", 0))


def _key() -> str:
    return secrets.derive("proof-of-work", current_app.extensions["ydym.settings"].secret_keys[0]).hex()


__all__ = ["puzzle", "spend", "sweep"]
