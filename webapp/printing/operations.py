"""Ordering, cancelling and making print jobs again. Workers: `turns`; handing over: `handovers`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from webapp import audit
from webapp.core import secrets
from webapp.core.actor import Actor, Scope
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid
from webapp.core.steps import permit

from . import limits, queries, rules
from .models import PrintItem, PrintJob, PrintState
from .queries import Reach
from .rules import Make, Wanted

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
    most = limits.stickers_most(make.form, now)
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
    record(
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
    record(actor, "cancel", job, now)
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
    record(actor, "make_again", job, now)
    return job


def _step(job_id: int, action: str, actor: Actor) -> PrintJob:
    job = queries.get_job(job_id, fresh=True)
    step = rules.STEPS.check(job.state, action, actor, job.scope)
    job.state = step.target
    return job


def note_download(job_id: int, actor: Actor, now: datetime) -> None:
    """Write down that an officer took the file away."""
    record(actor, "download", queries.get_job(job_id), now)


def record(
    actor: Actor, action: str, job: PrintJob, now: datetime, new: dict[str, Any] | None = None
) -> None:
    """Write down what was done to the job."""
    audit.record(
        actor,
        f"print.{action}",
        "print_job",
        job.id,
        now=now,
        operator_id=job.operator_id,
        new={"count": job.count} | (new or {}),
    )
