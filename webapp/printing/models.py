"""Print jobs, what each of them prints, and the links by which files are handed to print shops."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.actor import Scope
from webapp.core.db import BIG, Base, Code, Id, Instant, Json, Name, choice, fk

from .rules import FileForm, Make, PrintState

__all__ = ["FileForm", "Handover", "HandoverDownload", "PrintItem", "PrintJob", "PrintState"]


class PrintJob(Base):
    """One file of many stickers: who ordered it, when, by which `filters`, how it is made, how far it has come.

    A merchant's job has `operator_id`; an officer's has the place of the post by which it was ordered. `face` is what
    the stickers say of the bureau, as it was then. `attempt` numbers the workers' tries and never
    goes back: only the newest may write.
    `parts` objects of the store under `store_key` make the file.
    """

    __tablename__ = "print_job"
    __table_args__ = (
        sa.CheckConstraint("done BETWEEN 0 AND count", name="done_of_count"),
        sa.CheckConstraint("state <> 'made' OR sha256 IS NOT NULL", name="made_has_file"),
        sa.Index("ix_print_job_state", "state"),
    )

    id: Mapped[Id]
    order_key: Mapped[str] = mapped_column(sa.String(60), unique=True)
    state: Mapped[PrintState] = mapped_column(choice(PrintState, "state"), default=PrintState.QUEUED)
    at: Mapped[Instant]
    by_id: Mapped[int | None] = mapped_column(BIG, index=True)
    by_name: Mapped[Name]
    operator_id: Mapped[int | None] = fk("operator.id")
    region_code: Mapped[str] = mapped_column(sa.String(9), default="")
    station_id: Mapped[int | None] = mapped_column(BIG)
    department_code: Mapped[str | None] = mapped_column(sa.String(40))
    filters: Mapped[Json]
    template: Mapped[Code]
    language: Mapped[Code]
    form: Mapped[FileForm] = mapped_column(choice(FileForm, "form"))
    bleed: Mapped[int] = mapped_column(default=0)
    face: Mapped[Json]
    count: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    attempt: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(sa.String(60))
    store_key: Mapped[str] = mapped_column(sa.String(80))
    parts: Mapped[int] = mapped_column(default=0)
    size: Mapped[int | None] = mapped_column(BIG)
    sha256: Mapped[str | None] = mapped_column(sa.String(64))
    differs: Mapped[bool] = mapped_column(
        default=False
    )  # made again, and not the same bytes as the first time

    @property
    def make(self) -> Make:
        """How the file is made."""
        return Make(self.template, self.language, self.form, self.bleed)

    @property
    def scope(self) -> Scope:
        """Where the job belongs."""
        return Scope(self.region_code, self.station_id, self.department_code, self.operator_id)


class PrintItem(Base):
    """A sticker in a job, and what it says of its shop: as it was when the job was ordered."""

    __tablename__ = "print_item"

    job_id: Mapped[int] = mapped_column(BIG, sa.ForeignKey("print_job.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sticker_id: Mapped[int] = fk("sticker.id")
    shop_name: Mapped[Name]
    branch: Mapped[str] = mapped_column(sa.String(80))
    spot: Mapped[str] = mapped_column(sa.String(40))


class Handover(Base):
    """A link by which a print shop downloads a job's file without an account. The link itself is not kept."""

    __tablename__ = "print_handover"
    __table_args__ = (sa.CheckConstraint("used BETWEEN 0 AND downloads_most", name="used_of_most"),)

    id: Mapped[Id]
    job_id: Mapped[int] = fk("print_job.id")
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    recipient: Mapped[str] = mapped_column(sa.String(60))
    downloads_most: Mapped[int]
    used: Mapped[int] = mapped_column(default=0)
    at: Mapped[Instant]
    by_id: Mapped[int | None] = mapped_column(BIG)
    by_name: Mapped[Name]
    expires_at: Mapped[Instant]
    revoked_at: Mapped[datetime | None]


class HandoverDownload(Base):
    """One download by a link: when, and whether it broke off, which does not count. Nothing of who."""

    __tablename__ = "print_download"

    id: Mapped[Id]
    handover_id: Mapped[int] = fk("print_handover.id")
    at: Mapped[Instant]
    broken_at: Mapped[datetime | None]
