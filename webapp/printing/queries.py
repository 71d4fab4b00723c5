"""Reading print jobs: what can be printed, what was, and what has become invalid since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import aliased

from webapp.core.actor import Actor, Post, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.merchants.models import Operator, Shop
from webapp.merchants.queries import within
from webapp.stickers import printing
from webapp.stickers.models import Sticker, StickerState
from webapp.stickers.queries import Printing
from webapp.web import slots

from .models import Handover, HandoverDownload, PrintItem, PrintJob
from .rules import NOT_PRINTED, Wanted

#: Rows of a job that are read at a time while it is drawn.
BATCH = 500


@dataclass(frozen=True)
class Reach:
    """Whose stickers somebody may print: those that an officer's post covers, an operator's, or all (a command)."""

    post: Post | None = None
    operator_id: int | None = None
    everywhere: bool = False

    def condition(self) -> sa.ColumnElement[bool]:
        """Condition on Shop."""
        if self.everywhere:
            return sa.true()
        if self.operator_id is not None:
            return Shop.operator_id == self.operator_id
        return within((self.post,) if self.post else ())


def to_print(wanted: Wanted, reach: Reach) -> sa.Select[tuple[Sticker, Shop]]:
    """Valid stickers of shops with an active code, by district, shop and serial."""
    active = slots.collect(_app(), "shop.vouched", since=wanted.since)
    statement = (
        sa.select(Sticker, Shop)
        .join(Shop, Shop.id == Sticker.shop_id)
        .where(Sticker.state == StickerState.VALID, reach.condition(), *(active or [sa.false()]))
    )
    return statement.where(*_filters(wanted)).order_by(*_ORDER)


_ORDER = (Shop.region_code, Shop.id, Sticker.serial)


def _filters(wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.region:
        yield Shop.region_code.startswith(wanted.region, autoescape=True)
    if wanted.category:
        yield Shop.category == wanted.category
    if wanted.place:
        yield Sticker.place == wanted.place
    if wanted.shop_id is not None:
        yield Shop.id == wanted.shop_id
    if wanted.chain:
        named = Operator.name.contains(wanted.chain, autoescape=True)
        known = sa.or_(Operator.uscc == wanted.chain.upper(), named)
        yield Shop.operator_id.in_(sa.select(Operator.id).where(known))
    if wanted.only_new:
        item, job = aliased(PrintItem), aliased(PrintJob)
        yield ~sa.exists().where(
            item.sticker_id == Sticker.id, job.id == item.job_id, job.state.not_in(NOT_PRINTED)
        )


def count_to_print(wanted: Wanted, reach: Reach) -> int:
    """How many stickers :func:`to_print` finds."""
    found = to_print(wanted, reach).order_by(None).with_only_columns(Sticker.id).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(found)) or 0


def first_to_print(wanted: Wanted, reach: Reach, limit: int) -> Sequence[tuple[Sticker, Shop]]:
    """The first few of them."""
    return db.session.execute(to_print(wanted, reach).limit(limit)).tuples().all()


def names_to_print(wanted: Wanted, reach: Reach) -> sa.Select[tuple[int, str, str]]:
    """(shop number, name, branch) of every shop among them, for looking at their characters."""
    columns = to_print(wanted, reach).order_by(None).with_only_columns(Shop.id, Shop.name, Shop.branch)
    return columns.distinct()


def numbered(wanted: Wanted, reach: Reach, job_id: int) -> sa.Select[Any]:
    """The rows of ``print_item`` for a new job, in the columns' order."""
    place = sa.func.row_number().over(order_by=_ORDER)
    return (
        to_print(wanted, reach)
        .order_by(None)
        .with_only_columns(
            sa.literal(job_id, PrintItem.job_id.type), place, Sticker.id, Shop.name, Shop.branch, Sticker.spot
        )
    )


# --- jobs -------------------------------------------------------------------------------------------------------------


