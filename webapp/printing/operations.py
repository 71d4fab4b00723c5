"""Ordering, cancelling and making print jobs again; handing their files over by counted links."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import CursorResult

from webapp import audit
from webapp.core import secrets
from webapp.core.actor import SYSTEM, Actor, Scope
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.core.steps import permit

from . import queries, rules
from .models import Handover, HandoverDownload, PrintItem, PrintJob, PrintState
from .queries import Reach
from .rules import Link, Make, Wanted

_ITEM_COLUMNS = ("job_id", "position", "sticker_id", "shop_name", "branch", "spot")


def order(
    wanted: Wanted,
    make: Make,
    reach: Reach,
    face: dict[str, Any],
    actor: Actor,
    now: datetime,
    order_key: str | None = None,
) -> PrintJob:
    """Write down what is to be printed; a worker makes the file. `face` is what the stickers say of the bureau.

    `order_key` comes from the form: the same form sent twice is Conflict (``already_done``). Raises Conflict
    (``nothing_to_print``), Invalid (``too_many_to_print``, ``print_form``), Forbidden.
    """
    scope = _scope_of(reach)
    permit(actor, rules.ORDERERS, scope)
    _check(make)
    if order_key and queries.find_order(order_key) is not None:
        raise Conflict("already_done")
    count = queries.count_to_print(wanted, reach)
    if not count:
        raise Conflict("nothing_to_print")
    most = rules.MOST[make.form]
    if count > most:
        raise Invalid("too_many_to_print", most=most, count=count)
    job = PrintJob(
        order_key=order_key or secrets.random_code(),
        state=PrintState.QUEUED,
        at=now,
        by_id=actor.account_id,
        by_name=actor.name,
        operator_id=scope.operator_id if scope else None,
        region_code=scope.region_code if scope else "",
        station_id=scope.station_id if scope else None,
        department_code=scope.department_code if scope else None,
        filters=wanted.as_json(),
        template=make.template,
        language=make.language,
        form=make.form,
        bleed=make.bleed,
        face=face,
        count=count,
        store_key=secrets.random_code(160),
    )
    db.session.add(job)
    db.session.flush()
    job.count = _write_down(wanted, reach, job.id)
    _record(
        actor, "order", job, now, {"filters": job.filters, "template": make.template, "form": make.form.value}
    )
    return job


def _scope_of(reach: Reach) -> Scope | None:
    if reach.operator_id is not None:
        return Scope(operator_id=reach.operator_id)
    if reach.post is not None:
        return Scope(reach.post.region_code, reach.post.station_id, reach.post.department_code)
    return None


def _check(make: Make) -> None:
    known = make.template in rules.TEMPLATES and make.language in rules.LANGUAGES
    if not known or make.bleed not in {0, rules.BLEED_MM}:
        raise Invalid("print_form", field="template")
    if not rules.takes(make.template, make.form):
        raise Invalid("print_escpos", field="form")


def _write_down(wanted: Wanted, reach: Reach, job_id: int) -> int:
    """The job's stickers by one statement, however many; how many there are."""
    db.session.execute(
        sa.insert(PrintItem).from_select(_ITEM_COLUMNS, queries.numbered(wanted, reach, job_id))
    )
    mine = sa.select(sa.func.count()).select_from(PrintItem).where(PrintItem.job_id == job_id)
    return db.session.scalar(mine) or 0


def cancel(job_id: int, actor: Actor, now: datetime) -> PrintJob:
    """Stop a job that is not made yet; its worker notices within a second or two."""
    job = _step(job_id, "cancel", actor)
    job.finished_at, job.lease_until = now, None
    _record(actor, "cancel", job, now)
    return job


def make_again(job_id: int, face: dict[str, Any], actor: Actor, now: datetime) -> PrintJob:
    """Make the file of a failed job, or of one whose file was erased, once more: of what was written down then.

    `face` serves jobs of an older release only, which kept none.
    """
    job = _step(job_id, "make_again", actor)
    job.done, job.attempt = 0, rules.next_round(job.attempt)
    job.failure = job.finished_at = None
    job.face = job.face or face
    job.store_key = job.store_key or secrets.random_code(160)
    _record(actor, "make_again", job, now)
    return job


def _step(job_id: int, action: str, actor: Actor) -> PrintJob:
    job = queries.get_job(job_id, fresh=True)
    step = rules.STEPS.check(job.state, action, actor, job.scope)
    job.state = step.target
    return job


def _record(
    actor: Actor, action: str, job: PrintJob, now: datetime, new: dict[str, Any] | None = None
) -> None:
    audit.record(
        actor,
        f"print.{action}",
        "print_job",
        job.id,
        now=now,
        operator_id=job.operator_id,
        new={"count": job.count} | (new or {}),
    )


# --- the workers' side: each a transaction of its own -----------------------------------------------------------------


def claim(now: datetime) -> tuple[int, int] | None:
    """Take the oldest job that waits, or whose worker has died: (job, attempt), or None. Two never get the same."""
    statement = sa.select(PrintJob).where(is_waiting(now)).order_by(PrintJob.id).limit(1)
    job = db.session.scalar(
        statement.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    )
    if job is None:
        return None
    begin(job, now)
    if rules.gives_up(job.attempt):
        job.state, job.failure = rules.STEPS.find(job.state, "fail").target, "print_gave_up"
        job.finished_at, job.lease_until = now, None
        return None
    return job.id, job.attempt


