"""Issued documents and their numbers."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Big, Code, Id, Instant, Name, choice, fk
from webapp.core.secrets import EncryptedText

from . import rules
from .content import Content, parse
from .rules import LetterState


class LetterSeries(Base):
    """The last number given to an organisation's documents of one kind in one year. The row is the lock."""

    __tablename__ = "letter_series"
    __table_args__ = (sa.CheckConstraint("last >= 1", name="last_counts"),)

    organisation_code: Mapped[Code] = mapped_column(primary_key=True)
    kind: Mapped[Code] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Letter(Base):
    """A document as issued. What it says is encrypted; so is its file in the store.

    `token_hash` is a keyed hash of the check code on it, `content_hash` the SHA-256 of the canonical content, `sha256`
    that of the PDF. `subject_type` is a table's name, `subject_id` its key.
    """

    __tablename__ = "letter"
    __table_args__ = (
        sa.UniqueConstraint("organisation_code", "kind", "year", "serial"),
        sa.UniqueConstraint("number", "organisation_code"),
        sa.Index("ix_letter_subject", "subject_type", "subject_id", "id"),
        sa.CheckConstraint("serial >= 1", name="serial_counts"),
        sa.CheckConstraint(
            "(state = 'issued') = (ended_at IS NULL AND ended_reason IS NULL)", name="ended_has_reason"
        ),
        sa.CheckConstraint("(state = 'replaced') = (replaced_by_id IS NOT NULL)", name="replaced_by_one"),
        sa.CheckConstraint("(content IS NULL) = (erased_at IS NOT NULL)", name="erased_or_there"),
    )

    id: Mapped[Id]
    kind: Mapped[Code]
    title: Mapped[Name]
    number: Mapped[str] = mapped_column(sa.String(120))
    organisation_code: Mapped[Code]
    organisation_name: Mapped[Name]
    year: Mapped[int]
    serial: Mapped[int]
    subject_type: Mapped[Code]
    subject_id: Mapped[Big]
    recipient_codes: Mapped[str] = mapped_column(sa.String(120), default="")  # with commas between
    law: Mapped[Code]
    state: Mapped[LetterState] = mapped_column(choice(LetterState, "state"), default=rules.STEPS.first)
    content: Mapped[str | None] = mapped_column(EncryptedText)
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    store_key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    size: Mapped[int]
    pages: Mapped[int]
    missing_glyphs: Mapped[int] = mapped_column(default=0)
    issued_at: Mapped[Instant] = mapped_column(index=True)
    issued_by_id: Mapped[int | None] = fk("account.id")
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = fk("account.id")
    ended_reason: Mapped[str | None] = mapped_column(EncryptedText)
    replaced_by_id: Mapped[int | None] = fk("letter.id")
    erased_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention

    @property
    def recipients(self) -> tuple[rules.Recipient, ...]:
        """The sides that get a copy."""
        return tuple(rules.Recipient(code) for code in self.recipient_codes.split(",") if code)

    @property
    def subject(self) -> rules.Subject:
        """What it is about."""
        return rules.Subject(self.subject_type, self.subject_id)

    @property
    def said(self) -> Content | None:
        """What it says; None once erased."""
        return None if self.content is None else parse(self.content)
