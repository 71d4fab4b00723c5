"""The register's records and the runs that brought them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Code, Id, Instant, Name, choice, fk

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
    run_id: Mapped[int | None] = fk("registry_run.id")  # the last run that saw this record


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


class RegistryUpload(Base):
    """A file that an officer handed in, kept while its stopped run waits for a second officer.

    `falling` says which operators of ours it takes down: [{"operator_id", "consequence"}], the hardest first. `data` is
    the file itself. It is forgotten when it is dropped or when its run (`result_run_id`) has taken in every row: one
    that broke off is confirmed again. `sha256` stays.
    """

    __tablename__ = "registry_upload"
    __table_args__ = (
        sa.CheckConstraint("state <> 'confirmed' OR decided_by_id <> uploaded_by_id", name="two_people"),
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
    uploaded_by_id: Mapped[int] = fk("account.id")
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