def begin(job: PrintJob, now: datetime) -> int:
    """This worker makes the job now; the number of its attempt."""
    job.state = rules.STEPS.check(job.state, "begin", SYSTEM).target
    job.attempt += 1
    job.done, job.lease_until = 0, now + rules.LEASE
    return job.attempt


def beat(job_id: int, attempt: int, done: int, parts: int, now: datetime) -> bool:
    """Say how far it has come and that the worker lives; False when the job is no longer this worker's."""
    return _mine(job_id, attempt, done=done, parts=parts, lease_until=now + rules.LEASE)


def finish(job_id: int, attempt: int, *, parts: int, size: int, sha256: str, now: datetime) -> bool:
    """The file is whole; False when the job is no longer this worker's."""
    target = rules.STEPS.find(PrintState.RUNNING, "finish").target
    differs = sa.and_(PrintJob.sha256.is_not(None), PrintJob.sha256 != sha256)
    return _mine(
        job_id,
        attempt,
        state=target,
        done=PrintJob.count,
        parts=parts,
        size=size,
        differs=sa.case((differs, True), else_=False),
        sha256=sha256,
        finished_at=now,
        lease_until=None,
    )


def fail(job_id: int, attempt: int, failure: str, parts: int, now: datetime) -> bool:
    """The file cannot be made; `failure` has a word (``error.<failure>``)."""
    target = rules.STEPS.find(PrintState.RUNNING, "fail").target
    return _mine(
        job_id, attempt, state=target, failure=failure[:60], parts=parts, finished_at=now, lease_until=None
    )


def _mine(job_id: int, attempt: int, **values: Any) -> bool:
    statement = (
        sa.update(PrintJob)
        .where(PrintJob.id == job_id, PrintJob.state == PrintState.RUNNING, PrintJob.attempt == attempt)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(cast("CursorResult[Any]", db.session.execute(statement)).rowcount)


@dataclass(frozen=True)
class Leftover:
    """Parts of a job's file that nobody needs any more."""

    job_id: int
    key: str
    parts: int


def expire(now: datetime) -> list[Leftover]:
    """Mark files that nobody has needed for long, and what cancelled and failed jobs left: at most
    ``ERASED_AT_ONCE``. Who asked erases them outside this transaction and says so to :func:`erased`; until then a lease
    keeps workers and other sweeps away. What was not erased by its end comes again.
    """
    old = sa.and_(
        PrintJob.state == PrintState.MADE, PrintJob.finished_at < now - timedelta(days=rules.FILE_DAYS)
    )
    crumbs = sa.and_(
        PrintJob.state.in_({*rules.NOT_PRINTED, PrintState.EXPIRED}),
        PrintJob.parts > 0,
        PrintJob.finished_at < now - rules.CRUMBS_AFTER,
        is_free(now),
    )
    statement = (
        sa.select(PrintJob).where(sa.or_(old, crumbs)).order_by(PrintJob.id).limit(rules.ERASED_AT_ONCE)
    )
    jobs = list(db.session.scalars(statement.with_for_update(skip_locked=True)))
    for job in jobs:
        job.lease_until = now + rules.ERASING
        if job.state is PrintState.MADE:
            job.state = rules.STEPS.check(job.state, "expire", SYSTEM).target
    return [Leftover(job.id, job.store_key, job.parts) for job in jobs]


def erased(job_id: int) -> None:
    """The job's parts are gone: it may be made again at once."""
    db.session.execute(
        sa.update(PrintJob)
        .where(PrintJob.id == job_id, PrintJob.state.not_in({PrintState.RUNNING, PrintState.MADE}))
        .values(parts=0, lease_until=None)
        .execution_options(synchronize_session=False)
    )


def is_free(now: datetime) -> sa.ColumnElement[bool]:
    """Condition: no worker and no sweep holds the job."""
    return sa.or_(PrintJob.lease_until.is_(None), PrintJob.lease_until < now)


def is_waiting(now: datetime) -> sa.ColumnElement[bool]:
    """Condition: the job waits for a worker, or its worker has died."""
    dead = sa.and_(PrintJob.state == PrintState.RUNNING, PrintJob.lease_until < now)
    return sa.or_(sa.and_(PrintJob.state == PrintState.QUEUED, is_free(now)), dead)


# --- handing over -----------------------------------------------------------------------------------------------------


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
    if not 1 <= downloads <= rules.DOWNLOADS_MOST:
        raise Invalid("print_downloads", field="downloads", most=rules.DOWNLOADS_MOST)
    if days not in rules.LINK_DAYS:
        raise Invalid("print_days", field="days")
    if job.state is not PrintState.MADE:
        raise Conflict("print_not_made")
    is_open = [state_of(link, now) is Link.OPEN for link in queries.handovers(job_id)]
    if sum(is_open) >= rules.LINKS_MOST:
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
    _record(actor, "hand_over", job, now, {"downloads": downloads, "days": days})
    return link, secret


def revoke(job_id: int, link_id: int, actor: Actor, now: datetime) -> Handover:
    """The link opens no more. Revoking one twice changes nothing."""
    job = queries.get_job(job_id, fresh=True)
    permit(actor, rules.ORDERERS, job.scope)
    link = queries.get_handover(job_id, link_id)
    if link.revoked_at is None:
        link.revoked_at = now
        _record(actor, "revoke_link", job, now)
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


def take(link: Handover, now: datetime) -> bool:
    """Use one download up; False when there is none left or the link has ended. One statement: of two at once that want
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
        return False
    db.session.add(HandoverDownload(handover_id=link.id, at=now))
    return True


def _hashed(secret: str) -> str:
    return secrets.keyed_hash("print-handover", secret)