def get_job(job_id: int, *, fresh: bool = False) -> PrintJob:
    """The job with this id; raises NotFound. `fresh`: held until the transaction ends, as it stands now."""
    statement = sa.select(PrintJob).where(PrintJob.id == job_id)
    if fresh:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    job = db.session.scalar(statement)
    if job is None:
        raise NotFound("no_such_thing")
    return job


def scope_of_job(job_id: int, **_rest: object) -> Scope:
    """For access rules (`on=`): where the job belongs."""
    return get_job(job_id).scope


def find_order(order_key: str) -> PrintJob | None:
    """The job that was ordered by this form, or None."""
    return db.session.scalar(sa.select(PrintJob).where(PrintJob.order_key == order_key))


def jobs_of_posts(posts: tuple[Post, ...]) -> sa.Select[tuple[PrintJob]]:
    """The officers' jobs within these posts, newest first."""
    conditions = []
    for post in posts:
        parts: list[sa.ColumnElement[bool]] = [
            PrintJob.region_code != "",
            PrintJob.region_code.startswith(post.region_code, autoescape=True),
        ]
        if post.station_id is not None:
            parts.append(PrintJob.station_id == post.station_id)
        if post.department_code is not None:
            parts.append(PrintJob.department_code == post.department_code)
        conditions.append(sa.and_(*parts))
    return _newest().where(sa.or_(sa.false(), *conditions))


def jobs_of_merchant(actor: Actor) -> sa.Select[tuple[PrintJob]]:
    """The jobs of the merchant's operators, newest first."""
    return _newest().where(PrintJob.operator_id.in_(actor.operator_ids))


def _newest() -> sa.Select[tuple[PrintJob]]:
    return sa.select(PrintJob).order_by(PrintJob.id.desc())


@dataclass(frozen=True)
class Drawn:
    """One sticker of a job as it is drawn: its token and serial number, and what it says of the shop.

    `helper`: who helps consumers near the shop, as ``stickers.printing.nearby`` gives it.
    """

    position: int
    token: str
    label: str
    shop_name: str
    branch: str
    spot: str
    helper: dict[str, str] = field(default_factory=dict)


def batch(job_id: int, after: int, template: str) -> list[Drawn]:
    """The next stickers of a job, at most :data:`BATCH`."""
    item = PrintItem
    statement = (
        # Columns, not rows with an identity: the session must not grow with the job.
        sa.select(
            item.position,
            item.shop_name,
            item.branch,
            item.spot,
            Sticker.token,
            Sticker.shop_id,
            Sticker.serial,
        )
        .join(Sticker, Sticker.id == item.sticker_id)
        .where(item.job_id == job_id, item.position > after)
        .order_by(item.position)
        .limit(BATCH)
    )
    rows = db.session.execute(statement).tuples().all()
    helpers = printing.nearby({row[5] for row in rows}, template)
    return [
        Drawn(position, token, f"{shop_id:06d}-{serial:02d}", name, branch, spot, helpers.get(shop_id, {}))
        for position, name, branch, spot, token, shop_id, serial in rows
    ]


def first_items(job_id: int, limit: int) -> Sequence[tuple[PrintItem, Sticker]]:
    """The first stickers of a job, for its page."""
    statement = (
        sa.select(PrintItem, Sticker)
        .join(Sticker, Sticker.id == PrintItem.sticker_id)
        .where(PrintItem.job_id == job_id)
        .order_by(PrintItem.position)
        .limit(limit)
    )
    return db.session.execute(statement).tuples().all()


def _stale(job_id: int) -> sa.Select[tuple[PrintItem, Sticker]]:
    active = slots.collect(_app(), "shop.vouched", since=None)
    changed = sa.or_(Shop.name != PrintItem.shop_name, Shop.branch != PrintItem.branch)
    return (
        sa.select(PrintItem, Sticker)
        .join(Sticker, Sticker.id == PrintItem.sticker_id)
        .join(Shop, Shop.id == Sticker.shop_id)
        .where(
            PrintItem.job_id == job_id,
            sa.or_(Sticker.state != StickerState.VALID, sa.not_(sa.and_(sa.true(), *active)), changed),
        )
    )


