"""Uploads: what is stored, never where it came from."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import BIG, Base, Code, Id, Instant, choice


class FilePurpose(enum.StrEnum):
    """What an upload is for; who may open it hangs on this."""

    STOREFRONT = "storefront"  # public once the shop is
    LICENCE = "licence"
    COMPLAINT = "complaint"
    EVIDENCE = "evidence"
    RATING = "rating"


class StoredFile(Base):
    """A re-encoded upload. `key` is its random name in the store; `owner_*` say whose it is.

    `owner_type`/`owner_id` are the operator (merchant uploads), complaint or listing; empty until attached.
    """

    __tablename__ = "stored_file"
    __table_args__ = (
        sa.Index("ix_stored_file_owner", "owner_type", "owner_id"),
        sa.Index("ix_stored_file_sha256", "sha256"),
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    purpose: Mapped[FilePurpose] = mapped_column(choice(FilePurpose, "purpose"))
    owner_type: Mapped[str | None] = mapped_column(sa.String(40))
    owner_id: Mapped[int | None] = mapped_column(BIG)
    media_type: Mapped[Code]
    size: Mapped[int] = mapped_column(BIG)
    width: Mapped[int | None]
    height: Mapped[int | None]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    uploaded_by_id: Mapped[int | None] = mapped_column(BIG)
    created_at: Mapped[Instant]
    erased_at: Mapped[datetime | None]
