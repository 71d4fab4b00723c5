"""Tables of the change feed."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import BIG, Base, Code, Instant, Json


class Change(Base):
    """One change of what the public may see. `seq` orders all changes: a lower number was committed first.

    `shop_id` None means that any page may have changed. `facts` hold no personal data.
    """

    __tablename__ = "change"
    __table_args__ = (sa.Index("ix_change_shop_id_seq", "shop_id", "seq"), {"sqlite_autoincrement": True})

    seq: Mapped[int] = mapped_column(BIG, primary_key=True)
    at: Mapped[Instant]
    kind: Mapped[Code]
    shop_id: Mapped[int | None] = mapped_column(BIG)
    facts: Mapped[Json]


class StoredPage(Base):
    """A public page as it was rendered, so that a worker that does not hold it needs one query.

    `seq` is the newest change known when the rendering began: the page is current while the shop has no later one.
    """

    __tablename__ = "stored_page"

    shop_id: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    variant: Mapped[Code] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BIG)
    expires_at: Mapped[Instant]
    etag: Mapped[Code]
    body: Mapped[bytes] = mapped_column(sa.LargeBinary)
