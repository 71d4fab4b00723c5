"""Handing a print job's file to a print shop: links that open a counted number of times, for some days."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import CursorResult

from webapp.core import secrets
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.core.steps import permit

from . import limits, queries, rules
from .models import Handover, HandoverDownload, PrintState
from .operations import record
from .rules import Link


def hand_over(
    job_id: int, recipient: str, downloads: int, days: int, actor: Actor, now: datetime
) -> tuple[Handover, str]:
    """A link for a print shop that opens `downloads` times within `days`: (its row, the secret in its address).

    The secret is given this once; the database has its hash. Raises Conflict (``print_not_made``), Invalid.
    """
    job = queries.get_job(job_id, fresh=True)
    permit(actor, rules.ORDERERS, job.scope)
    name = " ".join(unicodedata.normalize("NFC", recipient).split())
    if not name or len(name) > rules.RECIPIENT_LONGEST:
        raise Invalid("print_recipient", field="recipient", most=rules.RECIPIENT_LONGEST)
    most = limits.downloads_most(now)
    if not 1 <= downloads <= most:
        raise Invalid("print_downloads", field="downloads", most=most)
    if days not in limits.link_days(now):
        raise Invalid("print_days", field="days")
    if job.state is not PrintState.MADE:
        raise Conflict("print_not_made")
    is_open = [state_of(link, now) is Link.OPEN for link in queries.handovers(job_id)]
    if sum(is_open) >= limits.links_most(now):
        raise Conflict("print_links_most")
    secret = secrets.random_code(160)
    link = Handover(
        job_id=job_id,
        token_hash=_hashed(secret),
        recipient=name,
        downloads_most=downloads,
        at=now,
        by_id=actor.account_id,
        by_name=actor.name,
        expires_at=now + timedelta(days=days),
    )
    db.session.add(link)
    db.session.flush()
    record(actor, "hand_over", job, now, {"downloads": downloads, "days": days})
    return link, secret


def revoke(job_id: int, link_id: int, actor: Actor, now: datetime) -> Handover:
    """The link opens no more. Revoking one twice changes nothing."""
    job = queries.get_job(job_id, fresh=True)
    permit(actor, rules.ORDERERS, job.scope)
    link = queries.get_handover(job_id, link_id)
    if link.revoked_at is None:
        link.revoked_at = now
        record(actor, "revoke_link", job, now)
    return link


def find_link(secret: str) -> Handover:
    """The link with this secret; raises NotFound."""
    known = len(secret) <= 80 and secret.isascii()
    link = queries.find_handover(_hashed(secret)) if known else None
    if link is None:
        raise NotFound("no_such_thing")
    return link


def state_of(link: Handover, now: datetime) -> Link:
    """Whether the link opens now."""
    return rules.link_state(link.used, link.downloads_most, link.expires_at, link.revoked_at, now)


def take(link: Handover, now: datetime) -> HandoverDownload | None:
    """Use one download up; None when there is none left or the link has ended. One statement: of two at once that want
    the last one, one gets it.
    """
    statement = (
        sa.update(Handover)
        .where(
            Handover.id == link.id,
            Handover.used < Handover.downloads_most,
            Handover.revoked_at.is_(None),
            Handover.expires_at > now,
        )
        .values(used=Handover.used + 1)
        .execution_options(synchronize_session=False)
    )
    if not cast("CursorResult[Any]", db.session.execute(statement)).rowcount:
        return None
    download = HandoverDownload(handover_id=link.id, at=now)
    db.session.add(download)
    db.session.flush()
    return download


def give_back(download_id: int, now: datetime) -> bool:
    """A download that broke off does not count, and is given back once. False when it was given back before."""
    broken = (
        sa.update(HandoverDownload)
        .where(HandoverDownload.id == download_id, HandoverDownload.broken_at.is_(None))
        .values(broken_at=now)
        .execution_options(synchronize_session=False)
    )
    if not cast("CursorResult[Any]", db.session.execute(broken)).rowcount:
        return False
    mine = sa.select(HandoverDownload.handover_id).where(HandoverDownload.id == download_id).scalar_subquery()
    db.session.execute(
        sa.update(Handover)
        .where(Handover.id == mine)
        .values(used=Handover.used - 1)
        .execution_options(synchronize_session=False)
    )
    return True


def _hashed(secret: str) -> str:
    return secrets.keyed_hash("print-handover", secret)