def count_stale(job_id: int) -> int:
    """How many stickers of the job are no longer worth printing: ended or suspended, their shop not vouched for any
    more, or its name another by now.
    """
    found = _stale(job_id).with_only_columns(PrintItem.position).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(found)) or 0


def stale(job_id: int, limit: int) -> list[tuple[PrintItem, Sticker, str]]:
    """The first of them, each with its reason: ``sticker``, ``shop`` (not vouched for), ``renamed``."""
    active = slots.collect(_app(), "shop.vouched", since=None)
    vouched = sa.and_(sa.true(), *active)
    statement = _stale(job_id).add_columns(vouched).order_by(PrintItem.position).limit(limit)
    rows = []
    for item, sticker, is_vouched in db.session.execute(statement).tuples():
        reason = "renamed" if is_vouched else "shop"
        rows.append((item, sticker, reason if sticker.state is StickerState.VALID else "sticker"))
    return rows


# --- what other pages ask ---------------------------------------------------------------------------------------------


def printed_at(sticker_ids: list[int]) -> dict[int, datetime]:
    """Slot ``sticker.printed``: when each of these was last sent to print."""
    statement = (
        sa.select(PrintItem.sticker_id, sa.func.max(PrintJob.at, type_=PrintJob.at.type))
        .join(PrintJob, PrintJob.id == PrintItem.job_id)
        .where(PrintItem.sticker_id.in_(sticker_ids), PrintJob.state.not_in(NOT_PRINTED))
        .group_by(PrintItem.sticker_id)
    )
    return dict(db.session.execute(statement).tuples().all())


def printings(sticker_id: int) -> list[Printing]:
    """Slot ``sticker.printings``: each time that a sticker was sent to print, newest first."""
    statement = (
        sa.select(PrintJob)
        .join(PrintItem, PrintItem.job_id == PrintJob.id)
        .where(PrintItem.sticker_id == sticker_id, PrintJob.state.not_in(NOT_PRINTED))
        .order_by(PrintJob.id.desc())
        .limit(20)
    )
    return [
        Printing(job.at, job.by_name, job.template, job.operator_id is None)
        for job in db.session.scalars(statement)
    ]


# --- hand-over --------------------------------------------------------------------------------------------------------


def find_handover(token_hash: str) -> Handover | None:
    """The link with this hash, or None."""
    return db.session.scalar(sa.select(Handover).where(Handover.token_hash == token_hash))


def get_handover(job_id: int, link_id: int) -> Handover:
    """A link of the job; raises NotFound."""
    link = db.session.get(Handover, link_id)
    if link is None or link.job_id != job_id:
        raise NotFound("no_such_thing")
    return link


def handovers(job_id: int) -> list[Handover]:
    """The links of a job, newest first."""
    return list(
        db.session.scalars(sa.select(Handover).where(Handover.job_id == job_id).order_by(Handover.id.desc()))
    )


def downloads(job_id: int) -> dict[int, list[tuple[datetime, bool]]]:
    """When each link of a job was downloaded by, and whether that broke off, oldest first."""
    statement = (
        sa.select(HandoverDownload.handover_id, HandoverDownload.at, HandoverDownload.broken_at)
        .join(Handover, Handover.id == HandoverDownload.handover_id)
        .where(Handover.job_id == job_id)
        .order_by(HandoverDownload.id)
    )
    found: dict[int, list[tuple[datetime, bool]]] = {}
    for link_id, at, broken_at in db.session.execute(statement).tuples():
        found.setdefault(link_id, []).append((at, broken_at is not None))
    return found


def _app() -> Any:
    return current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
