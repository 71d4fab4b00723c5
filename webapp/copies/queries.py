"""Reading evidence and alarms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from webapp.accounts.models import Account
from webapp.core.actor import Actor, Post, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.merchants.models import Shop
from webapp.merchants.queries import get_shop, within
from webapp.scans.models import ScanDay
from webapp.stickers.models import Sticker, StickerState
from webapp.stickers.queries import find
from webapp.stickers.rules import parse_printed
from webapp.web import access

from .geography import Cell, Point
from .models import CopyAlarm, CopyEvidence, EvidenceKind
from .rules import STANDING, AlarmKind, AlarmState, Paper, Report, Sighting


@dataclass(frozen=True)
class Evidence:
    """What people gave for one sticker, in order of time."""

    reports: Sequence[Report]
    sightings: Sequence[Sighting]


# --- stickers and what is known of them -------------------------------------------------------------------------------


def get_paper(shop_id: int, serial: int, token: str) -> Sticker:
    """The sticker that bears this very token; NotFound (``no_such_sticker``) for a paper that is not in the books."""
    sticker = find(shop_id, serial)
    if sticker is None or sticker.token != token:
        raise NotFound("no_such_sticker")
    return sticker


def paper_of(sticker: Sticker) -> Paper:
    """Where the sticker should be."""
    return Paper(sticker.place, position_of(get_shop(sticker.shop_id)))


def position_of(shop: Shop) -> Point | None:
    """The position that an officer has looked at and the public sees, None when there is none."""
    if shop.public_position is None:
        return None
    point = Point(*shop.public_position)
    return point if point.is_possible else None


def lock_shop(shop_id: int) -> None:
    """Hold what is judged of the shop's stickers until the commit; the same row, and first, as stickers' changes do."""
    db.session.execute(sa.select(Shop.id).where(Shop.id == shop_id).with_for_update(key_share=True))


def replaced_and_scanned(first: date, at_least: int) -> list[Sticker]:
    """Replaced stickers with at least so many scans since `first`, by shop: few of all that were ever replaced."""
    found = db.session.scalars(select_replaced_and_scanned(first, at_least))
    return sorted(found, key=lambda sticker: (sticker.shop_id, sticker.serial))


def select_replaced_and_scanned(first: date, at_least: int) -> sa.Select[tuple[Sticker]]:
    """The statement behind :func:`replaced_and_scanned`; unsorted, else SQLite walks through all stickers in order."""
    counted = (
        sa.select(sa.func.coalesce(sa.func.sum(ScanDay.count), 0))
        .where(
            ScanDay.shop_id == Sticker.shop_id,
            ScanDay.serial == Sticker.serial,
            ScanDay.day >= first.isoformat(),
        )
        .scalar_subquery()
    )
    # Written into the statement: SQLite takes its index of the replaced ones only for the very same words.
    is_replaced = Sticker.state == sa.literal_column(f"'{StickerState.REPLACED.value}'")
    return sa.select(Sticker).where(is_replaced, Sticker.ended_at.is_not(None), counted >= at_least)


def shops_in(
    cells: Sequence[Cell], posts: tuple[Post, ...], limit: int, *, other_than: int
) -> dict[Cell, list[Shop]]:
    """By cell: shops within `posts` that are registered there, at most `limit` each. One indexed look-up a cell."""
    found = {}
    for cell in cells:
        box = cell.box
        statement = sa.select(Shop).where(
            Shop.latitude.between(box.south, box.north),
            Shop.longitude.between(box.west, box.east),
            Shop.id != other_than,
            within(posts),
        )
        found[cell] = list(db.session.scalars(statement.order_by(Shop.id).limit(limit)))
    return found


# --- evidence ---------------------------------------------------------------------------------------------------------


def evidence(shop_id: int, serial: int, since: datetime) -> Evidence:
    """What people gave for this sticker after `since`."""
    statement = (
        sa.select(CopyEvidence)
        .where(CopyEvidence.shop_id == shop_id, CopyEvidence.serial == serial, CopyEvidence.at > since)
        .order_by(CopyEvidence.at, CopyEvidence.id)
    )
    reports: list[Report] = []
    sightings: list[Sighting] = []
    for row in db.session.scalars(statement):
        if row.cell is not None:
            sightings.append(Sighting(row.at, row.day, row.device, row.cell))
        else:
            reports.append(Report(row.at, row.day, row.device))
    return Evidence(reports, sightings)


def find_report(shop_id: int, serial: int, day: date, device: str) -> CopyEvidence | None:
    """What this device reported of the sticker on this day."""
    return db.session.scalar(
        sa.select(CopyEvidence).where(
            CopyEvidence.shop_id == shop_id,
            CopyEvidence.serial == serial,
            CopyEvidence.kind == EvidenceKind.REPORT,
            CopyEvidence.day == day,
            CopyEvidence.device == device,
        )
    )


def seen_since(shop_id: int, serial: int, device: str, since: datetime) -> list[CopyEvidence]:
    """Where this device scanned the sticker after `since`."""
    statement = sa.select(CopyEvidence).where(
        CopyEvidence.shop_id == shop_id,
        CopyEvidence.serial == serial,
        CopyEvidence.kind == EvidenceKind.SIGHTING,
        CopyEvidence.device == device,
        CopyEvidence.at > since,
    )
    return list(db.session.scalars(statement))


# --- alarms -----------------------------------------------------------------------------------------------------------


def get(alarm_id: int) -> CopyAlarm:
    """The alarm with this number; raises NotFound."""
    alarm = db.session.get(CopyAlarm, alarm_id)
    if alarm is None:
        raise NotFound("no_such_thing")
    return alarm


def lock(alarm_id: int) -> CopyAlarm:
    """The alarm as it stands now, held until the commit, its shop first; raises NotFound."""
    lock_shop(get(alarm_id).shop_id)
    alarm = db.session.get(CopyAlarm, alarm_id, with_for_update={"of": CopyAlarm}, populate_existing=True)
    if alarm is None:
        raise NotFound("no_such_thing")
    return alarm


def scope_of(alarm_id: int, **_rest: object) -> Scope:
    """For access rules (`on=`): where the sticker's shop belongs."""
    return get(alarm_id).shop.scope


