"""The register's records and the runs that brought them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import BIG, Base, Code, Id, Instant, Name, choice, fk

from .rules import RegistryStatus, UploadState


class RegistryRecord(Base):
    """What the national register says of an operator now. Earlier values are in the audit trail.

    `facts_hash` is SHA-256 of the facts, so that the same row again changes nothing.
    """

    __tablename__ = "registry_record"

    id: Mapped[Id]
    uscc: Mapped[str] = mapped_column(sa.String(18), unique=True)
    name: Mapped[Name]
    kind: Mapped[Code]
    legal_representative: Mapped[str] = mapped_column(sa.String(80))
    registered_address: Mapped[Name]
    authority: Mapped[Name]
    established_on: Mapped[date | None]
    status: Mapped[RegistryStatus] = mapped_column(choice(RegistryStatus, "status"))
    abnormal: Mapped[bool] = mapped_column(default=False)
    abnormal_ground: Mapped[str | None]
    abnormal_on: Mapped[date | None]
    serious_violation: Mapped[bool] = mapped_column(default=False)
    penalties: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)
    as_of: Mapped[date]  # the record's own date in the register
    source: Mapped[Code]
    facts_hash: Mapped[str] = mapped_column(sa.String(64))
    imported_at: Mapped[Instant]
    # The last run that saw this record. No index: nobody asks by it, and each run writes it on every record.
    run_id: Mapped[int | None] = fk("registry_run.id", index=False)


class RegistryRun(Base):
    """One import: what came, what changed, what was refused."""

    __tablename__ = "registry_run"

    id: Mapped[Id]
    source: Mapped[Name]
    started_at: Mapped[Instant]
    finished_at: Mapped[datetime | None]
    rows: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    suspended: Mapped[int] = mapped_column(default=0)
    revoked: Mapped[int] = mapped_column(default=0)
    restored: Mapped[int] = mapped_column(default=0)
    older: Mapped[int] = mapped_column(default=0)  # of the unchanged: rows older than what is known
    takedowns: Mapped[int] = mapped_column(default=0)  # live shops that the feed takes down
    live_shops: Mapped[int] = mapped_column(default=0)  # live shops before it
    started_by_id: Mapped[int | None] = fk("account.id")
    forced_by: Mapped[str | None] = mapped_column(sa.String(200))  # the two officers' usernames
    stopped_reason: Mapped[str | None]
    stopped_detail: Mapped[str | None] = mapped_column(sa.String(200))
    kind: Mapped[Code] = mapped_column(default="file", server_default="file")  # file | pull
    # How far it is, for whoever watches: the phase (rules.Phase), its bytes, and when it last gave a sign of life.
    phase: Mapped[str | None] = mapped_column(sa.String(40))
    done_bytes: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    total_bytes: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    beat_at: Mapped[datetime | None]
    # A pull: the changes after `since` (None: everything); `until` is the next one's `since`.
    since: Mapped[str | None] = mapped_column(sa.String(80))
    until: Mapped[str | None] = mapped_column(sa.String(80))
    next_cursor: Mapped[str | None] = mapped_column(sa.String(400))
    spooled_bytes: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    pages: Mapped[int] = mapped_column(default=0, server_default="0")


class RegistrySource(Base):
    """How things stand with the register service: one row, seen by all workers.

    `running_id` is the pull at work; whoever sets it has the turn. The circuit breaker: after `failures` failed pulls
    in a row nothing is asked before `open_until`.
    """

    __tablename__ = "registry_source"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    watermark: Mapped[str | None] = mapped_column(sa.String(80))
    asked_at: Mapped[datetime | None]
    asked_by_id: Mapped[int | None] = fk("account.id")
    tried_at: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    open_until: Mapped[datetime | None]
    running_id: Mapped[int | None] = fk("registry_run.id")


class RegistryEvent(Base):
    """One difference that a run brought: of which kind (rules.Difference), from what to what. None: no shop here."""

    __tablename__ = "registry_event"

    id: Mapped[Id]
    run_id: Mapped[int] = fk("registry_run.id")
    line: Mapped[int]
    uscc: Mapped[str] = mapped_column(sa.String(18))
    name: Mapped[Name]
    operator_id: Mapped[int | None] = fk("operator.id")
    kind: Mapped[Code]
    old: Mapped[str] = mapped_column(sa.String(400), default="")
    new: Mapped[str] = mapped_column(sa.String(400), default="")


class RegistryUpload(Base):
    """A file that an officer handed in, or a pull, kept while its stopped run waits for a second officer.

    A pull has nobody who handed it in (`uploaded_by_id` None) until a first officer answers for it.

    `falling` says which operators of ours it takes down: [{"operator_id", "consequence"}], the hardest first. `data` is
    the file itself. It is forgotten when it is dropped or when its run (`result_run_id`) has taken in every row: one
    that broke off is confirmed again. `sha256` stays.
    """

    __tablename__ = "registry_upload"
    __table_args__ = (
        sa.CheckConstraint(
            "state <> 'confirmed' OR (uploaded_by_id IS NOT NULL AND decided_by_id IS NOT NULL"
            " AND decided_by_id <> uploaded_by_id)",
            name="two_people",
        ),
    )

    run_id: Mapped[int] = mapped_column(
        sa.ForeignKey("registry_run.id"), primary_key=True, autoincrement=False
    )
    state: Mapped[UploadState] = mapped_column(choice(UploadState, "state"))
    mapping: Mapped[Code]
    as_of: Mapped[date]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    data: Mapped[bytes | None] = mapped_column(sa.LargeBinary, deferred=True)
    falling: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)
    uploaded_by_id: Mapped[int | None] = fk("account.id")
    decided_by_id: Mapped[int | None] = fk("account.id")
    decided_at: Mapped[datetime | None]
    result_run_id: Mapped[int | None] = fk("registry_run.id")


class RegistryRefusal(Base):
    """A row that could not be taken: its line (1 is the header) and why."""

    __tablename__ = "registry_refusal"

    id: Mapped[Id]
    run_id: Mapped[int] = fk("registry_run.id")
    line: Mapped[int]
    reason: Mapped[Code]
    detail: Mapped[str] = mapped_column(sa.String(200), default="")
