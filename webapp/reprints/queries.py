"""Reading the tasks and what became of their papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from webapp.audit.models import AuditEvent
from webapp.core.actor import Post, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.merchants.models import Shop
from webapp.merchants.queries import within
from webapp.stickers import queries as stickers
from webapp.stickers.models import Sticker
from webapp.stickers.rules import STANDING as PAPER_STANDS

from .models import ReprintTask
from .rules import STANDING, PaperState, ReprintState, paper_state

#: How the office's list is cut.
SHOWN = ("standing", "overdue", "asked", "done", "waived")


@dataclass(frozen=True)
class Paper:
    """One sticker of a task: the old one, the one that took its place (the last of several), what is left to do."""

    old: Sticker
    new: Sticker | None
    state: PaperState


def get(task_id: int) -> ReprintTask:
    """The task; raises NotFound."""
    task = db.session.get(ReprintTask, task_id)
    if task is None:
        raise NotFound("no_such_thing")
    return task


def lock(task_id: int) -> ReprintTask:
    """The same as it stands now, held until the commit."""
    task = db.session.get(ReprintTask, task_id, with_for_update={"of": ReprintTask}, populate_existing=True)
    if task is None:
        raise NotFound("no_such_thing")
    return task


def scope_of(task_id: int, **_rest: object) -> Scope:
    """For access rules: the scope of the shop."""
    return get(task_id).shop.scope


def standing_of(shop_id: int) -> ReprintTask | None:
    """The shop's task that is not over, or None."""
    return db.session.scalar(
        sa.select(ReprintTask).where(ReprintTask.shop_id == shop_id, ReprintTask.state.in_(STANDING))
    )


def standing_of_shops(shop_ids: Sequence[int]) -> Sequence[ReprintTask]:
    """The tasks of these shops that are not over; at most one each."""
    statement = sa.select(ReprintTask).where(
        ReprintTask.shop_id.in_(shop_ids), ReprintTask.state.in_(STANDING)
    )
    return db.session.scalars(statement).all()


def of_shop(shop_id: int) -> list[ReprintTask]:
    """All tasks of a shop, newest first."""
    statement = sa.select(ReprintTask).where(ReprintTask.shop_id == shop_id).order_by(ReprintTask.id.desc())
    return list(db.session.scalars(statement))


def of_operators(operator_ids: frozenset[int]) -> sa.Select[tuple[ReprintTask]]:
    """The tasks of these operators' shops for paging: what stands first, by due day."""
    over_last = sa.case((ReprintTask.state.in_(STANDING), 0), else_=1)
    return (
        sa.select(ReprintTask)
        .join(Shop)
        .where(Shop.operator_id.in_(operator_ids))
        .order_by(over_last, ReprintTask.due_on, ReprintTask.id)
    )


def papers_of(task: ReprintTask) -> list[Paper]:
    """What became of each paper that stood when the task began, by serial. Three queries, however many papers."""
    all_of = {sticker.serial: sticker for sticker in stickers.of_shop(task.shop_id)}
    pairs = [
        (all_of[serial], _last(all_of, all_of[serial])) for serial in sorted(task.serials) if serial in all_of
    ]
    printed = printed_among([new.id for _, new in pairs if new is not None])
    return [
        Paper(
            old,
            new,
            paper_state(
                stands=old.state in PAPER_STANDS,
                successor=new is not None and new.state in PAPER_STANDS,
                printed=new is not None and new.id in printed,
            ),
        )
        for old, new in pairs
    ]


def _last(all_of: dict[int, Sticker], old: Sticker) -> Sticker | None:
    """The paper at the end of the line of successors; None when there is none. Serials only grow, so it ends."""
    found = old
    while found.replaced_by_serial in all_of:
        found = all_of[found.replaced_by_serial]
    return None if found is old else found


def printed_among(sticker_ids: list[int]) -> frozenset[int]:
    """Those of the stickers that were sent to print or downloaded as a file."""
    if not sticker_ids:
        return frozenset()
    downloads = sa.select(AuditEvent.subject_id).where(
        AuditEvent.subject_type == "sticker",
        AuditEvent.subject_id.in_(sticker_ids),
        AuditEvent.action == "sticker.download",
    )
    return frozenset(stickers.printed_at(sticker_ids)) | frozenset(db.session.scalars(downloads))


# --- the office -------------------------------------------------------------------------------------------------------


def office_list(
    posts: tuple[Post, ...], today: date, *, show: str = "standing", cause: str = "", text: str = ""
) -> sa.Select[tuple[ReprintTask]]:
    """Tasks within reach for paging, by due day; those that are over newest first."""
    conditions = [within(posts), *_shown(show, today)]
    if cause:
        # JSON is kept as text with its keys in the order that they were written: portable between both databases.
        conditions.append(
            sa.cast(ReprintTask.causes, sa.Text).contains(f'"cause": "{cause}"', autoescape=True)
        )
    if text:
        conditions.append(
            sa.or_(Shop.name.contains(text, autoescape=True), Shop.branch.contains(text, autoescape=True))
        )
    order = (
        (ReprintTask.ended_at.desc(), ReprintTask.id.desc())
        if show in {"done", "waived"}
        else (ReprintTask.due_on, ReprintTask.id)
    )
    return sa.select(ReprintTask).join(Shop).where(*conditions).order_by(*order)


def _shown(show: str, today: date) -> list[sa.ColumnElement[bool]]:
    if show == "overdue":
        return [ReprintTask.state.in_(STANDING), ReprintTask.due_on < today]
    if show in {"asked", "done", "waived"}:
        return [ReprintTask.state == ReprintState(show)]
    return [ReprintTask.state.in_(STANDING)]


def counts(posts: tuple[Post, ...], today: date) -> dict[str, int]:
    """How many tasks within reach stand, are overdue, and wait for an officer's answer."""
    overdue = sa.case((ReprintTask.due_on < today, 1), else_=0)
    asked = sa.case((ReprintTask.state == ReprintState.ASKED, 1), else_=0)
    statement = (
        sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(overdue), 0),
            sa.func.coalesce(sa.func.sum(asked), 0),
        )
        .select_from(ReprintTask)
        .join(Shop)
        .where(ReprintTask.state.in_(STANDING), within(posts))
    )
    row = db.session.execute(statement).one()
    return dict(zip(("standing", "overdue", "asked"), (int(value) for value in row), strict=True))


def standing_after(task_id: int, limit: int) -> list[ReprintTask]:
    """Tasks that are not over, by number, after `task_id`."""
    return list(
        db.session.scalars(
            sa.select(ReprintTask)
            .where(ReprintTask.state.in_(STANDING), ReprintTask.id > task_id)
            .order_by(ReprintTask.id)
            .limit(limit)
        )
    )