def standing(shop_id: int, serial: int, kind: AlarmKind | None = None) -> list[CopyAlarm]:
    """The sticker's alarms that are tasks now (of one kind: at most one), oldest first."""
    statement = sa.select(CopyAlarm).where(
        CopyAlarm.shop_id == shop_id, CopyAlarm.serial == serial, CopyAlarm.state.in_(STANDING)
    )
    if kind is not None:
        statement = statement.where(CopyAlarm.kind == kind)
    return list(db.session.scalars(statement.order_by(CopyAlarm.id)))


def spent(shop_id: int, serial: int) -> dict[AlarmKind, datetime]:
    """By kind, when officers last ended an alarm of this sticker: what was seen until then has been judged."""
    statement = sa.select(CopyAlarm.kind, CopyAlarm.ended_at).where(
        CopyAlarm.shop_id == shop_id, CopyAlarm.serial == serial, CopyAlarm.ended_at.is_not(None)
    )
    rows = db.session.execute(statement.order_by(CopyAlarm.ended_at)).tuples()
    return {kind: ended_at for kind, ended_at in rows if ended_at is not None}  # the last one stays


def of_shop(shop_id: int, limit: int = 20) -> list[CopyAlarm]:
    """The alarms of a shop's stickers, tasks first, then the newest."""
    statement = sa.select(CopyAlarm).where(CopyAlarm.shop_id == shop_id)
    order = (sa.case((CopyAlarm.state.in_(STANDING), 0), else_=1), CopyAlarm.id.desc())
    return list(db.session.scalars(statement.order_by(*order).limit(limit)))


