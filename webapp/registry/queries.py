"""Reading register records and import runs."""

from __future__ import annotations

import sqlalchemy as sa

from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.core.identifiers import normalise_uscc
from webapp.merchants.lookup import RegistryFacts

from .models import RegistryRecord, RegistryRefusal, RegistryRun


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
