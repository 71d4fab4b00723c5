"""Tables of the public log."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import BIG, Base, Big, Code, Id, Instant

#: The one row of `log_state`.
ONLY: Final = 1


class LogLeaf(Base):
    """A leaf, inserted by the transaction that made the decision. Append-only by triggers.

    `source` names what it was made of, once: ``audit:<id>``, or ``begin:<table>:<id>`` for what stood before the log.
    `position` is its place in the log, given once by the sequencer. `about` and `by` hold what the commitments stand
    for; they, their salts, and with them the shop and the account that they were of, are all that may be erased.
    """

    __tablename__ = "log_leaf"
    __table_args__ = (sa.Index("ix_log_leaf_subject", "subject_type", "subject_id"),)

    id: Mapped[Id]
    source: Mapped[str] = mapped_column(sa.String(80), unique=True)
    kind: Mapped[Code]
    shop_id: Mapped[int | None] = mapped_column(BIG, index=True)
    subject_type: Mapped[Code]
    subject_id: Mapped[Big]
    at: Mapped[Instant]
    data: Mapped[bytes] = mapped_column(sa.LargeBinary)
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary)
    about: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    about_salt: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    by: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    by_salt: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    account_id: Mapped[int | None] = mapped_column(BIG, index=True)
    position: Mapped[int | None] = mapped_column(BIG, unique=True)


class LogState(Base):
    """The newest checkpoint. Only forward: a trigger refuses a smaller size.

    `edge` is the tree's right edge (``tree.Frontier``), `key` the log's verifier key, `checkpoint` the signed note,
    `published` how many leaves the folder has been seen to hold.
    """

    __tablename__ = "log_state"
    __table_args__ = (sa.CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    origin: Mapped[str] = mapped_column(sa.String(200))
    key: Mapped[str] = mapped_column(sa.String(400))
    size: Mapped[Big]
    root: Mapped[bytes] = mapped_column(sa.LargeBinary)
    edge: Mapped[bytes] = mapped_column(sa.LargeBinary)
    checkpoint: Mapped[str]
    at: Mapped[Instant]
    begun_at: Mapped[datetime | None]
    published: Mapped[Big] = mapped_column(default=0, server_default="0")


class LogWitness(Base):
    """A body that cosigns. `note` is the newest checkpoint that it cosigned, of `size` leaves; `line` its own line."""

    __tablename__ = "log_witness"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(sa.String(400), unique=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    added_at: Mapped[Instant]
    size: Mapped[int | None] = mapped_column(BIG)
    line: Mapped[str | None]
    note: Mapped[str | None]
    signed_at: Mapped[datetime | None]