def others_of_sticker(alarm: CopyAlarm, limit: int = 20) -> list[CopyAlarm]:
    """Other alarms of the same sticker, newest first."""
    statement = sa.select(CopyAlarm).where(
        CopyAlarm.shop_id == alarm.shop_id, CopyAlarm.serial == alarm.serial, CopyAlarm.id != alarm.id
    )
    return list(db.session.scalars(statement.order_by(CopyAlarm.id.desc()).limit(limit)))


def office_list(
    posts: tuple[Post, ...],
    *,
    state: str = "standing",
    kind: str = "",
    region: str = "",
    text: str = "",
    overdue_on: date | None = None,
    handled_by_id: int | None = None,
) -> sa.Select[tuple[CopyAlarm]]:
    """Alarms within `posts`: tasks by due day, others by their end. `state`: standing, ended, a state, "" for all."""
    conditions: list[sa.ColumnElement[bool]] = [within(posts)]
    if state == "standing":
        conditions.append(CopyAlarm.state.in_(STANDING))
    elif state == "ended":
        conditions.append(CopyAlarm.state.not_in(STANDING))
    elif state:
        conditions.append(CopyAlarm.state == AlarmState(state))
    if kind:
        conditions.append(CopyAlarm.kind == AlarmKind(kind))
    if region:
        conditions.append(Shop.region_code.startswith(region, autoescape=True))
    if text:
        conditions.append(_named(text))
    if overdue_on is not None:
        conditions += [CopyAlarm.state.in_(STANDING), CopyAlarm.due_on < overdue_on]
    if handled_by_id is not None:
        conditions.append(CopyAlarm.handled_by_id == handled_by_id)
    tasks_first = sa.case((CopyAlarm.state.in_(STANDING), 0), else_=1)
    due = sa.case((CopyAlarm.state.in_(STANDING), CopyAlarm.due_on), else_=None)
    statement = sa.select(CopyAlarm).join(Shop, Shop.id == CopyAlarm.shop_id).where(*conditions)
    return statement.order_by(tasks_first, due, CopyAlarm.ended_at.desc(), CopyAlarm.id)


def all_of(statement: sa.Select[tuple[CopyAlarm]]) -> list[CopyAlarm]:
    """The alarms that `statement` selects."""
    return list(db.session.scalars(statement))


def count_standing(posts: tuple[Post, ...]) -> int:
    """How many alarms within `posts` are tasks."""
    statement = (
        sa.select(sa.func.count(CopyAlarm.id))
        .join(Shop, Shop.id == CopyAlarm.shop_id)
        .where(CopyAlarm.state.in_(STANDING), within(posts))
    )
    return db.session.scalar(statement) or 0


def find_next(actor: Actor, after_id: int = 0) -> CopyAlarm | None:
    """The next task by due day that this officer may work on, other than `after_id`."""
    statement = office_list(access.reach(actor, "copy.handle")).where(
        CopyAlarm.id != after_id, Shop.operator_id.not_in(actor.aside_from or {0})
    )
    return db.session.scalar(statement.limit(1))


def names_of(account_ids: Iterable[int | None]) -> dict[int | None, str]:
    """Names of accounts by id, for officers."""
    wanted = {account_id for account_id in account_ids if account_id is not None}
    rows = db.session.execute(sa.select(Account.id, Account.name).where(Account.id.in_(wanted)))
    return dict(rows.tuples().all())


def _named(text: str) -> sa.ColumnElement[bool]:
    """By shop number, by the number printed on the sticker, or by a part of name, branch or address."""
    printed = parse_printed(text)
    if printed is not None:
        return sa.and_(CopyAlarm.shop_id == printed.shop_number, CopyAlarm.serial == printed.serial)
    if text.isascii() and text.isdigit() and len(text) <= 10:
        return CopyAlarm.shop_id == int(text)
    return sa.or_(
        *(column.contains(text, autoescape=True) for column in (Shop.name, Shop.branch, Shop.address))
    )
