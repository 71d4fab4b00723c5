"""Opening, answering and finishing tasks to print a shop's stickers anew. No commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from webapp import audit
from webapp.core import clock, policy
from webapp.core.actor import SYSTEM, Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid
from webapp.merchants.models import Shop
from webapp.stickers import operations as stickers
from webapp.stickers import queries as papers
from webapp.stickers.models import Sticker
from webapp.stickers.rules import STANDING as PAPER_STANDS

from . import queries, telling
from .models import ReprintTask
from .rules import (
    ASK_REASONS,
    NOTE_LONGEST,
    POLICIES,
    STANDING,
    STEPS,
    Cause,
    PaperState,
    ReprintState,
    asks,
    is_finished,
    merged,
)

OWNER_TYPE = "reprint"
#: Tasks that one look of the job holds in memory.
BATCH = 200
#: Codes whose papers are still of use.
_LIVE = frozenset({"active", "suspended"})


def open_for(
    shop: Shop, changes: Sequence[tuple[Cause, str, str]], on: date, actor: Actor, now: datetime
) -> ReprintTask | None:
    """The shop has to print anew because of these changes (cause, old, new) that hold since `on`.

    What stands already is added to, its due day stays. None when the policy asks for nothing, the shop has no code, or
    no paper hangs. The members are told.
    """
    today = clock.day_of(now)
    policies = policy.get_ints(POLICIES, today)
    causes = [
        {"cause": cause.value, "old": old[:200], "new": new[:200], "on": on.isoformat()}
        for cause, old, new in changes
        if asks(cause, policies)
    ]
    standing = [one.serial for one in papers.of_shop(shop.id) if one.state in PAPER_STANDS]
    if not causes or not standing or str(papers.code_of(shop.id).state) not in _LIVE:
        return None
    task = queries.standing_of(shop.id)
    if task is None:
        due_on = today + timedelta(days=policy.get_int("reprint.days", today))
        task = ReprintTask(
            shop_id=shop.id, shop=shop, state=STEPS.first, causes=[], serials=[], opened_at=now, due_on=due_on
        )
        db.session.add(task)
    # Who said before that nothing has to be printed did not know of this change.
    task.state = ReprintState.OPEN
    task.causes = merged(task.causes, causes)
    task.serials = sorted({*task.serials, *standing})
    _flush()
    _record(
        task, "open", actor, now, new={"causes": [one["cause"] for one in causes], "serials": task.serials}
    )
    telling.tell(task, "open", now)
    return task


def ask(task_id: int, code: str, note: str, actor: Actor, now: datetime, version: int) -> ReprintTask:
    """The shop says that nothing has to be printed: `code` of ASK_REASONS; ``other`` wants a `note`."""
    task = _opened(task_id, version)
    step = STEPS.check(task.state, "ask", actor, task.shop.scope, code)
    if code not in ASK_REASONS:
        raise Invalid("reprint_reason", field="reason")
    if code == "other" and not note.strip():
        raise Invalid("reason_required", field="note")
    if len(note) > NOTE_LONGEST:
        raise Invalid("reason_too_long", field="note", most=NOTE_LONGEST)
    task.state, task.asked_reason, task.asked_note = step.target, code, note.strip() or None
    task.asked_at, task.asked_by_id, task.answer = now, actor.account_id, None
    _flush()
    _record(task, "ask", actor, now, reason_code=code, reason=note.strip())
    return task


def insist(task_id: int, reason: str, actor: Actor, now: datetime, version: int) -> ReprintTask:
    """It has to be printed all the same; the shop reads why."""
    task = _opened(task_id, version)
    step = STEPS.check(task.state, "insist", actor, task.shop.scope, reason)
    _answer(task, step.target, reason)
    _flush()
    _record(task, "insist", actor, now, reason=reason)
    telling.tell(task, "insist", now)
    return task


def waive(task_id: int, reason: str, actor: Actor, now: datetime, version: int) -> ReprintTask:
    """Nothing has to be printed: by an officer, with the reason that stands in the list."""
    task = _opened(task_id, version)
    step = STEPS.check(task.state, "waive", actor, task.shop.scope, reason)
    _answer(task, step.target, reason)
    task.ended_at, task.ended_by_id = now, actor.account_id
    _flush()
    _record(task, "waive", actor, now, reason=reason)
    telling.tell(task, "waive", now)
    return task


def replace_papers(task_id: int, actor: Actor, now: datetime) -> list[Sticker]:
    """A successor for each paper that is still the old one; sent twice it makes none twice.

    Raises as :func:`webapp.stickers.operations.replace`: only while the shop's code is active.
    """
    task = queries.lock(task_id)
    if task.state not in STANDING:
        raise Conflict("changed_meanwhile")
    return [
        stickers.replace(task.shop_id, paper.old.serial, "shop_changed", actor, now)
        for paper in queries.papers_of(task)
        if paper.state is PaperState.TO_REPLACE
    ]


def note_printed(task_id: int, serials: Sequence[int], actor: Actor, now: datetime) -> bool:
    """The new papers were taken away as a file to print; True when the task is over by that."""
    task = queries.lock(task_id)
    stickers.note_downloads(task.shop_id, serials, "pdf", actor, now)
    db.session.flush()
    return settle(task, now)


def settle(task: ReprintTask, now: datetime) -> bool:
    """Finish the task when its papers are replaced and the new ones printed, or end it with the code; True if ended."""
    if task.state not in STANDING:
        return False
    if str(papers.code_of(task.shop_id).state) not in _LIVE:
        return _end(task, "lapse", now)
    if is_finished(paper.state for paper in queries.papers_of(task)):
        return _end(task, "finish", now)
    return False


def lapse(shop_id: int, now: datetime) -> None:
    """The shop's code is gone: nothing has to be printed."""
    task = queries.standing_of(shop_id)
    if task is not None:
        _end(task, "lapse", now)


def sweep(now: datetime) -> int:
    """The job: finish what was done by other ways (a print job, a paper reported lost), remind of the rest."""
    done, last = 0, 0
    while batch := queries.standing_after(last, BATCH):
        last = batch[-1].id
        for task in batch:
            done += settle(task, now) or telling.remind(task, now)
    return done


# --- parts ------------------------------------------------------------------------------------------------------------


def _opened(task_id: int, version: int) -> ReprintTask:
    task = queries.lock(task_id)
    if task.version != version:
        raise Conflict("changed_meanwhile")
    return task


def _answer(task: ReprintTask, state: ReprintState, reason: str) -> None:
    if len(reason) > NOTE_LONGEST:
        raise Invalid("reason_too_long", field="reason", most=NOTE_LONGEST)
    task.state, task.answer = state, reason.strip()


def _end(task: ReprintTask, action: str, now: datetime) -> bool:
    task.state = STEPS.check(task.state, action, SYSTEM).target
    task.ended_at = now
    _flush()
    _record(task, action, SYSTEM, now)
    return True


def _flush() -> None:
    try:
        db.session.flush()
    except (StaleDataError, IntegrityError) as error:
        raise Conflict("changed_meanwhile") from error


def _record(
    task: ReprintTask,
    action: str,
    actor: Actor,
    now: datetime,
    *,
    new: dict[str, Any] | None = None,
    reason: str = "",
    reason_code: str | None = None,
) -> None:
    audit.record(
        actor,
        f"reprint.{action}",
        OWNER_TYPE,
        task.id,
        now=now,
        shop_id=task.shop_id,
        new={"state": task.state.value} | (new or {}),
        reason_code=reason_code,
        reason=reason.strip() or None,
    )
