"""Reading register records and import runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa
from flask import current_app

from webapp.core.actor import Scope
from webapp.core.db import among, db
from webapp.core.errors import NotFound
from webapp.core.identifiers import normalise_uscc
from webapp.merchants.lookup import RegistryFacts
from webapp.merchants.models import Operator, Shop
from webapp.web import slots

from .models import RegistryEvent, RegistryRecord, RegistryRefusal, RegistryRun, RegistryUpload
from .rows import FACTS
from .rules import RegistryStatus, UploadState


def find_record(uscc: str) -> RegistryRecord | None:
    """What the register says of this unified social credit code (as typed), or None."""
    return db.session.scalar(sa.select(RegistryRecord).where(RegistryRecord.uscc == normalise_uscc(uscc)))


def facts_of(record: RegistryRecord) -> RegistryFacts:
    """The record as merchants know it."""
    return RegistryFacts(
        uscc=record.uscc,
        name=record.name,
        kind=record.kind,
        legal_representative=record.legal_representative,
        registered_address=record.registered_address,
        authority=record.authority,
        established_on=record.established_on,
        status=record.status.value,
        abnormal=record.abnormal,
        serious_violation=record.serious_violation,
        as_of=record.as_of,
    )


def find_facts(uscc: str) -> RegistryFacts | None:
    """The provider of :mod:`webapp.merchants.lookup`."""
    record = find_record(uscc)
    return None if record is None else facts_of(record)


def runs() -> sa.Select[tuple[RegistryRun]]:
    """All import runs, newest first (for paging)."""
    return sa.select(RegistryRun).order_by(RegistryRun.id.desc())


def get_run(run_id: int) -> RegistryRun:
    """One import run; raises NotFound."""
    run = db.session.get(RegistryRun, run_id)
    if run is None:
        raise NotFound("no_such_thing")
    return run


def refusals_of(run_id: int) -> sa.Select[tuple[RegistryRefusal]]:
    """The rows that a run refused, by line (for paging)."""
    return (
        sa.select(RegistryRefusal)
        .where(RegistryRefusal.run_id == run_id)
        .order_by(RegistryRefusal.line, RegistryRefusal.id)
    )


def count_records() -> int:
    """How many operators the register knows."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(RegistryRecord)) or 0


def scope_of_city(**_rest: object) -> Scope:
    """For the access rule of an import: the register is the whole city's, and so is what follows from it."""
    return Scope(current_app.extensions["ydym.settings"].city_region)


def count_live_shops(operator_ids: Iterable[int] | None) -> int:
    """Shops with an active trust code (of these operators; None: of all).

    What makes a shop live is said by the feature that issues codes, in the slot ``shop.vouched``.
    """
    statement = (
        sa.select(sa.func.count()).select_from(Shop).where(*slots.collect(current_app, "shop.vouched"))
    )
    if operator_ids is not None:
        statement = statement.where(among(Shop.operator_id, operator_ids))
    return db.session.scalar(statement) or 0


def with_codes(operator_ids: Iterable[int]) -> frozenset[int]:
    """Those of the operators that have a shop with a code that is not revoked (slot ``shop.code_stands``)."""
    standing = slots.collect(current_app, "shop.code_stands")
    statement = sa.select(Shop.operator_id).where(among(Shop.operator_id, operator_ids), *standing)
    return frozenset(db.session.scalars(statement))


def find_upload(run_id: int) -> RegistryUpload | None:
    """The file that a stopped run keeps, or None."""
    return db.session.get(RegistryUpload, run_id)


def upload_of_result(run_id: int) -> int | None:
    """The stopped run whose confirmed file this run took in, or None."""
    return db.session.scalar(sa.select(RegistryUpload.run_id).where(RegistryUpload.result_run_id == run_id))


def is_taking_in_pull() -> bool:
    """Is a pull that two officers confirmed still being taken in? Asked for meanwhile, the same would come again."""
    statement = (
        sa.select(RegistryUpload.run_id)
        .join(RegistryRun, RegistryRun.id == RegistryUpload.result_run_id)
        .where(
            RegistryUpload.state == UploadState.CONFIRMED,
            RegistryRun.kind == "pull",
            RegistryRun.finished_at.is_(None),
        )
    )
    return db.session.scalar(statement.limit(1)) is not None


def lock_upload(run_id: int) -> RegistryUpload:
    """The same as it stands now, held until the transaction ends; raises NotFound."""
    upload = db.session.get(RegistryUpload, run_id, with_for_update=True, populate_existing=True)
    if upload is None:
        raise NotFound("no_such_thing")
    return upload


def waiting_among(run_ids: Iterable[int]) -> frozenset[int]:
    """Those of the runs whose file waits for a second officer."""
    statement = sa.select(RegistryUpload.run_id).where(
        RegistryUpload.state == UploadState.WAITING, RegistryUpload.run_id.in_(list(run_ids))
    )
    return frozenset(db.session.scalars(statement))


def count_waiting(account_id: int | None) -> int:
    """How many files wait for a second officer who is not this one."""
    statement = sa.select(sa.func.count()).where(
        RegistryUpload.state == UploadState.WAITING, RegistryUpload.uploaded_by_id != account_id
    )
    return db.session.scalar(statement) or 0


def operators_by_id(operator_ids: Iterable[int]) -> dict[int, Operator]:
    """These operators by id."""
    statement = sa.select(Operator).where(Operator.id.in_(list(operator_ids)))
    return {operator.id: operator for operator in db.session.scalars(statement)}


def events_of(
    run_id: int, kind: str = "", text: str = "", *, here: bool = False
) -> sa.Select[tuple[RegistryEvent]]:
    """What a run changed, by line: of one kind, of whom (part of a name or code), only operators with shops here."""
    statement = sa.select(RegistryEvent).where(RegistryEvent.run_id == run_id)
    if kind:
        statement = statement.where(RegistryEvent.kind == kind)
    if text:
        statement = statement.where(
            sa.or_(
                RegistryEvent.name.contains(text, autoescape=True),
                RegistryEvent.uscc.contains(text.upper(), autoescape=True),
            )
        )
    if here:
        statement = statement.where(RegistryEvent.operator_id.is_not(None))
    return statement.order_by(RegistryEvent.line, RegistryEvent.id)


def event_counts(run_id: int) -> dict[str, int]:
    """How many differences of each kind a run brought."""
    statement = (
        sa.select(RegistryEvent.kind, sa.func.count())
        .where(RegistryEvent.run_id == run_id)
        .group_by(RegistryEvent.kind)
    )
    return dict(db.session.execute(statement).tuples().all())


def shops_of_operators(operator_ids: Iterable[int]) -> dict[int, list[Shop]]:
    """Shops by operator."""
    statement = sa.select(Shop).where(Shop.operator_id.in_(set(operator_ids))).order_by(Shop.id)
    found: dict[int, list[Shop]] = {}
    for shop in db.session.scalars(statement):
        found.setdefault(shop.operator_id, []).append(shop)
    return found


def plain_records(limit: int) -> list[dict[str, object]]:
    """The newest records of operators with shops, worded as a service would, for the simulator."""
    statement = (
        sa.select(RegistryRecord)
        .join(Operator, Operator.uscc == RegistryRecord.uscc)
        .where(RegistryRecord.status == RegistryStatus.ACTIVE, RegistryRecord.abnormal.is_(False))
        .order_by(RegistryRecord.id.desc())
        .limit(limit)
    )
    return [
        {
            name: value.isoformat() if isinstance(value := getattr(record, name), date) else value
            for name in ("uscc", *FACTS)
        }
        for record in db.session.scalars(statement)
    ]
